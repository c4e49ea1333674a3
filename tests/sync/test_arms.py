"""A laptop that was copied and used twice: both histories in the books, at headquarters and at the branch."""

import shutil
from pathlib import Path

from sqlalchemy import select, text

from banking.client_corrections import correct_client
from banking.savings import deposit, withdraw
from console.home import operator
from ledger.money import Money
from schema.people import Client
from schema.reference import Decision, Device
from schema.writing import insert
from sync import chain as chains
from sync.canonical import encode
from sync.chain import HEAD
from sync.changeset import Place, digest
from sync.export import write_branch_bundle
from sync.installation import Installation
from sync.verify import verify_books
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    passphrase_of,
    register_savers,
    till_of,
)


def test_both_histories_of_a_clone_stand_once_headquarters_says_so(tmp_path: Path) -> None:
    """The arm is folded under a number of its own, and comes back to the branch: the same books there."""
    bank = TestInstitution.create(tmp_path / "bank")
    with bank.open("KIT") as branch:
        (account,) = register_savers(branch, ["Njeri"])
        till = till_of(branch)
        with branch.unit_of_work("savings.deposit", CLERK) as session:
            deposit(session, account, Money(50_000), FIRST_DAY, till_id=till)
    bank.receive(bank.send("KIT")[0])
    bank.confirm("KIT")
    bank.answer("KIT")
    shutil.copytree(bank.root / "KIT", bank.root / "clone")
    firsts: list[Place] = []
    for home, name in (("KIT", "Wekesa"), ("clone", "Barasa")):
        with Installation.open(str(bank.root / home), passphrase_of("KIT"), clock=bank.clock) as branch:
            register_savers(branch, [name])
            with branch.database.reading() as session:
                firsts.append(chains.watermark(session, 2, 0, HEAD) or Place(0, b""))
            with branch.unit_of_work("savings.withdraw", CLERK) as session:
                withdraw(session, account, Money(40_000), FIRST_DAY, till_id=till)
            folder = bank._folder()
            write_branch_bundle(branch, folder)
        (result,) = bank.receive(folder)
    assert (result.verdict, result.code) == ("HOLD", "FORK")
    there = bank.digests("KIT")[1]
    assert (there.certified, there.cut[2, 0].seq) == (False, firsts[0].seq - 1)
    _adopt(bank, firsts[0], firsts[1], number=9)
    with bank.open(HQ) as headquarters:
        assert [check for check in verify_books(headquarters) if not check.ok] == []
        with headquarters.database.reading() as session:
            found = session.execute(
                text("SELECT id >> 40, name, number FROM client ORDER BY id DESC LIMIT 3")
            )
            assert {tuple(row) for row in found} >= {
                (9, "Barasa", "KIT-C-000002/A"),
                (2, "Wekesa", "KIT-C-000002"),
            }
            waiting = session.execute(text("SELECT code, what, state FROM exception")).all()
            assert waiting == [
                ("OVERDRAWN", "savings account KIT-S-000001 comes to -30000 (minor units)", "open")
            ]
    with (
        bank.open(HQ) as headquarters,
        headquarters.unit_of_work("client.update", operator(headquarters)) as session,
    ):
        of_arm = session.scalars(select(Client.id).where(Client.name == "Barasa")).one()
        correct_client(session, of_arm, name="Barasa Wafula")
    (result,) = bank.answer("KIT")
    assert (result.verdict, result.code, result.counts.exceptions) == ("ADMIT", None, 0)
    here, there = bank.digests("KIT")
    assert (here.sha256, here.cut) == (there.sha256, there.cut)
    with bank.open("KIT") as branch:
        assert [check for check in verify_books(branch) if not check.ok] == []
        register_savers(branch, ["Simiyu"])
    bank.receive(bank.send("KIT")[0])
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256


def _adopt(bank: TestInstitution, main: Place, arm: Place, number: int) -> None:
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("fork.adopt", CLERK) as session:
        device = session.scalars(select(Device).where(Device.number == 2)).one()
        insert(session, Device(number=number, office_id=device.office_id, state="retired", succeeds=2))
        members = sorted([2, place.seq, place.hash] for place in (main, arm))
        detail = {"device": 2, "main": main.hash, "arms": {arm.hash.hex(): number}}
        row = Decision(
            case_key=digest(encode(["fork", members])),
            kind="fork",
            outcome="adopt",
            reason="both are cash",
            members=encode(members),
            detail=encode(detail),
        )
        insert(session, row)
