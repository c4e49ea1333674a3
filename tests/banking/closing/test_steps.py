"""The steps of a close: penalties, charge-offs, what a rule keeps out, long work in several changesets."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import days, savings
from banking.closing import steps
from banking.closing.steps import run_steps
from banking.errors import BadValueError
from banking.loan_losses import charge_off
from banking.standing_instructions import Order, add_instruction
from ledger.money import ZERO, Money
from schema import writing
from schema.accounts import LoanAccount, LoanTransaction
from schema.lending import LoanCharge
from schema.products import ChargeDefinition, ProductCharge
from schema.writing import act, insert
from tests.support.books import Books, money
from tests.support.closing import accrue, close_on, standing
from tests.support.lending import DAY, a_loan, all_cells, an_account, broken


class PowerCutError(Exception):
    """The machine stops before the commit."""


def close_and_lose_power(books: Books) -> None:
    with books.work("day.close") as session:
        days.close_business(session)
        raise PowerCutError


def late_fee(books: Books, wait_days: int = 3) -> None:
    """Let weekly loans bear 10 % of an overdue row, once."""
    with books.hq_work() as session:
        charge = ChargeDefinition(
            code="LATE", name="Late", due="overdue", penalty=1, percent=Decimal(10), wait_days=wait_days
        )
        insert(session, charge)
        insert(session, ProductCharge(charge_id=charge.id, loan_product_id=books.loan_product("WEEKLY").id))


def charges(books: Books) -> list[Money]:
    with books.look() as session:
        return list(session.scalars(select(LoanCharge.amount).order_by(LoanCharge.id)))


def test_a_close_charges_what_is_overdue_once(books: Books) -> None:
    accrue(books)
    late_fee(books)
    a_loan(books)
    assert close_on(books, DAY + timedelta(7))["penalties"].done == 0
    done = close_on(books, DAY + timedelta(11))
    assert (done["penalties"].done, done["penalties"].amount) == (1, money("4.38"))
    assert standing(books, "Penalties receivable") == money("4.38")
    with books.work("again") as session:
        run_steps(session, DAY + timedelta(11))
        assert act(session).ops == []
    assert charges(books) == [money("4.38")]
    assert broken(books) == []


def test_days_without_a_close_are_made_up_by_the_next_one(books: Books) -> None:
    """Penalties of two rows, whether each day was closed or only the last one."""
    late_fee(books)
    a_loan(books)
    close_on(books, DAY + timedelta(20))
    assert len(charges(books)) == 2


def test_what_is_too_late_is_charged_off_and_accrues_no_more(books: Books) -> None:
    accrue(books, charge_off_after_days=30)
    loan_id = a_loan(books)
    assert close_on(books, DAY + timedelta(37))["charge_offs"].done == 0
    done = close_on(books, DAY + timedelta(38))
    assert (done["charge_offs"].done, done["charge_offs"].amount) == (1, money("1000.00"))
    assert close_on(books, DAY + timedelta(39))["charge_offs"].done == 0
    with books.look() as session:
        assert session.get_one(LoanAccount, loan_id).charged_off_on == DAY + timedelta(38)
    assert standing(books, "Interest receivable") == ZERO
    assert standing(books, "Loans charged off") == money("1000.00")
    assert broken(books) == []


def test_a_loan_that_a_rule_keeps_out_stops_no_other(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with its reason, nothing of it is kept, and the next close tries again."""
    accrue(books, charge_off_after_days=30)
    first, second = a_loan(books), a_loan(books)

    def refuse_first(session: Session, loan_id: int, on: date, *, note: str = "") -> LoanTransaction:
        written = charge_off(session, loan_id, on, note=note)
        if loan_id == first:
            raise BadValueError(field="on", given=on)
        return written

    monkeypatch.setattr(steps, "charge_off", refuse_first)
    done = close_on(books, DAY + timedelta(40))["charge_offs"]
    assert (done.done, done.amount) == (1, money("1000.00"))
    assert [told.partition(":")[0] for told in done.refused] == ["KIT-L-000001"]
    monkeypatch.undo()
    assert close_on(books, DAY + timedelta(41))["charge_offs"].done == 1
    with books.look() as session:
        dates = [session.get_one(LoanAccount, loan_id).charged_off_on for loan_id in (first, second)]
    assert dates == [DAY + timedelta(41), DAY + timedelta(40)]
    assert broken(books) == []


def test_long_work_is_cut_into_changesets_and_stays_one_commit(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each changeset holds whole accounts; what is thrown away before the end leaves the day as it was."""
    accrue(books, non_performing_after_days=10)
    late_fee(books)
    for _ in range(6):
        a_loan(books)
    monkeypatch.setattr(writing, "OPS_OF_A_CUT", 4)
    on = DAY + timedelta(20)
    with books.work("day.open") as session:
        days.open_day(session, on)
    before = all_cells(books)
    with pytest.raises(PowerCutError):
        close_and_lose_power(books)
    assert all_cells(books) == before
    cuts: list[list[str]] = []
    with books.work("day.close") as session:
        current = act(session)

        def cut() -> None:
            cuts.append([op[0] for op in current.ops])
            current.ops.clear()

        current.cut = cut
        days.close_business(session)
        rest = [op[0] for op in current.ops]
    assert len(cuts) > 3
    for tables in [*cuts, rest]:
        assert tables.count("journal_entry") * 2 == tables.count("journal_line")
    assert len(charges(books)) == 12
    assert broken(books) == []


def test_a_standing_instruction_pays_before_the_loan_is_called_late(books: Books) -> None:
    """What is due on the day is paid out of savings by the close of that day."""
    late_fee(books, wait_days=0)
    account = an_account(books)
    loan_id = a_loan(books)
    with books.work("order") as session:
        savings.deposit(session, account.id, money("100.00"), DAY)
        add_instruction(
            session,
            account.id,
            Order(to_loan_id=loan_id, amount=None, first_on=DAY + timedelta(7), every=1, unit="WEEKS"),
        )
    done = close_on(books, DAY + timedelta(7))
    assert (done["standing_instructions"].done, done["standing_instructions"].amount) == (1, money("43.85"))
    done = close_on(books, DAY + timedelta(8))
    assert (done["standing_instructions"].done, done["arrears"].done, charges(books)) == (0, 0, [])
    assert broken(books) == []
