"""``satchel hq reserves``, ``reseed``, ``arrival-code``: what helps a branch to go on after a loss."""

from pathlib import Path

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened, operator, read_secret_file


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
