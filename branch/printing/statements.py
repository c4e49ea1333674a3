"""Statements of accounts and lines of passbooks on small papers, each as wide as its printer allows."""

from collections.abc import Iterator
from typing import Final

from banking.account_statements import LOAN, Statement, StatementLine
from banking.passbooks import PassbookPage
from branch.pages.words import KINDS
from branch.printing.documents import Letterhead
from branch.printing.parts import Cell, Cut, Document, Gap, Pair, Part, Row, Rule, Text
from ledger.errors import N_
from ledger.money import Money

STATEMENT, PASSBOOK = "statement", "passbook"
_WIDE: Final = 60
"""Columns from which a movement fits on one line."""

_DAY, _RECEIPT, _FIGURE = 12, 13, 12


def statement_document(statement: Statement, head: Letterhead, columns: int) -> Document:
    """Give the statement of an account for paper of so many columns: one line a movement, or two."""
    parts = (*_top(statement, head), *_body(statement, head, columns), *_foot(statement, head))
    return Document(STATEMENT, statement.number, parts, head.language, head.mirrored)


def _top(statement: Statement, head: Letterhead) -> Iterator[Part]:
    say = head.say
    yield Text(head.institution, "center", bold=True)
    yield Text(head.office, "center")
    yield Text(say(N_("Statement of account")), "center", bold=True, big=True)
    yield Pair(say(N_("Name")), statement.owner.name)
    yield Pair(say(N_("Number")), statement.owner.number)
    yield Pair(say(N_("Account")), f"{statement.number} {statement.product}")
    period = say(N_("{start} to {until}")).format(
        start=head.day(statement.start), until=head.day(statement.until)
    )
    yield Pair(say(N_("Period")), period)
    yield Pair(say(N_("Currency")), head.currency)


def _body(statement: Statement, head: Letterhead, columns: int) -> Iterator[Part]:
    say = head.say
    yield Rule()
    yield Pair(say(opening_words(statement.account_kind)), head.money(statement.opening), bold=True)
    if columns >= _WIDE:
        if statement.lines:
            yield _heading(head)
        for line in statement.lines:
            yield _row(line, head)
    else:
        for line in statement.lines:
            yield Pair(f"{head.day(line.on)} {_what(line, head)}", _signed(line, head))
            yield Pair(line.receipt, head.money(line.balance))
    yield Rule()
    yield Pair(say(N_("Paid in")), head.money(statement.into))
    yield Pair(say(N_("Paid out")), head.money(statement.out))
    yield Pair(say(closing_words(statement.account_kind)), head.money(statement.closing), bold=True)
    yield Rule(double=True)


def opening_words(account_kind: str) -> str:
    """Name the first balance of a statement."""
    return N_("Principal owed before") if account_kind == LOAN else N_("Balance before")


def closing_words(account_kind: str) -> str:
    """Name the last balance of a statement."""
    return N_("Principal owed afterwards") if account_kind == LOAN else N_("Balance afterwards")


def _foot(statement: Statement, head: Letterhead) -> Iterator[Part]:
    say = head.say
    as_at = say(N_("As at {day}; printed {at} by {who}")).format(
        day=head.day(statement.until), at=head.instant(head.printed_at), who=head.printed_by
    )
    yield Text(as_at)
    yield Gap(1)
    yield Cut()


def _heading(head: Letterhead) -> Row:
    say = head.say
    return Row(
        (
            Cell(say(N_("Date")), _DAY),
            Cell(say(N_("Receipt")), _RECEIPT),
            Cell(say(N_("What"))),
            Cell(say(N_("Paid in")), _FIGURE, end=True),
            Cell(say(N_("Paid out")), _FIGURE, end=True),
            Cell(say(N_("Balance")), _FIGURE, end=True),
        ),
        bold=True,
        heading=True,
    )


def _row(line: StatementLine, head: Letterhead) -> Row:
    return Row(
        (
            Cell(head.day(line.on), _DAY),
            Cell(line.receipt, _RECEIPT),
            Cell(_what(line, head)),
            Cell(_figure(line.into, head), _FIGURE, end=True),
            Cell(_figure(line.out, head), _FIGURE, end=True),
            Cell(head.money(line.balance), _FIGURE, end=True),
        )
    )


def passbook_document(number: str, page: PassbookPage, head: Letterhead, columns: int) -> Document:
    """Give the lines of a passbook, moved down to their place on the page; nothing else stands on it."""
    lines: Iterator[Part]
    if columns >= _WIDE:
        lines = (_book_row(line, head) for line in page.lines)
    else:
        lines = (
            Pair(f"{head.day(line.on)} {_signed(line, head)}", head.money(line.balance))
            for line in page.lines
        )
    above = (Gap(page.line - 1),) if page.line > 1 else ()
    return Document(PASSBOOK, number, (*above, *lines, Cut()), head.language, head.mirrored)


def _book_row(line: StatementLine, head: Letterhead) -> Row:
    return Row(
        (
            Cell(head.day(line.on), _DAY),
            Cell(_what(line, head)),
            Cell(_figure(line.out, head), _FIGURE, end=True),
            Cell(_figure(line.into, head), _FIGURE, end=True),
            Cell(head.money(line.balance), _FIGURE, end=True),
            Cell(line.receipt, _RECEIPT),
        )
    )


def _what(line: StatementLine, head: Letterhead) -> str:
    return head.say(KINDS.get(line.kind, line.kind))


def _figure(amount: Money, head: Letterhead) -> str:
    return head.money(amount) if amount else ""


def _signed(line: StatementLine, head: Letterhead) -> str:
    return f"-{head.money(line.out)}" if line.out else f"+{head.money(line.into)}"
