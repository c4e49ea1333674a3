"""Cutting a long load: often enough for the limits, never in the middle of a row, never for nothing."""

from banking.loading.changesets import MOST_BYTES, MOST_OPS, Changesets
from schema.people import Staff
from schema.writing import act, insert
from tests.banking.loading.conftest import Branch


def written(branch: Branch, rows: int, name: str, *, held_back: bool = False) -> list[tuple[int, str]]:
    """Write as many rows and give what was sealed: ops, and the note."""
    sealed: list[tuple[int, str]] = []
    with branch.books.work("load") as session:

        def next_changeset(kind: str, note: str) -> None:
            assert kind == "load"
            sealed.append((len(act(session).ops), note))
            act(session).ops.clear()

        changesets = Changesets(session, next_changeset, "load", held_back)
        for _ in range(rows):
            insert(session, Staff(name=name))
            changesets.row_done()
        changesets.cut("staff")
        changesets.cut("staff")
    return sealed


def test_small_rows_are_cut_by_their_number(branch: Branch) -> None:
    assert written(branch, MOST_OPS + 1, "A") == [(MOST_OPS, ""), (1, "staff")]


def test_long_rows_are_cut_by_their_size(branch: Branch) -> None:
    """Text of three bytes a letter counts as what it may take."""
    sealed = written(branch, 600, "\u0905" * 1000)
    assert sealed[0][0] * 3000 <= MOST_BYTES + 3100
    assert sum(ops for ops, _ in sealed) == 600
    assert all(ops for ops, _ in sealed)


def test_a_load_that_will_be_taken_back_seals_nothing(branch: Branch) -> None:
    assert written(branch, 10, "A", held_back=True) == []
