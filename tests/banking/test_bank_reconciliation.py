"""A bank account beside its statements: imported once, matched, and explained to zero."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from banking import bank_reconciliation as bank
from banking import books as journal
from banking.bank_errors import (
    MatchError,
    StatementBalanceError,
    StatementFileError,
    StatementGapError,
    StatementKnownError,
    StatementRowsError,
)
from banking.bank_files import Columns
from banking.bank_reconciliation import StatementFile
from banking.bank_report import Reconciliation, reconcile
from banking.books import ManualLine
from banking.errors import ManualEntryError, SecondPersonNeededError
from ledger.errors import NotFoundError, RuleError
from ledger.money import ZERO, Money
from schema.accounting import JournalLine
from schema.cash import BankStatement, BankStatementLine
from tests.support.books import Books, copy_of, money
from tests.support.cash import a_limit, another_office, work_at
from tests.support.lending import DAY, balances, broken, row_counts

COLUMNS = Columns(day="Date", amount="Amount", text="Text", reference="Ref")
END = DAY + timedelta(days=20)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def the_file(*rows: tuple[int, str, str, str]) -> bytes:
    lines = [f"{day(number).isoformat()},{amount},{text},{ref}" for number, amount, text, ref in rows]
    return "\n".join(["Date,Amount,Text,Ref", *lines]).encode()


def brought(
    books: Books, *rows: tuple[int, str, str, str], opening: str | None = "0", closing: str | None
) -> BankStatement:
    wanted = StatementFile(
        content=the_file(*rows),
        columns=COLUMNS,
        opening=None if opening is None else money_of(opening),
        closing=None if closing is None else money_of(closing),
    )
    with books.work("bank.import") as session:
        return bank.import_statement(session, "1130", wanted)


def money_of(text: str) -> Money:
    return -money(text[1:]) if text.startswith("-") else money(text)


def banked(books: Books, amount: str, number: int, note: str = "from the till") -> int:
    """Post money into the bank (out of it below zero); gives the bank's journal line."""
    moved = money_of(amount)
    other, ours = ("3100", "1130") if moved > ZERO else ("1130", "5320")
    lines = (ManualLine(ours, debit=abs(moved)), ManualLine(other, credit=abs(moved)))
    with books.work("journal.post") as session:
        entry = journal.post_manual(session, lines, value_date=day(number), note=note)
        bank_id = books.gl_account("Bank").id
        wanted = select(JournalLine.id).where(JournalLine.journal_entry_id == entry.id)
        return session.scalars(wanted.where(JournalLine.gl_account_id == bank_id)).one()


def lines_of(books: Books) -> list[BankStatementLine]:
    with books.look() as session:
        return list(session.scalars(select(BankStatementLine).order_by(BankStatementLine.id)))


def matched(books: Books) -> list[tuple[int, int]]:
    with books.work("bank.match") as session:
        return bank.match_automatically(session, "1130")


def report(books: Books, as_of: date = END) -> Reconciliation:
    with books.look() as session:
        return reconcile(session, "1130", books.office_id, as_of)


def test_a_month_at_the_bank_is_matched_and_explained(books: Books) -> None:
    """What both have is matched; charges are posted from the statement; a cheque on its way stays open."""
    deposit, rent = banked(books, "1000", 0), banked(books, "-300", 1, "rent CHQ-0815")
    banked(books, "-40", 9, "cheque on its way")
    statement = brought(
        books,
        (1, "1000", "cash deposit", ""),
        (4, "-300", "cheque", "CHQ-0815"),
        (5, "-2.50", "charges January", ""),
        closing="697.50",
    )
    assert (statement.starts_on, statement.ends_on) == (day(1), day(5))
    first, second, charges = lines_of(books)
    assert sorted(matched(books)) == [(first.id, deposit), (second.id, rent)]
    assert matched(books) == []
    before = report(books)
    assert [(line.amount, line.words) for line in before.only_bank] == [
        (money_of("-2.50"), "charges January")
    ]
    with books.work("bank.post") as session:
        entry = bank.post_bank_item(session, charges.id, "5340")
    assert (entry.kind, entry.note, entry.value_date) == ("bank_item", "charges January", day(5))
    after = report(books)
    assert (after.on, after.book_balance, after.statement_balance) == (
        day(5),
        money("697.50"),
        money("697.50"),
    )
    assert (after.only_bank, after.only_books, after.unexplained) == ((), (), ZERO)
    assert balances(books)["Office expenses"] == money("2.50")
    assert broken(books) == []


def test_lines_on_both_sides_explain_the_difference(books: Books) -> None:
    banked(books, "1000", 0)
    banked(books, "-40", 3, "cheque on its way")
    brought(books, (0, "1000", "deposit", ""), (4, "7", "interest", ""), closing="1007")
    matched(books)
    found = report(books)
    assert (found.book_balance, found.statement_balance) == (money("960"), money("1007"))
    assert [line.amount for line in found.only_bank] == [money("7")]
    assert [line.amount for line in found.only_books] == [money_of("-40")]
    assert (found.opening_difference, found.unexplained) == (ZERO, ZERO)


def test_a_report_of_an_earlier_day_stays_what_it_was(books: Books) -> None:
    """The cheque that the second statement shows is still on its way in the report of the first."""
    banked(books, "1000", 0)
    banked(books, "-40", 3)
    brought(books, (0, "1000", "deposit", ""), (3, "1", "x", ""), closing="1001")
    matched(books)
    early = report(books, day(4))
    brought(books, (6, "-40", "cheque", ""), opening="1001", closing="961")
    matched(books)
    assert report(books, day(4)) == early
    assert [line.amount for line in early.only_books] == [money_of("-40")]
    assert report(books).only_books == ()


def test_what_the_books_had_before_the_first_statement_is_its_opening(books: Books) -> None:
    banked(books, "500", 0)
    brought(books, (2, "10", "x", ""), opening="500", closing="510")
    found = report(books)
    assert (found.before, found.opening, found.opening_difference) == (money("500"), money("500"), ZERO)
    banked(books, "3", 1)
    assert report(books).opening_difference == money_of("-3")
    assert report(books).unexplained == ZERO


def test_balances_of_the_file_itself_are_read_and_checked(books: Books) -> None:
    """The newest line may stand first, as many banks write it."""
    columns = Columns(day="Date", amount="Amount", balance="Balance")
    content = b"Date,Amount,Balance\n2026-01-07,-5,105\n2026-01-06,10,110\n"
    with books.work() as session:
        made = bank.import_statement(session, "1130", StatementFile(content=content, columns=columns))
    assert (made.opening, made.closing, made.starts_on) == (money("100"), money("105"), date(2026, 1, 6))
    assert [line.amount for line in lines_of(books)] == [money("10"), money_of("-5")]
    wrong = b"Date,Amount,Balance\n2026-01-08,10,115\n2026-01-09,1,117\n"
    with pytest.raises(StatementRowsError) as refusal, books.work() as session:
        bank.import_statement(session, "1130", StatementFile(content=wrong, columns=columns))
    assert [fault.row for fault in refusal.value.faults] == [3]


def test_a_statement_comes_once_and_without_a_gap(books: Books) -> None:
    rows = ((1, "10", "x", ""), (2, "5", "y", ""))
    cases: list[tuple[str | None, str | None, type[RuleError]]] = [
        ("0", "16", StatementBalanceError),
        (None, "15", StatementFileError),
        ("0", None, StatementFileError),
    ]
    for opening, closing, refusal in cases:
        with pytest.raises(refusal):
            brought(books, *rows, opening=opening, closing=closing)
    brought(books, *rows, closing="15")
    before = row_counts(books)
    with pytest.raises(StatementKnownError):
        brought(books, *rows, opening="15", closing="30")
    with pytest.raises(StatementGapError):
        brought(books, (4, "1", "z", ""), opening="14", closing="15")
    with pytest.raises(StatementGapError):
        brought(books, (1, "1", "z", ""), opening="15", closing="16")
    assert row_counts(books) == before
    brought(books, (2, "1", "z", ""), opening="15", closing="16")
    assert broken(books) == []


def test_a_person_matches_and_unmatches_what_belongs_together(books: Books) -> None:
    own, other = banked(books, "10", 0), banked(books, "11", 0)
    brought(books, (19, "10", "late", ""), (19, "10", "twice", ""), closing="20")
    first, second = (line.id for line in lines_of(books))
    assert matched(books) == []
    with books.work() as session:
        bank.match(session, first, own)
        rent = session.scalars(select(JournalLine.id).where(JournalLine.id > own)).first()
        cases = ((first, own), (second, own), (second, other), (second, rent or 0), (second, 9), (9, own))
        for line_id, journal_line_id in cases:
            with pytest.raises((MatchError, NotFoundError)):
                bank.match(session, line_id, journal_line_id)
        with pytest.raises(MatchError):
            bank.post_bank_item(session, first, "5340")
        bank.unmatch(session, first)
        with pytest.raises(MatchError):
            bank.unmatch(session, first)
    with pytest.raises(NotFoundError), work_at(books, another_office(books)) as session:
        bank.unmatch(session, first)
    assert broken(books) == []


def test_items_of_the_bank_follow_the_rules_of_manual_entries(books: Books) -> None:
    brought(books, (1, "-100", "charges", ""), closing="-100")
    (line,) = lines_of(books)
    with books.work() as session:
        with pytest.raises(ManualEntryError):
            bank.post_bank_item(session, line.id, "1210")
        with pytest.raises(MatchError):
            bank.post_bank_item(session, line.id, "1130")
    a_limit(books, "second_person", "100")
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        bank.post_bank_item(session, line.id, "5340")
    with pytest.raises(NotFoundError):
        report(books, day(0))


def test_what_was_taken_back_in_the_books_is_left_to_a_person(books: Books) -> None:
    line_id = banked(books, "10", 0)
    with books.work() as session:
        entry_id = session.get_one(JournalLine, line_id).journal_entry_id
        journal.reverse_manual(session, entry_id, reason="wrong", on=day(1))
    brought(books, (1, "10", "x", ""), closing="10")
    assert matched(books) == []
    assert report(books).unexplained == ZERO


steps = st.lists(
    st.tuples(st.sampled_from(["book", "bank", "both"]), st.integers(0, 9), st.integers(-5, 5).filter(bool)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(work=steps)
def test_whatever_both_sides_have_the_difference_is_explained_to_zero(
    new_books: Books, tmp_path: Path, work: list[tuple[str, int, int]]
) -> None:
    """Random lines on either side or on both: nothing is unexplained, before and after matching."""
    books = copy_of(new_books, tmp_path)
    rows = [(number, f"{units}", "x", "") for side, number, units in work if side != "book"]
    rows.sort(key=lambda row: row[0])
    for side, number, units in work:
        if side != "bank":
            banked(books, f"{units}", number)
    if rows:
        closing = sum(int(row[1]) for row in rows)
        brought(books, *rows, closing=str(closing))
        assert report(books).unexplained == ZERO
        matched(books)
        found = report(books)
        assert found.unexplained == ZERO
        left = {line.amount for line in found.only_bank} & {line.amount for line in found.only_books}
        assert all(
            abs((one.on - other.on).days) > bank.WINDOW_DAYS
            for amount in left
            for one in found.only_bank
            for other in found.only_books
            if one.amount == other.amount == amount
        )
    assert broken(books) == []
    books.database.close()
