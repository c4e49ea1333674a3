"""Commands about laptops: ``satchel hq devices``, ``reserves``, ``reseed``, ``arrival-code``, ``restore``."""

from pathlib import Path

import click

from console.answers import answer
from console.home import (
    HomeOptions,
    home_options,
    opened,
    operator,
    read_passphrase,
    read_secret_file,
    utc_now,
)
from sync.home import DATABASE_FILE


@click.command()
@home_options
@click.option("--branch", "code", required=True, help="Short code of the branch.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the sheet for the safe here.")
def reserves(options: HomeOptions, code: str, out: Path | None) -> None:
    """Show the reserve numbers of a branch with their codes, as a sheet for its safe."""
    from hq.replacements import branch_reserves
    from sync.home import write_durably
    from sync.reserve import code_of, grouped, sheet

    with opened(options, "hq") as installation:
        office, found = branch_reserves(installation, code, operator(installation))
        text = sheet(office.code, installation.place.institution, found)
    if out is not None:
        write_durably(out, text.encode())
    answer(
        {
            "branch": office.code,
            "reserves": [{"device": one.device, "code": grouped(code_of(one.secret))} for one in found],
        },
        [f"{out}: the sheet for the safe of {office.code}."] if out is not None else text.splitlines(),
        as_json=options.as_json,
    )


@click.command()
@home_options
@click.option("--branch", "code", required=True, help="Short code of the branch.")
def devices(options: HomeOptions, code: str) -> None:
    """List the laptops of a branch, and what became of each, oldest first."""
    from sqlalchemy import select

    from hq.books import get_office
    from hq.roster_history import roster_history
    from schema.reference import Device

    with opened(options, "hq") as installation, installation.database.reading() as session:
        office = get_office(session, code)
        laptops = session.scalars(
            select(Device).where(Device.office_id == office.id).order_by(Device.number)
        ).all()
        history = roster_history(session, office)
    lines = [f"laptop {one.number}: {one.state}" for one in laptops]
    lines += [
        f"{event.at:%Y-%m-%d %H:%M} UTC  laptop {event.device}: {event.what}"
        + (f" ({event.who})" if event.who else "")
        for event in history
    ]
    answer(
        {
            "branch": office.code,
            "devices": [{"number": one.number, "state": one.state} for one in laptops],
            "history": [
                {
                    "at": event.at.isoformat().replace("+00:00", "Z"),
                    "device": event.device,
                    "what": event.what,
                    "who": event.who,
                    "seq": event.seq,
                }
                for event in history
            ],
        },
        lines,
        as_json=options.as_json,
    )


@click.command()
@home_options
@click.option("--branch", "code", required=True, help="Short code of the branch.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the kit is written.")
@click.option(
    "--code-file",
    type=click.Path(path_type=Path),
    required=True,
    help="Where the code of the kit is written; a file that is there must hold 16 letters or more.",
)
def reseed(options: HomeOptions, code: str, out: Path, code_file: Path) -> None:
    """Write a kit for a replacement laptop, with the branch's books; the lost laptop is retired."""
    from hq.replacements import reseed as reseed_branch
    from hq.replacements import seal_reseeding
    from sync.home import write_durably
    from sync.reserve import grouped, new_code, require_strong

    kit_code = read_secret_file(code_file) if code_file.exists() else grouped(new_code())
    require_strong(kit_code)
    with opened(options, "hq") as installation:
        made = reseed_branch(installation, code, operator(installation))
        file = seal_reseeding(made, kit_code)
    if not code_file.exists():
        write_durably(code_file, f"{kit_code}\n".encode())
    write_durably(out, file)
    answer(
        {"device": made.device, "last_seq": made.last_seq, "old_device": made.old_device, "kit": str(out)},
        [
            f"{out}: kit of {made.kit.office_code} with its books, for device {made.device}.",
            f"Device {made.old_device} is retired at its entry {made.last_seq}.",
            f"The code is in {code_file}. Tell it by telephone, not on paper with the kit.",
        ],
        as_json=options.as_json,
    )


@click.command("arrival-code")
@home_options
@click.option("--branch", "code", required=True, help="Short code of the branch.")
@click.option("--again", is_flag=True, help="Ask for what follows what is here once more.")
def arrival_code(options: HomeOptions, code: str, again: bool) -> None:
    """Give the code that is read out to a branch: everything up to here has arrived."""
    from hq.sending import newest_member
    from sync.phone_codes import code_for

    with opened(options, "hq") as installation, installation.database.reading() as session:
        member = newest_member(installation, session, code)
        found = code_for(installation, session, member, again=again)
    answer(
        {"code": found.grouped, "device": member.device, "seq": found.seq, "again": again},
        [f"{found.grouped} (up to entry {found.seq} of device {member.device})"],
        as_json=options.as_json,
    )


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SATCHEL_HOME", required=True)
@click.option("--from", "file", type=click.Path(path_type=Path), required=True, help="The backup.")
@click.option(
    "--root-key",
    "root_keys",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A root key; give it as often as the root asks for signatures.",
)
@click.option(
    "--root-passphrase-file",
    "root_passphrases",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Of each root key, in the same order; default: that of the home.",
)
@click.option("--passphrase-file", type=click.Path(path_type=Path))
@click.option("--recovery-file", type=click.Path(path_type=Path), help="Where the passphrase is lost.")
@click.option("--database", help="postgresql+psycopg://… of an empty database, instead of a file.")
@click.option("--json", "as_json", is_flag=True)
def restore(
    home: Path,
    file: Path,
    root_keys: tuple[Path, ...],
    root_passphrases: tuple[Path, ...],
    passphrase_file: Path | None,
    recovery_file: Path | None,
    database: str | None,
    as_json: bool,
) -> None:
    """Bring headquarters back from a backup, with new keys that the root key signs."""
    from hq.incarnations import move_to_server, restore_headquarters
    from hq.root_changes import open_key
    from sync.founding import Restoring
    from sync.recovery import read_identity

    passphrase = read_passphrase(passphrase_file)
    given = [read_secret_file(one) for one in root_passphrases]
    given += [passphrase] * (len(root_keys) - len(given))
    keys = [open_key(one, word) for one, word in zip(root_keys, given, strict=True)]
    recovery = read_identity(recovery_file) if recovery_file is not None else ""
    found = restore_headquarters(home, Restoring(file, passphrase, recovery), keys, clock=utc_now)
    if database is not None:
        with opened(HomeOptions(home, passphrase_file, as_json), "hq") as installation:
            move_to_server(installation, database)
        (home / DATABASE_FILE).unlink()
    answer(
        {
            "device": found.device,
            "old_device": found.old_device,
            "incarnation": found.incarnation,
            "last_seq": found.last_seq,
            "fingerprint": found.fingerprint,
        },
        [
            f"Headquarters is restored in {home} as device {found.device}, incarnation {found.incarnation}.",
            "Write a return bundle for every branch: it carries the new keys, and asks for what is missing.",
            "Passwords, roles and who left are those of the backup: look through People first.",
            "The tokens of programs are revoked: make new ones.",
        ],
        as_json=as_json,
    )
