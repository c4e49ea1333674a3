"""Clients: registered, found by a few letters, and compared with those who are there already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.numbers import person_number
from banking.rows import get_row
from banking.text import LONGEST_NOTE, clean, digits_of, folded, require
from ledger.errors import NotFoundError
from schema.accounts import LoanAccount, SavingsAccount
from schema.people import Client, Group
from schema.reading import fetch
from schema.writing import act, insert, update

GENDERS = frozenset({"", "f", "m", "x"})
_TEXTS = ("name", "given_name", "national_id", "phone", "address", "village")
_LEAST_OF_PHONE = 4
PHONE_TAIL = 9
"""Telephone numbers are the same when their last nine digits are: country codes are written in many ways."""


def register_client(
    session: Session,
    *,
    number: str | None = None,
    name: str,
    given_name: str = "",
    gender: str = "",
    born_on: date | None = None,
    national_id: str = "",
    phone: str = "",
    address: str = "",
    village: str = "",
    group_id: int | None = None,
    joined_on: date | None = None,
) -> Client:
    """Register a person. What is not known stays empty; an own number is kept, else the next one is given.

    raises   MissingError without a name; TextNotAllowedError, TextTooLongError, BadValueError;
             NumberTakenError; NotFoundError for the group
    """
    profile = {
        "name": require(name, "name"),
        "given_name": clean(given_name, "given_name"),
        "national_id": clean(national_id, "national_id"),
        "phone": clean(phone, "phone"),
        "address": clean(address, "address", LONGEST_NOTE),
        "village": clean(village, "village"),
    }
    _check_person(session, gender=gender, born_on=born_on)
    if group_id is not None and session.get(Group, group_id) is None:
        raise NotFoundError(kind="group", key=group_id)
    client = Client(
        number=person_number(session, Client, number),
        **profile,
        gender=gender,
        born_on=born_on,
        group_id=group_id,
        joined_on=joined_on,
    )
    insert(session, client)
    return client


def update_client(session: Session, client_id: int, **changes: object) -> Client:
    """Change some fields of a client's profile; fields that keep their value are not recorded.

    raises   as ``register_client``; BadValueError for a field that is not part of the profile
    """
    client = get_row(session, Client, client_id, "client")
    allowed = {*_TEXTS, "gender", "born_on", "group_id", "joined_on"}
    cleaned: dict[str, Any] = {}
    for field, value in changes.items():
        if field not in allowed:
            raise BadValueError(field=field, given=value)
        if field in _TEXTS:
            limit = LONGEST_NOTE if field == "address" else 120
            cleaned[field] = (require if field == "name" else clean)(str(value), field, limit)
        else:
            cleaned[field] = value
    _check_person(session, gender=cleaned.get("gender", ""), born_on=cleaned.get("born_on"))
    update(session, client, **cleaned)
    return client


def mark_client(
    session: Session, client_id: int, *, deceased: bool = False, blacklisted: bool = False
) -> Client:
    """Write down that a client has died, or gets no new loan. Only headquarters takes such a mark off.

    raises   NotFoundError; BadValueError where nothing is marked
    """
    client = get_row(session, Client, client_id, "client")
    if not deceased and not blacklisted:
        raise BadValueError(field="deceased", given="")
    update(
        session,
        client,
        deceased=client.deceased + int(deceased and not client.is_deceased),
        blacklisted=client.blacklisted + int(blacklisted and not client.is_blacklisted),
    )
    return client


def _check_person(session: Session, *, gender: str, born_on: date | None) -> None:
    if gender not in GENDERS:
        raise BadValueError(field="gender", given=gender)
    if born_on is not None and born_on > act(session).business_date:
        raise BadValueError(field="born_on", given=born_on)


def get_client(session: Session, number: str) -> Client:
    """Give the client with this number.

    raises   NotFoundError
    """
    found = session.scalars(select(Client).where(Client.number == number.strip()).limit(1)).first()
    if found is None:
        raise NotFoundError(kind="client", key=number)
    return found


# --- finding -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Card:
    """What a search looks at."""

    id: int
    words: tuple[str, ...]
    number: str
    phone: str
    national_id: str


_CARDS = "SELECT id, name, given_name, number, phone, national_id FROM client"


def find_clients(session: Session, text: str, limit: int = 20) -> list[Client]:
    """Find clients by the beginnings of their names in any order, by number, telephone or account number.

    Accents and capitals do not count. Best first: whole words before beginnings, then by name.
    """
    asked = folded(text).split()
    if not asked:
        return []
    ranked: list[tuple[int, str, int]] = []
    digits = digits_of(text)
    for row in fetch(session, _CARDS):
        if not _may_fit(row, asked, digits):
            continue
        card = _Card(
            row[0],
            tuple(folded(f"{row[1]} {row[2]}").split()),
            folded(row[3]),
            digits_of(row[4]),
            folded(row[5]),
        )
        rank = _rank(card, asked, digits)
        if rank is not None:
            ranked.append((rank, " ".join(card.words), card.id))
    ids = [client_id for _, _, client_id in sorted(ranked)[:limit]]
    if digits and len(ids) < limit:
        ids += [owner for owner in _owners_of_accounts(session, text) if owner not in ids][: limit - len(ids)]
    clients = {client.id: client for client in session.scalars(select(Client).where(Client.id.in_(ids)))}
    return [clients[client_id] for client_id in ids]


def _may_fit(row: tuple[Any, ...], asked: Sequence[str], digits: str) -> bool:
    """Tell whether a closer look is worth it: nearly all clients fall out here, at one folding each."""
    everything = folded(f"{row[1]} {row[2]} {row[3]} {row[5]}")
    if all(word in everything for word in asked):
        return True
    if len(digits) >= _LEAST_OF_PHONE and digits in digits_of(row[4]):
        return True
    return len(asked) == 1 and bool(digits) and digits.lstrip("0") in everything


def _rank(card: _Card, asked: Sequence[str], digits: str) -> int | None:
    """Tell how well a client fits: 0 best; None not at all."""
    whole = "".join(asked)
    fits = (
        whole in (card.number, card.national_id),
        all(word in card.words for word in asked),
        all(any(own.startswith(word) for own in card.words) for word in asked),
        len(asked) == 1 and bool(digits) and digits_of(card.number).lstrip("0") == digits.lstrip("0"),
        len(digits) >= _LEAST_OF_PHONE and digits in card.phone,
        len(whole) > 1 and whole in card.number,
    )
    return next((rank for rank, fit in enumerate(fits) if fit), None)


def _owners_of_accounts(session: Session, text: str) -> list[int]:
    wanted = text.strip().upper()
    owners: list[int] = []
    for model in (LoanAccount, SavingsAccount):
        found = session.scalars(
            select(model.client_id)
            .where(model.number.endswith(wanted, autoescape=True), model.client_id.is_not(None))
            .limit(20)
        )
        owners += [owner for owner in found if owner is not None]
    return list(dict.fromkeys(owners))


# --- the same person twice -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A client who may be the same person: ``why`` is national_id, phone or name_and_birth_year."""

    client_id: int
    number: str
    name: str
    why: str


def find_duplicates(
    session: Session,
    *,
    name: str,
    given_name: str = "",
    national_id: str = "",
    phone: str = "",
    born_on: date | None = None,
    except_id: int | None = None,
) -> list[Duplicate]:
    """List clients with the same national id, the same telephone, or the same names and year of birth.

    A warning for the clerk, not a refusal: families share telephones, and namesakes exist.
    """
    words = sorted(folded(f"{name} {given_name}").split())
    tail, document = digits_of(phone)[-PHONE_TAIL:], folded(national_id.strip())
    papers = _showed(session, document)
    found: list[Duplicate] = []
    for row in fetch(session, "SELECT id, number, name, given_name, national_id, phone, born_on FROM client"):
        reasons: Iterable[tuple[str, bool]] = (
            ("national_id", bool(document) and (folded(row[4]) == document or row[0] in papers)),
            ("phone", bool(tail) and digits_of(row[5])[-PHONE_TAIL:] == tail),
            (
                "name_and_birth_year",
                born_on is not None
                and row[6] is not None
                and str(row[6])[:4] == f"{born_on.year:04d}"
                and sorted(folded(f"{row[2]} {row[3]}").split()) == words,
            ),
        )
        why = next((reason for reason, holds in reasons if holds), None)
        if why is not None and row[0] != except_id:
            found.append(Duplicate(row[0], row[1], f"{row[3]} {row[2]}".strip(), why))
    return found


def _showed(session: Session, document: str) -> set[int]:
    """Clients who showed a paper with this number beside the one on their card."""
    rows = fetch(session, "SELECT client_id, number FROM identity_document WHERE state = 'active'")
    return {int(row[0]) for row in rows if document and folded(row[1]) == document}
