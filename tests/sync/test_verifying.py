"""Changesets read and checked in lots, signatures in other threads: in order, all of them, each one."""

import pytest

from sync.changeset import Changeset, digest
from sync.packing import Signed, pack, unpack
from sync.verifying import Verified, verified
from tests.sync.making import INSTITUTION, KEY, chain_of, refusal_code

CHAIN = chain_of(450, ops_each=1)


def read(run: list[Signed]) -> list[Verified]:
    return list(verified(run, KEY.public, INSTITUTION))


@pytest.mark.parametrize("count", [0, 1, 8, 9, 200, 201, 450])
def test_every_changeset_comes_in_its_place(count: int) -> None:
    run = CHAIN[:count]
    assert read(run) == [(Changeset.from_bytes(body), body, mark, digest(body)) for body, mark in run]


@pytest.mark.parametrize("place", [0, 7, 199, 200, 449])
def test_one_wrong_signature_among_many_is_found(place: int) -> None:
    run = [*CHAIN]
    run[place] = (run[place][0], CHAIN[place - 1][1])
    assert refusal_code(lambda: read(run)) == "BAD_SIGNATURE"


def test_nothing_is_handed_on_before_its_signature_is_good() -> None:
    run = [*CHAIN[:399], (CHAIN[399][0], bytes(64)), *CHAIN[400:]]
    handed_on: list[Verified] = []
    assert refusal_code(lambda: handed_on.extend(verified(run, KEY.public, INSTITUTION))) == "BAD_SIGNATURE"
    assert len(handed_on) <= 399


def test_what_is_signed_and_no_changeset_is_refused_as_such() -> None:
    odd = (b"\xa0", KEY.sign("changeset", INSTITUTION, b"\xa0"))
    assert refusal_code(lambda: read([*CHAIN[:20], odd])) == "NON_CANONICAL"


def test_what_came_in_columns_is_read_the_same() -> None:
    assert read(unpack(pack(CHAIN).block)) == read(CHAIN)
