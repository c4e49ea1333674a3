"""Attacks by those who hold a key: what a hostile, cloned or broken device sends must never cost money."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from banking.savings import deposit, open_account
from ledger.errors import TrustError
from ledger.money import Money
from schema.people import Client
from schema.products import SavingsProduct
from schema.reference import Device, Holiday
from schema.writing import insert, update
from sync import chain as chains
from sync.carriers.slip import Slip
from sync.carriers.writing import Way
from sync.chain import ACKED, HEAD
from sync.changeset import UPDATE, Op, Value
from sync.digest import digest_of
from sync.export import _manifest, _write, write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from sync.manifest import Ack
from sync.segment import seal_segment
from sync.verify import verify_books
from tests.support.forging import copy_of, forge
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    lend,
    passphrase_of,
    register_savers,
    till_of,
)

SLIP = Slip("KIT-0001", "00000000", "")


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Two confirmed branches with a loan and a deposit each, all known on both sides."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("attacks") / "bank", ("KIT", "GUL"))
    for code in ("KIT", "GUL"):
        with bank.open(code) as branch:
            lend(branch, f"Borrower of {code}", Money(500_000))
            (account,) = register_savers(branch, [f"Saver of {code}"])
            till = till_of(branch)
            with branch.unit_of_work("savings.deposit", CLERK) as session:
                deposit(session, account, Money(12_300), FIRST_DAY, till_id=till)
        bank.receive(bank.send(code)[0])
        bank.confirm(code)
    for code in ("KIT", "GUL"):
        bank.answer(code)
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _forged_answer(bank: TestInstitution, thief: str, victim: str) -> Path:
    """Write, with the thief's key, a return bundle for the victim that confirms everything as durable."""
    folder = bank._folder()
    with bank.open(victim) as branch, branch.database.reading() as session:
        device, reader = branch.facts.device, branch.recipient
        head = chains.watermark(session, device, 0, HEAD)
    assert head is not None
    with bank.open(thief) as branch:
        with branch.database.reading() as session:
            base = _manifest(branch, session, purpose="return", number=(1, 99))
        acks = tuple(Ack(device, 0, head, level) for level in ("received", "merged", "durable"))
        manifest = replace(base, acks=acks)
        sealed = seal_segment(manifest, [], branch.signer.key, [reader])
        _write(branch, folder, manifest, [sealed], 7 << 20, enrol=False, way=Way(), slip=SLIP)
    return folder


def test_only_headquarters_can_confirm(bank: TestInstitution) -> None:
    """Another branch, rightly rostered, confirms our changesets: refused, and all of them still travel."""
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    folder = _forged_answer(bank, "GUL", "KIT")
    with bank.open("KIT") as branch:
        (result,) = import_paths(branch, [folder])
        assert (result.verdict, result.code) == ("REJECT", "SCOPE")
        with branch.database.reading() as session:
            acked = chains.watermark(session, branch.facts.device, 0, ACKED)
            head = chains.watermark(session, branch.facts.device, 0, HEAD)
    assert acked != head
    bank.receive(bank.send("KIT")[0])
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256


def test_a_branch_takes_nothing_from_another_branch(bank: TestInstitution) -> None:
    """The genuine bundle of a neighbour, sealed again for us: not one row of it comes into our books."""
    with bank.open("KIT") as branch:
        reader = branch.recipient
    folder = bank._folder()
    with bank.open("GUL") as branch, branch.database.reading() as session:
        stored = list(chains.stored(session, branch.facts.device, 0))
        manifest = replace(_manifest(branch, session, purpose="branch"))
        sealed = seal_segment(
            manifest, [(row.body, row.signature) for row in stored], branch.signer.key, [reader]
        )
        _write(branch, folder, manifest, [sealed], 7 << 20, enrol=False, way=Way(), slip=SLIP)
    with bank.open("KIT") as branch:
        (result,) = import_paths(branch, [folder])
        assert (result.verdict, result.counts.admitted) == ("REJECT", 0)
        register_savers(branch, ["Wekesa"])
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.code) == ("ADMIT", None)


def _first_id(installation: Installation, table: str) -> int:
    with installation.database.reading() as session:
        return int(session.execute(text(f"SELECT min(id) FROM {table}")).scalar_one())


def _refusal_of(bank: TestInstitution, *ops: Op) -> str:
    """Send one forged changeset from KIT; it must come in without an effect. Gives the reason."""
    before = bank.digests("KIT")[1].sha256
    with bank.open("KIT") as branch:
        forge(branch, *ops)
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.counts.admitted, result.counts.exceptions) == ("ADMIT", 1, 1)
    there = bank.digests("KIT")[1]
    assert there.sha256 == before
    assert not there.certified
    return result.counts.codes[0]


BAD_CELLS: tuple[tuple[str, str, Value], ...] = (
    ("savings_transaction", "booked_on", "yesterday"),
    ("savings_transaction", "value_date", "2026-1-05"),
    ("savings_transaction", "recorded_at", 2**62),
    ("savings_transaction", "recorded_at", -1),
    ("savings_transaction", "amount", 2**62),
    ("savings_transaction", "amount", -(2**63)),
    ("savings_transaction", "amount", "12"),
    ("savings_transaction", "receipt", "9" * 5_000),
    ("savings_transaction", "note", "n" * 500_000),
    ("savings_transaction", "kind", None),
    ("savings_account", "annual_rate", "NaN"),
    ("savings_account", "annual_rate", "1E+400000"),
    ("savings_account", "annual_rate", "4.0"),
    ("client", "deceased", -1),
)


def test_a_value_that_no_table_can_hold_has_no_effect(bank: TestInstitution) -> None:
    """One bad cell in a row otherwise good: an exception by name; no page or total ever meets the value."""
    before = bank.digests("KIT")[1].sha256
    with bank.open("KIT") as branch:
        for number, (table, column, value) in enumerate(BAD_CELLS):
            forge(branch, copy_of(branch, table, number, **{column: value}))
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.counts.admitted, result.counts.exceptions) == (len(BAD_CELLS), len(BAD_CELLS))
    assert result.counts.codes == ["SCOPE"]
    assert bank.digests("KIT")[1].sha256 == before


def test_money_on_another_branchs_loan_has_no_effect(bank: TestInstitution) -> None:
    """KIT books a repayment on a loan of GUL: in whatever order the bundles come, it counts for nothing."""
    with bank.open("GUL") as branch:
        loan = _first_id(branch, "loan_account")
    with bank.open("KIT") as branch:
        op = copy_of(branch, "loan_transaction", 1, loan_account_id=loan, journal_entry_id=None)
    assert _refusal_of(bank, op) == "SCOPE"


def test_a_row_of_another_branch_named_before_and_after_it_came(tmp_path: Path) -> None:
    """The books do not depend on whether the other branch's bundle came first."""
    bank = TestInstitution.create(tmp_path / "bank", ("KIT", "GUL"))
    with bank.open("GUL") as branch:
        register_savers(branch, ["Atieno"])
        client = _first_id(branch, "client")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Njeri"])
        forge(branch, copy_of(branch, "savings_account", 1, client_id=client))
    folders = [bank.send("KIT")[0], bank.send("GUL")[0]]
    digests: set[bytes] = set()
    for order in (folders, folders[::-1]):
        copy = bank.copy_to(tmp_path / str(len(digests)) / "bank")
        copy.receive(order[0])
        copy.receive(order[1])
        with copy.open(HQ) as headquarters, headquarters.database.reading() as session:
            digests.add(digest_of(session, headquarters.roster(session)).sha256)
            assert not [check for check in verify_books(headquarters) if not check.ok]
    assert len(digests) == 1


def test_entries_beyond_what_sums_can_hold_have_no_effect(bank: TestInstitution) -> None:
    """Balanced entries of the largest amounts, again and again: refused before any sum overflows."""
    with bank.open("KIT") as branch:
        for round_ in range(2):
            number = round_ * 10_000
            ops: list[Op] = []
            for entry in range(800):
                made = copy_of_entry(branch, number + entry * 3, 10**15)
                ops += made
            forge(branch, *ops)
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.counts.admitted, result.counts.exceptions) == ("ADMIT", 2, 1)
    with bank.open(HQ) as headquarters:
        failed = [check.name for check in verify_books(headquarters) if not check.ok]
    assert set(failed) <= {"control totals"}


def copy_of_entry(branch: Installation, number: int, amount: int, currency: str = "KES") -> list[Op]:
    """Give a balanced entry of two lines under forged ids."""
    debit = copy_of(branch, "journal_line", number, debit=amount, credit=0, currency=currency)
    credit = copy_of(branch, "journal_line", number + 1, debit=0, credit=amount, currency=currency)
    entry = copy_of(branch, "journal_entry", number + 2)
    lines = [op._replace(new={**(op.new or {}), "journal_entry_id": entry.id}) for op in (debit, credit)]
    return [*lines, entry]


def test_an_entry_in_another_currency_has_no_effect(bank: TestInstitution) -> None:
    """The institution has one currency: a million of another one would stand in its trial balance."""
    with bank.open("KIT") as branch:
        ops = copy_of_entry(branch, 1, 100_000_000, currency="VND")
    assert _refusal_of(bank, *ops) == "SCOPE"


def test_the_id_before_the_first_is_no_id(bank: TestInstitution) -> None:
    """Control totals begin at counter 1: a row with counter 0 would hide from them."""
    with bank.open("KIT") as branch:
        op = copy_of(branch, "savings_transaction", 1)
        op = op._replace(id=branch.facts.device << 40)
    assert _refusal_of(bank, op) == "SCOPE"


def test_the_row_of_another_branch_is_not_changed(bank: TestInstitution) -> None:
    """KIT writes off the loan of GUL: NOT_OWNER."""
    with bank.open("GUL") as branch:
        loan = _first_id(branch, "loan_account")
    op = Op("loan_account", UPDATE, loan, {"status": "written_off"}, {"status": "active"})
    assert _refusal_of(bank, op) == "NOT_OWNER"


def test_a_device_of_a_branch_has_one_chain(bank: TestInstitution) -> None:
    """A second chain under the same key would make the books depend on which of the two came first."""
    folder = bank._folder()
    with bank.open("KIT") as branch:
        with branch.database.reading() as session:
            hq_reader = session.execute(
                text("SELECT value FROM setting WHERE name = 'hq_recipient'")
            ).scalar_one()
            recovery = session.execute(
                text("SELECT value FROM setting WHERE name = 'recovery_recipient'")
            ).scalar_one()
            base = _manifest(branch, session, purpose="branch")
        accepted = forge(branch, copy_of(branch, "client", 1), chain=7)
        manifest = replace(base, chain=7)
        sealed = seal_segment(
            manifest, [(accepted.body, accepted.signature)], branch.signer.key, [hq_reader, recovery]
        )
        _write(branch, folder, manifest, [sealed], 7 << 20, enrol=False, way=Way(), slip=SLIP)
    (result,) = bank.receive(folder)
    assert (result.verdict, result.code, result.counts.admitted) == ("REJECT", "SCOPE", 0)


def test_a_clone_whose_first_change_is_lost_is_noticed_too(bank: TestInstitution) -> None:
    """Only the later part of the other history arrives: held as FORK, and the books are not certified."""
    shutil.copytree(bank.root / "KIT", bank.root / "clone")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    bank.receive(bank.send("KIT")[0])
    assert bank.digests("KIT")[1].certified
    with Installation.open(str(bank.root / "clone"), passphrase_of("KIT"), clock=bank.clock) as branch:
        register_savers(branch, ["Barasa"])
        write_branch_bundle(branch, bank._folder())
        register_savers(branch, ["Simiyu"])
        folder = bank._folder()
        write_branch_bundle(branch, folder, since_last=True)
    (result,) = bank.receive(folder)
    assert (result.verdict, result.code, result.counts.admitted) == ("HOLD", "FORK", 0)
    assert not bank.digests("KIT")[1].certified


def test_of_two_held_histories_the_one_that_follows_goes_on(bank: TestInstitution) -> None:
    """Both wait behind a gap; when it closes, the one that does not follow does not stop the other."""
    shutil.copytree(bank.root / "KIT", bank.root / "clone")
    late: dict[str, Path] = {}
    first: dict[str, Path] = {}
    for home in ("KIT", "clone"):
        with Installation.open(str(bank.root / home), passphrase_of("KIT"), clock=bank.clock) as branch:
            for number, kept in enumerate((first, late)):
                register_savers(branch, [f"{home} {number}"])
                kept[home] = bank._folder()
                write_branch_bundle(branch, kept[home], since_last=True)
    for home in ("KIT", "clone"):
        (result,) = bank.receive(late[home])
        assert (result.verdict, result.code) == ("HOLD", "GAP")
    for order in (("KIT",), ("clone",)):
        copy = bank.copy_to(bank.root / f"only {order[0]}")
        (result,) = copy.receive(first[order[0]])
        assert result.counts.admitted == 2
        assert "FORK" in result.counts.codes
        assert not copy.digests("KIT")[1].certified


def test_a_revoked_device_without_a_bound_is_believed_no_more(bank: TestInstitution) -> None:
    """The roster says revoked and forgets the bound: what comes from then on is quarantined."""
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("device.revoke", CLERK) as session:
        row = session.scalars(select(Device).where(Device.number == 2)).one()
        update(session, row, state="revoked")
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.code, result.counts.admitted) == ("QUARANTINE", "REVOKED_AFTER", 0)


def test_a_suspended_device_changes_nothing(bank: TestInstitution) -> None:
    """Neither changesets nor acknowledgements of a suspended device count; its bundle waits outside."""
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("device.suspend", CLERK) as session:
        row = session.scalars(select(Device).where(Device.number == 2)).one()
        update(session, row, state="suspended")
    (result,) = bank.receive(bank.send("KIT")[0])
    assert (result.verdict, result.code, result.counts.admitted) == ("QUARANTINE", "KIT_REUSED", 0)


def test_our_own_bundle_comes_back(bank: TestInstitution) -> None:
    """Known: nothing. From a clone that went on: CHAIN_RESTORED, and nothing of it comes in."""
    shutil.copytree(bank.root / "KIT", bank.root / "clone")
    with Installation.open(str(bank.root / "clone"), passphrase_of("KIT"), clock=bank.clock) as clone:
        register_savers(clone, ["Barasa"])
        strange = bank._folder()
        write_branch_bundle(clone, strange)
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    own, _ = bank.send("KIT")
    with bank.open("KIT") as branch:
        (result,) = import_paths(branch, [own])
        assert (result.verdict, result.counts.admitted) == ("NOOP", 0)
        (result,) = import_paths(branch, [strange])
        assert (result.verdict, result.code) == ("QUARANTINE", "CHAIN_RESTORED")


def test_a_branch_put_back_to_yesterday_gets_headquarters_data_again(bank: TestInstitution) -> None:
    """A database older than the last answer: what headquarters had sent is asked for and comes again."""
    yesterday = {file.name: file.read_bytes() for file in (bank.root / "KIT").glob("satchel.db*")}
    for name in ("One", "Two"):
        with bank.open(HQ) as headquarters, headquarters.unit_of_work("holiday.add", CLERK) as session:
            insert(session, Holiday(on=FIRST_DAY, name=name))
        bank.answer("KIT")
        bank.receive(bank.send("KIT")[0])
    for file in (bank.root / "KIT").glob("satchel.db*"):
        file.unlink()
    for file_name, content in yesterday.items():
        (bank.root / "KIT" / file_name).write_bytes(content)
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("holiday.add", CLERK) as session:
        insert(session, Holiday(on=FIRST_DAY, name="Three"))
    (result,) = bank.answer("KIT")
    assert (result.verdict, result.code) == ("HOLD", "GAP")
    bank.receive(bank.send("KIT")[0])
    (result,) = bank.answer("KIT")
    assert result.verdict == "ADMIT"
    with bank.open("KIT") as branch, branch.database.reading() as session:
        assert [row.name for row in session.scalars(select(Holiday))] == ["One", "Two", "Three"]


def test_a_second_copy_that_builds_on_what_was_lost_is_named(bank: TestInstitution) -> None:
    """Yesterday's database and today's second copy, which uses a product that came in between."""
    yesterday = {file.name: file.read_bytes() for file in (bank.root / "KIT").glob("satchel.db*")}
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("product.add", CLERK) as session:
        old = session.scalars(select(SavingsProduct).where(SavingsProduct.code == "SAVE")).one()
        kept = {c.name: getattr(old, c.name) for c in SavingsProduct.__table__.columns}
        insert(session, product := SavingsProduct(**(kept | {"code": "NEW", "id": None})))
    bank.answer("KIT")
    with bank.open("KIT") as branch, branch.unit_of_work("savings.open", CLERK) as session:
        client = session.scalars(select(Client)).first()
        assert client is not None
        open_account(session, client_id=client.id, product_id=product.id, opened_on=FIRST_DAY)
    for file in (bank.root / "KIT").glob("satchel.db*"):
        file.unlink()
    for file_name, content in yesterday.items():
        (bank.root / "KIT" / file_name).write_bytes(content)
    with pytest.raises(TrustError) as refusal, bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    assert refusal.value.code == "CHAIN_RESTORED"
