"""Cash counted on a form, note by note: the lines, what was typed into them, and both beside the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.cash_counts import Counted, Weighed, weigh
from ledger.denominations import DENOMINATIONS, MOST_PIECES, BadPiecesError, parse_pieces
from ledger.money import Money, format_major
from schema.accounting import Till
from web import work
from web.forms import Typed

COINS: Final = "coins"
"""The last line of a count: what was not sorted, as one amount."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The counting sheet of one till: ``number`` and ``name`` of the till, and the names of its fields."""

    number: int
    name: str

    @property
    def coins(self) -> str:
        """Name of the field for what was not sorted."""
        return self.field(COINS)

    @property
    def reason(self) -> str:
        """Name of the field for the reason of a difference."""
        return f"reason_{self.number}"

    def field(self, denomination: str) -> str:
        """Name the field of one line."""
        return f"n{self.number}_{denomination}"

    @property
    def lines(self) -> Sequence[tuple[str, str]]:
        """Give each line's denomination, in major units, and the name of its field."""
        return [(worth, self.field(worth)) for worth in denominations()]

    @property
    def fields(self) -> list[str]:
        """List the names of all fields of the sheet."""
        return [*(name for _worth, name in self.lines), self.coins]


def denominations() -> tuple[str, ...]:
    """List the notes and coins of the book's currency, largest first; none where they are not known."""
    return DENOMINATIONS.get(work.edition().currency.code, ())


def sheet_of(till: Till) -> Sheet:
    """Give the counting sheet of a till."""
    return Sheet(till.number, till.name)


def read_count(typed: Typed, sheet: Sheet) -> Counted | None:
    """Read what was typed into a sheet; None when it is empty. Complaints stand beside their lines."""
    parts = [
        f"{worth}x{many}" for worth, name in sheet.lines if (many := _read_number(typed, name)) is not None
    ]
    loose = typed.amount(sheet.coins, zero=True, required=False)
    has_loose = bool(typed.values.get(sheet.coins, "").strip())
    if not parts and not has_loose:
        return None
    digits = work.edition().currency.digits
    try:
        pieces = parse_pieces(" ".join(parts), digits)
        amount = Money(pieces.total.minor + loose.minor)
        shown = (
            f"{pieces.shown(digits)} coins={format_major(loose, digits)}" if loose else pieces.shown(digits)
        )
        parse_pieces(shown, digits)
    except BadPiecesError as refusal:
        typed.note(sheet.coins, refusal)
        return None
    reason = typed.text(sheet.reason, required=False)
    return Counted(amount=amount, pieces=shown.strip(), reason=reason)


def require_counted(typed: Typed, sheet: Sheet) -> Counted:
    """Read what was typed into a sheet; an empty one is complained about."""
    counted = read_count(typed, sheet)
    if counted is None:
        typed.errors.setdefault(
            (sheet.fields or [sheet.coins])[0], _("Type how many; 0 if the drawer is empty.")
        )
        return Counted()
    return counted


def weighed(session: Session, till: Till, counted: Counted) -> Weighed:
    """Set a count beside the books."""
    return weigh(session, till, counted, work.edition().currency.digits)


def require_reason(typed: Typed, sheet: Sheet, found: Weighed) -> None:
    """Complain where a difference has no reason."""
    if found.difference and not typed.values.get(sheet.reason, "").strip():
        typed.errors[sheet.reason] = _("It differs from the books. Count again, or say why.")


def _read_number(typed: Typed, name: str) -> int | None:
    text = "".join(typed.values.get(name, "").split())
    if not text:
        return None
    if text.isdecimal() and len(text) <= len(str(MOST_PIECES)):
        return int(text)
    typed.errors[name] = _("Type a whole number: how many of them there are.")
    return None
