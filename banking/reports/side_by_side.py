"""Statements side by side: offices, regions, what consolidation cuts, and another day to compare with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.paper import day_words
from banking.reports.shape import Column, Link, Question, money
from ledger.errors import N_
from schema.reading import fetch

OFFICES: Final = "offices"
REGIONS: Final = "regions"
CONSOLIDATION: Final = "consolidation"
LAYOUTS: Final = (OFFICES, REGIONS, CONSOLIDATION)
"""What ``Question.columns`` may be."""

Nets = Mapping[int, int]
"""What each office has on an account, debit-positive, minor units; by the office's id."""
Vector = tuple[int, ...]
"""The sum of all offices, then one figure for each column of the layout."""

_OFFICES: Final = "SELECT id, code, parent_id FROM office ORDER BY number, id"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns beside the sum. ``places`` says for each office in which of them it counts.

    ``eliminates``  with what consolidation cuts, and the consolidated figure
    ``compares``    with the figure of another day, and how much more it is now
    """

    columns: tuple[Column, ...]
    places: Mapping[int, int]
    groups: int
    eliminates: bool
    compares: bool

    def spread(self, nets: Nets, before: Nets, *, cut: bool = False) -> Vector:
        """Spread what the offices have over the columns; ``cut``: consolidation takes all of it off.

        before   what they had on the day that is compared with
        """
        parts = [0] * self.groups
        for office, net in nets.items():
            if self.groups:
                parts[self.places[office]] += net
        whole, earlier = sum(nets.values()), sum(before.values())
        cut = cut and self.eliminates
        figures = [whole, *parts]
        if self.eliminates:
            figures += [-whole if cut else 0, 0 if cut else whole]
        if self.compares:
            shown, earlier = (0, 0) if cut else (whole, earlier)
            figures += [earlier, shown - earlier]
        return tuple(figures)

    def left(self, nets: Nets, before: Nets) -> Vector:
        """Give the line of what was cut and does not cancel: nobody's figure, but a consolidated one."""
        whole, earlier = sum(nets.values()), sum(before.values())
        figures = [0, *[0] * self.groups, whole, whole]
        return tuple([*figures, earlier, whole - earlier] if self.compares else figures)


def layout(session: Session, asked: Question, found: Iterable[int]) -> Layout:
    """Give the columns that a question wants of some offices, in the order of their numbers."""
    wanted = asked.columns or (OFFICES if asked.by_office else "")
    rows = fetch(session, _OFFICES)
    codes = {row[0]: row[1] for row in rows}
    groups = {office: office for office in found} if wanted else {}
    if wanted == REGIONS:
        groups = _regions(rows, groups, asked.office_id)
    order = [row[0] for row in rows if row[0] in set(groups.values())]
    tree = wanted == REGIONS
    columns = [_figure(codes[one], codes[one], Link("figure", "code", codes[one], tree)) for one in order]
    if wanted == CONSOLIDATION:
        columns += [
            _figure("eliminations", N_("Eliminations")),
            _figure("consolidated", N_("Consolidated"), Link("figure", "code")),
        ]
    if asked.compare is not None:
        link = Link("figure", "code", compared=True)
        columns += [_figure("compared", day_words(asked.compare.isoformat()), link)]
        columns += [_figure("change", N_("Difference"))]
    return Layout(
        tuple(columns),
        {office: order.index(group) for office, group in groups.items()},
        len(order),
        wanted == CONSOLIDATION,
        asked.compare is not None,
    )


def _figure(name: str, heading: str, link: Link | None = None) -> Column:
    return money(name, heading, added=False, link=link)


def _regions(
    rows: Sequence[Sequence[int | None]], offices: Iterable[int], asked: int | None
) -> dict[int, int]:
    """Give for each office the one that it counts under: the highest above it below the one at the top.

    asked   the office at the top; None: the head office, which counts alone
    """
    parents = {row[0]: row[2] for row in rows}
    top = asked if asked is not None else next((row[0] for row in rows if row[2] is None), None)
    found = {}
    for office in offices:
        region: int = office
        for _further in parents:  # a circle of parents ends too
            above = parents.get(region)
            if region == top or above is None or above == top:
                break
            region = above
        found[office] = region
    return found


def compared_start(asked: Question) -> date | None:
    """Give the first day of the time that is compared with; None: since the books began.

    Whole months lie as many months before; any other time is as many days long.
    """
    if asked.start is None or asked.compare is None:
        return None
    if asked.start.day != 1:
        return asked.compare - (asked.as_of - asked.start)
    months = (asked.as_of.year - asked.start.year) * 12 + asked.as_of.month - asked.start.month
    year, month = divmod(asked.compare.year * 12 + asked.compare.month - 1 - months, 12)
    return date(year, month + 1, 1)


def month_before(day: date) -> date:
    """Give the last day of the month before."""
    return day.replace(day=1) - timedelta(days=1)


def year_before(day: date) -> date:
    """Give the same day of the year before; 28 February for a leap day."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)
