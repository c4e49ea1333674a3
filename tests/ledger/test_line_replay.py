"""A credit line reckoned anew from its draws and entries."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.credit_line import LineTerms, interest_by_month, rows_through, used
from ledger.line_replay import Draw, LineReplay, LineStory
from ledger.money import ZERO, Money, total
from ledger.posting import Split
from ledger.replay import DatedCharge, EntryKind, LiveEntry, NoLongerFitsError, PlanRow, sharing_of
from ledger.terms import Strategy

OPENED = date(2026, 1, 10)
TERMS = LineTerms(OPENED, date(2026, 4, 10), Decimal(24))
JANUARY, LENT = 101, 105


def on(day: int) -> date:
    return OPENED + timedelta(days=day)


def replay(draws: list[Draw], entries: list[LiveEntry], through: date) -> LineReplay:
    """Reckon a line anew; row ids are 100 and the number."""
    until = max([through, *(entry.on for entry in entries)])
    rows = [
        PlanRow(100 + number, number, due_on, (0, 0, 7, 7))
        for number, due_on in rows_through(TERMS, until).items()
    ]
    story = LineStory(TERMS, tuple(draws), through)
    return LineReplay(story, rows, (), entries, sharing_of(Strategy.STANDARD))


def paid(order: int, day: int, amount: int, kind: EntryKind = EntryKind.PAYMENT) -> LiveEntry:
    parts = Split(interest=Money(amount)) if kind is EntryKind.WAIVER else Split()
    return LiveEntry(order, on(day), kind, Money(amount), parts)


def test_a_payment_pays_the_interest_to_its_day_and_then_what_was_drawn() -> None:
    """100,000 for five days at 24 % is 329 (328.77); of 50,329 there are 50,000 left for the principal."""
    found = replay([Draw(1, OPENED, Money(100_000))], [paid(2, 5, 50_329)], on(5))
    assert found.outcomes[2].rows == {JANUARY: [0, 0, 329, 0], LENT: [0, 0, 0, 50_000]}
    assert used(found.changes) == Money(50_000)
    assert found.parts[LENT] == (ZERO, Money(100_000))
    assert found.parts[JANUARY] == (Money(329 + 33), ZERO)


def test_a_late_draw_changes_what_later_payments_paid() -> None:
    """50,000 more from the third day on: three days are 197, two more 197 (197.26 each, rounded apart)."""
    draws = [Draw(1, OPENED, Money(100_000)), Draw(3, on(3), Money(50_000))]
    found = replay(draws, [paid(2, 5, 50_329)], on(5))
    assert found.outcomes[2].rows == {JANUARY: [0, 0, 394, 0], LENT: [0, 0, 0, 49_935]}


def test_more_than_everything_is_left_over_and_draws_after_it_do_not_take_it() -> None:
    """What is above stays the client's until it is given back."""
    draws = [Draw(1, OPENED, Money(100)), Draw(3, on(4), Money(100))]
    found = replay(draws, [paid(2, 3, 150)], on(10))
    assert (found.credit, found.outcomes[2].overpayment) == (50, 50)
    assert used(found.changes) == Money(100)


def test_a_charge_does_not_take_what_was_left_over_either() -> None:
    """It is owed like any other, however much the client has to the good."""
    story = LineStory(TERMS, (Draw(1, OPENED, Money(100)),), on(20))
    rows = [PlanRow(LENT, 5, TERMS.ends_on, (0, 0, 0, 0))]
    charge = DatedCharge(9, LENT, on(10), penalty=False, amount=30)
    found = LineReplay(story, rows, [charge], [paid(2, 3, 150)], sharing_of(Strategy.STANDARD))
    assert found.credit == 50
    assert [due.fee for due in found.dues(on(21))] == [Money(30)]


def test_on_one_day_the_order_of_entry_counts() -> None:
    """A payment entered before a draw of the same day cannot pay it."""
    before = replay([Draw(1, OPENED, Money(100)), Draw(3, on(2), Money(50))], [paid(2, 2, 150)], on(2))
    after = replay([Draw(1, OPENED, Money(100)), Draw(2, on(2), Money(50))], [paid(3, 2, 150)], on(2))
    assert (before.credit, after.credit) == (50, 0)


def test_rows_that_are_not_written_down_yet_stand_in_by_their_numbers() -> None:
    """A question about a day to come needs no row in the books."""
    story = LineStory(TERMS, (Draw(1, OPENED, Money(100_000)),), date(2026, 2, 1))
    found = LineReplay(story, [], (), [], sharing_of(Strategy.STANDARD))
    assert found.parts == {
        -1: (Money(1_447), ZERO),
        -2: (Money(66), ZERO),
        -5: (ZERO, Money(100_000)),
    }
    assert [due.installment_id for due in found.dues(date(2026, 2, 2))] == [-1, -2, -5]


def test_what_rests_on_a_draw_is_named_when_it_is_taken_away() -> None:
    """A write-off of 100 without the draw of 100 has nothing to take."""
    entries = [paid(2, 9, 100, EntryKind.WRITE_OFF)]
    assert replay([Draw(1, OPENED, Money(100))], entries, on(9)).outcomes[2].split.principal == Money(99)
    with pytest.raises(NoLongerFitsError):
        replay([], entries, on(9))
    with pytest.raises(NoLongerFitsError):
        replay([], [paid(2, 9, 5, EntryKind.WAIVER)], on(9))


events = st.lists(
    st.tuples(st.integers(0, 30), st.integers(-40_000, 40_000).filter(bool)), min_size=1, max_size=15
)


def story_of(steps: list[tuple[int, int]]) -> tuple[list[Draw], list[LiveEntry]]:
    """Draw where an amount is above zero, pay where it is below."""
    draws, entries, day = [], [], 0
    for order, (gap, amount) in enumerate(steps, 1):
        day += gap
        if amount > 0:
            draws.append(Draw(order, on(day), Money(amount)))
        else:
            entries.append(paid(order, day, -amount))
    return draws, entries


@given(steps=events, more=st.integers(0, 90))
def test_no_unit_is_lost_and_rows_hold_what_was_paid(steps: list[tuple[int, int]], more: int) -> None:
    """Each payment is its shares and what is left over; no row is paid above what it owes; sums agree."""
    draws, entries = story_of(steps)
    through = on(sum(gap for gap, _ in steps) + more)
    found = replay(draws, entries, through)
    gone: dict[int, list[int]] = {}
    for entry in entries:
        outcome = found.outcomes[entry.order]
        assert outcome.split.total == entry.amount
        for row_id, parts in outcome.rows.items():
            gone[row_id] = [old + part for old, part in zip(gone.get(row_id, [0] * 4), parts, strict=True)]
    for row_id, (interest, principal) in found.parts.items():
        assert gone.get(row_id, [0] * 4)[2] <= interest.minor
        assert gone.get(row_id, [0] * 4)[3] <= principal.minor
    drawn = total(draw.amount for draw in draws)
    assert found.parts[LENT] == (ZERO, drawn)
    assert used(found.changes) == drawn - Money(gone.get(LENT, [0] * 4)[3])
    by_month = interest_by_month(TERMS, found.changes, through)
    assert total(part for part, _ in found.parts.values()) == total(by_month.values())


@given(steps=events)
def test_what_came_one_by_one_stands_as_if_it_were_reckoned_anew(steps: list[tuple[int, int]]) -> None:
    """In date order a new entry never changes what the earlier ones paid."""
    draws, entries = story_of(steps)
    last = on(sum(gap for gap, _ in steps))
    whole = replay(draws, entries, last).outcomes
    for place, entry in enumerate(entries):
        known = [draw for draw in draws if draw.place < entry.place]
        assert replay(known, entries[: place + 1], entry.on).outcomes[entry.order] == whole[entry.order]
