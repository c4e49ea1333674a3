"""Pictures of the office: portfolio, arrears by age, collections against dues, cash; each with its report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template
from flask_babel import format_date
from flask_babel import gettext as _

from banking.pictures import Point, pictures
from branch.pages import desk
from ledger.errors import N_
from web import work
from web.charts import Chart, bar_chart, in_round_numbers
from web.guards import requires

pictures_pages = Blueprint("pictures", __name__)

_UNITS: Final = {0: "%(currency)s", 3: N_("thousand %(currency)s"), 6: N_("million %(currency)s")}
"""What the figures of a picture count, by the powers of ten that were left out."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture on its page: its name, heading, drawing, what its figures count, and the report behind it."""

    name: str
    title: str
    chart: Chart
    unit: str
    report: str
    key: str
    patterns: Sequence[str] = ()


@pictures_pages.get("/pictures")
@requires("reports.see")
def show() -> str:
    """Show all pictures of the office at the end of today."""
    on = desk.today()
    with work.reading() as session:
        found = pictures(session, desk.installation().place.office_id, on)
    months = [format_date(point.on, "MMM yy") for point in found.portfolio]
    drawn = [
        _draw("portfolio", _("Portfolio, at the end of each month"), months, found.portfolio, "ageing", "L"),
        _draw(
            "arrears",
            _("Loans in arrears, by days late"),
            [_ages(point) for point in found.arrears],
            found.arrears,
            "portfolio-at-risk",
            "A",
        ),
        _draw(
            "collections",
            _("Collected and due, week by week"),
            [format_date(point.on, "d MMM") for point in found.collections],
            found.collections,
            "demand-against-collection",
            "C",
        ),
        _draw(
            "cash",
            _("Cash in all drawers, day by day"),
            [format_date(point.on, "d MMM") for point in found.cash],
            found.cash,
            "cash-book",
            "K",
        ),
    ]
    return render_template("pictures/show.html", on=on, drawn=drawn)


def _ages(point: Point) -> str:
    first, last = point.days or (0, None)
    return _("over %(days)d", days=first - 1) if last is None else f"{first}–{last}"  # noqa: RUF001 - a range


def _draw(
    name: str, title: str, labels: Sequence[str], points: Sequence[Point], report: str, key: str
) -> _Picture | None:
    """Draw one picture; None where there is nothing to draw."""
    if not points:
        return None
    rows = [[point.amount for point in points]]
    if points[0].beside is not None:
        rows.append([point.beside for point in points if point.beside is not None])
    currency = work.edition().currency
    power, series = in_round_numbers([[amount.minor for amount in row] for row in rows], currency.digits)
    unit = _(_UNITS[power], currency=currency.code)
    patterns = (_("collected"), _("due")) if len(rows) > 1 else ()
    return _Picture(name, title, bar_chart(labels, series), unit, report, key, patterns)
