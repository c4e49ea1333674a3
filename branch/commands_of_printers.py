"""``satchel branch printer …``: which printer prints receipts, passbook lines and statements."""

from typing import TYPE_CHECKING

import click

from branch.printing.kinds import KINDS, NONE, PURPOSES
from console.answers import answer
from console.home import HomeOptions, home_options, opened, operator, utc_now

if TYPE_CHECKING:
    from branch.printing.printers import Printer

_purpose = click.argument("purpose", type=click.Choice(list(PURPOSES)))


@click.group()
def printer() -> None:
    """Set up printers that print without a dialog."""


@printer.command("list")
@home_options
def printer_list(options: HomeOptions) -> None:
    """List what is printed where."""
    from branch.printing.printers import get_printer

    with opened(options, "branch") as installation, installation.database.reading() as session:
        kept = {purpose: get_printer(session, purpose) for purpose in PURPOSES}
    answer(
        {"printers": {purpose: _facts(one) for purpose, one in kept.items()}},
        [f"{purpose}: {_words(one)}" for purpose, one in kept.items()],
        as_json=options.as_json,
    )


@printer.command("set")
@home_options
@_purpose
@click.option("--kind", type=click.Choice(list(KINDS)), required=True, help="none: the browser prints.")
@click.option("--to", "target", default="", help="A file, a device, a share, or tcp://host:9100 near by.")
@click.option("--width", type=click.Choice(["58", "80"]), default="80", help="Millimetres of the strip.")
@click.option("--letters", "encoding", default="cp437", help="The code page that it is set to, or utf-8.")
@click.option("--at-once", is_flag=True, help="Papers follow the posting without a key.")
def printer_set(
    options: HomeOptions, purpose: str, kind: str, target: str, width: str, encoding: str, *, at_once: bool
) -> None:
    """Set up the printer of PURPOSE: receipt, passbook or statement."""
    from branch.printing.printers import Printer, set_printer

    wanted = Printer(kind, "" if kind == NONE else target, int(width), encoding, at_once)
    with opened(options, "branch") as installation, installation.database.writing() as session:
        kept = set_printer(session, purpose, wanted, home=installation.home.root)
    answer({"purpose": purpose, **_facts(kept)}, [f"{purpose}: {_words(kept)}"], as_json=options.as_json)


@printer.command("test")
@home_options
@_purpose
def printer_test(options: HomeOptions, purpose: str) -> None:
    """Print a test on the printer of PURPOSE."""
    from branch.printing.delivery import deliver
    from branch.printing.documents import Letterhead, sample_document
    from branch.printing.errors import NoPrinterError
    from branch.printing.printers import get_printer
    from ledger.money import format_major
    from schema.people import User

    with opened(options, "branch") as installation, installation.database.reading() as session:
        kept, place = get_printer(session, purpose), installation.place
        who = session.get_one(User, operator(installation))
    if not kept.prints:
        raise NoPrinterError(purpose=purpose)
    head = Letterhead(
        institution=place.institution,
        office=place.office_name,
        currency=place.currency,
        printed_by=who.full_name or who.username,
        printed_at=utc_now(),
        say=str,
        money=lambda amount: format_major(amount, place.digits),
        day=lambda day: day.isoformat() if day else "",
        instant=lambda moment: moment.isoformat(" ", "minutes") if moment else "",
    )
    deliver(kept.bytes_of(sample_document(head, kept.columns)), kept.target)
    answer(
        {"purpose": purpose, "printed": True}, [f"A test was sent to {kept.target}."], as_json=options.as_json
    )


def _facts(one: "Printer") -> dict[str, object]:
    return {
        "kind": one.kind,
        "to": one.target,
        "width": one.width,
        "letters": one.encoding,
        "at_once": one.at_once,
    }


def _words(one: "Printer") -> str:
    if not one.prints:
        return "the browser prints"
    when = "at once" if one.at_once else "when P is pressed"
    return f"{one.kind} to {one.target}, {one.columns} columns, {one.encoding}, {when}"
