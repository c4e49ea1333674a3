"""Posting periods: what is dated in a closed period is shown in the first one that can still take it."""

from collections.abc import Collection
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.posting_periods import Posting, PostingPeriod, posting_of

JULY = PostingPeriod("July", date(2026, 7, 1), date(2026, 7, 31), closed=True)
AUGUST = PostingPeriod("August", date(2026, 8, 1), date(2026, 8, 31), closed=True)
SEPTEMBER = PostingPeriod("September", date(2026, 9, 1), date(2026, 9, 30), closed=False)
YEAR = PostingPeriod("2026", date(2026, 1, 1), date(2026, 12, 31), closed=False)
MONTHS = (JULY, AUGUST, SEPTEMBER, YEAR)
IN_JULY = date(2026, 7, 20)


def _posted(day: date, held: Collection[str], periods: tuple[PostingPeriod, ...] = MONTHS) -> Posting | None:
    return posting_of(periods, day, lambda period: period.name in held)


def test_what_the_cut_holds_stays_on_its_day() -> None:
    """An entry that was known at the close is not late, and neither is one of an open month."""
    assert _posted(IN_JULY, {"July"}) is None
    assert _posted(date(2026, 9, 2), set()) is None


def test_a_late_entry_goes_to_the_first_month_that_is_open() -> None:
    """July and August are closed without it: it is shown on the first of September."""
    assert _posted(IN_JULY, set()) == Posting(date(2026, 9, 1), "September")


def test_a_late_entry_stays_in_the_closed_month_whose_cut_holds_it() -> None:
    """It came while August was open, and August was closed with it."""
    assert _posted(IN_JULY, {"August"}) == Posting(date(2026, 8, 1), "August")


def test_without_a_later_period_it_is_shown_on_the_day_after_the_last_closed_one() -> None:
    """Nobody has made the next year yet."""
    assert _posted(IN_JULY, set(), (JULY, AUGUST)) == Posting(date(2026, 9, 1), "")


def test_a_closed_year_closes_its_months() -> None:
    """Nothing is shown in the open September of a year that is closed without it."""
    year = PostingPeriod("2026", date(2026, 1, 1), date(2026, 12, 31), closed=True)
    assert _posted(IN_JULY, set(), (JULY, SEPTEMBER, year)) == Posting(date(2027, 1, 1), "")


def test_either_version_closes() -> None:
    """The month of one office is closed, and that of all: an entry is in both cuts or late."""
    own = PostingPeriod("July of KIT", JULY.starts_on, JULY.ends_on, closed=True)
    assert _posted(IN_JULY, {"July"}, (JULY, own, *MONTHS[1:])) == Posting(date(2026, 9, 1), "September")


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=8),
    st.integers(min_value=0, max_value=250),
)
def test_where_it_is_shown_could_always_take_it(states: list[tuple[bool, bool]], offset: int) -> None:
    """Never before its day, never in a period closed without it; without a reason it does not move at all."""
    first = date(2026, 1, 1)
    periods = [
        PostingPeriod(
            str(place),
            first + timedelta(days=30 * place),
            first + timedelta(days=30 * place + 29),
            closed=closed,
        )
        for place, (closed, _) in enumerate(states)
    ]
    day = first + timedelta(days=offset)

    def bars(on: date) -> bool:
        return any(p.closed and p.covers(on) and not states[int(p.name)][1] for p in periods)

    found = posting_of(periods, day, lambda period: states[int(period.name)][1])
    assert (found is not None) == bars(day)
    if found is not None:
        assert found.on > day
        assert not bars(found.on)
