"""A home that nobody can open any more: headquarters' recovery key opens the data, never a signature."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from banking.users import authenticate
from branch import reopening
from branch.reopening import Reopening, reopen
from console.home import operator
from hq.devices import RETIRE, change_device
from hq.replacements import branch_reserves
from hq.unlocking import KIND, unlock
from ledger.errors import RuleError, TrustError
from schema.people import Client
from sync.forgotten import Request, write_request
from sync.home import Home
from sync.recovery import new_recovery_identity, read_identity
from sync.reserve import ReserveCode
from sync.verify import verify_books
from tests.support.institution import CLERK, HQ, TestInstitution, passphrase_of, register_savers

CODE = "ABCD-EFGH-JKLM-NPQR"
NEW = "four new words here"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Two confirmed branches; one has work that headquarters lacks."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("forgotten") / "bank", ("KIT", "MBA"))
    for name in ("KIT", "MBA"):
        with bank.open(name) as branch:
            register_savers(branch, ["Amina"])
        bank.receive(bank.send(name)[0])
        bank.confirm(name)
        bank.answer(name)
    with bank.open("KIT") as branch:
        register_savers(branch, ["Baraka"])
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _home(bank: TestInstitution, name: str = "KIT") -> Home:
    return Home.at(bank.root / name)


def _answer(bank: TestInstitution, request: Request, identity: str = "") -> bytes:
    identity = identity or read_identity(bank.root / "recovery.age")
    with bank.open(HQ) as headquarters:
        own = headquarters.facts.institution_id
        with headquarters.unit_of_work(KIND, operator(headquarters)) as session:
            return unlock(session, own, request, identity=identity, code=CODE)


def _wanted(bank: TestInstitution, answer: bytes, code: str = CODE) -> Reopening:
    with bank.open(HQ) as headquarters:
        _, reserves = branch_reserves(headquarters, "KIT", CLERK)
    return Reopening(answer, code, ReserveCode(None, reserves[0].secret), NEW, "admin")


def _refused(bank: TestInstitution, wanted: Reopening) -> str:
    with pytest.raises(TrustError) as refusal:
        reopen(_home(bank), wanted, bank.clock)
    with bank.open("KIT") as branch:
        assert branch.read_only_because is None
    return refusal.value.code


def test_the_branch_goes_on_with_its_books_under_a_new_number(
    bank: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing unsent is lost, the digest is equal at headquarters, the old passphrase opens nothing."""
    request = Request.from_bytes(write_request(_home(bank)).to_bytes())
    wanted = _wanted(bank, _answer(bank, request))
    found = reopen(_home(bank), wanted, bank.clock)
    assert found.old_device == request.device != found.device
    with pytest.raises(TrustError) as shut:
        bank.open("KIT").__enter__()
    assert shut.value.code == "WRONG_PASSPHRASE"
    monkeypatch.setattr(
        "tests.support.institution.passphrase_of", lambda name: NEW if name == "KIT" else passphrase_of(name)
    )
    with bank.open("KIT") as branch:
        register_savers(branch, ["Chege"])
        with branch.database.writing() as session:
            assert authenticate(session, "admin", NEW, bank.clock()).username == "admin"
    (result,) = bank.receive(bank.send("KIT")[0])
    assert result.verdict == "ADMIT", result
    assert bank.confirm("KIT") == "active"
    bank.answer("KIT")
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
    for name in ("KIT", HQ):
        with bank.open(name) as home:
            assert [check for check in verify_books(home) if not check.ok] == []
    with pytest.raises(TrustError) as again:
        reopen(_home(bank), wanted, bank.clock)
    assert again.value.code == "NOT_FOR_US"


class Killed(BaseException):
    """The power goes; nothing catches it."""


STEPS = (
    "heal", "claim_reserve", "plan_succession", "sync_folder", "write_durably", "write_durably 2",
    "write_facts", "write_facts after", "_administrator", "set_password", "enable", "forget_request",
)  # fmt: skip
"""What is done in turn; a number counts the calls, ``after`` is when it has been done."""


@contextmanager
def _killed_at(step: str) -> Iterator[None]:
    """Cut the power when ``step`` is reached."""
    name, _, which = step.partition(" ")
    holder = Home if hasattr(Home, name) else reopening
    real, calls = getattr(holder, name), count(1)

    def cut(*given: object, **named: object) -> object:
        if which == "after":
            real(*given, **named)
        elif next(calls) != int(which or 1):
            return real(*given, **named)
        raise Killed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(holder, name, cut)
        with pytest.raises(Killed):
            yield


def test_the_power_goes_at_every_step_and_the_same_answer_is_used_again(
    bank: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One cut after the other, each further on: then the branch goes on as if nothing had been."""
    wanted = _wanted(bank, _answer(bank, write_request(_home(bank))))
    for step in STEPS:
        with _killed_at(step):
            reopen(_home(bank), wanted, bank.clock)
    found = reopen(_home(bank), wanted, bank.clock)
    monkeypatch.setattr(
        "tests.support.institution.passphrase_of", lambda name: NEW if name == "KIT" else passphrase_of(name)
    )
    with bank.open("KIT") as branch:
        assert branch.facts.device == found.device
        register_savers(branch, ["Chege"])
        with branch.database.writing() as session:
            assert authenticate(session, "admin", NEW, bank.clock()).username == "admin"
    (result,) = bank.receive(bank.send("KIT")[0])
    assert result.verdict == "ADMIT", result
    assert bank.confirm("KIT") == "active"
    bank.answer("KIT")
    here, there = bank.digests("KIT")
    assert here.sha256 == there.sha256
    with bank.open("KIT") as branch:
        assert [check for check in verify_books(branch) if not check.ok] == []


def test_what_only_the_second_copy_has_is_brought_forward_before_the_old_key_is_lost(
    bank: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database lost its last write in the same power cut; what was answered is still in the books."""
    database, kept = bank.root / "KIT" / "satchel.db", bank.root / "before.db"
    shutil.copy2(database, kept)
    with bank.open("KIT") as branch:
        register_savers(branch, ["Zawadi"])
    shutil.copy2(kept, database)
    reopen(_home(bank), _wanted(bank, _answer(bank, write_request(_home(bank)))), bank.clock)
    monkeypatch.setattr(
        "tests.support.institution.passphrase_of", lambda name: NEW if name == "KIT" else passphrase_of(name)
    )
    with bank.open("KIT") as branch, branch.database.reading() as session:
        assert "Zawadi" in session.scalars(select(Client.name)).all()


def test_a_wrong_code_another_laptops_answer_and_an_old_answer_open_nothing(bank: TestInstitution) -> None:
    """Each is refused by name, and the home is what it was."""
    old = _answer(bank, write_request(_home(bank)))
    assert _refused(bank, _wanted(bank, old, "ABCD-EFGH-JKLM-NPQS")) == "WRONG_CODE"
    others = _answer(bank, write_request(_home(bank, "MBA")))
    assert _refused(bank, _wanted(bank, others)) == "NOT_FOR_US"
    write_request(_home(bank))
    assert _refused(bank, _wanted(bank, old)) == "NOT_FOR_US"


def test_a_thief_gets_nothing_from_laptop_request_or_another_recovery_key(bank: TestInstitution) -> None:
    """The request holds the key only under the recovery key of the institution."""
    request = write_request(_home(bank))
    with pytest.raises(TrustError) as other:
        request.answer(new_recovery_identity().identity, CODE)
    assert other.value.code == "NOT_FOR_US"


def test_where_somebody_else_is_there_two_people_use_the_recovery_key(bank: TestInstitution) -> None:
    """Whoever is not the only one with the permission names a second person; nothing is recorded before."""
    request, identity = write_request(_home(bank)), read_identity(bank.root / "recovery.age")
    with bank.open(HQ) as headquarters:
        own = headquarters.facts.institution_id
        with pytest.raises(RuleError) as alone, headquarters.unit_of_work(KIND, CLERK) as session:
            unlock(session, own, request, identity=identity, code=CODE)
    assert alone.value.code == "SECOND_PERSON_NEEDED"


def test_headquarters_answers_no_retired_laptop(bank: TestInstitution) -> None:
    """A laptop that was ended is not opened again, whoever asks."""
    request = write_request(_home(bank))
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("device.end", CLERK) as session:
        change_device(session, request.device, RETIRE, reason="lost")
    with pytest.raises(RuleError) as refusal:
        _answer(bank, request)
    assert refusal.value.code == "DEVICE_STATE"
