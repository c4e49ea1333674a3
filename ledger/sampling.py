"""Samples that anybody can draw again: what is taken follows from the seed and the ids, by SHA-256 alone.

No source of chance of a language or a library takes part, so the same sample comes out in another program
and in ten years.
"""

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def number_of(seed: str, mark: str) -> int:
    """Give the whole number that a seed and a mark make: SHA-256 of both with a line's end between."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{mark}".encode()).digest(), "big")


def random_sample(ids: Iterable[int], size: int, seed: str) -> list[int]:
    """Take ``size`` of the ids, each with the same chance: those with the smallest numbers; in that order."""
    return sorted(ids, key=lambda one: (number_of(seed, str(one)), one))[:size]


def unit_sample(amounts: Sequence[tuple[int, int]], size: int, seed: str) -> list[tuple[int, int]]:
    """Take a monetary-unit sample: every so many units of money one, and the id to which the unit belongs.

    amounts   id and amount (minor units), in the order in which they are laid end to end; what is not above
              zero has no units and cannot be taken
    size      how many units are taken; the interval is the whole amount divided by it, rounded down
    seed      gives the first unit, from 1 to the interval
    returns   id and how often it was taken; an amount above the interval is always taken
    """
    total = sum(amount for _, amount in amounts if amount > 0)
    interval = interval_of(total, size)
    if not interval:
        return []
    point, counted, taken = start_of(interval, seed), 0, 0
    found: list[tuple[int, int]] = []
    for row_id, amount in amounts:
        counted += max(amount, 0)
        times = 0
        while taken < size and point <= counted:
            times, taken, point = times + 1, taken + 1, point + interval
        if times:
            found.append((row_id, times))
    return found


def interval_of(total: int, size: int) -> int:
    """Give the interval of a monetary-unit sample, minor units; 0 where there are fewer units than wanted."""
    return total // size if size else 0


def start_of(interval: int, seed: str) -> int:
    """Give the first unit of a monetary-unit sample, from 1 to the interval."""
    return number_of(seed, "start") % interval + 1


def stratified_sample(
    strata: Mapping[str, Sequence[int]], size: int, seed: str, *, equal: bool = False
) -> list[int]:
    """Take some of each stratum, by its share of all ids or (``equal``) the same number of each."""
    wanted = allocation({name: len(ids) for name, ids in strata.items()}, size, equal=equal)
    return [
        one for name in sorted(strata) for one in random_sample(strata[name], wanted[name], f"{seed}\n{name}")
    ]


def allocation(sizes: Mapping[str, int], size: int, *, equal: bool = False) -> dict[str, int]:
    """Share a sample out over strata; what cannot be divided goes to the largest remainders, by name.

    No stratum gives more than it has: what is over then goes to the others.
    """
    given = dict.fromkeys(sorted(sizes), 0)
    left = min(size, sum(sizes.values()))
    while left:
        weights = {name: 1 if equal else count for name, count in sizes.items() if given[name] < count}
        whole = sum(weights.values())
        shares = {name: left * weight // whole for name, weight in weights.items()}
        by_remainder = sorted(weights, key=lambda name: (-(left * weights[name] % whole), name))
        for name in by_remainder[: left - sum(shares.values())]:
            shares[name] += 1
        for name, share in shares.items():
            taken = min(share, sizes[name] - given[name])
            given[name], left = given[name] + taken, left - taken
    return given


def grouped(rows: Iterable[tuple[int, Key]]) -> dict[Key, list[int]]:
    """Gather ids by what they have in common."""
    found: dict[Key, list[int]] = defaultdict(list)
    for row_id, key in rows:
        found[key].append(row_id)
    return dict(found)


def digest_of_ids(ids: Iterable[int]) -> bytes:
    """Give SHA-256 over ids in their order, 8 bytes each: two samples with it are the same."""
    whole = hashlib.sha256()
    for one in ids:
        whole.update(one.to_bytes(8, "big"))
    return whole.digest()
