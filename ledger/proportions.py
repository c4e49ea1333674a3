"""Sharing an amount in proportion, so that no unit is lost and none appears."""

from collections.abc import Sequence

from ledger.errors import BadTermError
from ledger.money import Money


def in_proportion(amount: Money, weights: Sequence[Money]) -> list[Money]:
    """Cut ``amount`` in proportion to ``weights``; the parts add up to exactly ``amount``.

    Each part is first rounded towards zero; the units left go one by one to the largest remainders, and among
    equal ones to those who stand first. An amount below zero is shared as its opposite is.

    amount    minor units
    weights   from 0, at least one above zero
    raises    BadTermError for a weight below zero, or none above it
    source    method of the largest remainder (Hamilton)
    """
    whole = sum(weight.minor for weight in weights)
    if not whole or min(weight.minor for weight in weights) < 0:
        raise BadTermError(term="weights", given=whole)
    sign = -1 if amount.minor < 0 else 1
    parts: list[int] = []
    remainders: list[tuple[int, int]] = []
    for place, weight in enumerate(weights):
        part, remainder = divmod(abs(amount.minor) * weight.minor, whole)
        parts.append(part)
        remainders.append((-remainder, place))
    left = abs(amount.minor) - sum(parts)
    for _, place in sorted(remainders)[:left]:
        parts[place] += 1
    return [Money(sign * part) for part in parts]
