"""Writes of one group, in every order: what is shown follows from the set of writes alone."""

from itertools import permutations

import pytest

from sync.changeset import Base
from sync.profile_rules import INITIAL, Write, fold_one_way, fold_shared, values_written

HQ, KIT, NBO = 1, 2, 3
COLUMNS = ("name", "given_name")
BEGIN = Write(*INITIAL, b"", 0, {"name": "Njeri", "given_name": "Ann"}, None)


def write(device: int, seq: int, time: int, name: str, *bases: Base, given: str | None = "Ann") -> Write:
    """Give a write of the group; without ``given`` it names one column alone."""
    new = {"name": name} if given is None else {"name": name, "given_name": given}
    return Write(device, 0, seq, bytes([device, seq]), time, new, bases)


def at(device: int, seq: int) -> Base:
    """Name a place."""
    return Base(device, 0, seq)


def test_six_writes_fold_to_one_outcome_in_every_order() -> None:
    """Two branches and headquarters write, some having seen the others: 720 orders, one outcome."""
    writes = [
        BEGIN,
        write(KIT, 1, 10, "Njeri K", INITIAL),
        write(NBO, 1, 11, "Njery", INITIAL),
        write(HQ, 1, 12, "Njeri Kamau", at(KIT, 1)),
        write(KIT, 2, 13, "Njeri Kamau W", at(HQ, 1)),
        write(NBO, 2, 13, "Njery W", at(NBO, 1)),
    ]
    found = {
        (
            folded.values["name"],
            folded.shown.place,
            tuple(one.place for one in folded.standing),
            folded.differ,
        )
        for folded in (fold_shared(order, COLUMNS) for order in permutations(writes))
    }
    assert found == {("Njery W", at(NBO, 2), (at(KIT, 2), at(NBO, 2)), True)}


def test_a_write_that_saw_the_other_replaces_it() -> None:
    """Nothing stands beside it, and nobody is asked."""
    folded = fold_shared(
        [
            BEGIN,
            write(KIT, 1, 20, "A", INITIAL),
            write(HQ, 1, 5, "B", INITIAL),
            write(HQ, 2, 21, "C", at(KIT, 1), at(HQ, 1)),
        ],
        COLUMNS,
    )
    assert (folded.values["name"], len(folded.standing), folded.differ) == ("C", 1, False)


def test_the_same_value_twice_is_no_difference() -> None:
    """Two branches that learned the same thing agree."""
    folded = fold_shared([BEGIN, write(KIT, 1, 1, "A", INITIAL), write(NBO, 1, 2, "A", INITIAL)], COLUMNS)
    assert (len(folded.standing), folded.differ) == (2, False)


def test_a_write_without_bases_replaces_what_its_own_chain_wrote() -> None:
    """So programs from before bases existed fold as they did; another chain's write stands beside it."""
    old = [one._replace(bases=None) for one in (write(KIT, 1, 1, "A"), write(KIT, 4, 2, "B"))]
    assert [one.seq for one in fold_shared([BEGIN, *old], COLUMNS).standing] == [4]
    beside = fold_shared([BEGIN, *old, write(HQ, 1, 9, "C", INITIAL)], COLUMNS)
    assert (beside.values["name"], len(beside.standing)) == ("C", 2)


def test_a_write_of_one_column_keeps_the_others_as_its_writer_found_them() -> None:
    """An older program wrote only the columns that it changed."""
    first = write(KIT, 1, 1, "Njeri", INITIAL, given="Anna")
    second = write(KIT, 2, 2, "Wanjiru", at(KIT, 1), given=None)
    assert values_written(second, [BEGIN, first, second], COLUMNS) == {
        "name": "Wanjiru",
        "given_name": "Anna",
    }
    unknown = write(KIT, 3, 3, "Wambui", at(NBO, 9), given=None)
    assert values_written(unknown, [BEGIN, unknown], COLUMNS) == {"name": "Wambui", "given_name": "Ann"}


def test_bases_that_name_what_comes_later_replace_nothing() -> None:
    """Two forged writes that claim to replace each other cannot make a group vanish."""
    circle = [write(KIT, 1, 1, "A", at(NBO, 1)), write(NBO, 1, 2, "B", at(KIT, 1))]
    folded = fold_shared([BEGIN, *circle], COLUMNS)
    assert folded.values["name"] == "B"


def mark(device: int, seq: int, time: int, value: int) -> Write:
    """Give a write of a one-way column."""
    return Write(device, 0, seq, bytes([device, seq]), time, {"blacklisted": value}, None)


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([(KIT, 1, 1), (NBO, 2, 1)], 1),
        ([(KIT, 1, 1), (HQ, 2, 2)], 2),
        ([(KIT, 1, 1), (HQ, 2, 2), (NBO, 9, 1)], 2),
        ([(KIT, 1, 1), (HQ, 2, 2), (KIT, 3, 3), (HQ, 4, 4)], 4),
        ([(KIT, 1, 1), (HQ, 2, 2), (KIT, 3, 3), (NBO, 4, 3)], 3),
        ([(KIT, 1, 3), (KIT, 2, 1)], 1),
        ([(KIT, 1, 3), (HQ, 2, 2)], 2),
    ],
    ids=[
        "twice",
        "taken off",
        "late mark of the old epoch",
        "off again",
        "twice again",
        "no epoch",
        "too early",
    ],
)
def test_the_greatest_mark_that_its_writer_might_make_wins_in_every_order(
    marks: list[tuple[int, int, int]], expected: int
) -> None:
    """Each of (device, time, value) in all orders; headquarters alone opens an epoch."""
    writes = [mark(device, seq, time, value) for seq, (device, time, value) in enumerate(marks, 1)]
    begin = Write(*INITIAL, b"", 0, {"blacklisted": 0}, None)
    found = {
        fold_one_way(order, "blacklisted", lambda device: device == HQ).new["blacklisted"]
        for order in permutations([begin, *writes])
    }
    assert found == {expected}
