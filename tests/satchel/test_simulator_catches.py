"""Faults of the program are planted one at a time: the simulator must catch each within a few lives."""

# ruff: noqa: ANN401 - a stand-in takes whatever its original takes

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from satchel.simulator import world
from satchel.simulator.chance import replaced
from satchel.simulator.life import Stage, live, stage
from schema.database import Database
from sync import chain as chains
from sync import export, forks, meaning, profile_fold, replay, signing
from sync.chain import ACKED, HEAD
from sync.installation import Installation
from sync.second_copy import CopiedChangeset, SecondCopy

LIVES = 8
"""So many at most may pass before a planted fault is caught."""

Plant = AbstractContextManager[None]


@contextmanager
def method(owner: Any, name: str, other: Callable[..., Any]) -> Iterator[None]:
    """Put another function in the place of a method."""
    honest = getattr(owner, name)
    setattr(owner, name, other)
    try:
        yield
    finally:
        setattr(owner, name, honest)


def signatures_unchecked() -> Plant:
    """A changeset's signature is not looked at."""
    honest = signing.verify_digest

    def verify(public: bytes, signature: bytes, purpose: Any, institution: bytes, sha256: bytes) -> None:
        if purpose != "changeset":
            honest(public, signature, purpose, institution, sha256)

    return replaced(honest, verify)


def manifest_read_first() -> Plant:
    """A manifest is read before its signature was checked."""
    honest = signing.verify

    def verify(public: bytes, signature: bytes, purpose: Any, institution: bytes, data: bytes) -> None:
        if purpose != "manifest":
            honest(public, signature, purpose, institution, data)

    return replaced(honest, verify)


def second_copy_lost() -> Plant:
    """The second copy is not written."""

    def append(self: SecondCopy, _copied: CopiedChangeset) -> tuple[int, int]:
        return self._end, self._end

    return method(SecondCopy, "append", append)


def written_counts_as_arrived() -> Plant:
    """A bundle that was written counts as acknowledged."""
    honest = export.write_branch_bundle

    def write(installation: Installation, *given: Any, **named: Any) -> Any:
        written = honest(installation, *given, **named)
        with installation.exclusive() as session:
            head = chains.watermark(session, installation.facts.device, 0, HEAD)
            assert head is not None
            chains.set_watermark(session, installation.facts.device, 0, ACKED, head)
        return written

    return method(world, "write_branch_bundle", write)


def balance_unchecked() -> Plant:
    """An entry need not balance."""
    return replaced(meaning._balance_fault, lambda *_given, **_named: None)


def answered_before_the_commit() -> Plant:
    """Every ninth transaction is answered and then undone."""
    honest = Database.writing
    count = 0

    @contextmanager
    def writing(self: Database) -> Iterator[Session]:
        nonlocal count
        with honest(self) as session:
            yield session
            count += 1
            if count % 9 == 0:
                session.rollback()

    return method(Database, "writing", writing)


def held_without_reason() -> Plant:
    """What is held does not say why."""
    honest = forks.Standing

    def standing(state: str, code: str = "", as_device: int | None = None) -> Any:
        return honest(state, "" if state == "held" else code, as_device)

    return replaced(honest, standing)


def profiles_forgotten() -> Plant:
    """Headquarters does not fold what branches write into profiles."""
    return replaced(profile_fold.fold_profiles, lambda *_given, **_named: None)


def totals_added_twice() -> Plant:
    """Daily totals are added up once for the entry and once for its bundle."""
    honest = replay._add_totals

    def add(*given: Any) -> None:
        honest(*given)
        honest(*given)

    return replaced(honest, add)


def scope_unchecked() -> Plant:
    """Anybody may make rows in anybody's name."""
    return replaced(meaning._insert_faults, lambda *_given, **_named: iter(()))


PLANTED: tuple[tuple[Callable[[], Plant], str, int], ...] = (
    (signatures_unchecked, "authentic", 9),
    (manifest_read_first, "authentic", 1),
    (second_copy_lost, "anew kept fault", 1),
    (written_counts_as_arrived, "kept", 2),
    (balance_unchecked, "conserved converged anew fault", 3),
    (answered_before_the_commit, "kept fault", 2),
    (held_without_reason, "explained", 1),
    (profiles_forgotten, "converged", 1),
    (totals_added_twice, "conserved", 1),
    (scope_unchecked, "converged conserved anew", 3),
)
"""The fault, the invariants that may name it, and the first seed that is tried."""


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all."""
    with stage(tmp_path_factory.mktemp("lives") / "stage") as made:
        yield made


@pytest.mark.parametrize(
    ("plant", "invariants", "first"), PLANTED, ids=lambda given: getattr(given, "__name__", "")
)
def test_a_planted_fault_is_caught(
    on: Stage,
    plant: Callable[[], Plant],
    invariants: str,
    first: int,
    record_property: Callable[[str, object], None],
) -> None:
    """One of the invariants names it within a few lives."""
    with plant():
        for seed in range(first, first + LIVES):
            outcome = live(on, seed)
            if outcome.failure:
                record_property("caught", f"seed {seed} step {outcome.step}: {outcome.failure}")
                assert outcome.failure.partition(":")[0] in invariants.split()
                return
    pytest.fail(f"{plant.__name__} was not caught in {LIVES} lives")
