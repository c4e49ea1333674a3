"""The auditor's pages: exceptions with their counts, samples drawn again, letters, the log."""

from pathlib import Path

from sqlalchemy import select

from banking.samples import draw_again
from schema.desk import AuditSample
from schema.replication import AuditLog
from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.conftest import LogIn, tokens
from tests.support.headquarters import FIRST, LATER, LOST
from tests.support.hq_fixtures import on_both

DRAW = {"source": "savings", "method": "mus", "size": "3", "seed": "2026", "by": "office", "office": ""}


def _draw(log_in: LogIn, **other: str) -> str:
    """Draw a sample on the page; gives the address that it leads to."""
    aisha = log_in("aisha")
    form = {**tokens(aisha, "/samples"), **DRAW, "as_of": "1 2 2026", **other}
    answer = aisha.post("/samples", data=form)
    assert answer.status_code in {302, 303}, answer.text
    return answer.headers["Location"]


def test_the_auditor_reads_the_counts_and_opens_one(hq: Installation, sticks: Path, log_in: LogIn) -> None:
    """A missing entry of Eldoret's chain is a broken chain; it is opened to its cases."""
    import_paths(hq, [sticks / FIRST, sticks / LATER])
    aisha = log_in("aisha")
    page = aisha.get("/audit?as_of=31+1+2026").text
    assert "Chains and bundles broken, missing or refused" in page
    assert "exception=chain-break" in page
    cases = aisha.get("/reports/audit-exceptions?exception=chain-break&as_of=31+1+2026").text
    assert "ELW" in cases
    assert aisha.get("/reports/audit-exceptions?exception=nothing").status_code in {404, 422}
    assert aisha.get("/audit?office=XXX").status_code == 422


def test_clerks_see_neither_exceptions_nor_the_log(log_in: LogIn) -> None:
    """A report that needs the right of auditors is neither listed nor opened nor given as a file."""
    clara = log_in("clara")
    assert "audit-exceptions" not in clara.get("/reports").text
    for path in ("/audit", "/samples", "/letters", "/reports/access-log", "/reports/audit-exceptions/csv"):
        assert clara.get(path).status_code == 403, path


@on_both
def test_a_sample_is_drawn_again_after_more_came_in(hq: Installation, sticks: Path, log_in: LogIn) -> None:
    """More money came in on the same accounts: the sample, its amounts and its digest stay."""
    import_paths(hq, [sticks / FIRST])
    path = _draw(log_in)
    with hq.database.reading() as session:
        before = draw_again(session, 1)
    assert {one.amount for one in before.drawn} == {50_000}
    import_paths(hq, [sticks / LOST, sticks / LATER])
    with hq.database.reading() as session:
        again = draw_again(session, 1)
        assert (again.drawn, again.row.digest) == (before.drawn, before.row.digest)
    page = log_in("aisha").get(path).text
    assert before.row.digest.hex()[:16] in page
    assert log_in("aisha").get("/reports/audit-sample/csv?account=1").status_code == 200


def test_letters_are_printed_and_logged(hq: Installation, sticks: Path, log_in: LogIn) -> None:
    """Who printed which letters stands in the log, with their check codes."""
    import_paths(hq, [sticks / FIRST])
    path = _draw(log_in, method="random", source="loans")
    aisha = log_in("aisha")
    answer = aisha.get(f"{path}/letters")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
    with hq.database.reading() as session:
        subject = session.scalars(select(AuditLog.subject).where(AuditLog.what == "letters.printed")).one()
    assert subject.startswith("S1 2 ")
    log = aisha.get("/access-log?start=1+1+2026", follow_redirects=True).text
    assert "letters.printed" in log
    assert aisha.get("/letters").status_code == 200
    assert aisha.get("/letters/paper?group=G-9&as_of=1+2+2026").status_code in {404, 422}


def test_a_bad_sample_is_told_and_nothing_is_kept(hq: Installation, log_in: LogIn) -> None:
    """Each field in turn."""
    aisha = log_in("aisha")
    for field, value in (
        ("size", "x"),
        ("size", "0"),
        ("size", "99999"),
        ("seed", ""),
        ("method", "luck"),
        ("as_of", "soon"),
    ):
        form = {**tokens(aisha, "/samples"), **DRAW, "as_of": "1 2 2026", field: value}
        assert aisha.post("/samples", data=form).status_code == 422, field
    with hq.database.reading() as session:
        assert session.scalars(select(AuditSample)).all() == []
