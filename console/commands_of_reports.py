"""The command that both editions have for reports."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.commands import branch_option, office_id
from console.dates import DATE
from console.home import HomeOptions, home_options, opened, utc_now

if TYPE_CHECKING:
    from console.reports import RestsOn

BY = {"office": "offices", "region": "regions", "consolidation": "consolidation"}
"""What ``--by`` says, and what a question calls it."""


class OtherDay(click.ParamType[date | str]):
    """A day, or a word for one that follows from the day asked about."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date | str:
        """Give ``month`` (the end of the month before), ``year`` (the same day a year before) or the day."""
        if value in ("month", "year"):
            return str(value)
        found: date = DATE.convert(value, param, ctx)
        return found


OTHER_DAY = OtherDay()


def _report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what reports may be asked about; docs/reports.md says which heeds what."""
    options = (
        click.option("--as-of", type=DATE, help="The day that is asked about; default: today."),
        click.option("--from", "start", type=DATE, help="First day of what counts movements."),
        click.option("--office", "office", help="Only this office (its short code); as --branch."),
        click.option("--sub-tree", is_flag=True, help="And all offices below it."),
        click.option("--by-office", is_flag=True, help="A column for each office beside the sum."),
        click.option("--by", type=click.Choice(list(BY)), help="Columns for offices, regions, what is cut."),
        click.option("--compare", type=OTHER_DAY, help="A day to compare with: YYYY-MM-DD, month or year."),
        click.option("--late", is_flag=True, help="With what was entered later but counts before."),
        click.option("--closed", "kept", flag_value="closed", help="As it was kept when the month closed."),
        click.option("--difference", "kept", flag_value="difference", help="What differs from that today."),
        click.option("--account", default="", help="A GL account's code, or an account's number."),
        click.option("--client", default="", help="A client's number."),
        click.option("--group", default="", help="A group's or center's number or name."),
        click.option("--officer", default="", help="A loan officer's name."),
        click.option("--adjustments", help="What subsidies and inflation would have cost, for a ratio."),
        click.option("--product", default="", help="A product's code."),
        click.option("--exception", default="", help="One exception of the auditor's library, by its name."),
        click.option("--limits", default="", help='Its limits, such as "days=3 times=2".'),
    )
    for option in reversed(options):
        command = option(command)
    return command


def report_command(edition: str, rests_on: "RestsOn | None" = None) -> click.Command:
    """Give the command for one edition; ``rests_on`` says what the figures rest on."""

    @click.command("report")
    @home_options
    @branch_option
    @_report_options
    @click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx", "pdf"]), default="json")
    @click.option("--out", type=click.Path(path_type=Path), help="File to write; default: standard output.")
    @click.option("--printed", default="", help="A check code: give what was printed under it.")
    @click.argument("name", required=False)
    def command(
        options: HomeOptions,
        code: str | None,
        office: str | None,
        as_of: date | None,
        form: str,
        out: Path | None,
        name: str | None,
        printed: str,
        kept: str | None,
        adjustments: str | None,
        by: str | None,
        compare: date | str | None,
        **about: object,
    ) -> None:
        """Show a report of the catalogue."""
        from console.printed_reports import write_printed, write_report
        from console.reports import COMPARED, Asked
        from ledger.money import parse_major

        if not name and not printed:
            raise click.UsageError("Give the name of a report, or --printed and a check code.")
        with opened(options, edition) as installation:
            if printed:
                write_printed(installation, printed, form, out)
                return
            about["office_id"] = office_id(installation, office or code)
            day = about["as_of"] = as_of or utc_now().date()
            about["columns"] = BY[by] if by else ""
            about["compare"] = COMPARED[compare](day) if isinstance(compare, str) else compare
            if adjustments is not None:
                about["adjustments"] = parse_major(adjustments, installation.place.digits).minor
            write_report(installation, Asked(name or "", about, kept or ""), form, out, rests_on)

    return command
