"""A bundle's way from a branch to headquarters and back: what is admitted, held, known or refused."""

import hashlib
import random
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from banking.savings import deposit
from branch.founding import create_branch
from hq.founding import confirm, enrol
from hq.sending import export_to_branch
from ledger.errors import TrustError
from ledger.money import Money
from sync import export, opening, segment, volume
from sync.changeset import Changeset
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.kit import Kit
from sync.manifest import Totals
from sync.packing import unpack
from sync.segment import MAGIC
from sync.status import branch_status
from sync.totals import chain_totals
from sync.verify import verify_books
from sync.volume import check_volume, read_sealed
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, lend, register_savers, till_of


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Two branches; KIT has a loan and savings, GUL nothing yet."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("bundles") / "bank", ("KIT", "GUL"))
    with bank.open("KIT") as branch:
        lend(branch, "Njeri", Money(500_000))
        (account,) = register_savers(branch, ["Otieno"])
        till = till_of(branch)
        with branch.unit_of_work("savings.deposit", CLERK) as session:
            deposit(session, account, Money(12_300), FIRST_DAY, till_id=till)
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _bytes_of(home: Path) -> dict[str, str]:
    """SHA-256 of every file of a home but its logs."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and "logs" not in path.parts
    }


def test_a_branch_and_headquarters_have_the_same_books_before_any_answer(bank: TestInstitution) -> None:
    """One bundle up: equal digests at equal cuts; not certified, since nobody has confirmed the device."""
    folder, _ = bank.send("KIT")
    (result,) = bank.receive(folder)
    assert (result.verdict, result.code, result.sender) == ("ADMIT", None, "KIT")
    assert result.totals_agree is True
    here, there = bank.digests("KIT")
    assert (here.sha256, here.cut) == (there.sha256, there.cut)
    assert not here.certified
    assert not there.certified


def test_confirming_the_device_certifies_its_books(bank: TestInstitution) -> None:
    """After the fingerprint was compared and an answer has come, both sides say certified."""
    bank.receive(bank.send("KIT")[0])
    assert bank.confirm("KIT") == "active"
    (result,) = bank.answer("KIT")
    assert result.verdict == "ADMIT"
    here, there = bank.digests("KIT")
    assert here.certified
    assert there.certified


def test_a_wrong_fingerprint_confirms_nothing(bank: TestInstitution) -> None:
    """Twenty other digits: refused, the device stays unconfirmed."""
    bank.receive(bank.send("KIT")[0])
    with bank.open(HQ) as headquarters:
        with pytest.raises(TrustError) as refusal:
            confirm(headquarters, 2, "0" * 20, CLERK)
        assert refusal.value.code == "WRONG_FINGERPRINT"
        with headquarters.database.reading() as session:
            member = headquarters.roster(session).find(2)
            assert member is not None
            assert member.state == "unconfirmed"


def test_the_preview_counts_as_the_import_and_leaves_every_byte(bank: TestInstitution) -> None:
    """``--dry-run``: same counts, no byte of headquarters' home changed but logs."""
    folder, _ = bank.send("KIT")
    with bank.open(HQ):
        pass  # what opening alone writes is written now
    before = _bytes_of(bank.root / HQ)
    (preview,) = bank.receive(folder, dry_run=True)
    assert _bytes_of(bank.root / HQ) == before
    (real,) = bank.receive(folder)
    assert (preview.verdict, preview.counts, preview.totals_agree) == (
        real.verdict,
        real.counts,
        real.totals_agree,
    )
    assert _bytes_of(bank.root / HQ) != before


def test_the_same_bundle_ten_times_is_known(bank: TestInstitution) -> None:
    """Duplicates are harmless: the books stay, the verdict says NOOP."""
    folder, _ = bank.send("KIT")
    bank.receive(folder)
    before = bank.digests("KIT")[1].sha256
    for _ in range(10):
        (result,) = bank.receive(folder)
        assert (result.verdict, result.code, result.counts.admitted) == ("NOOP", "DUPLICATE", 0)
    assert bank.digests("KIT")[1].sha256 == before


def test_a_gap_is_held_named_and_closed_by_the_missing_bundle(bank: TestInstitution) -> None:
    """The second bundle first: held as GAP, and asked for; the first one then brings in both."""
    first, _ = bank.send("KIT")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    second, _ = bank.send("KIT", since_last=True)
    (held,) = bank.receive(second)
    assert (held.verdict, held.code, held.counts.admitted) == ("HOLD", "GAP", 0)
    assert held.counts.held > 0
    assert held.totals_agree is None
    assert _claims(bank) == [None]
    (filled,) = bank.receive(first)
    assert filled.verdict == "ADMIT"
    assert _claims(bank) == [1, 1]
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256


def _claims(bank: TestInstitution) -> list[int | None]:
    """What came of each claim of control totals; None while its chain is not whole."""
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        return list(session.scalars(text("SELECT agree FROM control_total ORDER BY seq")))


def test_a_gap_is_asked_for_in_the_answer(bank: TestInstitution) -> None:
    """``wants`` of the return bundle names the missing run of the chain."""
    bank.receive(bank.send("KIT")[0])
    bank.confirm("KIT")
    for name in ("Wekesa", "Barasa"):
        with bank.open("KIT") as branch:
            register_savers(branch, [name])
        last, written = bank.send("KIT", since_last=True)
    assert written.first_seq is not None
    bank.receive(last)
    (answered,) = bank.answer("KIT")
    (want,) = answered.manifests[-1].wants
    assert (want.device, want.first, want.last) == (2, written.first_seq - 1, written.first_seq - 1)


def test_the_status_line_moves_with_the_bundle(bank: TestInstitution) -> None:
    """To send, written, at headquarters: each only when it is so, the last only by a signed answer."""
    with bank.open("KIT") as branch:
        start = branch_status(branch)
    assert (start.exported, start.received, start.pending) == (0, 0, start.last_seq)
    folder, _ = bank.send("KIT")
    with bank.open("KIT") as branch:
        written = branch_status(branch)
    assert (written.pending, written.exported, written.received) == (0, start.last_seq, 0)
    bank.receive(folder)
    with bank.open("KIT") as branch:
        assert branch_status(branch).received == 0
    bank.confirm("KIT")
    bank.answer("KIT")
    with bank.open("KIT") as branch:
        confirmed = branch_status(branch)
        register_savers(branch, ["Wekesa"])
        assert branch_status(branch).pending == 1
    assert (confirmed.received, confirmed.merged) == (start.last_seq, start.last_seq)
    _, written_next = bank.send("KIT")
    assert written_next.first_seq == start.last_seq + 1


def test_a_bundle_is_cumulative_until_it_is_confirmed(bank: TestInstitution) -> None:
    """A lost stick needs no repair: the next bundle starts where the last confirmed one ended."""
    _, lost = bank.send("KIT")
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
    folder, following = bank.send("KIT")
    assert (lost.first_seq, following.first_seq) == (1, 1)
    bank.receive(folder)
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256


def test_false_totals_are_admitted_shown_and_named(
    bank: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle rightly signed whose totals lie about one account: nothing of it is certified."""

    def lie(session: object, device: int, up_to_id: int | None = None) -> Totals:
        honest = chain_totals(session, device, up_to_id)  # type: ignore[arg-type]  # a Session
        return Totals({**honest.accounts, "1210": honest.accounts["1210"] + 1}, honest.loans, honest.savings)

    monkeypatch.setattr(export, "chain_totals", lie)
    folder, _ = bank.send("KIT")
    monkeypatch.undo()
    (result,) = bank.receive(folder)
    assert (result.verdict, result.totals_agree) == ("ADMIT", False)
    assert "1210" in result.detail
    bank.confirm("KIT")
    assert not bank.digests("KIT")[1].certified
    with bank.open(HQ) as headquarters:
        failed = [check for check in verify_books(headquarters) if not check.ok]
    assert [check.name for check in failed] == ["control totals"]
    assert "1210" in failed[0].detail


def test_every_flipped_bit_and_every_cut_is_refused_whole(bank: TestInstitution) -> None:
    """One bit anywhere, the trailer included, or the end missing: REJECT, and the books stay as they were."""
    folder, written = bank.send("KIT")
    (path,) = written.volumes
    data = path.read_bytes()
    chance = random.Random(5)
    places = [0, 7, 8, 40, len(data) - 1, len(data) - 5, len(data) - 13, len(data) - 80, len(data) - 200]
    places += [chance.randrange(len(data)) for _ in range(60)]
    before = bank.digests("GUL")[1].tables, _chain_lengths(bank)
    bad = bank.root / "bad"
    bad.mkdir()
    for number, place in enumerate(places):
        damaged = bytearray(data)
        damaged[place] ^= 1 << chance.randrange(8)
        (bad / f"{number:04}.S01").write_bytes(damaged)
    for number in range(20):
        (bad / f"cut{number:04}.S01").write_bytes(data[: chance.randrange(1, len(data))])
    (bad / "long.S01").write_bytes(data + b"\0")
    (bad / "empty.S01").write_bytes(b"")
    results = bank.receive(*sorted(bad.iterdir()))
    assert {result.verdict for result in results} == {"REJECT"}
    assert len(results) == len(places) + 22
    assert all(result.code for result in results)
    assert (bank.digests("GUL")[1].tables, _chain_lengths(bank)) == before
    (result,) = bank.receive(folder)
    assert result.verdict == "ADMIT"


def _chain_lengths(bank: TestInstitution) -> int:
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM changeset")).scalar_one())


def test_bundles_of_others_are_refused(bank: TestInstitution, tmp_path: Path) -> None:
    """Another institution's, another branch's answer, and foreign files: by name, nothing changed."""
    stranger = TestInstitution.create(tmp_path / "stranger")
    (result,) = bank.receive(stranger.send("KIT")[0])
    assert (result.verdict, result.code) == ("REJECT", "OTHER_INSTITUTION")
    bank.receive(bank.send("KIT")[0], bank.send("GUL")[0])
    passed_on = tmp_path / "passed on"
    passed_on.mkdir()
    with bank.open(HQ) as headquarters:
        export_to_branch(headquarters, "GUL", passed_on, volume_bytes=7 << 20)
    with bank.open("KIT") as branch:
        (result,) = import_paths(branch, [passed_on])
    assert (result.verdict, result.code) == ("REJECT", "NOT_FOR_US")
    (tmp_path / "letter.txt").write_text("no bundle at all", encoding="utf-8")
    assert bank.receive(tmp_path / "letter.txt")[0].code == "NOT_SATCHEL"
    assert bank.receive(tmp_path / "passed on" / "..", dry_run=True) is not None


def test_a_kit_used_twice_suspends_both_laptops(bank: TestInstitution, tmp_path: Path) -> None:
    """Two laptops claim one kit: neither is believed from then on."""
    with bank.open(HQ) as headquarters:
        _, file = enrol(headquarters, "LIR", "Lira", "code 4711", CLERK)
    twins = []
    for name in ("LIR", "thief"):
        kit = Kit.from_file(file, "CODE-4711")
        create_branch(
            bank.root / name, kit, admin="admin", passphrase=f"passphrase of {name}", clock=bank.clock
        )
        twins.append(bank.send(name)[0])
    (first,) = bank.receive(twins[0])
    (second,) = bank.receive(twins[1])
    (again,) = bank.receive(bank.send("LIR")[0])
    assert first.verdict == "ADMIT"
    assert [(result.verdict, result.code) for result in (second, again)] == [("QUARANTINE", "KIT_REUSED")] * 2
    there = bank.digests("LIR")[1]
    assert there.cut
    assert not there.certified
    with pytest.raises(TrustError) as refusal:
        bank.answer("LIR")
    assert refusal.value.code == "KIT_REUSED"
    with pytest.raises(TrustError) as refusal:
        bank.confirm("LIR")
    assert refusal.value.code == "KIT_REUSED"
    with bank.open(HQ) as headquarters:
        assert [check for check in verify_books(headquarters) if not check.ok] == []


def test_a_wrong_code_opens_no_kit_and_a_late_one_has_expired(bank: TestInstitution) -> None:
    """The kit under another code, and the right one four months later: refused, no home is made."""
    with bank.open(HQ) as headquarters:
        _, file = enrol(headquarters, "LIR", "Lira", "code 4711", CLERK)
    with pytest.raises(TrustError) as refusal:
        Kit.from_file(file, "code 4712")
    assert refusal.value.code == "WRONG_CODE"
    bank.clock.now += timedelta(days=120)
    with pytest.raises(TrustError) as refusal:
        create_branch(
            bank.root / "LIR",
            Kit.from_file(file, "code 4711"),
            admin="admin",
            passphrase="long enough",
            clock=bank.clock,
        )
    assert refusal.value.code == "KIT_EXPIRED"
    assert not (bank.root / "LIR").exists()


def test_an_older_answer_changes_nothing(bank: TestInstitution, tmp_path: Path) -> None:
    """Two answers, the newer applied first: the older is NOOP, and the status does not go back."""
    bank.receive(bank.send("KIT")[0])
    older, newer = tmp_path / "older", tmp_path / "newer"
    for folder in (older, newer):
        folder.mkdir()
        with bank.open(HQ) as headquarters:
            export_to_branch(headquarters, "KIT", folder, volume_bytes=7 << 20)
        with bank.open("KIT") as branch:
            register_savers(branch, ["Somebody"])
        bank.receive(bank.send("KIT")[0])
    with bank.open("KIT") as branch:
        assert import_paths(branch, [newer])[0].verdict == "ADMIT"
        received = branch_status(branch).received
        (result,) = import_paths(branch, [older])
        assert (result.verdict, result.code) == ("NOOP", "OLD_RETURN")
        assert branch_status(branch).received == received


def test_stock_age_and_zstd_open_a_segment_with_the_recovery_key(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """The institution's own tools are not needed to read what it owns: Debian's age and zstd do."""
    _, written = bank.send("KIT")
    (path,) = written.volumes
    with path.open("rb") as file:
        index = check_volume(file, path.stat().st_size)
        sealed = read_sealed(file, index.segments[0])
    (tmp_path / "segment.age").write_bytes(sealed[1:])
    identity = str(bank.root / "recovery.age")
    opened = subprocess.run(
        ["age", "-d", "-i", identity, str(tmp_path / "segment.age")], capture_output=True, check=True
    ).stdout
    plain = subprocess.run(["zstd", "-d", "-c"], input=opened, capture_output=True, check=True).stdout
    assert plain.startswith(MAGIC)
    size = int.from_bytes(plain[8:12], "big")
    block = plain[12 + size + 64 :]
    with bank.open(HQ) as headquarters:
        assert headquarters.facts.edition == "hq"
    kinds = [Changeset.from_bytes(body).kind for body, _ in unpack(block)]
    assert kinds[0] == "user.create"
    assert "loan.disburse" in kinds


def test_volumes_of_one_bundle_may_come_one_by_one(
    bank: TestInstitution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Volume 2 of several is missing: the run before it is admitted, the rest when it comes.

    Their segments are let go once they are authentic, and read again when their turn comes.
    """
    monkeypatch.setattr(segment, "RUN_BYTES", 4_000)
    monkeypatch.setattr(opening, "_HELD_BYTES", 0)
    monkeypatch.setattr(volume, "PAD_BYTES", 2 << 10)
    stick, late = tmp_path / "stick", tmp_path / "late"
    stick.mkdir()
    late.mkdir()
    with bank.open("KIT") as branch:
        for name in ("Amina", "Baraka", "Chausiku", "Dalila", "Eshe", "Faraji"):
            register_savers(branch, [f"{name} {number}" for number in range(10)])
        written = write_branch_bundle(branch, stick, volume_bytes=8 << 10)
    assert len(written.volumes) >= 3
    shutil.move(written.volumes[1], late)
    (first,) = bank.receive(stick)
    assert first.verdict == "HOLD"
    assert first.counts.admitted > 0
    assert first.counts.held > 0
    assert "2" in first.detail
    (second,) = bank.receive(late)
    assert second.verdict == "ADMIT"
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
