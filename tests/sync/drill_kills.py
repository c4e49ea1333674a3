"""Kills a posting process again and again, at named steps and at drawn moments, and looks at what is left.

Run as a program of its own: it loads everything once, then forks one child for each kill, so that each child
is a real process that dies of SIGKILL in the middle of real work on a real home.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import select, text

from banking.errors import InsufficientFundsError
from banking.savings import deposit, withdraw
from ledger.money import Money
from schema.replication import StoredChangeset
from sync.changeset import digest
from sync.installation import STEPS, Installation
from tests.support.institution import FIRST_DAY, Clock, passphrase_of

HOME_NAME = "KIT"
CLERK = 1
REFUSED_NOTE = "told that it failed"
_POSTS_AT_MOST = 40


def main(home: Path, accounts: list[int], kills: int, seed: int) -> dict[str, object]:
    """Kill ``kills`` times; every named step at least a twelfth of them, the rest at drawn moments."""
    chance = random.Random(seed)
    life = _measure_life(home, accounts)
    hits: Counter[str] = Counter()
    answered: dict[str, str] = {}
    for number in range(kills):
        step = STEPS[number // 2 % len(STEPS)] if number % 2 else None
        hits[_one_kill(home, accounts, number, step, chance.random() * life * 3, answered)] += 1
        _check(home, answered, whole=number % 20 == 19 or number == kills - 1)
    return {"kills": kills, "answered": len(answered), "hits": dict(hits), "life_ms": round(life * 1000, 2)}


def _measure_life(home: Path, accounts: list[int]) -> float:
    """Seconds from the beginning of a post to its answer."""
    with _open(home) as installation:
        began = time.perf_counter()
        for number in range(20):
            _post(installation, accounts, f"life {number}")
        return (time.perf_counter() - began) / 20


def _one_kill(
    home: Path, accounts: list[int], number: int, step: str | None, delay: float, answered: dict[str, str]
) -> str:
    """Let a child post until it dies; gives the last step that it had reached in its last post."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told)
        try:
            _work(home, accounts, number, step, tell)
        finally:
            os._exit(9)
    os.close(tell)
    reached = "begin"
    with os.fdopen(told, "r", encoding="utf-8") as lines:
        for line in lines:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "answered":
                receipt, sha256 = rest.rsplit(" ", 1)
                answered[receipt] = sha256
            elif word == "ready" and step is None:
                time.sleep(delay)
                os.kill(child, signal.SIGKILL)
            elif word == "step":
                reached = rest
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the child ended by itself: {status}"
    assert os.WTERMSIG(status) == signal.SIGKILL, status
    return reached


def _work(home: Path, accounts: list[int], number: int, step: str | None, tell: int) -> None:
    posts = 0

    def reached(name: str) -> None:
        os.write(tell, f"step {name}\n".encode())
        if name == step and posts >= 1:
            os.kill(os.getpid(), signal.SIGKILL)

    with _open(home, reached) as installation:
        os.write(tell, b"ready\n")
        for posts in range(_POSTS_AT_MOST):
            os.write(tell, b"step begin\n")
            note = f"kill {number} post {posts}"
            receipt = _post(installation, accounts, note)
            with installation.database.reading() as session:
                newest = session.execute(
                    select(StoredChangeset.hash)
                    .where(StoredChangeset.device == installation.facts.device)
                    .order_by(StoredChangeset.seq.desc())
                ).first()
            assert newest is not None
            os.write(tell, f"answered {receipt} {newest[0].hex()}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)


def _post(installation: Installation, accounts: list[int], note: str) -> str:
    """One deposit, then a withdrawal that is refused: only the first may ever be found."""
    with installation.unit_of_work("savings.deposit", CLERK) as session:
        made = deposit(session, accounts[0], Money(100), FIRST_DAY, till_id=accounts[2], note=note)
    try:
        with installation.unit_of_work("savings.withdraw", CLERK) as session:
            withdraw(session, accounts[1], Money(5), FIRST_DAY, note=REFUSED_NOTE)
    except InsufficientFundsError:
        return made.receipt
    raise AssertionError("an empty account gave money")


def _open(home: Path, reached: object = None) -> Installation:
    clock = Clock()
    if reached is None:
        return Installation.open(str(home), passphrase_of(HOME_NAME), clock=clock)
    return Installation.open(str(home), passphrase_of(HOME_NAME), clock=clock, reached=reached)  # type: ignore[arg-type]  # the tests' clock


def _check(home: Path, answered: dict[str, str], *, whole: bool) -> None:
    """What was answered is there; numbers have no gap; no half transaction; nothing that was refused."""
    with _open(home) as installation:
        with installation.database.reading() as session:
            connection = session.connection()
            rows = connection.execute(text("SELECT receipt, receipt_sequence FROM savings_transaction"))
            receipts: dict[str, int] = {row.receipt: row.receipt_sequence for row in rows}
            missing = answered.keys() - receipts.keys()
            assert not missing, f"answered, and lost: {missing}"
            assert sorted(receipts.values()) == list(range(1, len(receipts) + 1)), "a gap in the receipts"
            refused = connection.execute(
                text("SELECT count(*) FROM savings_transaction WHERE note = :note"), {"note": REFUSED_NOTE}
            ).scalar_one()
            assert refused == 0, "something is there that the clerk was told had failed"
            entries = connection.execute(text("SELECT count(*) FROM journal_entry")).scalar_one()
            assert entries == len(receipts), "a half transaction"
            hashes = {
                row.hash.hex(): row.seq
                for row in session.execute(
                    select(StoredChangeset.hash, StoredChangeset.seq).where(
                        StoredChangeset.device == installation.facts.device
                    )
                )
            }
        assert sorted(hashes.values()) == list(range(1, len(hashes) + 1)), "a gap in the chain"
        assert set(answered.values()) <= hashes.keys(), "an answered changeset has another hash now"
        if whole:
            copied = [digest(record.body).hex() for _, _, record in installation.second_copy.records()]
            assert len(copied) == len(set(copied)), "a changeset stands twice in the second copy"
            assert set(copied) == hashes.keys(), "the second copy differs from the database"


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(main(Path(given["home"]), given["accounts"], given["kills"], given["seed"])))  # noqa: T201 - its answer
