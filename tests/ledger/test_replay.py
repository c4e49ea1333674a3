"""Entries shared anew: nothing is lost, nobody pays what was not known, one by one is as all at once."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.allocation import Due
from ledger.loan_entries import (
    adjustment_entry,
    charge_off_entry,
    payment_entry,
    write_off_adjustment_entry,
)
from ledger.money import ZERO, Money
from ledger.posting import Line, Role, Split
from ledger.replay import (
    DatedCharge,
    EntryKind,
    LiveEntry,
    NoLongerFitsError,
    Outcome,
    PlanRow,
    Replay,
    sharing_of,
    waived_parts,
)
from ledger.terms import Strategy

START = date(2026, 1, 1)
PLAIN = sharing_of(Strategy.STANDARD)
ROWS = [PlanRow(number, number, START + timedelta(30 * number), (0, 0, 10, 100)) for number in (1, 2, 3)]


def day(number: int) -> date:
    return START + timedelta(number)


def paid(order: int, on: int, amount: int, kind: EntryKind = EntryKind.PAYMENT) -> LiveEntry:
    return LiveEntry(order, day(on), kind, Money(amount))


def split(
    principal: int = 0, interest: int = 0, fee: int = 0, penalty: int = 0, overpayment: int = 0
) -> Split:
    return Split(
        principal=Money(principal),
        interest=Money(interest),
        fee=Money(fee),
        penalty=Money(penalty),
        overpayment=Money(overpayment),
    )


def test_a_charge_is_paid_by_those_who_knew_of_it() -> None:
    """Entered after the first payment and dated later than it, it is the second one's; dated before, not."""
    payments = [paid(1, 10, 110), paid(3, 40, 110)]
    later = Replay(ROWS, [DatedCharge(2, 2, day(35), penalty=False, amount=5)], payments, PLAIN)
    assert [later.outcomes[order].split for order in (1, 3)] == [split(100, 10), split(95, 10, fee=5)]
    before = Replay(ROWS, [DatedCharge(2, 1, day(5), penalty=True, amount=5)], payments, PLAIN)
    assert [before.outcomes[order].split for order in (1, 3)] == [split(95, 10, penalty=5), split(100, 10)]
    known = Replay(ROWS, [DatedCharge(0, 1, day(25), penalty=False, amount=5)], payments, PLAIN)
    assert known.outcomes[1].split == split(95, 10, fee=5)


def test_what_was_left_over_pays_a_later_charge_and_no_more_than_was_not_given_back() -> None:
    entries = [paid(1, 10, 350), paid(2, 20, 15, EntryKind.REFUND)]
    replay = Replay(ROWS, [DatedCharge(3, 3, day(50), penalty=False, amount=8)], entries, PLAIN)
    assert replay.outcomes[1].split == split(300, 30, fee=5, overpayment=15)
    assert replay.credit == 0
    assert [due.fee for due in replay.dues(day(60))] == [Money(3)]


@pytest.mark.parametrize(
    "entry",
    [
        paid(9, 5, 1, EntryKind.REFUND),
        paid(9, 50, 331, EntryKind.WRITE_OFF),
        LiveEntry(9, day(5), EntryKind.WAIVER, Money(31), Split(interest=Money(31))),
    ],
)
def test_an_entry_with_nothing_to_rest_on_is_refused_by_name(entry: LiveEntry) -> None:
    with pytest.raises(NoLongerFitsError) as refused:
        Replay(ROWS, [], [entry], PLAIN)
    assert refused.value.facts["kind"] in {"refund", "write-off", "waiver"}


def test_a_waiver_keeps_its_components_and_takes_the_oldest_rows() -> None:
    waiver = LiveEntry(2, day(50), EntryKind.WAIVER, Money(15), Split(interest=Money(15)))
    replay = Replay(ROWS, [], [paid(1, 40, 4), waiver], PLAIN)
    assert replay.outcomes[2].rows == {1: [0, 0, 6, 0], 2: [0, 0, 9, 0]}


def test_waived_parts_go_in_their_order() -> None:
    dues = [Due(1, 1, day(30), penalty=Money(2), fee=Money(3), interest=Money(10), principal=Money(100))]
    assert waived_parts(dues, Money(7), ("penalty", "fee", "interest")) == split(interest=2, fee=3, penalty=2)
    assert waived_parts(dues, Money(70), ("interest",)) == split(interest=10)


amounts = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 200)), min_size=1, max_size=8)
charges = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 100), st.booleans(), st.integers(1, 30)), max_size=4
)
strategies = st.sampled_from([one for one in Strategy if one is not Strategy.ADVANCED])


def charged(told: list[tuple[int, int, bool, int]], first: int) -> list[DatedCharge]:
    return [
        DatedCharge(first + at, row, day(on), penalty=penalty, amount=amount)
        for at, (row, on, penalty, amount) in enumerate(told)
    ]


@given(payments=amounts, told=charges, strategy=strategies)
def test_no_unit_is_lost_and_no_row_pays_more_than_it_owes(
    payments: list[tuple[int, int]], told: list[tuple[int, int, bool, int]], strategy: Strategy
) -> None:
    """Each payment is its shares and what it leaves over; rows take no more than they and their charges."""
    entries = [paid(order, on, amount) for order, (on, amount) in enumerate(payments)]
    made = charged(told, 3)
    replay = Replay(ROWS, made, entries, sharing_of(strategy))
    for entry in entries:
        assert replay.outcomes[entry.order].split.total == entry.amount
    gone = sum((sum(map(sum, one.rows.values())) for one in replay.outcomes.values()), 0)
    owed = sum(due.owed.minor for due in replay.dues(day(200)))
    assert gone + owed == 330 + sum(charge.amount for charge in made)
    assert replay.credit == sum(one.overpayment for one in replay.outcomes.values())
    assert not (replay.credit and owed)


steps = st.lists(
    st.tuples(st.booleans(), st.integers(0, 20), st.integers(1, 60), st.integers(1, 3)),
    min_size=1,
    max_size=10,
)


@given(told=steps, strategy=strategies)
def test_what_comes_at_the_end_changes_nothing_before_it(
    told: list[tuple[bool, int, int, int]], strategy: Strategy
) -> None:
    """A payment after all others, or a charge dated after them while nothing is left over: the counter, which
    only looks at what is owed, gives what a replay gives.
    """
    sharing, last = sharing_of(strategy), 0
    entries: list[LiveEntry] = []
    made: list[DatedCharge] = []
    for order, (pays, gap, amount, row) in enumerate(told):
        before = Replay(ROWS, made, entries, sharing)
        if pays:
            last += gap
            dues = before.dues(day(last))
            entries.append(paid(order, last, amount))
        else:
            made.append(DatedCharge(order, row, day(last + 1 + gap), penalty=False, amount=amount))
        after = Replay(ROWS, made, entries, sharing)
        if pays:
            shares, left = sharing(Money(amount), dues, day(last))
            did = after.outcomes.pop(order)
            assert {share.due.installment_id: share.total.minor for share in shares} == {
                row_id: sum(parts) for row_id, parts in did.rows.items()
            }
            assert left.minor == did.overpayment
        if pays or not before.credit:
            assert after.outcomes == before.outcomes


def test_a_difference_leaves_out_what_is_the_same() -> None:
    new, old = Outcome({1: [0, 0, 5, 0], 2: [1, 0, 0, 0]}, 3), Outcome({1: [0, 0, 5, 0]}, 4)
    assert new.less(old) == Outcome({2: [1, 0, 0, 0]}, -1)
    assert not new.less(new)


# --- entries --------------------------------------------------------------------------------------


def test_an_adjustment_credits_what_is_paid_more_of_and_debits_what_less() -> None:
    entry = adjustment_entry(split(principal=-4, interest=3, overpayment=1))
    assert entry is not None
    assert set(entry.lines) == {
        Line(Role.LOAN_PORTFOLIO, debit=Money(4)),
        Line(Role.INTEREST_INCOME, credit=Money(3)),
        Line(Role.OVERPAYMENT, credit=Money(1)),
    }
    assert adjustment_entry(split()) is None


def test_principal_of_a_loan_charged_off_is_recovered() -> None:
    entry = payment_entry(split(principal=4, interest=3), cash=Role.CASH, charged_off=True)
    assert Line(Role.RECOVERY_INCOME, credit=Money(4)) in entry.lines
    gone = charge_off_entry(Money(9))
    assert [(line.account, line.net) for line in gone.lines] == [
        (Role.CHARGE_OFF_EXPENSE, Money(9)),
        (Role.LOAN_PORTFOLIO, Money(-9)),
    ]


def test_a_write_off_adjusted_moves_the_expense_either_way() -> None:
    assert write_off_adjustment_entry(ZERO) is None
    for principal, debit in ((5, Role.WRITE_OFF_EXPENSE), (-5, Role.LOAN_PORTFOLIO)):
        entry = write_off_adjustment_entry(Money(principal))
        assert entry is not None
        assert [line.account for line in entry.lines if line.debit] == [debit]
        assert entry.amount == Money(5)
