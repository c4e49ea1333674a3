"""Rights of roles: headquarters decides, each counts where it is, none breaks what keeps the house safe."""

from pathlib import Path

import pytest

from banking.role_rights import RightIsFixedError, may_here, set_right
from banking.users import ADMIN, AUDITOR, CLERK, MANAGER
from branch.application import create_branch_application
from schema.publishing import RoleRight
from schema.writing import insert
from tests.support.institution import HQ, TestInstitution, passphrase_of

ACTOR = 1


@pytest.fixture
def institution(tmp_path: Path) -> TestInstitution:
    """Headquarters and one branch that is confirmed."""
    made = TestInstitution.create(tmp_path)
    folder, _written = made.send("KIT")
    made.receive(folder)
    made.confirm("KIT")
    return made


def test_a_right_counts_where_it_has_arrived(institution: TestInstitution) -> None:
    """At headquarters at once; at the branch with the return bundle, in its books and in its pages."""
    with institution.open(HQ) as hq:
        with hq.unit_of_work("role_right.set", ACTOR) as session:
            set_right(
                session, MANAGER, "loans.write_off", allowed=False, reason="written off at headquarters"
            )
            set_right(session, CLERK, "loans.approve", allowed=True, reason="small branches")
            assert not may_here(session, MANAGER, "loans.write_off")
            set_right(session, CLERK, "loans.approve", allowed=False, reason="not any more")
            set_right(session, CLERK, "loans.approve", allowed=True, reason="after all")
        with hq.database.reading() as session:
            assert may_here(session, CLERK, "loans.approve")
    with institution.open("KIT") as branch, branch.database.reading() as session:
        assert may_here(session, MANAGER, "loans.write_off")
    institution.answer("KIT")
    with institution.open("KIT") as branch, branch.database.reading() as session:
        assert not may_here(session, MANAGER, "loans.write_off")
        assert may_here(session, CLERK, "loans.approve")
        assert may_here(session, ADMIN, "loans.write_off")


def test_a_right_of_administrators_counts_in_the_pages_of_a_branch(institution: TestInstitution) -> None:
    """What is taken from the role is on no page; what it may not lose it keeps."""
    with institution.open(HQ) as hq, hq.unit_of_work("role_right.set", ACTOR) as session:
        set_right(session, ADMIN, "journal.post", allowed=False, reason="only headquarters writes entries")
    institution.answer("KIT")
    with institution.open("KIT") as branch:
        browser = create_branch_application(branch).test_client()
        browser.post("/login", data={"username": "admin", "password": passphrase_of("KIT")})
        assert browser.get("/acts/journal.post").status_code == 403
        assert browser.get("/people").status_code == 200


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [(ADMIN, "users.write", False), (ADMIN, "reference.write", False), (AUDITOR, "money.post", True)],
)
def test_what_keeps_the_house_safe_is_never_changed(
    institution: TestInstitution, role: str, permission: str, allowed: bool
) -> None:
    """Refused with a reason; a row that says it all the same is not followed."""
    with institution.open(HQ) as hq:
        with hq.unit_of_work("role_right.set", ACTOR) as session:
            before = may_here(session, role, permission)
            with pytest.raises(RightIsFixedError):
                set_right(session, role, permission, allowed=allowed, reason="x")
            insert(session, RoleRight(role=role, permission=permission, allowed=int(allowed), version=9))
        with hq.database.reading() as session:
            assert may_here(session, role, permission) is before
