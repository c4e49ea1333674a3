"""What stands on each small paper: the receipt."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from banking.receipts import LOAN, ReceiptSheet
from branch.pages.words import COMPONENTS, KINDS
from branch.printing.parts import Cut, Document, Gap, Pair, Part, Rule, Text
from ledger.errors import N_
from ledger.money import Money

RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is, and how words, amounts, dates and instants are written in the reader's language.

    ``currency`` is its code; ``printed_by`` the full name of who presses Print, ``printed_at`` when.
    """

    institution: str
    office: str
    currency: str
    printed_by: str
    printed_at: datetime
    say: Callable[[str], str]
    money: Callable[[Money], str]
    day: Callable[[date | None], str]
    instant: Callable[[datetime | None], str]
    language: str = "en"
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Eight characters of the changeset that made the entry, and its place in the chain."""

    check: str
    entry: str


def copy_words(copy: int, say: Callable[[str], str]) -> str:
    """Give what a paper is: the original (1), or which copy."""
    return say(N_("ORIGINAL")) if copy <= 1 else say(N_("COPY {number}")).format(number=copy)


def receipt_document(
    sheet: ReceiptSheet, head: Letterhead, copy: int, mark: Mark | None, payment_type: str = ""
) -> Document:
    """Give the receipt of a movement.

    copy          1: the original; else the number of the paper, as ``banking.prints.record_print`` gave it
    mark          what ties the paper to the chain
    payment_type  the way it was paid when it was no cash
    """
    parts = (
        *_top(sheet, head, copy),
        *_amounts(sheet, head),
        *_foot(sheet, head, mark, payment_type),
        Cut(),
    )
    return Document(RECEIPT, sheet.movement.receipt, parts, head.language, head.mirrored)


def _top(sheet: ReceiptSheet, head: Letterhead, copy: int) -> Iterator[Part]:
    say, move = head.say, sheet.movement
    yield Text(head.institution, "center", bold=True)
    yield Text(head.office, "center")
    yield Text(move.receipt or say(N_("Entry without receipt")), "center", bold=True, big=True)
    yield Text(copy_words(copy, say), "center", bold=True)
    if move.reversed_by is not None:
        yield Text(say(N_("VOID")), "center", bold=True, big=True)
        yield Text(say(N_("This entry was taken back. Nothing is paid by this paper.")), "center")
    yield Rule()
    yield Pair(say(N_("Date")), head.day(move.value_date))
    yield Pair(say(N_("Name")), sheet.owner.name)
    yield Pair(say(N_("Number")), sheet.owner.number)
    yield Pair(say(N_("Account")), sheet.account_number)
    yield Pair(say(N_("Product")), sheet.product)


def _amounts(sheet: ReceiptSheet, head: Letterhead) -> Iterator[Part]:
    say, move = head.say, sheet.movement
    yield Rule()
    yield Pair(f"{say(KINDS.get(move.kind, move.kind))} {head.currency}", head.money(move.amount), bold=True)
    yield Rule(double=True)
    if move.account_kind == LOAN:
        split = {
            "principal": move.split.principal,
            "interest": move.split.interest,
            "fee": move.split.fee,
            "penalty": move.split.penalty,
        }
        for name, word in COMPONENTS:
            if split[name]:
                yield Pair(say(word), head.money(split[name]))
    if move.overpayment:
        yield Pair(say(N_("Overpayment")), head.money(move.overpayment))
    left = N_("Still owed today") if move.account_kind == LOAN else N_("Balance today")
    yield Pair(say(left), head.money(sheet.balance))
    if move.note:
        yield Pair(say(N_("Note")), move.note)


def _foot(sheet: ReceiptSheet, head: Letterhead, mark: Mark | None, payment_type: str) -> Iterator[Part]:
    say = head.say
    yield Rule()
    if payment_type:
        yield Pair(say(N_("Paid by")), payment_type)
    if sheet.till:
        yield Pair(say(N_("Cash drawer")), sheet.till)
    yield Pair(say(N_("Typed")), head.instant(sheet.movement.recorded_at))
    if mark is not None:
        yield Pair(say(N_("Check")), mark.check)
        yield Pair(say(N_("Entry")), mark.entry)
    yield Pair(say(N_("Printed")), head.instant(head.printed_at))
    yield Pair(say(N_("By")), head.printed_by)
    yield Gap(2)
    yield Text(f"{say(N_('Signature'))} ....................")


def sample_document(head: Letterhead, columns: int) -> Document:
    """Give a test of a printer: letters with accents, the width of the paper, a line of figures."""
    say = head.say
    ruler = "".join(str((place + 1) % 10) for place in range(columns))
    parts: tuple[Part, ...] = (
        Text(head.institution, "center", bold=True),
        Text(head.office, "center"),
        Text(say(N_("Test of the printer")), "center", bold=True, big=True),
        Rule(),
        Text(ruler),
        Pair(say(N_("Figures")), "1,234,567.89"),
        Pair(say(N_("Letters")), "Wanjirũ Ōkoth, São Tomé, Çelik"),
        Pair(say(N_("Printed")), head.instant(head.printed_at)),
        Pair(say(N_("By")), head.printed_by),
        Rule(double=True),
        Text(say(N_("The figures above reach to the end of the line.")), "center"),
        Gap(1),
        Cut(),
    )
    return Document("test", "TEST", parts, head.language, head.mirrored)
