"""Entries on accounts that headquarters' chart does not have, or takes no entries on any more."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from banking.closing.checklist import check_offices
from banking.periods import make_year
from hq.waiting import waiting_list
from schema.reading import fetch
from schema.reference import GLAccount, Office
from schema.writing import update
from sync.installation import Installation
from tests.support.forging import copy_of, forge, forged_id
from tests.support.headquarters import FIRST, SteadyClock
from tests.support.institution import HQ, TestInstitution

UNKNOWN = 4_711


@pytest.fixture
def february(institution: TestInstitution, steady_clock: SteadyClock) -> TestInstitution:
    """January is over, and KIT's first bundle is here."""
    institution.receive(institution.root / FIRST)
    steady_clock.now = datetime(2026, 2, 2, 8, tzinfo=UTC)
    with institution.open(HQ) as hq, hq.unit_of_work("period.make", 1) as session:
        make_year(session, "gregorian", 2026)
    return institution


def _lacking(hq: Installation, code: str) -> dict[str, tuple[str, bool]]:
    """Give what the checklist of January lacks of an office: (sentence, whether it blocks) by name."""
    with hq.database.reading() as session:
        office = session.scalars(select(Office.id).where(Office.code == code)).one()
        checks = check_offices(session, "2026-01", [office], today=date(2026, 2, 2))
    return {check.name: (check.detail, check.blocks) for check in checks if not check.ok}


def test_an_unknown_account_waits_by_name_and_keeps_the_month_open(february: TestInstitution) -> None:
    """The whole changeset has no effect, stands among what waits, and only its own branch is held up."""
    with february.open("KIT") as branch:
        entry = copy_of(branch, "journal_entry", 1)
        with branch.database.reading() as session:
            account = fetch(session, "SELECT id FROM gl_account WHERE code = '1110'")[0][0]
        sides = ((2, UNKNOWN, 500, 0), (3, account, 0, 500))
        lines = [
            copy_of(
                branch,
                "journal_line",
                number,
                journal_entry_id=forged_id(branch, 1),
                gl_account_id=gl_account,
                debit=debit,
                credit=credit,
            )
            for number, gl_account, debit, credit in sides
        ]
        forge(branch, *lines, entry)
    february.receive(february.send("KIT")[0])
    with february.open(HQ) as hq:
        with hq.database.reading() as session:
            (item,) = [one for one in waiting_list(session, "KIT") if "gl_account_id" in one.what]
            known = fetch(session, "SELECT count(*) FROM journal_line WHERE gl_account_id = ?", UNKNOWN)
        assert item.code == "SCOPE"
        assert known[0][0] == 0
        sentence, blocks = _lacking(hq, "KIT")["chart_known"]
        assert blocks
        assert "1 changeset(s) book on accounts that the chart here does not have" in sentence
        assert "chart_known" not in _lacking(hq, "ELW")


def test_an_account_that_is_out_of_use_is_named_and_blocks_nothing(february: TestInstitution) -> None:
    """What a branch booked before it heard of it counts; the checklist says which account."""
    with february.open(HQ) as hq:
        with hq.unit_of_work("account.retire", 1) as session:
            account = session.scalars(select(GLAccount).where(GLAccount.code == "2110")).one()
            update(session, account, active=0)
        sentence, blocks = _lacking(hq, "KIT")["chart_matches"]
    assert "2110" in sentence
    assert not blocks
