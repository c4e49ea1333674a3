"""Orders of headquarters about users of a branch: they count where they have arrived, whatever it says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.publishing import ReviewNeededError
from banking.user_orders import LastOfBranchError, list_users_of_branches, order
from banking.users import create_user, list_log_ins
from branch.application import create_branch_application
from hq.application import create_hq_application
from hq.sending import export_to_branch
from ledger.errors import NotFoundError
from schema.people import User
from schema.reading import fetch
from schema.reference import Office
from schema.user_orders import DISABLE, ENABLE, ROLE
from sync.chain import HEAD_OFFICE_CHAIN
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import admin_of
from tests.support.institution import HQ, TestInstitution, passphrase_of

PASSWORD = "a password for tests"
WHY = "asked for by the supervisor"


@pytest.fixture
def institution(tmp_path: Path) -> TestInstitution:
    """Headquarters, and a confirmed branch with an administrator and the clerk grace."""
    made = TestInstitution.create(tmp_path)
    with made.open("KIT") as branch, branch.unit_of_work("user.create", admin_of(branch)) as session:
        create_user(session, "grace", "Grace Njeri", "clerk", PASSWORD)
    folder, _written = made.send("KIT")
    made.receive(folder)
    made.confirm("KIT")
    return made


def _kit(session: Session) -> int:
    return session.scalars(select(Office.id).where(Office.code == "KIT")).one()


def _ordered(institution: TestInstitution, kind: str, role: str = "") -> Path:
    """Order something about grace; gives the folder with the return bundle that says so."""
    folder = institution.root / f"order-{kind}"
    folder.mkdir()
    with institution.open(HQ) as hq:
        with hq.unit_of_work("user_order", admin_of(hq)) as session:
            order(session, _kit(session), "Grace", kind, role=role, reason=WHY)
        export_to_branch(hq, "KIT", folder, volume_bytes=1 << 20)
    return folder


def _log_in(browser: FlaskClient) -> bool:
    answer = browser.post("/login", data={"username": "grace", "password": PASSWORD})
    return answer.status_code == 303


def _shown(branch: Installation) -> tuple[str, str]:
    """Give role and state of grace as the branch's page of people lists them."""
    with branch.database.reading() as session:
        [grace] = [user for user, _ in list_log_ins(session) if user.username == "grace"]
        return grace.role, grace.state


def _id_of(installation: Installation, username: str) -> int:
    with installation.database.reading() as session:
        return session.scalars(select(User.id).where(User.username == username)).one()


def test_headquarters_sees_every_order_and_whether_the_branch_has_it(
    institution: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that says what the branch says counts as one; a bundle from the branch tells that it came."""
    folder = _ordered(institution, ROLE, "clerk")
    with institution.open(HQ) as hq, hq.database.reading() as session:
        asked: list[str] = []

        def counted(reading: Session, sql: str, *values: int) -> Sequence[tuple[Any, ...]]:
            asked.append(sql)
            return fetch(reading, sql, *values)

        monkeypatch.setattr("banking.user_orders.fetch", counted)
        listed = list_users_of_branches(session, hq.place.office_id)
        assert len(asked) == 1
        assert {one.username: one.by_headquarters for one in listed} == {"admin": False, "grace": True}
    assert "on its way" in _page_of_users(institution)
    with institution.open("KIT") as branch:
        import_paths(branch, [folder])
    institution.receive(institution.send("KIT")[0])
    page = _page_of_users(institution)
    assert WHY in page
    assert "on its way" not in page
    assert "the branch has it" in page


def _page_of_users(institution: TestInstitution) -> str:
    with institution.open(HQ) as hq:
        browser = create_hq_application(hq).test_client()
        browser.post("/login", data={"username": "admin", "password": passphrase_of(HQ)})
        return browser.get("/people/branches").text


def test_an_order_ends_a_log_in_and_lets_in_again(institution: TestInstitution) -> None:
    """What runs ends with the import and nobody logs in, until a newer order; another role counts too."""
    orders = [
        _ordered(institution, kind, role) for kind, role in ((DISABLE, ""), (ENABLE, ""), (ROLE, "auditor"))
    ]
    with institution.open("KIT") as branch:
        browser = create_branch_application(branch).test_client()
        assert _log_in(browser)
        assert browser.get("/acts/loan.repay").status_code == 200
        import_paths(branch, [orders[0]])
        assert browser.get("/acts/loan.repay").status_code == 303
        assert not _log_in(browser)
        assert _shown(branch) == ("clerk", "disabled")
        import_paths(branch, orders[1:])
        assert _shown(branch) == ("auditor", "active")
        assert _log_in(browser)
        assert browser.get("/acts/loan.repay").status_code == 403
        admin = create_branch_application(branch).test_client()
        admin.post("/login", data={"username": "admin", "password": passphrase_of("KIT")})
        people = admin.get("/people").text
        assert "ordered by headquarters" in people
        told = admin.get(f"/people/{_id_of(branch, 'grace')}").text
        assert told.count(WHY) == 2
        assert "role: auditor" in told
        assert WHY not in admin.get(f"/people/{_id_of(branch, 'admin')}").text
    with institution.open(HQ) as hq, hq.database.reading() as session:
        listed = list_users_of_branches(session, hq.place.office_id)
        found = {one.username: (one.role, one.state, one.by_headquarters) for one in listed}
    assert found == {"admin": ("admin", "active", False), "grace": ("auditor", "active", True)}


def test_what_is_not_ordered(institution: TestInstitution) -> None:
    """Nothing about somebody unknown, about the last administrator unasked, or alone where two are there."""
    with institution.open(HQ) as hq:
        with hq.unit_of_work("user_order", admin_of(hq)) as session:
            kit = _kit(session)
            with pytest.raises(NotFoundError):
                order(session, kit, "nobody", DISABLE, reason=WHY)
            with pytest.raises(LastOfBranchError):
                order(session, kit, "admin", DISABLE, reason=WHY)
            with pytest.raises(LastOfBranchError):
                order(session, kit, "admin", ROLE, role="clerk", reason=WHY)
            assert order(session, kit, "admin", DISABLE, reason=WHY, anyway=True).version == 1
        with hq.unit_of_work("user.create", admin_of(hq), chain=HEAD_OFFICE_CHAIN) as session:
            second = create_user(session, "amina", "Amina Wanyama", "accountant", PASSWORD).id
        with hq.unit_of_work("user_order", admin_of(hq)) as session:
            with pytest.raises(ReviewNeededError):
                order(session, kit, "grace", DISABLE, reason=WHY)
            assert order(session, kit, "grace", DISABLE, reason=WHY, second_id=second).approved_by == "amina"


def test_headquarters_orders_nothing_about_its_own_users(institution: TestInstitution) -> None:
    """They are changed there, where the last administrator stays: an order would lock everybody out."""
    with (
        institution.open(HQ) as hq,
        pytest.raises(BadValueError),
        hq.unit_of_work("user_order", admin_of(hq)) as session,
    ):
        order(session, hq.place.office_id, "admin", DISABLE, reason=WHY, anyway=True)
