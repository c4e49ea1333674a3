"""Headquarters' own log is sealed into its chain, and shown with what branches sealed."""

from datetime import timedelta

from sqlalchemy import select

from banking.reports import REPORTS
from banking.users import log_look
from hq.log_seal import seal_earlier_days
from schema.accounting import AuditEvent
from schema.replication import AuditLog
from sync.installation import Installation
from sync.verify import verify_books
from tests.support.headquarters import admin_of
from tests.support.hq_fixtures import on_both


@on_both
def test_the_first_log_in_of_a_day_seals_the_days_before(hq: Installation) -> None:
    """Each line once, in headquarters' own chain; the day's own lines wait for the next day."""
    now = hq.clock()
    admin = admin_of(hq)
    with hq.database.writing() as session:
        log_look(session, now - timedelta(days=1), admin, "report.exported", "ratios.pdf")
        log_look(session, now, admin, "login")
    assert seal_earlier_days(hq, admin, now)
    assert not seal_earlier_days(hq, admin, now)
    with hq.database.reading() as session:
        sealed = session.scalars(select(AuditEvent.what).where(AuditEvent.user_id == admin)).all()
        waiting = session.scalars(select(AuditLog.what).where(AuditLog.sealed == 0)).all()
        report = REPORTS["access-log"](session, as_of=now.date())
    assert list(sealed) == ["report.exported"]
    assert list(waiting) == ["login"]
    lines = {row["what"]: row["sealed"] for row in report.records()}
    assert (lines["report.exported"], lines["login"]) == ("+", "")
    assert [check for check in verify_books(hq) if not check.ok] == []


def test_a_sealed_line_that_is_altered_or_taken_away_is_seen(hq: Installation) -> None:
    """Whoever writes into the database itself, past the program, is found by the check of the books."""
    now, admin = hq.clock(), admin_of(hq)
    with hq.database.writing() as session:
        for what in ("report.exported", "letters.printed"):
            log_look(session, now - timedelta(days=1), admin, what)
    assert seal_earlier_days(hq, admin, now)
    for tampering in (
        "UPDATE audit_event SET subject = 'nothing' WHERE what = 'report.exported'",
        "DELETE FROM audit_event WHERE what = 'letters.printed'",
    ):
        with hq.database.writer.begin() as connection:
            for action in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_event_refuses_{action}")
            connection.exec_driver_sql(tampering)
        wrong = [check for check in verify_books(hq) if not check.ok]
        assert any("audit_event" in str(check) for check in wrong), tampering
