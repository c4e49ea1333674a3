"""Samples for the auditor: drawn from entries, loans, savings or receipts, kept, and drawn again.

A sample is kept as its question and its cut: the last id of every device that was here. Drawn again, only
rows up to the cut count, so the same rows come out whatever came in since; their digest proves it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError, MissingError
from banking.rows import get_row
from ledger.errors import N_, RuleError
from ledger.sampling import digest_of_ids, grouped, random_sample, stratified_sample, unit_sample
from schema.desk import AuditSample
from schema.reading import fetch

RANDOM, UNITS, STRATIFIED = "random", "mus", "stratified"
METHODS: Final = (RANDOM, UNITS, STRATIFIED)
ENTRIES, LOANS, SAVINGS, RECEIPTS = "entries", "loans", "savings", "receipts"
SOURCES: Final = (ENTRIES, LOANS, SAVINGS, RECEIPTS)
OFFICE, PRODUCT, AMOUNT = "office", "product", "amount"
STRATA: Final = (OFFICE, PRODUCT, AMOUNT)
MOST: Final = 10_000

_OWNER: Final = """
  LEFT JOIN client AS c ON c.id = a.client_id LEFT JOIN office AS o ON o.id = a.origin_office_id
"""
_POPULATIONS: Final[Mapping[str, str]] = {
    ENTRIES: """
SELECT e.id, CAST(e.id AS VARCHAR(20)), coalesce(o.code, ''), e.kind, '', e.note, e.booked_on,
       (SELECT CAST(sum(l.debit) AS BIGINT) FROM journal_line AS l WHERE l.journal_entry_id = e.id)
  FROM journal_entry AS e JOIN cut ON cut.device = e.id >> 40 AND e.id <= cut.last
  LEFT JOIN office AS o ON o.id = e.origin_office_id
 WHERE e.booked_on <= ? AND {office} ORDER BY e.id
""",
    LOANS: f"""
SELECT a.id, a.number, coalesce(o.code, ''), p.code, coalesce(c.number, ''),
       coalesce(c.given_name || ' ' || c.name, ''), a.disbursed_on,
       CAST(sum(CASE WHEN coalesce(r.kind, t.kind) = 'disbursement' THEN t.principal
                     ELSE -t.principal END) AS BIGINT)
  FROM loan_account AS a JOIN loan_product AS p ON p.id = a.product_id
  JOIN loan_transaction AS t ON t.loan_account_id = a.id
  JOIN cut ON cut.device = t.id >> 40 AND t.id <= cut.last
  LEFT JOIN loan_transaction AS r ON r.id = t.reverses_id {_OWNER}
 WHERE t.booked_on <= ? AND {{office}}
 GROUP BY a.id, a.number, o.code, p.code, c.number, c.given_name, c.name, a.disbursed_on
HAVING sum(CASE WHEN coalesce(r.kind, t.kind) = 'disbursement' THEN t.principal ELSE -t.principal END) <> 0
 ORDER BY a.id
""",  # noqa: S608 - built from our own constants
    SAVINGS: f"""
SELECT a.id, a.number, coalesce(o.code, ''), p.code, coalesce(c.number, ''),
       coalesce(c.given_name || ' ' || c.name, ''), a.opened_on, CAST(sum(t.amount) AS BIGINT)
  FROM savings_account AS a JOIN savings_product AS p ON p.id = a.product_id
  JOIN savings_transaction AS t ON t.savings_account_id = a.id
  JOIN cut ON cut.device = t.id >> 40 AND t.id <= cut.last {_OWNER}
 WHERE t.booked_on <= ? AND {{office}}
 GROUP BY a.id, a.number, o.code, p.code, c.number, c.given_name, c.name, a.opened_on
HAVING sum(t.amount) <> 0
 ORDER BY a.id
""",  # noqa: S608 - built from our own constants
    RECEIPTS: f"""
SELECT t.id, t.receipt, coalesce(o.code, ''), t.kind, coalesce(c.number, ''),
       coalesce(c.given_name || ' ' || c.name, ''), t.booked_on, abs(t.amount)
  FROM (SELECT id, receipt, kind, booked_on, amount, loan_account_id AS loan, NULL AS saved
          FROM loan_transaction WHERE receipt <> ''
        UNION ALL
        SELECT id, receipt, kind, booked_on, amount, NULL, savings_account_id
          FROM savings_transaction WHERE receipt <> '') AS t
  JOIN cut ON cut.device = t.id >> 40 AND t.id <= cut.last
  JOIN (SELECT id, client_id, origin_office_id FROM loan_account
        UNION ALL SELECT id, client_id, origin_office_id FROM savings_account) AS a
    ON a.id = coalesce(t.loan, t.saved) {_OWNER}
 WHERE t.booked_on <= ? AND {{office}} ORDER BY t.id
""",  # noqa: S608 - built from our own constants
}

_LAST_IDS: Final = """
SELECT device, max(last) FROM (
  SELECT id >> 40 AS device, max(id) AS last FROM journal_entry GROUP BY id >> 40
  UNION ALL SELECT id >> 40, max(id) FROM loan_transaction GROUP BY id >> 40
  UNION ALL SELECT id >> 40, max(id) FROM savings_transaction GROUP BY id >> 40) AS found
 GROUP BY device ORDER BY device
"""


class SampleChangedError(RuleError):
    """The rows of a kept sample no longer come out. Facts: number."""

    code = "SAMPLE_CHANGED"
    message = N_(
        "Sample {number} cannot be drawn again: rows from before its cut were added or taken out since. "
        "Nothing was changed; look for decisions about exceptions made after it, and draw a new sample."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is drawn: method, source, size, seed, the last day of booking that counts, and of which office.

    ``by``     office, product or amount (bands by powers of ten): the strata
    ``equal``  the same number from each stratum, instead of by its share
    """

    method: str
    source: str
    size: int
    seed: str
    as_of: date
    office_id: int | None = None
    by: str = OFFICE
    equal: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row of a sample; ``hits`` is how many units of money chose it (1 with other methods).

    ``number`` is what stands on paper: the account, the receipt, the entry's id; ``kind`` product or kind.
    """

    id: int
    number: str
    office: str
    kind: str
    client: str
    name: str
    on: str | None
    amount: int
    hits: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was drawn: its row, what was asked, what came out."""

    row: AuditSample
    wanted: Wanted
    drawn: tuple[Drawn, ...]


def draw(session: Session, wanted: Wanted, now: datetime, user_id: int | None) -> Sample:
    """Draw a sample from what is here now, and keep what is needed to draw it again.

    session   one that may write the home's own tables
    raises    BadValueError for a method, source, stratum or size that there is not; MissingError for no seed
    """
    _check(wanted)
    cut = [(row[0], row[1]) for row in fetch(session, _LAST_IDS)]
    population = _population(session, wanted, cut)
    drawn = _choose(wanted, population)
    row = AuditSample(
        method=wanted.method,
        seed=wanted.seed,
        question=json.dumps(_asked(wanted), sort_keys=True),
        cut=json.dumps(cut).encode(),
        population=len(population),
        size=len(drawn),
        digest=digest_of_ids(one.id for one in drawn),
        made_at=now,
        user_id=user_id,
    )
    session.add(row)
    session.flush()
    return Sample(row, wanted, drawn)


def draw_again(session: Session, number: int) -> Sample:
    """Draw a kept sample again, from what was here when it was drawn first.

    raises   NotFoundError; SampleChangedError when other rows come out
    """
    row = get_row(session, AuditSample, number, "sample")
    wanted = wanted_of(row)
    cut = [(device, last) for device, last in json.loads(row.cut)]
    drawn = _choose(wanted, _population(session, wanted, cut))
    if digest_of_ids(one.id for one in drawn) != row.digest:
        raise SampleChangedError(number=number)
    return Sample(row, wanted, drawn)


def list_samples(session: Session) -> Sequence[AuditSample]:
    """List the samples that were drawn here, the newest first."""
    return session.scalars(select(AuditSample).order_by(AuditSample.id.desc())).all()


def wanted_of(row: AuditSample) -> Wanted:
    """Give what a kept sample was drawn from."""
    asked = json.loads(row.question)
    asked["as_of"] = date.fromisoformat(asked["as_of"])
    return Wanted(method=row.method, seed=row.seed, **asked)


def _asked(wanted: Wanted) -> dict[str, Any]:
    return {
        "source": wanted.source,
        "size": wanted.size,
        "as_of": wanted.as_of.isoformat(),
        "office_id": wanted.office_id,
        "by": wanted.by,
        "equal": wanted.equal,
    }


def _check(wanted: Wanted) -> None:
    for field, given, known in (
        ("method", wanted.method, METHODS),
        ("source", wanted.source, SOURCES),
        ("by", wanted.by, STRATA),
    ):
        if given not in known:
            raise BadValueError(field=field, given=given)
    if not 1 <= wanted.size <= MOST:
        raise BadValueError(field="size", given=wanted.size)
    if not wanted.seed.strip():
        raise MissingError(field="seed")


def _population(session: Session, wanted: Wanted, cut: Sequence[tuple[int, int]]) -> list[tuple[Any, ...]]:
    """Give every row that may be drawn, in the order of ids."""
    if not cut:
        return []
    bounds = ", ".join(f"({int(device)}, {int(last)})" for device, last in cut)
    owner = "e" if wanted.source == ENTRIES else "a"
    office = "1 = 1" if wanted.office_id is None else f"{owner}.origin_office_id = {int(wanted.office_id)}"
    statement = f"WITH cut(device, last) AS (VALUES {bounds}){_POPULATIONS[wanted.source]}"
    return list(fetch(session, statement.format(office=office), wanted.as_of.isoformat()))


def _choose(wanted: Wanted, population: Sequence[tuple[Any, ...]]) -> tuple[Drawn, ...]:
    if wanted.method == UNITS:
        chosen = unit_sample([(row[0], row[7]) for row in population], wanted.size, wanted.seed)
    elif wanted.method == STRATIFIED:
        strata = grouped((row[0], _stratum(wanted.by, row)) for row in population)
        chosen = [(one, 1) for one in stratified_sample(strata, wanted.size, wanted.seed, equal=wanted.equal)]
    else:
        chosen = [(one, 1) for one in random_sample((row[0] for row in population), wanted.size, wanted.seed)]
    by_id = {row[0]: row for row in population}
    return tuple(_drawn(by_id[row_id], hits) for row_id, hits in chosen)


def _drawn(row: tuple[Any, ...], hits: int) -> Drawn:
    row_id, number, office, kind, client, name, on, amount = row
    return Drawn(row_id, number, office, kind, client, name, on, amount, hits)


def _stratum(by: str, row: tuple[Any, ...]) -> str:
    if by == AMOUNT:
        return f"{len(str(abs(row[7]))):02d}"
    return str(row[2] if by == OFFICE else row[3])
