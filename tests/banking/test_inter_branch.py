"""Transfers between two offices: two sides, one key, matched at headquarters."""

from datetime import timedelta

import pytest

from banking import books as journal
from banking import inter_branch
from banking.books import ManualLine
from banking.chart_errors import InterBranchError
from banking.errors import AlreadyReversedError, ManualEntryError, MissingError, SecondPersonNeededError
from banking.inter_branch import OfficeTransfer
from banking.inter_branch_matching import elimination, unmatched, unmatched_pairs
from ledger.errors import AmountError, NotFoundError, RuleError
from ledger.money import ZERO
from schema.cash import InterBranchLeg
from tests.support.books import Books, money
from tests.support.cash import a_limit, a_vault, another_office, held, move, work_at
from tests.support.lending import DAY, balances, broken, row_counts

LATER = DAY + timedelta(days=9)


def sent(books: Books, other: int, amount: str = "300", **places: object) -> InterBranchLeg:
    wanted = OfficeTransfer(
        other_office_id=other,
        amount=money(amount),
        **(places or {"gl_code": "1130"}),  # type: ignore[arg-type]  # fields by their names
    )
    with books.work() as session:
        return inter_branch.send(session, wanted, DAY)


def test_both_sides_meet_under_one_key(books: Books) -> None:
    """Until the other side is there the transfer is listed; then nothing is left to eliminate."""
    nyeri = another_office(books)
    leg = sent(books, nyeri, gl_code="1130", note="for salaries")
    assert (leg.key, leg.amount) == ("KIT-X-000001", money("300"))
    assert balances(books) == {"Inter-branch account": money("300"), "Bank": money("-300")}
    with books.look() as session:
        (row,) = unmatched(session, LATER)
        (pair,) = unmatched_pairs(session, LATER)
        cut = elimination(session, LATER)
    assert (row.office, row.other, row.booked, row.answered, row.days) == (
        "KIT",
        "NYE",
        money("300"),
        ZERO,
        9,
    )
    assert (pair.office, pair.other, pair.open, pair.transfers) == ("KIT", "NYE", money("300"), 1)
    assert (cut.by_office, cut.remaining, cut.unexplained) == ((("KIT", money("300")),), money("300"), ZERO)
    wanted = OfficeTransfer(other_office_id=books.office_id, amount=money("300"), gl_code="1130", key=leg.key)
    with work_at(books, nyeri) as session:
        assert inter_branch.receive(session, wanted, LATER).amount == money("-300")
    with books.look() as session:
        assert unmatched(session, LATER) == []
        assert [row.open for row in unmatched(session, DAY)] == [money("300")]
        cut = elimination(session, LATER)
    assert (cut.remaining, cut.unmatched) == (ZERO, ZERO)
    assert dict(cut.by_office) == {"KIT": money("300"), "NYE": money("-300")}
    assert balances(books) == {}
    assert broken(books) == []


def test_sides_that_do_not_agree_stay_listed(books: Books) -> None:
    """Another amount and an unknown key are two open transfers, each with its age."""
    nyeri = another_office(books)
    leg = sent(books, nyeri)
    for key, amount in ((leg.key, "250"), ("WRONG-1", "9")):
        wanted = OfficeTransfer(
            other_office_id=books.office_id, amount=money(amount), gl_code="1130", key=key
        )
        with work_at(books, nyeri) as session:
            inter_branch.receive(session, wanted, LATER)
    with books.look() as session:
        rows = unmatched(session, LATER)
        cut = elimination(session, LATER)
    assert [(row.key, row.open, row.days) for row in rows] == [
        ("KIT-X-000001", money("50"), 9),
        ("WRONG-1", money("-9"), 0),
    ]
    assert (cut.remaining, cut.unexplained) == (money("41"), ZERO)


def test_cash_of_a_till_is_sent_received_and_taken_back(books: Books) -> None:
    nyeri = another_office(books)
    a_vault(books, "500")
    move(books, "float", "200", to_till_id=books.till_id)
    leg = sent(books, nyeri, "80", till_id=books.till_id, note="by car")
    assert held(books, books.till_id) == money("120")
    with books.work() as session:
        back = inter_branch.reverse_leg(session, leg.id, reason="the car came back", on=DAY)
    assert (back.key, back.amount) == (leg.key, money("-80"))
    assert held(books, books.till_id) == money("200")
    assert "Inter-branch account" not in balances(books)
    with books.look() as session:
        assert unmatched(session, LATER) == []
    with pytest.raises(AlreadyReversedError), books.work() as session:
        inter_branch.reverse_leg(session, leg.id, reason="again", on=DAY)
    wanted = OfficeTransfer(other_office_id=nyeri, amount=money("7"), till_id=books.till_id, key="NYE-X-1")
    with books.work() as session:
        inter_branch.receive(session, wanted, DAY)
    assert held(books, books.till_id) == money("207")
    assert sent(books, nyeri).key == "KIT-X-000002"
    assert broken(books) == []


def test_transfers_that_cannot_be_are_refused_and_leave_nothing(books: Books) -> None:
    nyeri = another_office(books)
    leg = sent(books, nyeri)
    before = row_counts(books)
    bank: dict[str, object] = {"gl_code": "1130"}
    cases: list[tuple[int, str, dict[str, object], type[RuleError]]] = [
        (books.office_id, "1", bank, InterBranchError),
        (nyeri, "1", {**bank, "key": leg.key}, InterBranchError),
        (nyeri, "1", {"key": "A"}, InterBranchError),
        (nyeri, "1", {**bank, "till_id": books.till_id}, InterBranchError),
        (nyeri, "0", bank, AmountError),
        (99, "1", bank, NotFoundError),
        (nyeri, "1", {"gl_code": "1210"}, ManualEntryError),
    ]
    for other, amount, places, refusal in cases:
        with pytest.raises(refusal):
            sent(books, other, amount, **places)
    wanted = OfficeTransfer(other_office_id=nyeri, amount=money("1"), gl_code="1130")
    with pytest.raises(MissingError), books.work() as session:
        inter_branch.receive(session, wanted, DAY)
    with pytest.raises(NotFoundError), work_at(books, nyeri) as session:
        inter_branch.reverse_leg(session, leg.id, reason="x", on=DAY)
    a_limit(books, "second_person", "1")
    with pytest.raises(SecondPersonNeededError):
        sent(books, nyeri)
    with pytest.raises(SecondPersonNeededError), books.work() as session:
        inter_branch.reverse_leg(session, leg.id, reason="x", on=DAY)
    assert row_counts(books)["inter_branch_leg"] == before["inter_branch_leg"]


def test_nobody_posts_to_the_inter_branch_account_by_hand(books: Books) -> None:
    lines = (ManualLine("1400", debit=money("1")), ManualLine("1130", credit=money("1")))
    with pytest.raises(ManualEntryError), books.work() as session:
        journal.post_manual(session, lines, value_date=DAY, note="x")


def test_a_transfer_of_the_bank_is_taken_back(books: Books) -> None:
    nyeri = another_office(books)
    leg = sent(books, nyeri)
    with books.work() as session:
        inter_branch.reverse_leg(session, leg.id, reason="wrong office", on=DAY)
    assert balances(books) == {}
    assert broken(books) == []
