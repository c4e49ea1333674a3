"""Forks, bounds, decisions and gaps at headquarters: the same books in whatever order everything comes."""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schema.database import open_database
from sync.canonical import encode
from sync.changeset import Op, Place, Row, digest
from sync.packing import Signed
from tests.support.chains import Books, Writer, change, decision, founding, op

Step = tuple[Writer, Sequence[Signed]]
NewBooks = Callable[[Writer], Books]
KIT, ARM = 5, 7
MOST = 8


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all tables."""
    path = tmp_path_factory.mktemp("books") / "empty.db"
    database = open_database(path)
    database.migrate()
    database.close()
    return path


@pytest.fixture
def new_books(tmp_path: Path, template: Path) -> Iterator[NewBooks]:
    """Gives empty books of headquarters, as often as they are asked for."""
    made: list[Books] = []

    def make(hq: Writer) -> Books:
        made.append(Books(tmp_path / f"{len(made)}.db", hq, template))
        return made[-1]

    yield make
    for books in made:
        books.database.close()


def in_every_order(new_books: NewBooks, hq: Writer, first: Sequence[Signed], steps: Sequence[Step]) -> Books:
    """Feed the steps in all orders (at most ``MOST`` of them): one state in the end."""
    orders = list(permutations(steps))
    chosen = orders if len(orders) <= MOST else random.Random(7).sample(orders, MOST)
    states = []
    for order in chosen:
        books = new_books(hq)
        books.feed(hq, first)
        for writer, signed in order:
            books.feed(writer, signed)
        states.append(books.state())
    assert all(state == states[0] for state in states[1:])
    return books


def world() -> tuple[Writer, Writer, list[Signed]]:
    """Headquarters, a branch, and what headquarters wrote first."""
    hq, branch = Writer(1), Writer(KIT)
    return hq, branch, founding(hq, branch)


def adoption(hq: Writer, main: Place, arm: Place) -> Signed:
    """Both arms stand; the second one under the number ARM."""
    row = op("device", hq.id(), number=ARM, office_id=(1 << 40) + 2, state="retired", succeeds=KIT)
    detail = {"device": KIT, "main": main.hash, "arms": {arm.hash.hex(): ARM}}
    return hq.write(decision(hq, "fork", "adopt", [(KIT, main), (KIT, arm)], **detail), row)


def test_a_fork_counts_for_nobody_until_it_is_decided(new_books: NewBooks) -> None:
    """Two laptops with one number: up to where they part, in any order; then both under a decision."""
    hq, branch, first = world()
    shared = [branch.write(*branch.entry(100)), branch.write(*branch.entry(20))]
    twin = branch.fork()
    main = [branch.write(*branch.entry(3)), branch.write(*branch.entry(4))]
    arm = [twin.write(*twin.entry(50), later=2), twin.write(*twin.entry(60))]
    steps: list[Step] = [(branch, shared), (branch, main), (twin, arm)]
    books = in_every_order(new_books, hq, first, steps)
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(120,)]
    assert books.rows("SELECT kind, state FROM conflict_case") == [("fork", "open")]
    steps.append((hq, [adoption(hq, branch.places[2], twin.places[2])]))
    books = in_every_order(new_books, hq, first, steps)
    assert books.rows("SELECT sum(debit), count(*) FROM journal_line") == [(237, 12)]
    assert books.rows("SELECT state, outcome FROM conflict_case") == [("decided", "adopt")]
    tails = [(twin, [twin.write(*twin.entry(1000))]), (branch, [branch.write(*branch.entry(2000))])]
    books = in_every_order(
        new_books, hq, first, [*steps[:2], (twin, [*arm, *tails[0][1]]), tails[1], steps[3]]
    )
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(3237,)]


def test_what_headquarters_named_stays_in_the_books(new_books: NewBooks) -> None:
    """One arm was acknowledged in headquarters' chain before the other came."""
    hq, branch, first = world()
    shared = [branch.write(*branch.entry(100))]
    twin = branch.fork()
    main = [branch.write(*branch.entry(3)), branch.write(*branch.entry(4))]
    named = hq.write(seen={KIT: branch.places[1]})
    steps: list[Step] = [
        (branch, shared),
        (branch, main),
        (twin, [twin.write(*twin.entry(50))]),
        (hq, [named]),
    ]
    books = in_every_order(new_books, hq, first, steps)
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(103,)]


def test_beyond_a_bound_nothing_counts_whenever_the_roster_says_so(new_books: NewBooks) -> None:
    """A thief's changesets before and after its revocation arrives; an arm beside the bound is no dispute."""
    hq, branch, first = world()
    good = [branch.write(*branch.entry(100)), branch.write(*branch.entry(20))]
    twin = branch.fork()
    bad = [branch.write(*branch.entry(3))]
    bound = branch.places[1]
    row = (1 << 40) + hq.counter
    old: Row = {"state": "active", "bound_seq": None, "bound_hash": None}
    new: Row = {"state": "revoked", "bound_seq": bound.seq, "bound_hash": bound.hash}
    revoked = hq.write(change("device", row, old, new))
    steps: list[Step] = [(branch, good), (branch, bad), (twin, [twin.write(*twin.entry(9))]), (hq, [revoked])]
    books = in_every_order(new_books, hq, first, steps)
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(120,)]
    assert books.rows("SELECT DISTINCT state, code FROM changeset WHERE device = 5 AND seq = 3") == [
        ("quarantined", "REVOKED_AFTER")
    ]
    release = hq.write(
        decision(hq, "release", "release", [(KIT, branch.place)], device=KIT, seq=3, hash=branch.place.hash)
    )
    books = in_every_order(new_books, hq, first, [*steps, (hq, [release])])
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(123,)]


def test_a_lost_range_counts_as_empty_once_it_is_decided(new_books: NewBooks) -> None:
    """What hangs on rows that are gone is an exception; found later, the range is in the books after all."""
    hq, branch, first = world()
    before = [branch.write(*branch.entry(100))]
    staff = branch.id()
    lost = [branch.write(op("staff", staff, name="Otieno")), branch.write(*branch.entry(5))]
    after = [
        branch.write(
            op("user_account", branch.id(), username="o", full_name="O", role="clerk", staff_id=staff)
        ),
        branch.write(*branch.entry(7)),
    ]
    detail = {
        "device": KIT,
        "chain": 0,
        "first": 2,
        "last": 3,
        "before": branch.places[0].hash,
        "after": branch.places[2].hash,
    }
    closed = hq.write(decision(hq, "gap", "close", [(KIT, branch.places[3])], **detail))
    steps: list[Step] = [(branch, before), (branch, after), (hq, [closed])]
    books = in_every_order(new_books, hq, first, steps)
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(107,)]
    assert books.rows("SELECT code FROM exception") == [("SCOPE",)]
    books = in_every_order(new_books, hq, first, [*steps, (branch, lost)])
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(112,)]
    assert books.rows("SELECT code FROM exception") == []


def test_of_two_reversals_the_first_in_the_one_order_is_effective(new_books: NewBooks) -> None:
    """Both laptops took the same entry back: the later one is an exception, as a whole entry."""
    hq, branch, first = world()
    entry = branch.entry(100)
    shared = [branch.write(*entry)]
    twin = branch.fork()
    main = [branch.write(*branch.entry(100, reverses=entry[-1].id), later=500)]
    arm = [twin.write(*twin.entry(100, reverses=entry[-1].id), later=100)]
    decided = adoption(hq, branch.places[1], twin.places[1])
    steps: list[Step] = [(branch, shared), (branch, main), (twin, arm), (hq, [decided])]
    books = in_every_order(new_books, hq, first, steps)
    assert books.rows("SELECT code, seq, hash FROM exception") == [
        ("REVERSED_TWICE", 2, branch.places[1].hash)
    ]
    accepted = hq.write(decision_on(hq, "REVERSED_TWICE", branch.places[1]))
    books = in_every_order(new_books, hq, first, [*steps, (hq, [accepted])])
    assert books.rows("SELECT state, outcome FROM exception") == [("decided", "accept")]
    assert books.rows("SELECT sum(debit) FROM journal_line") == [(300,)]


def test_headquarters_changes_what_a_branch_owns_nowhere(new_books: NewBooks) -> None:
    """A name of the branch's staff is the branch's own: the change is an exception."""
    hq, branch, first = world()
    staff = branch.id()
    books = new_books(hq)
    books.feed(hq, first)
    books.feed(branch, [branch.write(op("staff", staff, name="Otieno"))])
    renamed = hq.write(change("staff", staff, {"name": "Otieno"}, {"name": "X"}), seen={KIT: branch.place})
    result = books.feed(hq, [renamed])
    assert (result.admitted, result.exceptions, result.codes) == (1, 1, ["NOT_OWNER"])
    assert books.rows("SELECT name FROM staff") == [("Otieno",)]


def test_what_headquarters_saw_is_waited_for(new_books: NewBooks) -> None:
    """A changeset of headquarters that names a place of a branch counts once that place is here."""
    hq, branch, first = world()
    work = [branch.write(*branch.entry(100))]
    named = hq.write(seen={KIT: branch.place})
    books = new_books(hq)
    books.feed(hq, first)
    assert books.feed(hq, [named]).codes == ["SEEN_MISSING"]
    books.feed(branch, work)
    assert books.rows("SELECT count(*) FROM changeset WHERE state <> 'accepted'") == [(0,)]


def test_two_histories_of_headquarters_stop_a_branch(new_books: NewBooks) -> None:
    """The one that is here stays, the other one waits as FORK_HQ; neither is a case for a decision."""
    hq, branch, first = world()
    twin = hq.fork()
    here = [hq.write(op("holiday", hq.id(), on="2026-02-03", name="One"))]
    other = [twin.write(op("holiday", twin.id(), on="2026-02-03", name="Two"))]
    books = new_books(branch)
    books.feed(hq, [*first, *here])
    assert books.feed(twin, other).codes == ["FORK_HQ"]
    assert books.rows("SELECT name FROM holiday") == [("One",)]
    assert books.rows("SELECT * FROM conflict_case") == []


def decision_on(hq: Writer, code: str, place: Place) -> Op:
    """An exception of the branch is accepted."""
    return op(
        "decision",
        hq.id(),
        case_key=digest(encode([code, KIT, 0, place.seq, place.hash])),
        kind="exception",
        outcome="accept",
        reason="looked at",
        members=encode([[KIT, place.seq, place.hash]]),
    )


def test_a_server_folds_an_office_anew_as_a_file_does(new_books: NewBooks, postgres_url: str) -> None:
    """Fork, decision, a tail, a reversal on both sides: facts go and come again behind their triggers."""
    hq, branch, first = world()
    entry = branch.entry(100)
    shared = [branch.write(*entry), branch.write(op("staff", branch.id(), name="Otieno"))]
    twin = branch.fork()
    main = [branch.write(*branch.entry(100, reverses=entry[-1].id), later=500)]
    arm = [twin.write(*twin.entry(100, reverses=entry[-1].id), later=100)]
    decided = adoption(hq, branch.places[2], twin.places[2])
    tail = [branch.write(*branch.entry(7))]
    on_server, on_file = Books(postgres_url, hq), new_books(hq)
    for books in (on_server, on_file):
        books.feed(hq, first)
        for writer, signed in ((branch, [*shared, *main]), (twin, arm), (hq, [decided]), (branch, tail)):
            books.feed(writer, signed)
    try:
        assert on_server.digest() == on_file.digest()
        assert on_server.rows("SELECT code FROM exception") == [("REVERSED_TWICE",)]
        with pytest.raises(DBAPIError, match="append-only"), on_server.database.writing() as session:
            session.execute(text("DELETE FROM journal_line"))
    finally:
        on_server.database.close()
