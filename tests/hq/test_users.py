"""People of headquarters and people of branches: one table, two doors."""

from pathlib import Path

import pytest

from banking.errors import WrongPasswordError
from banking.users import authenticate, create_user
from sync.chain import HEAD_OFFICE_CHAIN
from tests.support.institution import CLERK, HQ, TestInstitution, passphrase_of


def test_a_branchs_user_does_not_log_in_at_headquarters(tmp_path: Path) -> None:
    """Jane of KIT arrives with the bundle; her name opens nothing at HQ, which may have its own Jane."""
    bank = TestInstitution.create(tmp_path / "bank")
    with bank.open("KIT") as branch, branch.unit_of_work("user.create", CLERK) as session:
        create_user(session, "jane", "Jane of Kitale", "manager", "jane's password")
    bank.receive(bank.send("KIT")[0])
    with bank.open(HQ) as headquarters:
        with pytest.raises(WrongPasswordError), headquarters.exclusive() as session:
            authenticate(session, "jane", "jane's password", bank.clock())
        with headquarters.unit_of_work("user.create", CLERK, chain=HEAD_OFFICE_CHAIN) as session:
            own = create_user(session, "jane", "Jane of headquarters", "accountant", "another password")
        with headquarters.exclusive() as session:
            assert authenticate(session, "jane", "another password", bank.clock()).id == own.id
            assert authenticate(session, "admin", passphrase_of(HQ), bank.clock()).username == "admin"
