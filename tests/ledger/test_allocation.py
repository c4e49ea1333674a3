"""A payment is shared to the last unit, in the order that the product names."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.allocation import (
    COMPONENTS,
    Due,
    Share,
    allocate,
    allocate_by_steps,
    allocate_with_excess,
)
from ledger.errors import (
    AmountNegativeError,
    AmountZeroError,
    BadTermError,
    OverpaymentError,
    UnsupportedTermError,
)
from ledger.money import ZERO, Money, total
from ledger.terms import AllocationOrder, DueKind, FutureRule, Strategy

TODAY = date(2024, 3, 1)
NAMED = [strategy for strategy in Strategy if strategy is not Strategy.ADVANCED]
PRINCIPAL_BEFORE_INTEREST = tuple(
    (kind, part) for kind in DueKind for part in ("penalty", "fee", "principal", "interest")
)


def due(number: int, day: date, penalty: int = 0, fee: int = 0, interest: int = 0, principal: int = 0) -> Due:
    amounts = (Money(amount) for amount in (penalty, fee, interest, principal))
    return Due(number, number, day, *amounts)


PAST = due(1, date(2024, 2, 1), 1, 2, 4, 8)
NOW = due(2, TODAY, 16, 32, 64, 128)
LATER = due(3, date(2024, 4, 1), 256, 512, 1024, 2048)


def paid(shares: list[Share]) -> list[tuple[int, int, int, int, int]]:
    return [
        (share.due.number, *(getattr(share, component).minor for component in COMPONENTS)) for share in shares
    ]


@st.composite
def any_dues(draw: st.DrawFn) -> list[Due]:
    """Draw installments of which some are due, some to come, with any parts unpaid."""
    first = draw(st.integers(min_value=-120, max_value=40))
    dues = []
    for number in range(draw(st.integers(min_value=1, max_value=6))):
        amounts = [draw(st.integers(min_value=0, max_value=10**9)) for _ in COMPONENTS]
        row = due(number, TODAY + timedelta(days=first + 30 * number), *amounts)
        dated = [Money(draw(st.integers(min_value=0, max_value=amount))) for amount in amounts[:2]]
        dues.append(replace(row, penalty_dated=dated[0], fee_dated=dated[1]))
    return dues


@given(
    payment=st.integers(min_value=1, max_value=10**10).map(Money),
    dues=any_dues(),
    strategy=st.sampled_from(NAMED),
)
def test_no_unit_is_lost_and_nothing_is_paid_twice(
    payment: Money, dues: list[Due], strategy: Strategy
) -> None:
    shares, left = allocate_with_excess(payment, dues, on=TODAY, strategy=strategy)
    assert total(share.total for share in shares) + left == payment
    for share in shares:
        assert share.total > ZERO
        assert all(
            ZERO <= getattr(share, component) <= getattr(share.due, component) for component in COMPONENTS
        )
    if left:
        assert total(share.total for share in shares) == total(row.owed for row in dues)


@given(dues=any_dues(), strategy=st.sampled_from(NAMED), data=st.data())
def test_two_payments_pay_no_less_than_one(dues: list[Due], strategy: Strategy, data: st.DataObject) -> None:
    """Whoever pays everything owed, in one or in two goes, owes nothing after."""
    owed = total(row.owed for row in dues)
    if owed < Money(2):
        return
    first = Money(data.draw(st.integers(min_value=1, max_value=owed.minor - 1)))
    shares = allocate(first, dues, on=TODAY, strategy=strategy)
    received = {share.due.number: share for share in shares}
    left = [
        due(
            row.number,
            row.due_date,
            *(
                (getattr(row, component) - getattr(received.get(row.number, Share(row)), component)).minor
                for component in COMPONENTS
            ),
        )
        for row in dues
    ]
    rest = allocate(owed - first, left, on=TODAY, strategy=strategy)
    assert total(share.total for share in [*shares, *rest]) == owed


def test_standard_order_is_penalty_fee_interest_principal_oldest_row_first() -> None:
    rows = [PAST, NOW, LATER]
    assert paid(allocate(Money(5), rows, on=TODAY)) == [(1, 1, 2, 2, 0)]
    assert paid(allocate(Money(15 + 50), rows, on=TODAY)) == [(1, 1, 2, 4, 8), (2, 16, 32, 2, 0)]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.INTEREST_PRINCIPAL_PENALTY_FEE, [(1, 1, 0, 4, 8)]),
        (Strategy.PRINCIPAL_INTEREST_PENALTY_FEE, [(1, 1, 0, 4, 8)]),
        (Strategy.DUE_PIPF_ADVANCE_PIPF, [(1, 1, 0, 4, 8)]),
        (Strategy.STANDARD, [(1, 1, 2, 4, 6)]),
        (Strategy.RBI_INDIA, [(1, 1, 2, 4, 0), (2, 6, 0, 0, 0)]),
    ],
)
def test_each_order_pays_its_own_way(strategy: Strategy, expected: list[tuple[int, ...]]) -> None:
    assert paid(allocate(Money(13), [PAST, NOW], on=TODAY, strategy=strategy)) == expected


def test_principal_first_and_interest_first_differ() -> None:
    first = allocate(Money(4), [PAST], on=TODAY, strategy=Strategy.PRINCIPAL_INTEREST_PENALTY_FEE)
    assert paid(first) == [(1, 0, 0, 0, 4)]
    second = allocate(Money(4), [PAST], on=TODAY, strategy=Strategy.INTEREST_PRINCIPAL_PENALTY_FEE)
    assert paid(second) == [(1, 0, 0, 4, 0)]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.CREOCORE, [(2, 16, 32, 64, 128), (3, 0, 0, 0, 2048), (4, 0, 0, 0, 100)]),
        (Strategy.EARLY_REPAYMENT, [(2, 16, 32, 64, 128), (3, 0, 0, 0, 2048), (4, 0, 0, 0, 100)]),
        (Strategy.HEAVENS_FAMILY, [(2, 16, 32, 64, 128), (3, 256, 512, 1024, 356)]),
    ],
)
def test_early_money_goes_to_the_principal_of_rows_to_come(
    strategy: Strategy, expected: list[tuple[int, ...]]
) -> None:
    rows = [NOW, LATER, due(4, date(2024, 5, 1), 1, 2, 4, 4096)]
    assert paid(allocate(Money(240 + 2048 + 100), rows, on=TODAY, strategy=strategy)) == expected


def test_what_is_due_is_paid_interest_first_where_early_money_is_principal() -> None:
    shares = allocate(Money(70), [NOW], on=TODAY, strategy=Strategy.EARLY_REPAYMENT)
    assert paid(shares) == [(2, 0, 0, 64, 6)]


def test_early_money_pays_dated_charges_and_principal_before_other_charges() -> None:
    """Row to come, 40 of its fee dated already: fee 40, principal, then the rest of the charges."""
    row = replace(LATER, fee_dated=Money(40))
    early = Strategy.DUE_PFIP_ADVANCE_PPFI
    assert paid(allocate(Money(50), [row], on=TODAY, strategy=early)) == [(3, 0, 40, 0, 10)]
    full = allocate(Money(40 + 2048 + 256 + 5), [row], on=TODAY, strategy=early)
    assert paid(full) == [(3, 256, 45, 0, 2048)]


def test_too_much_money_is_refused_or_given_back_as_excess() -> None:
    with pytest.raises(OverpaymentError) as refusal:
        allocate(Money(20), [PAST], on=TODAY)
    assert refusal.value.facts == {"paid": Money(20), "owed": Money(15)}
    shares, left = allocate_with_excess(Money(20), [PAST], on=TODAY)
    assert (total(share.total for share in shares), left) == (Money(15), Money(5))
    assert allocate_with_excess(Money(20), [], on=TODAY) == ([], Money(20))


def test_nothing_and_less_than_nothing_is_no_payment() -> None:
    with pytest.raises(AmountZeroError):
        allocate(ZERO, [PAST], on=TODAY)
    with pytest.raises(AmountNegativeError):
        allocate(Money(-5), [PAST], on=TODAY)


@given(
    payment=st.integers(min_value=1, max_value=10**10).map(Money),
    dues=any_dues(),
    steps=st.permutations(PRINCIPAL_BEFORE_INTEREST),
    by_row=st.booleans(),
    future=st.sampled_from(FutureRule),
)
def test_no_free_order_loses_a_unit(
    payment: Money,
    dues: list[Due],
    steps: list[tuple[DueKind, str]],
    by_row: bool,
    future: FutureRule,
) -> None:
    order = AllocationOrder(tuple(steps), by_row)
    shares, left = allocate_by_steps(payment, dues, on=TODAY, order=order, future=future)
    assert total(share.total for share in shares) + left == payment
    if left:
        assert total(share.total for share in shares) == total(row.owed for row in dues)


def test_a_free_order_pays_row_by_row_or_part_by_part() -> None:
    """Two rows past due: principal before interest, in each row, or in all rows before any interest."""
    rows = [
        due(1, date(2024, 1, 1), interest=4, principal=8),
        due(2, date(2024, 2, 1), interest=4, principal=8),
    ]
    across = AllocationOrder(PRINCIPAL_BEFORE_INTEREST)
    shares, _ = allocate_by_steps(Money(14), rows, on=TODAY, order=across, future=FutureRule.NEXT)
    assert paid(shares) == [(1, 0, 0, 4, 8), (2, 0, 0, 0, 2)]
    down = AllocationOrder(PRINCIPAL_BEFORE_INTEREST, by_row=False)
    shares, _ = allocate_by_steps(Money(14), rows, on=TODAY, order=down, future=FutureRule.NEXT)
    assert paid(shares) == [(1, 0, 0, 0, 8), (2, 0, 0, 0, 6)]


def test_early_money_goes_to_the_next_the_last_or_all_rows_to_come() -> None:
    rows = [due(number, date(2024, 3 + number, 1), principal=100) for number in (1, 2, 3)]
    order = AllocationOrder(PRINCIPAL_BEFORE_INTEREST)
    expected = {
        FutureRule.NEXT: [(1, 100), (2, 25)],
        FutureRule.LAST: [(2, 25), (3, 100)],
        FutureRule.SPREAD: [(1, 42), (2, 42), (3, 41)],
    }
    for future, parts in expected.items():
        shares, _ = allocate_by_steps(Money(125), rows, on=TODAY, order=order, future=future)
        assert [(share.due.number, share.principal.minor) for share in shares] == parts


def test_a_free_order_names_every_step_once_and_is_needed_for_its_strategy() -> None:
    with pytest.raises(BadTermError):
        AllocationOrder(PRINCIPAL_BEFORE_INTEREST[:-1])
    with pytest.raises(BadTermError):
        AllocationOrder((*PRINCIPAL_BEFORE_INTEREST[:-1], PRINCIPAL_BEFORE_INTEREST[0]))
    with pytest.raises(UnsupportedTermError):
        allocate(Money(1), [PAST], on=TODAY, strategy=Strategy.ADVANCED)
    order = AllocationOrder(PRINCIPAL_BEFORE_INTEREST, future=(("GOODWILL_CREDIT", FutureRule.LAST),))
    assert order.future_rule("goodwill_credit") is FutureRule.LAST
    assert order.future_rule("repayment") is FutureRule.NEXT
