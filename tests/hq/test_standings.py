"""Where each loan stands is kept at headquarters; reports say the same with it and without."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from banking.repayments import post_repayment
from banking.reports import REPORTS
from banking.reports.documents import to_json
from ledger.money import Money
from schema.invariants import check_invariants
from schema.reading import fetch
from schema.standings import refresh_standings
from tests.support.hq_fixtures import FILE, SERVER
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, lend, till_of

DAYS = [FIRST_DAY + timedelta(days=days) for days in (0, 1, 20, 40, 70, 100, 400)]


@pytest.fixture(scope="module", params=[FILE, SERVER])
def bank(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Two branches: loans that pay, stop, pay too much at once and pay in the future are at headquarters."""
    on_server = request.param == SERVER
    database = request.getfixturevalue("postgres_cluster").new_database() if on_server else None
    made = TestInstitution.create(tmp_path_factory.mktemp("standings") / "bank", ("KIT", "GUL"), database)
    for code in ("KIT", "GUL"):
        with made.open(code) as branch:
            till = till_of(branch)
            paid = {"never": 0, "part": 30_000, "row": 60_000, "all": 900_000}
            for name, amount in paid.items():
                loan = lend(branch, f"{name} of {code}", Money(400_000))
                if amount:
                    with branch.unit_of_work("loan.repay", CLERK) as session:
                        post_repayment(session, loan, Money(amount), FIRST_DAY, till_id=till)
        made.receive(made.send(code)[0])
    return made


def _risk(session: Session, day: date, **asked: object) -> dict[str, Any]:
    return dict(to_json(REPORTS["portfolio-at-risk"](session, as_of=day, **asked), 2))


def test_portfolio_at_risk_is_the_same_from_what_is_kept_and_from_the_rows(bank: TestInstitution) -> None:
    """For days before, between and after the movements; all, one office, one product, both dates."""
    with bank.open(HQ) as headquarters, headquarters.database.writing() as session:
        [(kept,)] = fetch(session, "SELECT count(*) FROM loan_standing")
        assert kept == 8
        [(office,)] = fetch(session, "SELECT id FROM office WHERE code = ?", "KIT")
        questions: list[dict[str, object]] = [{}, {"office_id": office}, {"late": True}]
        questions += [{"product": "WEEKLY"}, {"product": "MONTHLY"}]
        asked = [(day, about) for day in DAYS for about in questions]
        with_kept = [_risk(session, day, **about) for day, about in asked]
        session.execute(text("DELETE FROM loan_standing"))
        assert with_kept == [_risk(session, day, **about) for day, about in asked]
        assert any(answer["at_risk"][0]["loans"] for answer in with_kept)
        session.rollback()


def test_what_falls_due_on_the_day_of_the_last_payment_is_overdue_the_day_after(
    bank: TestInstitution,
) -> None:
    """Rows due before, on and after that day, each paid in part, in full, ahead or not at all."""
    with bank.open(HQ) as headquarters, headquarters.database.writing() as session:
        days = [(FIRST_DAY + timedelta(days=days)).isoformat() for days in (-3, 0, 2)]
        for number, day in enumerate(days, start=1):
            due = text("UPDATE installment SET due_on = :day WHERE number = :number")
            session.execute(due, {"day": day, "number": number})
        [(office,)] = fetch(session, "SELECT id FROM office WHERE code = ?", "KIT")
        refresh_standings(session, office)
        about = {"office_id": office}
        around = [FIRST_DAY + timedelta(days=days) for days in range(-1, 6)]
        with_kept = [_risk(session, day, **about) for day in around]
        assert len(fetch(session, "SELECT 1 FROM loan_standing WHERE origin_office_id = ?", office)) == 4
        session.execute(text("DELETE FROM loan_standing"))
        assert with_kept == [_risk(session, day, **about) for day in around]
        session.rollback()


def test_no_old_figure_of_a_loan_is_kept(bank: TestInstitution, tmp_path: Path) -> None:
    """It goes with any change, comes back with the next import, and one that is not true is found."""
    copy = bank.copy_to(tmp_path / "bank")
    with copy.open("KIT") as branch:
        loan = lend(branch, "Newly", Money(250_000))
        with branch.unit_of_work("loan.repay", CLERK) as session:
            post_repayment(session, loan, Money(10_000), FIRST_DAY, till_id=till_of(branch))
    copy.receive(copy.send("KIT")[0])
    with copy.open(HQ) as headquarters, headquarters.database.writing() as session:
        [(principal,)] = fetch(session, "SELECT principal FROM loan_standing WHERE loan_account_id = ?", loan)
        assert 240_000 <= principal < 250_000
        assert all(check.ok for check in check_invariants(session))
        session.execute(
            text("UPDATE installment SET due_on = due_on WHERE loan_account_id = :loan"), {"loan": loan}
        )
        assert not fetch(session, "SELECT 1 FROM loan_standing WHERE loan_account_id = ?", loan)
        session.execute(text("UPDATE loan_standing SET owed = owed + 1"))
        assert [check.name for check in check_invariants(session) if not check.ok] == ["loan_standings"]
        session.rollback()
