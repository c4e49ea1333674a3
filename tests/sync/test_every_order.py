"""All orders of up to seven changesets of each merge class, and all that is left out and delivered later.

One institution lives through the phases below; for each of them headquarters is put back to where it stood
before, and gets that phase's changesets in every order (``tests/support/orders.py``).
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import factorial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.client_corrections import correct_client, unmark_client
from banking.clients import mark_client, register_client, update_client
from banking.days import open_day
from banking.periods import make_year, write_closed
from banking.savings import deposit, reverse, withdraw
from console.home import operator
from hq.decisions import decide
from hq.devices import REVOKE, change_device
from hq.sending import export_to_branch
from hq.waiting import waiting_list
from ledger.money import Money
from schema.accounting import Till
from schema.accounts import SavingsAccount, SavingsTransaction
from schema.people import Client
from schema.products import LoanProduct
from schema.reading import keep_connection
from schema.writing import update
from sync.chain import HEAD, watermark
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.institution import (
    CLERK,
    FIRST_DAY,
    HQ,
    TestInstitution,
    passphrase_of,
    register_savers,
    till_of,
)
from tests.support.orders import Orders, Piece, Signed, deliver, stored_by

BRANCHES = ("KIT", "GUL")


class Life:
    """Headquarters, two branches and their copies, all open; what is new since the last phase is a piece."""

    def __init__(self, root: Path) -> None:
        self.bank = TestInstitution.create(root / "bank", BRANCHES)
        for code in BRANCHES:
            with self.bank.open(code) as branch:
                till_of(branch)
                with branch.unit_of_work("day.open", CLERK) as session:
                    open_day(session, FIRST_DAY)
                register_savers(branch, [f"{code} one", f"{code} two"])
            self.bank.receive(self.bank.send(code)[0])
            self.bank.confirm(code)
        with self.bank.open(HQ) as hq, hq.unit_of_work("period.create", operator(hq)) as session:
            make_year(session, "gregorian", 2026)
        for code in BRANCHES:
            self.bank.answer(code)
        shutil.copytree(self.bank.root / HQ, self.bank.root / "then")
        self.homes = {
            name: Installation.open(
                str(self.bank.root / name),
                passphrase_of(HQ if name == "then" else name),
                clock=self.bank.clock,
            )
            for name in (HQ, *BRANCHES, "then")
        }
        self.known = {one.hash for one in stored_by(self.homes["then"])}

    def clone(self, code: str) -> None:
        """Copy a branch's laptop."""
        self.homes[code].close()
        shutil.copytree(self.bank.root / code, self.bank.root / f"{code}-2")
        for name in (code, f"{code}-2"):
            self.homes[name] = Installation.open(
                str(self.bank.root / name), passphrase_of(code), clock=self.bank.clock
            )

    def carry(self, name: str) -> None:
        """Bring a laptop's bundle to headquarters."""
        folder = self.bank._folder()
        write_branch_bundle(self.homes[name], folder)
        import_paths(self.homes[HQ], [folder])

    def answer(self, code: str) -> None:
        """Bring headquarters' answer to a branch."""
        folder = self.bank._folder()
        export_to_branch(self.homes[HQ], code, folder, volume_bytes=7 << 20)
        import_paths(self.homes[code], [folder])

    def decide(self, family: str, word: str) -> None:
        """Decide what waits of a family, else what was decided before."""
        hq = self.homes[HQ]
        with hq.database.reading() as session:
            items = [one for one in waiting_list(session, decided=True) if one.family == family]
        item = min(items, key=lambda one: bool(one.outcome))
        with hq.unit_of_work("exception.decide", operator(hq)) as session:
            decide(hq, session, item.key, word, "both were asked")

    def go_on_with_main(self, code: str) -> None:
        """Of a branch and its copy, call the branch the one whose history kept the number."""
        device = self.homes[code].facts.device
        heads = {}
        for name in (HQ, f"{code}-2"):
            with self.homes[name].database.reading() as session:
                heads[name] = watermark(session, device, 0, HEAD)
        if heads[HQ] == heads[f"{code}-2"]:
            self.homes[code], self.homes[f"{code}-2"] = self.homes[f"{code}-2"], self.homes[code]

    def fresh(self) -> list[Signed]:
        """Give what has been signed since the last phase, by anybody."""
        found: dict[bytes, Signed] = {}
        for name, home in self.homes.items():
            if name != "then":
                found |= {one.hash: one for one in stored_by(home) if one.hash not in self.known}
        self.known |= found.keys()
        return sorted(found.values(), key=lambda one: (one.device, one.chain, one.seq, one.hash))


def _client(home: Installation) -> int:
    with home.database.reading() as session:
        office = home.place.office_id
        return session.scalars(select(Client.id).where(Client.origin_office_id == office)).first() or 0


def _save(home: Installation, amount: int) -> None:
    with home.unit_of_work("savings.deposit", CLERK) as session:
        office = home.place.office_id
        account = session.scalars(
            select(SavingsAccount.id).where(SavingsAccount.origin_office_id == office)
        ).first()
        assert account is not None
        act = deposit if amount > 0 else withdraw
        act(session, account, Money(abs(amount)), FIRST_DAY, till_id=till_of_session(session, office))


def till_of_session(session: Session, office: int) -> int:
    """Give the drawer of an office."""
    found = session.scalars(select(Till.id).where(Till.origin_office_id == office, Till.number > 0)).first()
    assert found is not None
    return int(found)


def _facts(life: Life) -> None:
    """Deposits, a withdrawal and a reversal at two branches."""
    for code in BRANCHES:
        for amount in (5_000, 700, -300):
            _save(life.homes[code], amount)
    with life.homes["KIT"].unit_of_work("savings.reverse", CLERK) as session:
        wanted = select(SavingsTransaction).where(SavingsTransaction.kind == "deposit")
        newest = session.scalars(wanted.order_by(SavingsTransaction.id.desc())).first()
        assert newest is not None
        reverse(session, newest, reason="typed twice", on=FIRST_DAY)


def _reference(life: Life) -> None:
    """Headquarters changes a product; one branch works on after it has seen that, the other one before."""
    hq = life.homes[HQ]
    _save(life.homes["GUL"], 100)
    for name in ("Weekly A", "Weekly B", "Weekly C"):
        with hq.unit_of_work("product.update", operator(hq)) as session:
            update(session, session.scalars(select(LoanProduct).order_by(LoanProduct.id)).all()[0], name=name)
    life.answer("KIT")
    for amount in (200, 300):
        _save(life.homes["KIT"], amount)
    _save(life.homes["GUL"], 400)


def _shared(life: Life) -> None:
    """Branch and headquarters write one client's groups, with and without having seen each other."""
    kit, hq = life.homes["KIT"], life.homes[HQ]
    life.carry("KIT")
    client = _client(kit)
    with hq.unit_of_work("client.update", operator(hq)) as session:
        correct_client(session, client, name="Of headquarters")
    for change in ({"name": "Of the branch"}, {"phone": "+254 700 000 001"}):
        with kit.unit_of_work("client.update", CLERK) as session:
            update_client(session, client, **change)
    life.answer("KIT")
    with kit.unit_of_work("client.update", CLERK) as session:
        update_client(session, client, name="Of both", address="Kapsara")
    with kit.unit_of_work("client.update", CLERK) as session:
        update_client(session, client, village="Kapsara")
    with hq.unit_of_work("client.update", operator(hq)) as session:
        correct_client(session, client, address="Kitale")


def _one_way(life: Life) -> None:
    """A mark set, taken off by headquarters, set again; others set elsewhere."""
    kit, gul, hq = life.homes["KIT"], life.homes["GUL"], life.homes[HQ]
    client = _client(kit)
    with kit.unit_of_work("client.mark", CLERK) as session:
        mark_client(session, client, blacklisted=True)
    for mark in ("deceased", "blacklisted"):
        with gul.unit_of_work("client.mark", CLERK) as session:
            mark_client(session, _client(gul), **{mark: True})
    life.carry("KIT")
    with hq.unit_of_work("client.unmark", operator(hq)) as session:
        unmark_client(session, client, blacklisted=True, reason="paid all", approved_by_id=None)
    life.answer("KIT")
    with kit.unit_of_work("client.mark", CLERK) as session:
        mark_client(session, client, blacklisted=True)
    _save(kit, 60)


def _unique(life: Life) -> None:
    """One national id at two branches, decided same, then different."""
    for code in BRANCHES:
        with life.homes[code].unit_of_work("client.register", CLERK) as session:
            register_client(session, name=f"Wanjiru {code}", national_id="12345678", joined_on=FIRST_DAY)
        life.carry(code)
    life.decide("identity", "same")
    life.decide("identity", "different")
    for code in BRANCHES:
        _save(life.homes[code], 50)


def _two_lines(life: Life) -> None:
    """Two laptops of one branch change the same rows; both arms are adopted, and the main one goes on."""
    life.clone("KIT")
    for name in ("KIT", "KIT-2"):
        home = life.homes[name]
        with home.unit_of_work("till.rename", CLERK) as session:
            till = session.get_one(Till, till_of_session(session, home.place.office_id))
            update(session, till, name=f"Drawer of {name}")
        _save(home, 70)
        life.carry(name)
    life.decide("fork", "adopt")
    life.go_on_with_main("KIT")
    _save(life.homes["KIT"], 80)


def _six_bundles(life: Life) -> None:
    """A fork, a close of a month, a revocation with what came before and after it, and an adoption."""
    hq = life.homes[HQ]
    life.clone("GUL")
    for name in ("GUL", "GUL-2"):
        for amount in (11, 12):
            _save(life.homes[name], amount)
    for amount in (13, 14):
        _save(life.homes["KIT"], amount)
    life.carry("KIT")
    with hq.unit_of_work("device.revoke", operator(hq)) as session:
        change_device(session, life.homes["KIT"].facts.device, REVOKE, reason="stolen")
    for amount in (15, 16):
        _save(life.homes["KIT"], amount)
    for name in ("KIT", "GUL", "GUL-2"):
        life.carry(name)
    with hq.unit_of_work("period.close", operator(hq)) as session:
        write_closed(session, "2026-01", None)
    life.decide("fork", "adopt")


Phase = Callable[[Life], None]
PHASES: tuple[Phase, ...] = (
    _facts,
    _reference,
    _shared,
    _one_way,
    _unique,
    _two_lines,
    _six_bundles,
)


@dataclass
class Lived:
    """Headquarters as it stood before all phases, and what each phase has brought."""

    headquarters: Installation
    phases: dict[str, list[Piece]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Live through all phases once."""
    life = Life(tmp_path_factory.mktemp("orders"))
    phases: dict[str, list[Piece]] = {}
    try:
        for phase in PHASES:
            phase(life)
            phases[phase.__name__] = _pieces(life.fresh(), 6 if phase is _six_bundles else 7)
        yield Lived(life.homes["then"], phases)
    finally:
        for home in life.homes.values():
            home.close()


def _pieces(fresh: list[Signed], most: int) -> list[Piece]:
    """One changeset a piece; where there are more, neighbours of one line travel together."""
    pieces: list[Piece] = [(one,) for one in fresh]
    while len(pieces) > most:
        sizes = [
            (len(one) + len(other), number)
            for number, (one, other) in enumerate(pairwise(pieces))
            if one[-1][:2] == other[0][:2] and one[-1].seq < other[0].seq
        ]
        _, number = min(sizes)
        pieces[number : number + 2] = [(*pieces[number], *pieces[number + 1])]
    return pieces


@pytest.mark.parametrize("phase", [phase.__name__ for phase in PHASES])
def test_every_order_and_every_omission_ends_in_one_state(lived: Lived, phase: str) -> None:
    """All permutations: each set of pieces has one state of all tables, whichever way it was reached."""
    hq, names = lived.headquarters, list(lived.phases)
    pieces = lived.phases[phase]
    with hq.database.writer.connect() as outer, outer.begin() as transaction:
        with Session(outer, join_transaction_mode="create_savepoint") as session:
            keep_connection(session)
            for before in names[: names.index(phase)]:
                for piece in lived.phases[before]:
                    deliver(hq, session, piece)
            orders = Orders(hq, pieces)
            orders.run(session)
        transaction.rollback()
    assert orders.differing == []
    assert len(orders.states) == 2 ** len(pieces)
    assert orders.steps == len(pieces) * 2 ** (len(pieces) - 1)
    assert factorial(len(pieces)) >= 720
