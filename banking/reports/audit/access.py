"""Report: who logged in, saw, printed, exported and imported what, by user, office and day."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from banking.reports.shape import Found, Question, Row, count, day, text
from ledger.errors import N_
from schema.reading import fetch

LINES = (
    text("at", N_("When")),
    text("office", N_("Office"), "office"),
    text("who", N_("Who")),
    text("what", N_("What")),
    text("subject", N_("Of")),
    text("sealed", N_("Sealed")),
)
DAYS = (
    text("office", N_("Office")),
    day("on", N_("Day")),
    text("who", N_("Who")),
    count("log_ins", N_("Log-ins"), added=True),
    count("refused", N_("Refused"), added=True),
    count("papers", N_("Printed, exported"), added=True),
    count("seen", N_("Seen, done"), added=True),
)

PAPER: Final = ("print", "export", "copy", "file")

_LOG: Final = """
SELECT l.at, coalesce(o.code, ''), coalesce(u.username, ''), l.what, l.subject, l.sealed FROM (
  SELECT at, origin_office_id AS office_id, user_id, what, subject, 1 AS sealed FROM audit_event
   WHERE at >= ? AND at < ? AND {within}
  UNION ALL
  SELECT at, CAST(NULL AS BIGINT), user_id, what, subject, 0 FROM audit_log
   WHERE sealed = 0 AND at >= ? AND at < ?
  UNION ALL
  SELECT at, office_id, CAST(NULL AS BIGINT), 'bundle.' || direction, trim(verdict || ' ' || code), 1
    FROM bundle WHERE at >= ? AND at < ? AND {within_bundles}) AS l
  LEFT JOIN office AS o ON o.id = l.office_id LEFT JOIN user_account AS u ON u.id = l.user_id
 WHERE (? = '' OR lower(u.username) = lower(?))
   AND (? = '' OR lower(l.subject) LIKE ? OR lower(l.what) LIKE ?)
 ORDER BY l.at, l.what, l.subject
"""


def find_access_log(session: Session, asked: Question) -> Found:
    """List the lines of the log that fit, and count them by office, day and person."""
    first = asked.start or asked.as_of.replace(day=1)
    begins = _instant(datetime.combine(first, time()))
    ends = _instant(datetime.combine(min(asked.as_of, _LAST), time()) + timedelta(days=1))
    part = f"%{asked.account.lower()}%"
    given = (*(begins, ends) * 3, asked.officer, asked.officer, asked.account, part, part)
    lines: list[Row] = []
    days: Counter[tuple[str, str, str, str]] = Counter()
    for at, office, who, what, subject, sealed in fetch(
        session,
        _LOG.format(within=asked.within("origin_office_id"), within_bundles=asked.within("office_id")),
        *given,
    ):
        if asked.offices is not None and not sealed:
            continue
        here = datetime.fromtimestamp(at // 1000, UTC).astimezone()
        lines.append((f"{here:%Y-%m-%d %H:%M:%S}", office, who, what, subject, "+" if sealed else ""))
        days[office, here.date().isoformat(), who, _sort_of(what)] += 1
    places = sorted({place[:3] for place in days})
    sums: list[Row] = [
        (*place, *(days[(*place, sort)] for sort in ("login", "refused", "paper", "seen")))
        for place in places
    ]
    refused = sum(number for place, number in days.items() if place[3] == "refused")
    return Found((len(lines), refused), (lines, sums))


_LAST: Final = datetime(9999, 12, 30, tzinfo=UTC).date()


def _sort_of(what: str) -> str:
    if what.startswith("login"):
        return "login" if what == "login" else "refused"
    return "paper" if any(word in what for word in PAPER) else "seen"


def _instant(local: datetime) -> int:
    """Give an instant of local time in milliseconds."""
    return int(local.astimezone().timestamp()) * 1000
