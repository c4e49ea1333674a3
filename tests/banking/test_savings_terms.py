"""Terms of savings: opening, charges, fixed and recurring deposits, maturity, closing and opening again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from banking import savings
from banking.errors import BadValueError, InsufficientFundsError, StatusError
from banking.savings_charges import charge_by_hand, charge_periods
from banking.savings_closing import PaidOut, close_account, reopen_account
from banking.savings_errors import (
    HeldError,
    LockedError,
    OpeningAmountError,
    OwesError,
    SavingsLimitError,
)
from banking.savings_holds import hold
from banking.savings_interest import post_interest_of_all
from banking.savings_maturity import mature_terms, renew_term
from banking.savings_opening import OwnTerms, open_within_limits
from banking.savings_transfers import transfer
from ledger.errors import RuleError
from ledger.money import ZERO, Money
from schema.accounts import SavingsTransaction
from schema.products import ChargeDefinition, ProductCharge, SavingsRateStep
from schema.writing import insert
from tests.support.books import Books, money
from tests.support.lending import DAY, a_client, balances, broken
from tests.support.saving import account_of, balance_of, movements, put, saver, take, terms

JAN_1, JAN_31 = date(2026, 1, 1), date(2026, 1, 31)


def charged(books: Books, due: str, code: str = "SAVE", **given: object) -> int:
    """Give a product a charge; gives the charge's id."""
    with books.hq_work() as session:
        charge = ChargeDefinition(code=due.upper(), name=f"{due} fee", applies_to="savings", due=due, **given)
        insert(session, charge)
        product = books.savings_product(code).id
        insert(session, ProductCharge(charge_id=charge.id, savings_product_id=product))
        return charge.id


def opened(books: Books, own: OwnTerms, on: date = JAN_1, rate: Decimal | None = None) -> int:
    with books.work("savings.open") as session:
        return open_within_limits(
            session,
            client_id=a_client(session),
            product_id=books.savings_product("SAVE").id,
            opened_on=on,
            annual_rate=rate,
            own=own,
        ).id


def fixed(books: Books, **changed: object) -> None:
    """Make SAVE a fixed deposit: 10 % for 90 days, 12 % from 180 days on, 14 % from 10,000.00 on."""
    terms(
        books,
        "SAVE",
        **{
            "kind": "fixed",
            "annual_rate": Decimal(10),
            "term_days": 90,
            "compounding": "annually",
            "early_rate": Decimal(4),
            **changed,
        },
    )
    with books.hq_work() as session:
        product = books.savings_product("SAVE").id
        for days, amount, rate in ((180, None, 12), (180, money("10000.00"), 14)):
            insert(
                session,
                SavingsRateStep(
                    savings_product_id=product,
                    from_days=days,
                    from_amount=amount,
                    annual_rate=Decimal(rate),
                ),
            )


# --- opening --------------------------------------------------------------------------------------


def test_the_first_deposit_at_the_counter_opens_and_bears_the_charge(books: Books) -> None:
    terms(books, opening_minimum=money("50.00"))
    charged(books, "opening", amount=money("5.00"))
    account = saver(books)
    with pytest.raises(OpeningAmountError) as refused:
        put(books, account, "49.99")
    assert refused.value.facts["least"] == money("50.00")
    put(books, account, "50.00")
    put(books, account, "1.00")
    assert movements(books, account) == [("deposit", 5000, DAY), ("fee", -500, DAY), ("deposit", 100, DAY)]
    assert balances(books)["Fees on savings"] == money("-5.00")
    assert broken(books) == []


def test_what_only_writes_older_books_down_is_no_opening(books: Books) -> None:
    terms(books, opening_minimum=money("50.00"))
    charged(books, "opening", amount=money("5.00"))
    account = saver(books)
    with books.work() as session:
        savings.deposit(session, account, money("1.00"), DAY)
    assert balance_of(books, account) == money("1.00")


def test_terms_outside_what_the_product_allows_are_refused_by_name(books: Books) -> None:
    fixed(books, rate_maximum=Decimal(15), term_days_minimum=30, term_days_maximum=365)
    for own, rate, field in (
        (OwnTerms(term_days=29), None, "term_days"),
        (OwnTerms(term_days=366), None, "term_days"),
        (OwnTerms(), Decimal("15.01"), "annual_rate"),
        (OwnTerms(overdraft_limit=Money(1)), None, "overdraft_limit"),
    ):
        with pytest.raises(SavingsLimitError) as refused:
            opened(books, own, rate=rate)
        assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("days", "paid_in", "rate"), [(90, "20000.00", 10), (180, "9999.99", 12), (180, "10000.00", 14)]
)
def test_a_fixed_deposit_has_the_rate_of_its_term_and_what_was_paid_in(
    books: Books, days: int, paid_in: str, rate: int
) -> None:
    fixed(books)
    account = opened(books, OwnTerms(term_days=days))
    put(books, account, paid_in, JAN_1)
    found = account_of(books, account)
    assert found.annual_rate == rate
    assert found.matures_on == JAN_1 + timedelta(days=days)


def test_a_fixed_deposit_may_be_paid_in_by_a_transfer(books: Books) -> None:
    source = saver(books, "20000.00", JAN_1, "MUST")
    fixed(books)
    account = opened(books, OwnTerms(term_days=180))
    with books.work() as session:
        transfer(session, source, account, money("10000.00"), JAN_1)
    assert account_of(books, account).annual_rate == 14


def test_a_rate_that_was_agreed_stays_whatever_is_paid_in(books: Books) -> None:
    fixed(books)
    account = opened(books, OwnTerms(term_days=180), rate=Decimal(11))
    put(books, account, "20000.00", JAN_1)
    assert account_of(books, account).annual_rate == 11


# --- charges --------------------------------------------------------------------------------------


def test_a_withdrawal_bears_its_charge_and_needs_room_for_it(books: Books) -> None:
    """1 % of what is taken, 2.00 at least, 5.00 at most."""
    charged(books, "withdrawal", percent=Decimal(1), least=money("2.00"), most=money("5.00"))
    account = saver(books, "1000.00")
    for amount in ("100.00", "300.00", "550.00"):
        take(books, account, amount)
    fees = [amount for kind, amount, _ in movements(books, account) if kind == "fee"]
    assert fees == [-200, -300, -500]
    assert balance_of(books, account) == money("40.00")
    with pytest.raises(InsufficientFundsError):
        take(books, account, "38.01")
    take(books, account, "38.00")
    assert balance_of(books, account) == ZERO
    assert broken(books) == []


def test_monthly_and_yearly_charges_are_taken_once_as_far_as_money_is_there(books: Books) -> None:
    charged(books, "monthly", amount=money("10.00"))
    charged(books, "annually", amount=money("3.00"))
    account, poor = saver(books, "100.00"), saver(books, "4.00")
    for day, taken in ((date(2026, 1, 30), 0), (date(2026, 2, 2), 2), (date(2026, 2, 2), 0)):
        with books.work() as session:
            assert charge_periods(session, day) == taken
    assert movements(books, account)[1:] == [("fee", -1000, JAN_31)]
    assert movements(books, poor)[1:] == [("fee", -400, JAN_31)]
    with books.work() as session:
        charge_periods(session, date(2027, 1, 6))
    fees = movements(books, account)[1:]
    assert [day for _, _, day in fees[:3]] == [JAN_31, date(2026, 2, 28), date(2026, 3, 31)]
    assert len(fees) == 10
    assert balance_of(books, account) == ZERO
    assert broken(books) == []


def test_a_waived_charge_is_taken_back_and_its_month_not_charged_again(books: Books) -> None:
    charged(books, "monthly", amount=money("10.00"))
    account = saver(books, "100.00")
    with books.work() as session:
        charge_periods(session, JAN_31)
    with books.work() as session:
        fee = session.query(SavingsTransaction).filter_by(kind="fee").one()
        savings.reverse(session, fee, reason="first month is free", on=JAN_31)
    with books.work() as session:
        assert charge_periods(session, JAN_31 + timedelta(days=1)) == 0
    assert balance_of(books, account) == money("100.00")


def test_a_charge_by_hand_is_one_of_savings_that_is_on_offer(books: Books) -> None:
    charge = charged(books, "closing", amount=money("2.50"))
    account = saver(books, "100.00")
    with books.work() as session:
        taken = charge_by_hand(session, account, charge, DAY)
        assert taken is not None
        assert taken.charge_id == charge
    with pytest.raises(RuleError), books.work() as session:
        charge_by_hand(session, account, 5, DAY)


# --- maturity -------------------------------------------------------------------------------------


def test_a_fixed_deposit_is_locked_matures_once_and_is_paid_out(books: Books) -> None:
    """36,500.00 at 10 % for 90 days: January 310.00, February 280.00, 31 days of March 310.00 = 900.00."""
    fixed(books)
    account = opened(books, OwnTerms())
    put(books, account, "36500.00", JAN_1)
    due = date(2026, 4, 1)
    with pytest.raises(LockedError):
        take(books, account, "1.00", due - timedelta(days=1))
    with books.work() as session:
        assert mature_terms(session, due - timedelta(days=1)) == 0
    with books.work() as session:
        post_interest_of_all(session, JAN_31)
        assert mature_terms(session, due) == 1
        assert mature_terms(session, due) == 0
    assert account_of(books, account).status == "matured"
    assert balance_of(books, account) == money("37400.00")
    with books.work() as session:
        assert post_interest_of_all(session, date(2026, 5, 31)) == 0
    take(books, account, "37400.00", due)
    assert broken(books) == []


def test_a_matured_deposit_runs_on_at_the_rate_of_its_new_term(books: Books) -> None:
    """37,400.00 at 14 % from 11 April on: 20 days to the end of the month give 286.90.

    The ten days between the two terms earn nothing.
    """
    fixed(books)
    account = opened(books, OwnTerms())
    put(books, account, "36500.00", JAN_1)
    start = date(2026, 4, 11)
    with pytest.raises(StatusError), books.work() as session:
        renew_term(session, account, start)
    with books.work() as session:
        mature_terms(session, date(2026, 4, 1))
        with pytest.raises(BadValueError):
            renew_term(session, account, date(2026, 3, 31))
        renewed = renew_term(session, account, start, term_days=180)
    assert (renewed.status, renewed.matures_on) == ("active", date(2026, 10, 8))
    assert renewed.annual_rate == 14
    with books.work() as session:
        post_interest_of_all(session, date(2026, 4, 30))
    assert movements(books, account)[-1] == ("interest", 28_690, date(2026, 4, 30))
    with pytest.raises(LockedError):
        take(books, account, "1.00", date(2026, 5, 1))


def test_a_term_that_ends_early_earns_the_lower_rate_from_its_first_day(books: Books) -> None:
    """10 % less 4 %: 41 days x 6.00 = 246.00; 310.00 were posted for January, so 64.00 come back."""
    fixed(books)
    account = opened(books, OwnTerms())
    put(books, account, "36500.00", JAN_1)
    with books.work() as session:
        post_interest_of_all(session, JAN_31)
    with books.work() as session:
        rows = close_account(session, account, date(2026, 2, 11), PaidOut(till_id=books.till_id))
    assert [(row.kind, row.amount) for row in rows] == [
        ("interest", money("-64.00")),
        ("withdrawal", money("-36746.00")),
    ]
    assert account_of(books, account).status == "closed"
    assert balance_of(books, account) == ZERO
    assert broken(books) == []


# --- closing --------------------------------------------------------------------------------------


def test_closing_pays_interest_to_the_day_takes_its_charge_and_empties_the_account(books: Books) -> None:
    """36,500.00 at 10 % for 14 days is 140.00, taxed 10 %; the charge is 25.00."""
    terms(books, annual_rate=Decimal(10), compounding="monthly", tax_percent=Decimal(10))
    charged(books, "closing", amount=money("25.00"))
    account = saver(books, "36500.00", JAN_1)
    with books.work() as session:
        rows = close_account(session, account, date(2026, 1, 15), PaidOut(till_id=books.till_id))
    assert [(row.kind, row.amount.minor) for row in rows] == [
        ("interest", 14_000),
        ("tax", -1_400),
        ("fee", -2_500),
        ("withdrawal", -3_660_100),
    ]
    found = account_of(books, account)
    assert (found.status, found.closed_on) == ("closed", date(2026, 1, 15))
    assert broken(books) == []


def test_an_account_opens_again_by_taking_its_closing_back(books: Books) -> None:
    charged(books, "closing", amount=money("25.00"))
    terms(books, annual_rate=Decimal(0))
    account, other = saver(books, "100.00"), saver(books)
    with books.work() as session:
        close_account(session, account, DAY, PaidOut(to_savings_id=other))
    assert balance_of(books, other) == money("75.00")
    with pytest.raises(StatusError):
        put(books, account, "1.00")
    with books.work() as session:
        reopen_account(session, account, reason="wrong account", on=DAY)
    assert (balance_of(books, account), balance_of(books, other)) == (money("100.00"), ZERO)
    assert account_of(books, account).status == "active"
    with pytest.raises(StatusError), books.work() as session:
        reopen_account(session, account, reason="again", on=DAY)
    assert broken(books) == []


def test_what_stands_in_the_way_of_closing_is_named(books: Books) -> None:
    terms(books, annual_rate=Decimal(0), overdraft_limit=money("50.00"), lock_in_days=30)
    held, owing, later, locked = (saver(books, "100.00", JAN_1) for _ in range(4))
    after = JAN_1 + timedelta(days=31)
    with books.work() as session:
        hold(session, held, money("1.00"), JAN_1, reason="court")
    take(books, owing, "120.00", after)
    put(books, later, "1.00", after + timedelta(days=1))
    for account, on, refusal in (
        (held, after, HeldError),
        (owing, after, OwesError),
        (later, after, BadValueError),
        (locked, JAN_1, LockedError),
    ):
        with pytest.raises(refusal), books.work() as session:
            close_account(session, account, on)
    assert broken(books) == []
