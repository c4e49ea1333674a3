"""Which lines of a list came before: by their own number, by all their words, or by what they tell.

A payment that reaches headquarters is on more than one list when lists overlap, when one list is read into
two accounts, or when the bank lays the same days out otherwise. Its own number says so where both lists have
one; else day and amount are the same and so are most words. What came before is not booked again, unless a
person says that it is really another payment. Two lines of one list are always two payments.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.bank_errors import RowFault, StatementRowsError
from banking.incoming_payments_errors import PaymentStateError
from banking.incoming_payments_files import MOBILE, Layout, PaymentLine, said_by
from schema.base import from_milliseconds
from schema.reading import fetch

_LONGEST_PREFIX: Final = 14
_AT_ONCE: Final = 400
_SAME_PHONE: Final = 9
"""So many digits at the end of a telephone number are compared: country codes are written in many ways."""
_SURE: Final = 100
_ALIKE: Final = 50
"""From these hundredths of the shorter line's words on, lines of one day and amount may be one payment."""
_WORD: Final = re.compile(r"\w+")
_AMOUNTS: Final = """
SELECT p.key, p.amount FROM incoming_payment AS p WHERE p.key IN ({marks})
UNION ALL
SELECT m.key, m.amount FROM account_message AS m
 WHERE m.kind = 'payment' AND m.from_office_id IS NULL AND m.key IN ({marks})
"""
_EARLIER: Final = """
SELECT p.key, p."on", p.amount, p.reference, p.payer, p.phone, p.note, p.row, f.name, f.read_at, f.layout,
       g.code
  FROM incoming_payment AS p
  JOIN payment_file AS f ON f.id = p.payment_file_id
  JOIN gl_account AS g ON g.id = f.gl_account_id
 WHERE p."on" >= ? AND p."on" <= ?
 ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Before:
    """The payment that a line repeats: its key, and list, day of reading and row where it came."""

    key: str
    name: str
    read_on: date
    row: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """A line's key, and whether its money is here already.

    ``before``   the earlier payment; None where nothing came before, or it was sent by hand
    ``certain``  its own number says so: nobody can say that it is another payment
    """

    key: str
    known: bool = False
    before: Before | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A payment of an earlier list, and what tells it from others."""

    before: Before
    about: tuple[str, int]
    words: frozenset[str]
    receipt: str
    numbers: str
    headings: tuple[str, Mapping[str, Any]]


def key_of(gl_code: str, line: PaymentLine) -> str:
    """Name a payment: by the list's own number, or where it has none by everything that the line says."""
    prefix = gl_code[:_LONGEST_PREFIX]
    if line.receipt:
        return f"{prefix}-{line.receipt}"
    said = (*said_by(line), line.nth)
    return f"{prefix}-{hashlib.sha256(repr(said).encode()).hexdigest()[:20].upper()}"


def recognise(
    session: Session,
    lines: Sequence[PaymentLine],
    layout: Layout,
    gl_code: str,
    another: Collection[int] = (),
) -> list[Recognised]:
    """Say of each line whether its money is here already.

    another  rows of which a person says that they are other payments than those that came before
    raises   StatementRowsError where a payment that is here had another amount; PaymentStateError for a row
             of ``another`` that did not come before, or whose own number did
    """
    keys = [key_of(gl_code, line) for line in lines]
    amounts = _amounts(session, lines, keys)
    earlier = _earlier(session, lines)
    by_key = {one.before.key: one.before for one in earlier}
    found = [_by_key(line, key, amounts, by_key) for line, key in zip(lines, keys, strict=True)]
    taken = {one.before.key for one in found if one.before is not None}
    free = [one for one in earlier if one.before.key not in taken]
    for at, before in _twins(lines, found, free, layout, gl_code):
        found[at] = Recognised(keys[at], known=True, before=before)
    return _said_otherwise(session, lines, found, gl_code, another)


def _amounts(session: Session, lines: Sequence[PaymentLine], keys: Sequence[str]) -> dict[str, int]:
    """Give the amounts of payments that are here, by a list that overlaps or by hand under the bare receipt.

    raises   StatementRowsError where one had another amount
    """
    amounts = _amounts_of(session, [*keys, *(line.receipt for line in lines if line.receipt)])
    faults = [
        RowFault(line.row, "amount", f"{key} came before with another amount")
        for line, key in zip(lines, keys, strict=True)
        if amounts.get(key, amounts.get(line.receipt, line.amount.minor)) != line.amount.minor
    ]
    if faults:
        raise StatementRowsError(faults)
    return amounts


def _amounts_of(session: Session, wanted: Sequence[str]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = fetch(session, _AMOUNTS.format(marks=", ".join("?" * len(part))), *part, *part)
        amounts |= {row[0]: row[1] for row in rows}
    return amounts


def _by_key(
    line: PaymentLine, key: str, amounts: Mapping[str, int], by_key: Mapping[str, Before]
) -> Recognised:
    known = key in amounts or (bool(line.receipt) and line.receipt in amounts)
    before = by_key.get(key) or by_key.get(line.receipt)
    return Recognised(key, known=known, before=before if known else None, certain=bool(line.receipt))


def _earlier(session: Session, lines: Sequence[PaymentLine]) -> list[_Earlier]:
    """Give the payments of the days of a list, as lists before had them."""
    days = [line.on.isoformat() for line in lines]
    asked = {(line.on.isoformat(), line.amount.minor) for line in lines}
    found = []
    for key, on, amount, *told, row, name, read_at, layout, code in fetch(
        session, _EARLIER, min(days), max(days)
    ):
        if (on, amount) not in asked:
            continue
        headings = json.loads(layout)
        numbers = _numbers(headings)
        receipt = key[len(code[:_LONGEST_PREFIX]) + 1 :] if numbers else ""
        before = Before(key, name, from_milliseconds(read_at).date(), row)
        words = _words(receipt, *told)
        found.append(_Earlier(before, (on, amount), words, receipt, numbers, (code, headings)))
    return found


def _numbers(headings: Mapping[str, Any]) -> str:
    """Name where a list has its own numbers: those of two lists with one name can be compared."""
    if headings.get("kind", MOBILE) == MOBILE:
        return MOBILE
    return str(headings.get("receipt", "")).casefold()


def _words(*told: str) -> frozenset[str]:
    """Give the words of a line in whatever columns they stand; of long numbers the last digits."""
    words = _WORD.findall(" ".join(told).casefold())
    return frozenset(word[-_SAME_PHONE:] if word.isdecimal() else word for word in words)


def _twins(
    lines: Sequence[PaymentLine],
    found: Sequence[Recognised],
    earlier: Sequence[_Earlier],
    layout: Layout,
    gl_code: str,
) -> Iterator[tuple[int, Before]]:
    """Give the lines that repeat an earlier payment, each of them once: those that surely do come first."""
    alike: dict[tuple[str, int], list[_Earlier]] = defaultdict(list)
    for one in earlier:
        alike[one.about].append(one)
    open_lines = [
        (at, line, _words(line.receipt, line.reference, line.payer, line.phone, line.note))
        for at, line in enumerate(lines)
        if not found[at].known and (line.on.isoformat(), line.amount.minor) in alike
    ]
    headings = layout.as_words()
    for enough in (_SURE, _ALIKE):
        left = []
        for at, line, words in open_lines:
            group = alike[line.on.isoformat(), line.amount.minor]
            ways = [_likeness(line, words, one, headings, gl_code) for one in group]
            best = max(range(len(group)), key=ways.__getitem__, default=None)
            if best is None or ways[best] < enough:
                left.append((at, line, words))
            else:
                yield at, group.pop(best).before
        open_lines = left


def _likeness(
    line: PaymentLine,
    words: frozenset[str],
    one: _Earlier,
    headings: Mapping[str, Any],
    gl_code: str,
) -> int:
    """Say in hundredths how sure it is that a line is an earlier payment of the same day and amount."""
    if line.receipt and one.receipt and _numbers(headings) == one.numbers:
        return _SURE if line.receipt == one.receipt else 0
    if (gl_code, _columns(headings)) == (one.headings[0], _columns(one.headings[1])):
        return 0  # one account, one layout: the same payment would have the same words, and so its key
    fewer = min(len(words), len(one.words))
    return len(words & one.words) * _SURE // fewer if fewer else _ALIKE


def _columns(headings: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(value).casefold() for name, value in headings.items() if name not in {"form", "decimal"}
    }


def _said_otherwise(
    session: Session,
    lines: Sequence[PaymentLine],
    found: list[Recognised],
    gl_code: str,
    another: Collection[int],
) -> list[Recognised]:
    """Take what a person says of rows that came before; each gets a key that no other payment has."""
    rows = {line.row: at for at, line in enumerate(lines)}
    keys = {one.key for one in found}
    for row in sorted(set(another)):
        at = rows.get(row)
        if at is None or not found[at].known:
            raise PaymentStateError(key=f"row {row}", reason="it did not come before")
        one, line = found[at], lines[at]
        if one.certain or one.before is None:
            raise PaymentStateError(key=one.key, reason="its own number came before")
        key = one.key
        if key == one.before.key:
            while key in keys or _amounts_of(session, [key]):
                line = replace(line, nth=line.nth + 1)
                key = key_of(gl_code, line)
            keys.add(key)
        found[at] = Recognised(key, before=one.before)
    return found
