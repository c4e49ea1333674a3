"""Headquarters comes back from a backup that is older than what branches know."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from banking.inter_branch_matching import unmatched
from banking.message_answers import apply_messages
from banking.messages import OutsidePayment, send_payment
from hq.application import create_hq_application
from hq.incarnations import move_to_server, restore_headquarters
from hq.root_changes import open_key
from ledger.errors import TrustError
from ledger.money import Money
from schema.accounts import SavingsAccount
from schema.cash import InterBranchLeg
from schema.reference import Holiday
from schema.writing import insert
from sync.backup import write_backup
from sync.chain import HEAD_OFFICE_CHAIN
from sync.founding import Restoring
from sync.installation import Installation
from sync.signing import SigningKey
from sync.verify import verify_books
from tests.hq.api.conftest import Caller, make_caller
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, passphrase_of, register_savers
from tests.support.packs import faults_of_pack
from tests.support.postgres import Cluster


def _add_holiday(bank: TestInstitution, name: str) -> None:
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("holiday.add", CLERK) as session:
        insert(session, Holiday(on=FIRST_DAY, name=name))


def _holidays(bank: TestInstitution, home: str) -> list[str]:
    with bank.open(home) as opened, opened.database.reading() as session:
        return sorted(session.scalars(select(Holiday.name)))


def _pay_from_outside(bank: TestInstitution) -> None:
    """Headquarters books money that came to it for Owino, and sends Kitale the message."""
    with bank.open(HQ) as headquarters:
        with headquarters.database.reading() as session:
            account = session.scalars(select(SavingsAccount).order_by(SavingsAccount.id)).first()
            assert account is not None
        wanted = OutsidePayment(
            office_id=account.origin_office_id,
            account_number=account.number,
            amount=Money(90_000),
            gl_code="1130",
            key="QK12",
        )
        with headquarters.unit_of_work("pay", CLERK, chain=HEAD_OFFICE_CHAIN) as session:
            send_payment(session, wanted, FIRST_DAY)


def _booked(bank: TestInstitution) -> list[Money]:
    """Book what waits at Kitale; gives every payment that ever was booked there from headquarters."""
    with bank.open("KIT") as branch:
        with branch.unit_of_work("account_message.apply", CLERK) as session:
            apply_messages(session)
        with branch.database.reading() as session:
            return list(session.scalars(select(InterBranchLeg.amount).where(InterBranchLeg.key == "QK12")))


def _a_program_begins_anew(headquarters: Installation, old_token: str, old_cursor: str) -> None:
    """A token that may have been revoked after the backup is; a cursor of before leads nowhere."""
    client = create_hq_application(headquarters).test_client()
    assert Caller(client, old_token).ask("/offices")[0] == 401
    renewed = make_caller(headquarters, client)
    status, refused = renewed.ask(f"/changes?after={old_cursor}")
    assert (status, refused["error"]["code"]) == (404, "BEGIN_ANEW")
    cursor = renewed.ask("/changes?limit=200")[1]["cursor"]
    assert renewed.ask(f"/changes?after={cursor}")[0] == 200


def test_headquarters_comes_back_and_learns_what_it_lost(tmp_path: Path) -> None:
    """What was booked, sent and decided after the backup comes back from the branch, on both ways."""
    bank = TestInstitution.create(tmp_path / "bank")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Owino"])
    bank.receive(bank.send("KIT")[0])
    bank.confirm("KIT")
    bank.answer("KIT")
    with bank.open(HQ) as headquarters:
        program = make_caller(headquarters, create_hq_application(headquarters).test_client())
        cursor = program.ask("/changes?limit=200")[1]["cursor"]
        backup = write_backup(headquarters, tmp_path / "safe")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Amina"])
    bank.receive(bank.send("KIT")[0])
    _add_holiday(bank, "After the backup")
    _pay_from_outside(bank)
    bank.answer("KIT")
    assert _booked(bank) == [Money(90_000)]
    key = open_key(bank.root / HQ / "root.key", passphrase_of(HQ))
    (bank.root / HQ).rename(tmp_path / "burnt")
    wanted = Restoring(backup.file, passphrase_of(HQ))
    with pytest.raises(TrustError) as forged:
        restore_headquarters(bank.root / HQ, wanted, [SigningKey.generate()], clock=bank.clock)
    assert forged.value.code == "BAD_SIGNATURE"
    found = restore_headquarters(bank.root / HQ, wanted, [key], clock=bank.clock)
    assert (found.incarnation, found.old_device) == (2, 1)
    assert _holidays(bank, HQ) == []
    with bank.open(HQ) as headquarters:
        _a_program_begins_anew(headquarters, program.token, cursor)
    _add_holiday(bank, "Of the new incarnation")
    _pay_from_outside(bank)  # headquarters has forgotten it, and reads the list once more
    (result,) = bank.answer("KIT")
    assert result.verdict == "ADMIT", result
    assert _booked(bank) == [Money(90_000)]
    with bank.open("KIT") as branch:
        register_savers(branch, ["Baraka"])
    (result,) = bank.receive(bank.send("KIT")[0])
    assert result.verdict == "ADMIT", result
    assert _holidays(bank, HQ) == _holidays(bank, "KIT") == ["After the backup", "Of the new incarnation"]
    (result,) = bank.answer("KIT")
    assert result.verdict in {"ADMIT", "NOOP"}, result
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
    for home in ("KIT", HQ):
        with bank.open(home) as opened:
            assert [check for check in verify_books(opened) if not check.ok] == []
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        assert unmatched(session, date(2026, 12, 31)) == [], "sent twice and booked once on either side"
    with bank.open(HQ) as headquarters:
        assert faults_of_pack(headquarters, tmp_path / "pack") == []


def test_a_backup_of_a_server_comes_back_in_a_file_and_on_a_server(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    """Rows move between PostgreSQL and an encrypted file, both ways; heads and digest stay the same."""
    first, second = postgres_cluster.new_database(), postgres_cluster.new_database()
    bank = TestInstitution.create(tmp_path / "bank", database=first)
    bank.receive(bank.send("KIT")[0])
    with bank.open(HQ) as headquarters:
        backup = write_backup(headquarters, tmp_path / "safe")
    key = open_key(bank.root / HQ / "root.key", passphrase_of(HQ))
    (bank.root / HQ).rename(tmp_path / "burnt")
    wanted = Restoring(backup.file, passphrase_of(HQ))
    restore_headquarters(bank.root / HQ, wanted, [key], clock=bank.clock)
    with bank.open(HQ) as headquarters:
        move_to_server(headquarters, second)
    with bank.open(HQ) as headquarters:
        assert not headquarters.database.is_sqlite
    bank.confirm("KIT")
    (result,) = bank.answer("KIT")
    assert result.verdict == "ADMIT", result
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
