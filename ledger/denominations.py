"""Cash by pieces: how many notes and coins of each denomination, typed, stored and added up.

People type major units (``1000x12 0.50x4 coins=45.50``); rows keep minor units (``100000x12 50x4``).
``coins=`` is what was not sorted: a bag, weighed or counted as one amount.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ledger.errors import N_, AmountError, RuleError
from ledger.money import MAX_MINOR, ZERO, Money, format_major, parse_major

_Writer: TypeAlias = Callable[[Money], str]

MOST_DENOMINATIONS: Final = 40
MOST_PIECES: Final = 10**7
_COUNTED: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)[xX*]([0-9]{1,8})")
_LOOSE: Final = re.compile(r"coins=([0-9]+(?:\.[0-9]+)?)", re.IGNORECASE)

DENOMINATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "BDT": ("1000", "500", "200", "100", "50", "20", "10", "5", "2", "1"),
    "ETB": ("200", "100", "50", "10", "5", "1", "0.50", "0.25", "0.10", "0.05"),
    "EUR": ("200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05", "0.02", "0.01"),
    "GHS": ("200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10"),
    "IDR": ("100000", "50000", "20000", "10000", "5000", "2000", "1000", "500", "200", "100"),
    "INR": ("500", "200", "100", "50", "20", "10", "5", "2", "1"),
    "KES": ("1000", "500", "200", "100", "50", "40", "20", "10", "5", "1"),
    "MWK": ("5000", "2000", "1000", "500", "200", "100", "50", "20", "10", "5", "1"),
    "NGN": ("1000", "500", "200", "100", "50", "20", "10", "5"),
    "NPR": ("1000", "500", "100", "50", "20", "10", "5", "2", "1"),
    "PKR": ("5000", "1000", "500", "100", "75", "50", "20", "10", "5", "2", "1"),
    "RWF": ("5000", "2000", "1000", "500", "100", "50", "20", "10", "5"),
    "TZS": ("10000", "5000", "2000", "1000", "500", "200", "100", "50"),
    "UGX": ("50000", "20000", "10000", "5000", "2000", "1000", "500", "200", "100", "50"),
    "USD": ("100", "50", "20", "10", "5", "2", "1", "0.50", "0.25", "0.10", "0.05", "0.01"),
    "XAF": ("10000", "5000", "2000", "1000", "500", "100", "50", "25", "10", "5", "2", "1"),
    "XOF": ("10000", "5000", "2000", "1000", "500", "250", "200", "100", "50", "25", "10", "5", "1"),
    "ZMW": ("500", "200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.10", "0.05"),
}
"""What is in circulation, largest first, for the lines of a counting sheet.

A new note must not stop a branch from closing its day, so a count may hold other denominations as well.
"""


class BadPiecesError(RuleError):
    """A count by denomination that cannot be read. Facts: part, reason."""

    code = "BAD_PIECES"
    message = N_("“{part}” cannot be read: {reason}. Write 1000x12 500x3 coins=45.50. Nothing was counted.")


@dataclass(frozen=True, slots=True)
class Pieces:
    """Notes and coins: (denomination, how many), largest first, and what was not sorted; minor units."""

    counted: tuple[tuple[Money, int], ...] = ()
    coins: Money = ZERO

    @property
    def total(self) -> Money:
        """Add up what was counted."""
        return Money(self.coins.minor + sum(worth.minor * number for worth, number in self.counted))

    def stored(self) -> str:
        """Write it as a row keeps it: in minor units, largest denomination first."""
        return self._written(lambda amount: str(amount.minor))

    def shown(self, digits: int) -> str:
        """Write it as people type it: in major units with ``digits`` decimals where there are any."""
        return self._written(lambda amount: _short(format_major(amount, digits)))

    def _written(self, write: _Writer) -> str:
        parts = [f"{write(worth)}x{number}" for worth, number in self.counted]
        if self.coins:
            parts.append(f"coins={write(self.coins)}")
        return " ".join(parts)


def parse_pieces(text: str, digits: int) -> Pieces:
    """Read what people type, in major units, in any order; a denomination that is not there needs no part.

    raises   BadPiecesError for a part that is neither, for a denomination of zero or named twice, and for
             more than anybody can count
    """
    counted: dict[Money, int] = {}
    coins: Money | None = None
    for part in text.replace(",", " ").split():
        found = _COUNTED.fullmatch(part)
        loose = _LOOSE.fullmatch(part)
        if found is not None:
            worth, number = _amount(part, found[1], digits), int(found[2])
            if not worth:
                raise BadPiecesError(part=part, reason="no note or coin is worth nothing")
            if worth in counted:
                raise BadPiecesError(part=part, reason="this denomination was counted before")
            if number > MOST_PIECES or len(counted) == MOST_DENOMINATIONS:
                raise BadPiecesError(part=part, reason="nobody can count so many")
            counted[worth] = number
        elif loose is not None and coins is None:
            coins = _amount(part, loose[1], digits)
        else:
            raise BadPiecesError(part=part[:40], reason="it is no denomination with a number")
    kept = tuple((worth, counted[worth]) for worth in sorted(counted, reverse=True) if counted[worth])
    pieces = Pieces(kept, coins or ZERO)
    if pieces.total.minor > MAX_MINOR:
        raise BadPiecesError(part=text[:40], reason="nobody can count so much")
    return pieces


def _amount(part: str, text: str, digits: int) -> Money:
    try:
        return parse_major(text, digits)
    except AmountError as refusal:
        raise BadPiecesError(part=part[:40], reason=f"the amount is wrong ({refusal.code})") from None


def _short(amount: str) -> str:
    whole, _, part = amount.partition(".")
    return whole if not part.strip("0") else amount
