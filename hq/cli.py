"""The command line of headquarters: ``satchel hq …``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from banking.standard import ChartRow
from console.answers import Refused, answer, refusal
from console.commands import shared_commands
from console.commands_of_carriers import carrier_commands
from console.commands_of_export import ExportOptions, export_options
from console.commands_of_reports import report_command
from console.commands_of_users import user_commands
from console.home import (
    HomeOptions,
    home_options,
    opened,
    operator,
    read_passphrase,
    read_secret_file,
    utc_now,
)
from hq.commands_of_audits import audit_pack
from hq.commands_of_chasing import chase
from hq.commands_of_decisions import decide, exceptions, retire, unlock
from hq.commands_of_laptops import arrival_code, devices, reseed, reserves, restore
from hq.commands_of_publishing import publications
from hq.commands_of_releases import release
from hq.commands_of_roots import root
from hq.commands_of_samples import sample
from hq.commands_of_tokens import token
from sync.changeset import DEVICE_MAX

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync.export import WrittenBundle
    from sync.installation import Installation


@click.group()
def hq() -> None:
    """Headquarters: branches, their bundles, the consolidated books."""


for shared in shared_commands("hq"):
    hq.add_command(shared)


def _rests_on(
    installation: "Installation", session: "Session", offices: tuple[int, ...] | None
) -> tuple[str, ...]:
    from hq.reports import rests_on

    return rests_on(installation, session, offices)


hq.add_command(report_command("hq", _rests_on))
hq.add_command(user_commands("hq"))


def _send_now(installation: "Installation", via: str, code: str) -> "WrittenBundle":
    from hq.sending import send_now

    return send_now(installation, via, code)


for about_carriers in carrier_commands("hq", _send_now):
    hq.add_command(about_carriers)
for of_laptops in (devices, reserves, reseed, arrival_code, restore, unlock):
    hq.add_command(of_laptops)
hq.add_command(release)
hq.add_command(publications)
hq.add_command(token)
hq.add_command(audit_pack)
hq.add_command(sample)
hq.add_command(root)
hq.add_command(chase)
for command_of_decisions in (exceptions, decide, retire):
    hq.add_command(command_of_decisions)


@hq.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SATCHEL_HOME", required=True)
@click.option("--name", required=True, help="Name of the institution.")
@click.option("--currency", required=True, help="ISO code, such as KES.")
@click.option("--digits", type=click.IntRange(0, 6), default=2, help="Decimals of the currency.")
@click.option("--chart", type=click.Path(path_type=Path), help="Chart of accounts (CSV).")
@click.option("--admin", default="admin", help="Log-in name of the first user.")
@click.option("--database", help="postgresql+psycopg://… instead of an encrypted file in the home.")
@click.option("--recovery-out", type=click.Path(path_type=Path), help="Where the recovery key goes.")
@click.option("--passphrase-file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def init(
    home: Path,
    name: str,
    currency: str,
    digits: int,
    chart: Path | None,
    admin: str,
    database: str | None,
    recovery_out: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make an institution: keys, chart of accounts, standard products, first administrator."""
    from hq.founding import NewInstitution, create_institution
    from sync.signing import fingerprint20

    wanted = NewInstitution(
        name=name,
        currency=currency,
        digits=digits,
        admin=admin,
        passphrase=read_passphrase(passphrase_file),
        chart=_chart(chart),
        database=database,
    )
    institution = create_institution(home, wanted, recovery_out=recovery_out, clock=utc_now)
    with opened(HomeOptions(home, passphrase_file, as_json), "hq") as installation:
        fingerprint = fingerprint20(installation.signer.key.public, installation.recipient.encode())
    kept = recovery_out or home / "recovery.age"
    answer(
        {"institution": institution, "fingerprint": fingerprint, "recovery": str(kept)},
        [
            f"Institution {name} is set up in {home}.",
            f"Recovery key: {kept}. Move it to a safe, away from this PC.",
            f"Fingerprint of headquarters: {fingerprint}",
        ],
        as_json=as_json,
    )


def _chart(file: Path | None) -> list[ChartRow] | None:
    """Read the chart of accounts; every wrong row is told, and then nothing is set up."""
    from banking.loading import read_chart

    if file is None:
        return None
    rows, errors = read_chart(file)
    if errors:
        told = [f"{wrong.file}, row {wrong.row}: {wrong.message}" for wrong in errors]
        document = refusal("BAD_CHART", f"{len(errors)} wrong row(s) in the chart. Nothing was set up.")
        raise Refused({**document, "errors": [wrong.to_json() for wrong in errors]}, told)
    return rows


@hq.command()
@home_options
@click.option("--branch", "code", required=True, help="Short code of the branch, such as KIT.")
@click.option("--name", required=True, help="Name of the branch.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the kit is written.")
@click.option("--code-file", type=click.Path(path_type=Path), required=True, help="Code of the kit.")
def enrol(options: HomeOptions, code: str, name: str, out: Path, code_file: Path) -> None:
    """Register a branch and write its enrolment kit."""
    from hq.founding import enrol as enrol_branch
    from sync.home import write_durably

    kit_code = read_secret_file(code_file)
    with opened(options, "hq") as installation:
        kit, file = enrol_branch(installation, code, name, kit_code, operator(installation))
    write_durably(out, file)
    answer(
        {"branch": kit.office_code, "device": kit.device, "kit": str(out)},
        [
            f"{out}: enrolment kit of {kit.office_code}, device {kit.device}, good until {kit.expires_on}.",
            "Tell the code by telephone, not on paper with the kit.",
        ],
        as_json=options.as_json,
    )


@hq.command()
@home_options
@click.option("--device", type=click.IntRange(1, DEVICE_MAX), required=True)
@click.option("--fingerprint", required=True, help="The 20 digits that the branch reads out.")
def confirm(options: HomeOptions, device: int, fingerprint: str) -> None:
    """Confirm a new device by the fingerprint that the branch reads out."""
    from hq.founding import confirm as confirm_device

    with opened(options, "hq") as installation:
        state = confirm_device(installation, device, fingerprint, operator(installation))
    answer({"device": device, "state": state}, [f"Device {device} is {state}."], as_json=options.as_json)


@hq.command()
@home_options
@click.option("--branch", "code", required=True)
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@export_options
@click.option("--program", default="", help="Version of a newer program that goes with it ('hq release').")
def export(options: HomeOptions, code: str, folder: Path, asked: ExportOptions, program: str) -> None:
    """Write the return bundle of a branch."""
    from hq.sending import export_to_branch

    with opened(options, "hq") as installation:
        written = export_to_branch(
            installation, code, folder, volume_bytes=asked.volume_bytes, way=asked.way, program=program
        )
    acks = [
        {"device": ack.device, "chain": ack.chain, "seq": ack.place.seq, "level": ack.level}
        for ack in written.acks
    ]
    answer(
        {"bundle": written.name, "volumes": [str(path) for path in written.volumes], "acks": acks},
        [f"{written.name}: return bundle for {code}, {len(written.volumes)} volume(s)"],
        as_json=options.as_json,
    )


@hq.command()
@home_options
def status(options: HomeOptions) -> None:
    """Show what is known of every branch, and what is missing."""
    from hq.status import hq_status, status_document

    with opened(options, "hq") as installation, installation.database.reading() as session:
        branches = hq_status(installation, session)
    document = {"branches": [status_document(branch) for branch in branches]}
    lines = [
        f"{branch.branch}: up to {branch.last_seq} ({branch.state}), {branch.held} held, "
        f"{branch.quarantined} quarantined, {branch.exceptions} exceptions"
        for branch in branches
    ]
    answer(document, lines, as_json=options.as_json)


@hq.command()
@home_options
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=click.IntRange(0, 65_535), default=8621)
@click.option("--certificate", type=click.Path(path_type=Path), help="PEM file: speak TLS with it.")
@click.option("--key", type=click.Path(path_type=Path), help="PEM file: the certificate's secret key.")
def serve(options: HomeOptions, host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the pages of headquarters, and the line that branches send to, until stopped."""
    from console.scheduler import Scheduler
    from hq.application import create_hq_application
    from hq.import_desk import ImportDesk
    from hq.sending import send_by_itself
    from web.server import serve as serve_pages
    from web.server import serve_securely

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together.")
    with (
        opened(options, "hq") as installation,
        Scheduler(installation, send_by_itself),
        ImportDesk(installation) as imports,
    ):
        application = create_hq_application(installation, imports)
        if certificate is None or key is None:
            click.echo(f"Headquarters at http://{host}:{port} (Ctrl+C stops)", err=True)
            serve_pages(application, host=host, port=port)
        else:
            click.echo(f"Headquarters at https://{host}:{port} (Ctrl+C stops)", err=True)
            serve_securely(application, host, port, certificate, key)
