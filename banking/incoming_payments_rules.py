"""Whose account a payment from outside is for: three rules in order, and nothing is ever guessed.

1. *number*: what the payer typed as the account is the number of one that takes money.
2. *telephone*: the payer's telephone is that of one client, who has one running loan; or without such a loan,
   one voluntary savings account.
3. *reference*: the words of the list name one account, and no other.

A rule that finds several finds none: the payment stays unmatched, and they are its candidates. The first rule
that finds anything at all decides, so that a telephone never overrules a number that was typed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.account_lookup import LOAN, MOVED, SAVINGS, FoundAccount, after_move
from banking.clients import PHONE_TAIL
from banking.loan_states import state_of
from banking.numbers import DIGITS
from banking.text import digits_of
from ledger.errors import N_
from schema.reading import fetch

NUMBER, TELEPHONE, REFERENCE, PERSON = "number", "telephone", "reference", "person"
NOTHING, CLOSED, CLIENTS, ACCOUNTS, NO_ACCOUNT = "NOTHING", "CLOSED", "CLIENTS", "ACCOUNTS", "NO_ACCOUNT"
RULES: Final[Mapping[str, str]] = {
    NUMBER: N_("by the number of the account"),
    TELEPHONE: N_("by the telephone"),
    REFERENCE: N_("by the words of the list"),
    PERSON: N_("by a person"),
}
REASONS: Final[Mapping[str, str]] = {
    NOTHING: N_("No number, telephone or words lead to an account."),
    CLOSED: N_("The account takes no money any more."),
    CLIENTS: N_("Several clients have this telephone."),
    ACCOUNTS: N_("Several accounts are possible."),
    NO_ACCOUNT: N_("The client has no account that is open."),
}
"""Why no rule found an account."""

_AT_ONCE: Final = 400
_OPEN_SAVINGS: Final = frozenset({"active", "dormant", "unclaimed"})
_OPEN_LOANS: Final = frozenset({"active", "written_off"})
_SPELLED: Final = re.compile(r"([A-Z0-9]{2,8})[-/ ]?([LS])[-/ ]?0*([0-9]{1,6})")
_IN_TEXT: Final = re.compile(r"(?<![A-Z0-9])([A-Z0-9]{2,8})[-/ ]?([LS])[-/ ]?([0-9]{1,6})(?![0-9])")
_WORD: Final = re.compile(r"[A-Z0-9][A-Z0-9/-]{3,39}")

_BY_NUMBER: Final = """
SELECT '{kind}', id, number, origin_office_id, status, client_id FROM {kind}_account WHERE number IN ({marks})
 ORDER BY id
"""
_OF_CLIENTS: Final = """
SELECT '{kind}', a.id, a.number, a.origin_office_id, a.status, a.client_id
  FROM {kind}_account AS a JOIN {kind}_product AS p ON p.id = a.product_id
 WHERE a.client_id IN ({marks}){only} ORDER BY a.id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a payment says of its account."""

    reference: str
    phone: str
    note: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules found: an account and the rule; or ``reason``, a key of ``REASONS``, and candidates."""

    account: FoundAccount | None
    rule: str = ""
    reason: str = ""
    candidates: tuple[FoundAccount, ...] = ()


def find_accounts(session: Session, asked: Sequence[Asked], on: date) -> list[Verdict]:
    """Find the account of each payment, as of a day.

    An account that moved with its client stands for the one that goes on with it.
    """
    rules = _Rules(session, on)
    rules.prepare(asked)
    return [rules.judge(one) for one in asked]


def takes_money(session: Session, account: FoundAccount, on: date) -> bool:
    """Tell whether an account takes a payment: a loan that is owed or written off, savings that are open."""
    if account.kind == SAVINGS:
        return account.status in _OPEN_SAVINGS
    if account.status not in _OPEN_LOANS:
        return False
    return state_of(session, account.id, on).state in _OPEN_LOANS


def accounts_with_number(session: Session, given: str) -> list[FoundAccount]:
    """List the accounts with a number, however it is spelled; one that moved stands where it is now."""
    rules = _Rules(session, date.max)
    rules.read_numbers(spellings(given))
    return rules.named(spellings(given))


def spellings(given: str) -> list[str]:
    """Give the numbers that somebody may mean who typed this: as it stands, and in our own form."""
    text = " ".join(given.upper().split())
    found = [text] if text else []
    own = _SPELLED.fullmatch(text)
    if own is not None:
        found.append(_own_form(*own.groups()))
    return list(dict.fromkeys([*found, text.replace(" ", "")])) if text else []


def _own_form(office: str, series: str, number: str) -> str:
    return f"{office}-{series}-{int(number):0{DIGITS}d}"


def numbers_in(text: str) -> list[str]:
    """Give what can be an account's number in a text."""
    plain = text.upper()
    own = [_own_form(*found.groups()) for found in _IN_TEXT.finditer(plain)]
    return list(dict.fromkeys([*own, *_WORD.findall(plain)]))


def _in_parts(values: Iterable[Any]) -> Iterable[list[Any]]:
    every = list(dict.fromkeys(values))
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))


class _Rules:
    """The rules with what they look things up in, read once for many payments."""

    def __init__(self, session: Session, on: date) -> None:
        self._session, self._on = session, on
        self._numbered: dict[str, list[FoundAccount]] = {}
        self._clients: dict[str, list[int]] = {}
        self._of_client: dict[int, list[FoundAccount]] = {}
        self._open: dict[tuple[str, int], bool] = {}

    def prepare(self, asked: Sequence[Asked]) -> None:
        """Read the accounts and clients that these payments may mean."""
        numbers = [number for one in asked for number in spellings(one.reference)]
        numbers += [number for one in asked for number in numbers_in(f"{one.reference} {one.note}")]
        self.read_numbers(numbers)
        self._read_clients({_tail(one.phone) for one in asked} - {""})
        self._read_accounts([client for found in self._clients.values() for client in found])

    def read_numbers(self, numbers: Iterable[str]) -> None:
        for part in _in_parts(numbers):
            for row in self._rows(_BY_NUMBER, part, {}):
                account = FoundAccount(*row[:5])
                self._numbered.setdefault(account.number, []).append(account)

    def _rows(self, statement: str, part: list[Any], only: Mapping[str, str]) -> list[tuple[Any, ...]]:
        marks = ", ".join("?" * len(part))
        found: list[tuple[Any, ...]] = []
        for kind in (LOAN, SAVINGS):
            text = statement.format(kind=kind, marks=marks, only=only.get(kind, ""))
            found += fetch(self._session, text, *part)
        return found

    def _read_clients(self, tails: set[str]) -> None:
        if not tails:
            return
        for client_id, phone in fetch(
            self._session, "SELECT id, phone FROM client WHERE phone <> '' ORDER BY id"
        ):
            tail = _tail(phone)
            if tail in tails:
                self._clients.setdefault(tail, []).append(client_id)

    def _read_accounts(self, clients: Iterable[int]) -> None:
        voluntary = {SAVINGS: " AND p.kind = 'voluntary'"}
        for part in _in_parts(clients):
            for row in self._rows(_OF_CLIENTS, part, voluntary):
                self._of_client.setdefault(row[5], []).append(FoundAccount(*row[:5]))

    def named(self, numbers: Iterable[str]) -> list[FoundAccount]:
        """Give the accounts with one of these numbers, each once, where they are now."""
        found: dict[tuple[str, int], FoundAccount] = {}
        for number in numbers:
            for account in self._numbered.get(number, []):
                now = after_move(self._session, account) or account
                found[now.kind, now.id] = now
        gone = [place for place, account in found.items() if account.status == MOVED]
        if len(gone) < len(found):
            for place in gone:
                del found[place]
        return list(found.values())

    def judge(self, asked: Asked) -> Verdict:
        """Ask the rules in their order."""
        typed = self.named(spellings(asked.reference))
        if typed:
            return self._only(typed, NUMBER)
        clients = self._clients.get(_tail(asked.phone), [])
        if clients:
            return self._of_clients(clients)
        named = self.named(numbers_in(f"{asked.reference} {asked.note}"))
        return self._only(named, REFERENCE) if named else Verdict(None, reason=NOTHING)

    def _only(self, found: Sequence[FoundAccount], rule: str) -> Verdict:
        open_ones = [account for account in found if self._takes(account)]
        if len(open_ones) == 1:
            return Verdict(open_ones[0], rule)
        return Verdict(None, reason=ACCOUNTS if open_ones else CLOSED, candidates=tuple(open_ones or found))

    def _of_clients(self, clients: Sequence[int]) -> Verdict:
        owned = [
            account
            for client in clients
            for account in self._of_client.get(client, [])
            if self._takes(account)
        ]
        if len(clients) > 1:
            return Verdict(None, reason=CLIENTS, candidates=tuple(owned))
        running = [account for account in owned if account.kind == LOAN and account.status == "active"]
        chosen = running or [account for account in owned if account.kind == SAVINGS]
        if len(chosen) == 1:
            return Verdict(chosen[0], TELEPHONE)
        return Verdict(None, reason=ACCOUNTS if owned else NO_ACCOUNT, candidates=tuple(owned))

    def _takes(self, account: FoundAccount) -> bool:
        place = (account.kind, account.id)
        if place not in self._open:
            self._open[place] = takes_money(self._session, account, self._on)
        return self._open[place]


def _tail(phone: str) -> str:
    """Give of a telephone what is compared; empty for one that is too short to name anybody."""
    digits = digits_of(phone)
    return digits[-PHONE_TAIL:] if len(digits) >= PHONE_TAIL else ""
