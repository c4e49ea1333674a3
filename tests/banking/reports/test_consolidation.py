"""Statements side by side and consolidated: offices add up to the sum, and what is cut is shown."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banking import books as journal
from banking import inter_branch
from banking.books import ManualLine
from banking.inter_branch import OfficeTransfer
from banking.reports.shape import Question
from banking.reports.side_by_side import compared_start, month_before, year_before
from banking.standard import add_office
from schema.reference import Office
from schema.writing import update
from tests.support.books import Books, copy_of, money
from tests.support.cash import another_office, work_at
from tests.support.lending import DAY
from tests.support.reports import column, told

LATER: Final = DAY + timedelta(days=9)
LAYOUTS: Final = ("offices", "regions", "consolidation")


def send(books: Books, to: int, amount: str, day: date = DAY) -> str:
    """Send money of the bank from KIT; gives the key of the transfer."""
    wanted = OfficeTransfer(other_office_id=to, amount=money(amount), gl_code="1130")
    with books.work() as session:
        return inter_branch.send(session, wanted, day).key


def answer(books: Books, at: int, key: str, amount: str) -> None:
    """Book the other side of a transfer of KIT."""
    wanted = OfficeTransfer(other_office_id=books.office_id, amount=money(amount), gl_code="1130", key=key)
    with work_at(books, at) as session:
        inter_branch.receive(session, wanted, LATER)


def rent(books: Books, amount: str, day: date) -> None:
    """Pay rent of KIT from the bank."""
    lines = (ManualLine("5320", debit=money(amount)), ManualLine("1130", credit=money(amount)))
    with books.work() as session:
        journal.post_manual(session, lines, value_date=day, note="rent")


def check(report: dict[str, Any], codes: tuple[str, ...], whole: str) -> None:
    """Every row: the offices are the sum, and the sum with what is cut is the consolidated figure."""
    for row in report["accounts"]:
        of_offices = sum(money_of(row[code]) for code in codes)
        assert of_offices == money_of(row[whole]), row
        if "consolidated" in row:
            assert money_of(row[whole]) + money_of(row["eliminations"]) == money_of(row["consolidated"]), row


def money_of(written: str) -> int:
    """Read minor units of an amount as documents write it."""
    return int(written.replace(".", ""))


def test_what_both_sides_booked_is_cut_and_the_rest_is_a_line(books: Books) -> None:
    """One transfer answered, one not: its amount stays, named, with its pair; everything still balances."""
    nyeri = another_office(books)
    answer(books, nyeri, send(books, nyeri, "300"), "300")
    send(books, nyeri, "45")
    sheet = told(books, "balance-sheet", as_of=LATER, columns="consolidation")
    between = [row for row in sheet["accounts"] if row["code"] == "1400"]
    names = ("KIT", "NYE", "amount", "eliminations", "consolidated")
    assert column(between, *names) == [
        ("345.00", "-300.00", "45.00", "-45.00", "0.00"),
        ("0.00", "0.00", "0.00", "45.00", "45.00"),
    ]
    assert column(sheet["pairs"], "office", "other", "transfers", "open", "days") == [
        ("KIT", "NYE", 1, "45.00", 9)
    ]
    assert sheet["notes"] == []
    assert column(sheet["sums"], "sum", "KIT", "NYE", "eliminations", "consolidated")[0] == (
        "Assets", "0.00", "0.00", "0.00", "0.00"
    )  # fmt: skip
    check(sheet, ("KIT", "NYE"), "amount")
    balance = told(books, "trial-balance", as_of=LATER, columns="consolidation")
    check(balance, ("KIT", "NYE"), "closing")
    assert sum(money_of(row["consolidated"]) for row in balance["accounts"]) == 0


def test_regions_are_what_lies_below_the_top(books: Books) -> None:
    """Two offices below an eastern one are its column; the head office counts alone."""
    with books.hq_work() as session:
        east = add_office(session, 4, "EAST", "East")
        update(session, east, parent_id=books.head_office_id)
    nyeri = another_office(books)
    with books.hq_work() as session:
        for office in (nyeri, books.office_id):
            update(session, session.get_one(Office, office), parent_id=east.id)
    rent(books, "30", DAY)
    send(books, nyeri, "5")
    every = told(books, "trial-balance", as_of=LATER, columns="regions")
    assert {row["EAST"] == row["closing"] for row in every["accounts"]} == {True}
    below = told(books, "trial-balance", as_of=LATER, columns="regions", office_id=east.id, sub_tree=True)
    check(below, ("KIT",), "closing")


def test_another_day_stands_beside_with_the_difference(books: Books) -> None:
    """The balance sheet of an earlier day; for the income statement the months before."""
    rent(books, "30", date(2026, 1, 31))
    rent(books, "12", date(2026, 2, 3))
    february = date(2026, 2, 28)
    sheet = told(books, "balance-sheet", as_of=february, compare=month_before(february))
    bank = next(row for row in sheet["accounts"] if row["code"] == "1130")
    assert column([bank], "amount", "compared", "change") == [("-42.00", "-30.00", "-12.00")]
    result = next(row for row in sheet["sums"] if row["sum"] == "Result not yet closed")
    assert column([result], "amount", "compared", "change") == [("-42.00", "-30.00", "-12.00")]
    statement = told(
        books, "income-statement", start=date(2026, 2, 1), as_of=february, compare=date(2026, 1, 31)
    )
    spent = next(row for row in statement["accounts"] if row["code"] == "5320")
    assert column([spent], "amount", "compared", "change") == [("12.00", "30.00", "-18.00")]
    assert statement["notes"] == ["Compared with 1 Jan 2026 - 31 Jan 2026."]
    of_all = told(books, "balance-sheet", as_of=february, columns="consolidation", compare=DAY)
    check(of_all, ("KIT",), "amount")


def test_the_time_compared_with_is_as_long() -> None:
    """Whole months from the first of a month, else days; leap days have a neighbour."""
    asked = Question(as_of=date(2026, 10, 31), start=date(2026, 1, 1), compare=date(2025, 10, 31))
    assert compared_start(asked) == date(2025, 1, 1)
    week = Question(as_of=date(2026, 11, 22), start=date(2026, 11, 16), compare=date(2026, 11, 15))
    assert compared_start(week) == date(2026, 11, 9)
    assert compared_start(Question(as_of=DAY, compare=DAY)) is None
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert month_before(date(2026, 3, 31)) == date(2026, 2, 28)


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 10**9), st.integers(0, 9), st.sampled_from(("both", "other", "none", "rent"))
        ),
        max_size=6,
    )
)
def test_consolidated_is_the_sum_of_offices_and_eliminations_whatever_was_booked(
    new_books: Books, tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int, str]]
) -> None:
    """To the last unit, in every layout: transfers with both sides, with another amount, with one side."""
    books = copy_of(new_books, tmp_path_factory.mktemp("example"))
    nyeri = another_office(books)
    for minor, days, kind in moves:
        amount = f"{minor // 100}.{minor % 100:02d}"
        if kind == "rent":
            rent(books, amount, DAY + timedelta(days=days))
            continue
        key = send(books, nyeri, amount, DAY + timedelta(days=days))
        if kind != "none":
            answer(books, nyeri, key, amount if kind == "both" else f"{minor // 100 + 1}.00")
    codes = ("KIT", "NYE") if any(kind in ("both", "other") for *_, kind in moves) else ("KIT",)
    for name, whole in (
        ("trial-balance", "closing"),
        ("balance-sheet", "amount"),
        ("income-statement", "amount"),
    ):
        for wanted in LAYOUTS if moves else ():
            report = told(books, name, as_of=LATER, columns=wanted, compare=DAY)
            check(report, codes, whole)
    balance = told(books, "trial-balance", as_of=LATER, columns="consolidation")
    assert balance["notes"] == []
    assert sum(money_of(row["consolidated"]) for row in balance["accounts"]) == 0
    books.database.close()


def test_every_kind_of_database_gives_the_same_statements(any_books: Books) -> None:
    """Side by side, consolidated, compared, with late entries."""
    nyeri = another_office(any_books)
    answer(any_books, nyeri, send(any_books, nyeri, "300"), "250")
    rent(any_books, "12", DAY)
    for name in ("trial-balance", "balance-sheet", "income-statement"):
        for wanted in LAYOUTS:
            asked = {"as_of": LATER, "start": DAY, "columns": wanted, "compare": DAY, "late": True}
            report = told(any_books, name, **asked)  # type: ignore[arg-type]  # fields by their names
            codes = tuple(code for code in ("KIT", "NYE") if code in report["accounts"][0])
            check(report, codes, "closing" if name == "trial-balance" else "amount")
    assert report["result"] == "-12.00"
