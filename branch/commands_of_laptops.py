"""``satchel branch restore``, ``renumber``, ``rotate``, ``confirm-arrival``: a laptop and its number."""

from pathlib import Path

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened, read_passphrase, read_secret_file, utc_now


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SATCHEL_HOME", required=True)
@click.option("--from", "file", type=click.Path(path_type=Path), required=True, help="The backup.")
@click.option("--code-file", type=click.Path(path_type=Path), required=True, help="A code from the safe.")
@click.option("--passphrase-file", type=click.Path(path_type=Path))
@click.option(
    "--recovery-file",
    type=click.Path(path_type=Path),
    help="The institution's recovery key, where the passphrase of the backup is lost.",
)
@click.option("--json", "as_json", is_flag=True)
def restore(
    home: Path,
    file: Path,
    code_file: Path,
    passphrase_file: Path | None,
    recovery_file: Path | None,
    as_json: bool,
) -> None:
    """Make this branch's home again from a backup, under a reserve number."""
    from branch.replacing import restore_branch
    from sync.founding import Restoring
    from sync.recovery import read_identity
    from sync.reserve import read_code

    recovery = read_identity(recovery_file) if recovery_file is not None else ""
    wanted = Restoring(file, read_passphrase(passphrase_file), recovery)
    found = restore_branch(home, wanted, read_code(read_secret_file(code_file)), clock=utc_now)
    answer(
        {
            "device": found.device,
            "old_device": found.old_device,
            "last_seq": found.last_seq,
            "fingerprint": found.fingerprint,
        },
        [
            f"The branch is restored in {home} as device {found.device}.",
            f"It goes on after entry {found.last_seq} of device {found.old_device}.",
            f"Read these 20 digits to headquarters after the first bundle: {found.fingerprint}",
        ],
        as_json=as_json,
    )


@click.command()
@home_options
@click.option("--code-file", type=click.Path(path_type=Path), required=True, help="A code from the safe.")
def renumber(options: HomeOptions, code_file: Path) -> None:
    """Move this laptop to a reserve number, because headquarters has entries that it does not have."""
    from sync.succession import RESTORED

    _go_on(options, code_file, RESTORED)


@click.command()
@home_options
@click.option("--code-file", type=click.Path(path_type=Path), required=True, help="A code from the safe.")
def rotate(options: HomeOptions, code_file: Path) -> None:
    """Give this laptop new keys: it goes on under a reserve number."""
    from sync.succession import ROTATED

    _go_on(options, code_file, ROTATED)


def _go_on(options: HomeOptions, code_file: Path, how: str) -> None:
    from branch.replacing import renumber as renumber_home
    from branch.replacing import renumbered
    from sync.home import Home
    from sync.reserve import read_code

    home, passphrase = Home.at(options.home), options.passphrase()
    renumber_home(home, passphrase, read_code(read_secret_file(code_file)), how, utc_now)
    found = renumbered(home, passphrase, utc_now)
    answer(
        {"device": found.device, "old_device": found.old_device, "fingerprint": found.fingerprint},
        [
            f"This laptop was device {found.old_device} and is device {found.device} now.",
            f"Read these 20 digits to headquarters after the next bundle: {found.fingerprint}",
        ],
        as_json=options.as_json,
    )


@click.command("confirm-arrival")
@home_options
@click.argument("code", nargs=-1, required=True)
def confirm_arrival(options: HomeOptions, code: tuple[str, ...]) -> None:
    """Take a code that headquarters reads out: the next bundle starts where it says."""
    from sync.phone_codes import AGAIN, take_code

    with opened(options, "branch") as installation:
        taken = take_code(installation, "".join(code))
    again = taken.kind == AGAIN
    answer(
        {"seq": taken.seq, "again": again},
        [f"The next bundle starts after entry {taken.seq}."],
        as_json=options.as_json,
    )


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SATCHEL_HOME", required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the request is written.")
@click.option("--json", "as_json", is_flag=True)
def forgot(home: Path, out: Path, as_json: bool) -> None:
    """Ask headquarters to open this home, because nobody remembers a passphrase."""
    from sync.forgotten import write_request
    from sync.home import Home, write_durably

    request = write_request(Home.at(home))
    write_durably(out, request.to_bytes())
    answer(
        {"device": request.device, "request": str(out)},
        [
            f"{out}: the request of device {request.device}. It holds nothing secret.",
            "Take it to headquarters, and telephone: the answer opens with a code that you are told.",
        ],
        as_json=as_json,
    )


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SATCHEL_HOME", required=True)
@click.option("--answer", "file", type=click.Path(path_type=Path), required=True, help="Of headquarters.")
@click.option("--code-file", type=click.Path(path_type=Path), required=True, help="The code told with it.")
@click.option(
    "--reserve-code-file", type=click.Path(path_type=Path), required=True, help="A code from the safe."
)
@click.option("--passphrase-file", type=click.Path(path_type=Path), help="The new passphrase.")
@click.option("--admin", default="admin", help="Administrator whose password becomes the new passphrase.")
@click.option("--json", "as_json", is_flag=True)
def reopen(
    home: Path,
    file: Path,
    code_file: Path,
    reserve_code_file: Path,
    passphrase_file: Path | None,
    admin: str,
    as_json: bool,
) -> None:
    """Open this home with the answer of headquarters; it goes on under a reserve number."""
    from branch.reopening import Reopening
    from branch.reopening import reopen as reopen_home
    from sync.forgotten import read_file
    from sync.home import Home
    from sync.reserve import read_code

    wanted = Reopening(
        read_file(file),
        read_secret_file(code_file),
        read_code(read_secret_file(reserve_code_file)),
        read_passphrase(passphrase_file),
        admin,
    )
    found = reopen_home(Home.at(home), wanted, utc_now)
    answer(
        {"device": found.device, "old_device": found.old_device, "fingerprint": found.fingerprint},
        [
            f"The home is open. This laptop was device {found.old_device} and is device {found.device} now.",
            f"Read these 20 digits to headquarters after the next bundle: {found.fingerprint}",
        ],
        as_json=as_json,
    )
