"""The command line of a branch: ``satchel branch …``."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from branch.commands_of_laptops import confirm_arrival, forgot, renumber, reopen, restore, rotate
from branch.commands_of_printers import printer
from branch.commands_of_updates import update
from console.answers import Refused, answer
from console.commands import shared_commands
from console.commands_of_carriers import carrier_commands
from console.commands_of_export import ExportOptions, export_options
from console.commands_of_reports import report_command
from console.commands_of_users import user_commands
from console.dates import DATE
from console.home import (
    HomeOptions,
    home_options,
    opened,
    operator,
    read_passphrase,
    read_secret_file,
    utc_now,
)

if TYPE_CHECKING:
    from sync.export import WrittenBundle
    from sync.installation import Installation


@click.group()
def branch() -> None:
    """A branch: one laptop, one day's work, carried to headquarters."""


for shared in shared_commands("branch"):
    branch.add_command(shared)
branch.add_command(report_command("branch"))
branch.add_command(user_commands("branch"))


def _send_now(installation: "Installation", via: str, _code: str) -> "WrittenBundle":
    from branch.sending import send_now

    return send_now(installation, via)


for about_carriers in carrier_commands("branch", _send_now):
    branch.add_command(about_carriers)
branch.add_command(printer)
for of_laptops in (restore, renumber, rotate, confirm_arrival, forgot, reopen):
    branch.add_command(of_laptops)
branch.add_command(update)


@branch.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SATCHEL_HOME", required=True)
@click.option("--kit", "kit_file", type=click.Path(path_type=Path), required=True)
@click.option("--code-file", type=click.Path(path_type=Path), required=True)
@click.option("--passphrase-file", type=click.Path(path_type=Path))
@click.option("--admin", default="admin", help="Log-in name of the first user.")
@click.option(
    "--codes-out",
    type=click.Path(path_type=Path),
    help="Where the sheet with the reserve codes goes; default: reserve-codes.txt in the home.",
)
@click.option("--json", "as_json", is_flag=True)
def init(
    home: Path,
    kit_file: Path,
    code_file: Path,
    passphrase_file: Path | None,
    admin: str,
    codes_out: Path | None,
    as_json: bool,
) -> None:
    """Set up this laptop from its enrolment kit, or from one that brings the books of a lost laptop."""
    from branch.founding import create_branch
    from sync.home import write_durably
    from sync.kit import read_kit
    from sync.reserve import sheet
    from sync.signing import fingerprint20

    kit = read_kit(kit_file, read_secret_file(code_file))
    passphrase = read_passphrase(passphrase_file)
    create_branch(home, kit, admin=admin, passphrase=passphrase, clock=utc_now)
    with opened(HomeOptions(home, passphrase_file, as_json), "branch") as installation:
        fingerprint = fingerprint20(installation.signer.key.public, installation.recipient.encode())
        text = sheet(kit.office_code, installation.place.institution, list(kit.reserves))
    codes = codes_out or home / "reserve-codes.txt"
    write_durably(codes, text.encode())
    answer(
        {
            "branch": kit.office_code,
            "device": kit.device,
            "fingerprint": fingerprint,
            "reserve_codes": str(codes),
        },
        [
            f"Branch {kit.office_code} is set up in {home} as device {kit.device}.",
            f"Read these 20 digits to headquarters after the first bundle: {fingerprint}",
            f"Print {codes}, put it into the safe in a sealed envelope, and delete the file.",
        ],
        as_json=as_json,
    )


@branch.command()
@home_options
@click.option("--dry-run", is_flag=True, help="Check everything and keep nothing.")
@click.option("--format", "form", type=click.Choice(["satchel", "mifos2"]), default="satchel")
@click.option("--report", type=click.Path(path_type=Path), help="Write the whole report (JSON) here.")
@click.argument("path", type=click.Path(path_type=Path))
def load(options: HomeOptions, dry_run: bool, form: str, report: Path | None, path: Path) -> None:
    """Load books that were kept elsewhere: a folder of CSV files, a workbook, or a Mifos 2 export."""
    from branch.loading import lines_of_load, load_books

    with opened(options, "branch") as installation:
        loaded = load_books(installation, path, form=form, actor_id=operator(installation), dry_run=dry_run)
        document = loaded.to_json()
    _write_report(report, document)
    if loaded.errors:
        raise Refused(document, lines_of_load(loaded))
    answer(document, lines_of_load(loaded), as_json=options.as_json)


def _write_report(report: Path | None, document: dict[str, object]) -> None:
    import json

    from sync.home import write_durably

    if report is not None:
        write_durably(report, json.dumps(document, ensure_ascii=False, indent=1).encode())


@branch.command()
@home_options
@click.option("--dry-run", is_flag=True, help="Check everything and keep nothing.")
@click.argument("file", type=click.Path(path_type=Path))
def post(options: HomeOptions, dry_run: bool, file: Path) -> None:
    """Post transactions from a CSV file or JSON lines, all or nothing."""
    from branch.loading import lines_of_post, post_transactions

    with opened(options, "branch") as installation:
        done = post_transactions(installation, file, actor_id=operator(installation), dry_run=dry_run)
        document = done.to_json()
    if done.errors:
        raise Refused(document, lines_of_post(done))
    answer(document, lines_of_post(done), as_json=options.as_json)


@branch.group()
def day() -> None:
    """Open and close the business day."""


@day.command("open")
@home_options
@click.option("--date", "on", type=DATE, help="Default: today.")
@click.option("--cash", help="Counted cash in hand, in major units.")
@click.option("--reason", help="Of a difference between the cash and the books.")
def day_open(options: HomeOptions, on: date | None, cash: str | None, reason: str | None) -> None:
    """Open a business day."""
    from branch.days import COMMANDED, open_business_day

    with opened(options, "branch") as installation:
        state = open_business_day(
            installation, on or utc_now().date(), cash, operator(installation), reason or COMMANDED
        )
    answer(state, [f"{state['date']} is {state['state']}."], as_json=options.as_json)


@day.command("close")
@home_options
@click.option("--date", "on", type=DATE, help="The day that must be open; default: the open one.")
@click.option("--cash", help="Counted cash in hand, in major units; default: as the tills were counted.")
@click.option("--reason", help="Of a difference between the cash and the books.")
def day_close(options: HomeOptions, on: date | None, cash: str | None, reason: str | None) -> None:
    """Close the open business day: cash counted, arrears and accruals brought up to date, books balance."""
    from branch.days import COMMANDED, close_business_day, lines_of_close

    with opened(options, "branch") as installation:
        state = close_business_day(installation, on, cash, operator(installation), reason or COMMANDED)
    answer(state, lines_of_close(state), as_json=options.as_json)


@branch.command()
@home_options
def status(options: HomeOptions) -> None:
    """Show what is to send, written, and what headquarters has."""
    from sync.status import branch_status

    with opened(options, "branch") as installation:
        now = branch_status(installation)
    answer(now.to_json(), now.lines(), as_json=options.as_json)


@branch.command()
@home_options
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--since-last", is_flag=True, help="Only what was not written before.")
@export_options
def export(options: HomeOptions, folder: Path, since_last: bool, asked: ExportOptions) -> None:
    """Write the next bundle into a folder, such as a stick."""
    from sync.export import write_branch_bundle

    with opened(options, "branch") as installation:
        written = write_branch_bundle(
            installation, folder, volume_bytes=asked.volume_bytes, since_last=since_last, way=asked.way
        )
    run = (
        f"changesets {written.first_seq}-{written.last_seq}" if written.last_seq else "acknowledgements only"
    )
    answer(
        {
            "bundle": written.name,
            "first_seq": written.first_seq,
            "last_seq": written.last_seq,
            "volumes": [str(path) for path in written.volumes],
            "bytes": written.size_bytes,
        },
        [f"{written.name}: {run}, {len(written.volumes)} volume(s), {written.size_bytes} bytes"],
        as_json=options.as_json,
    )


@branch.command()
@home_options
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=click.IntRange(0, 65_535), default=8620)
def serve(options: HomeOptions, host: str, port: int) -> None:
    """Serve the pages of this branch until stopped."""
    from branch.application import create_branch_application
    from branch.sending import send_by_itself
    from console.scheduler import Scheduler
    from web.server import serve as serve_pages

    with opened(options, "branch") as installation, Scheduler(installation, send_by_itself):
        click.echo(f"Branch at http://{host}:{port} (Ctrl+C stops)", err=True)
        serve_pages(create_branch_application(installation), host=host, port=port)
