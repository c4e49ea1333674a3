"""Entries balance or do not exist, and each event posts what the accountant expects."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadEntryError, UnbalancedEntryError
from ledger.money import MAX_MINOR, ZERO, Money
from ledger.posting import (
    Account,
    Entry,
    Line,
    Role,
    Split,
    deposit_entry,
    disbursement_entry,
    fee_entry,
    over_short_entry,
    overpayment_refund_entry,
    recovery_entry,
    repayment_entry,
    waiver_entry,
    withdrawal_entry,
    write_off_entry,
)

TILL = "1110"
parts = st.integers(min_value=0, max_value=10**15).map(Money)
amounts = st.integers(min_value=1, max_value=10**15).map(Money)


def sides(entry: Entry) -> list[tuple[Account, int, int]]:
    return [(line.account, line.debit.minor, line.credit.minor) for line in entry.lines]


def test_an_unbalanced_entry_cannot_exist() -> None:
    with pytest.raises(UnbalancedEntryError):
        Entry("repayment", (Line(TILL, debit=Money(2)), Line(Role.LOAN_PORTFOLIO, credit=Money(1))))


def test_an_entry_without_lines_or_beyond_the_books_cannot_exist() -> None:
    full = Money(MAX_MINOR)
    with pytest.raises(BadEntryError):
        Entry("repayment", ())
    with pytest.raises(BadEntryError):
        Entry("deposit", (*(Line(TILL, debit=full),) * 2, *(Line(Role.CASH, credit=full),) * 2))


@pytest.mark.parametrize(
    ("debit", "credit"),
    [(0, 0), (1, 1), (-1, 0), (0, -1), (MAX_MINOR + 1, 0)],
    ids=["no side", "two sides", "negative debit", "negative credit", "too large"],
)
def test_a_line_has_exactly_one_side_above_zero(debit: int, credit: int) -> None:
    with pytest.raises(BadEntryError):
        Line(TILL, debit=Money(debit), credit=Money(credit))


def test_a_repayment_credits_each_component_and_the_overpayment() -> None:
    split = Split(
        principal=Money(50), interest=Money(20), fee=Money(3), penalty=Money(2), overpayment=Money(1)
    )
    assert sides(repayment_entry(split, cash=Role.BROUGHT_IN)) == [
        (Role.BROUGHT_IN, 76, 0),
        (Role.PENALTY_INCOME, 0, 2),
        (Role.FEE_INCOME, 0, 3),
        (Role.INTEREST_INCOME, 0, 20),
        (Role.LOAN_PORTFOLIO, 0, 50),
        (Role.OVERPAYMENT, 0, 1),
    ]


@pytest.mark.parametrize(
    ("entry", "debit", "credit"),
    [
        (disbursement_entry(Money(5), cash=TILL), Role.LOAN_PORTFOLIO, TILL),
        (fee_entry(Money(5), cash=TILL), TILL, Role.FEE_INCOME),
        (recovery_entry(Money(5), cash=TILL), TILL, Role.RECOVERY_INCOME),
        (write_off_entry(Money(5)), Role.WRITE_OFF_EXPENSE, Role.LOAN_PORTFOLIO),
        (overpayment_refund_entry(Money(5), cash=TILL), Role.OVERPAYMENT, TILL),
        (deposit_entry(Money(5), cash=TILL), TILL, Role.SAVINGS_DEPOSITS),
        (withdrawal_entry(Money(5), cash=TILL), Role.SAVINGS_DEPOSITS, TILL),
        (over_short_entry(Money(15), Money(10), cash=TILL), TILL, Role.OVER_SHORT),
        (over_short_entry(Money(5), Money(10), cash=TILL), Role.OVER_SHORT, TILL),
    ],
)
def test_two_sided_events_post_to_these_accounts(entry: Entry, debit: Account, credit: Account) -> None:
    assert sides(entry) == [(debit, 5, 0), (credit, 0, 5)]


def test_cash_as_expected_and_waived_charges_post_nothing() -> None:
    assert over_short_entry(Money(5), Money(5), cash=TILL) is None
    assert waiver_entry(Split(interest=Money(3), penalty=Money(1))) is None
    with pytest.raises(BadEntryError):
        waiver_entry(Split(principal=Money(1)))


@pytest.mark.parametrize("make", [fee_entry, recovery_entry, deposit_entry, withdrawal_entry])
def test_nothing_is_posted_for_nothing(make: Callable[..., Entry]) -> None:
    for amount in (ZERO, Money(-1)):
        with pytest.raises(BadEntryError):
            make(amount, cash=TILL)


@given(principal=parts, interest=parts, fee=parts, penalty=parts, overpayment=amounts)
def test_a_repayment_s_entry_moves_what_was_shared(
    principal: Money, interest: Money, fee: Money, penalty: Money, overpayment: Money
) -> None:
    split = Split(principal=principal, interest=interest, fee=fee, penalty=penalty, overpayment=overpayment)
    assert repayment_entry(split, cash=TILL).amount == split.total
