"""Standing instructions: each is done once on its day, to savings or to a loan, or says why not."""

from datetime import date, timedelta

import pytest

from banking.errors import BadValueError
from banking.loans import outstanding
from banking.standing_instructions import (
    Carried,
    Order,
    add_instruction,
    cancel_instruction,
    run_standing_instructions,
)
from ledger.errors import RuleError
from ledger.money import ZERO, Money
from schema.accounts import SavingsAccount
from schema.saving import StandingInstruction
from schema.writing import update
from tests.support.books import Books, money
from tests.support.lending import a_loan, broken
from tests.support.saving import balance_of, movements, put, saver

JAN_31 = date(2026, 1, 31)


def ordered(books: Books, account: int, **order: object) -> int:
    with books.work("standing.add") as session:
        return add_instruction(session, account, Order(**{"first_on": JAN_31, **order})).id  # type: ignore[arg-type]  # fields by their names


def close(books: Books, on: date) -> list[Carried]:
    with books.work("close") as session:
        return run_standing_instructions(session, on)


def instruction(books: Books, instruction_id: int) -> StandingInstruction:
    with books.look() as session:
        return session.get_one(StandingInstruction, instruction_id)


def test_an_instruction_moves_its_amount_once_on_its_day_and_again_a_month_later(books: Books) -> None:
    source, target = saver(books, "100.00"), saver(books)
    one = ordered(books, source, to_savings_id=target, amount=money("40.00"))
    assert close(books, JAN_31 - timedelta(days=1)) == []
    assert close(books, JAN_31) == [Carried(one, "done", money("40.00"))]
    assert close(books, JAN_31) == []
    assert instruction(books, one).next_on == date(2026, 2, 28)
    assert close(books, date(2026, 3, 2)) == [Carried(one, "done", money("40.00"))]
    assert instruction(books, one).next_on == date(2026, 3, 31)
    assert balance_of(books, target) == money("80.00")
    assert broken(books) == []


def test_where_money_is_missing_that_is_written_down_and_tried_at_the_next_day(books: Books) -> None:
    source, target = saver(books, "30.00"), saver(books)
    one = ordered(books, source, to_savings_id=target, amount=money("40.00"), every=1, unit="WEEKS")
    assert close(books, JAN_31) == [Carried(one, "insufficient funds")]
    put(books, source, "10.00", JAN_31)
    assert close(books, JAN_31) == []
    found = instruction(books, one)
    assert (found.last_outcome, found.next_on) == ("insufficient funds", JAN_31 + timedelta(days=7))
    assert close(books, JAN_31 + timedelta(days=7)) == [Carried(one, "done", money("40.00"))]
    assert instruction(books, one).last_outcome == "done"


def test_a_loan_is_paid_what_is_due_on_it(books: Books) -> None:
    """Twelve monthly instalments of 1,000.00: what fell due by the day, then nothing more."""
    loan = a_loan(books, "1000.00", "MONTHLY")
    source = saver(books, "500.00")
    one = ordered(books, source, to_loan_id=loan, first_on=date(2026, 2, 5))
    (done,) = close(books, date(2026, 2, 5))
    assert done.outcome == "done"
    assert movements(books, source)[-1] == ("loan_payment", -done.amount.minor, date(2026, 2, 5))
    with books.look() as session:
        assert outstanding(session, loan).total > ZERO
    two = ordered(books, source, to_loan_id=loan, first_on=date(2026, 2, 6))
    assert close(books, date(2026, 2, 6)) == [Carried(two, "nothing due")]
    assert instruction(books, one).next_on == date(2026, 3, 5)
    assert broken(books) == []


def test_an_instruction_ends_after_its_last_day_or_when_it_is_cancelled(books: Books) -> None:
    source, target = saver(books, "100.00"), saver(books)
    one = ordered(books, source, to_savings_id=target, amount=money("1.00"), until=date(2026, 2, 27))
    two = ordered(books, source, to_savings_id=target, amount=money("2.00"))
    with books.work() as session:
        cancel_instruction(session, two)
    with pytest.raises(BadValueError), books.work() as session:
        cancel_instruction(session, two)
    assert close(books, JAN_31) == [Carried(one, "done", money("1.00"))]
    assert instruction(books, one).state == "ended"
    assert close(books, date(2026, 4, 1)) == []


def test_what_a_rule_refuses_is_named_and_the_others_are_done(books: Books) -> None:
    closed, source, target = saver(books, "10.00"), saver(books, "10.00"), saver(books)
    first = ordered(books, closed, to_savings_id=target, amount=money("1.00"))
    second = ordered(books, source, to_savings_id=target, amount=money("1.00"))
    with books.work() as session:
        update(session, session.get_one(SavingsAccount, closed), locked_until=date(2026, 6, 1))
    assert close(books, JAN_31) == [
        Carried(first, "refused LOCKED"),
        Carried(second, "done", money("1.00")),
    ]


def test_an_instruction_refused_halfway_leaves_nothing_and_the_close_goes_on(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transfer was written when its charge was refused: neither stands, and the reason is told."""
    source, target = saver(books, "100.00"), saver(books)
    one = ordered(books, source, to_savings_id=target, amount=money("40.00"))

    def refuse(*_given: object) -> None:
        raise BadValueError(field="charge", given="later")

    monkeypatch.setattr("banking.standing_instructions.charge_occasion", refuse)
    assert close(books, JAN_31) == [Carried(one, "refused BAD_VALUE")]
    assert balance_of(books, target) == ZERO
    assert instruction(books, one).last_outcome == "refused BAD_VALUE"
    assert broken(books) == []


def test_orders_that_cannot_be_are_refused(books: Books) -> None:
    source, target = saver(books, "10.00"), saver(books)
    loan = a_loan(books)
    for order in (
        {},
        {"to_savings_id": target},
        {"to_savings_id": source, "amount": Money(1)},
        {"to_savings_id": target, "to_loan_id": loan, "amount": Money(1)},
        {"to_savings_id": target, "amount": Money(-1)},
        {"to_savings_id": target, "amount": Money(1), "every": 0},
        {"to_savings_id": target, "amount": Money(1), "unit": "YEARS"},
        {"to_savings_id": target, "amount": Money(1), "until": JAN_31 - timedelta(days=1)},
        {"to_loan_id": 5},
    ):
        with pytest.raises(RuleError):
            ordered(books, source, **order)
