"""Everything that is known of a client, for one page or one print."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from banking.counter import LoanGlance, SavingsGlance, full_name, loans_at_a_glance, savings_at_a_glance
from banking.custom_fields import FieldValue, values_of
from banking.profiles import Paper, list_family, list_papers
from banking.rows import get_row
from banking.timelines import Event, timeline_of
from ledger.money import Money
from schema.people import Client, Group
from schema.profiles import Relative
from schema.reading import fetch, fetch_one

_JOINT = """
SELECT a.id, a.number, p.name FROM savings_holder AS h
  JOIN savings_account AS a ON a.id = h.savings_account_id JOIN savings_product AS p ON p.id = a.product_id
 WHERE h.client_id = ? AND h.removed_on IS NULL ORDER BY a.number
"""
_ANSWERS_FOR_OTHERS = """
SELECT l.id, l.number, g.amount, c.id, c.given_name, c.name FROM guarantor AS g
  JOIN loan_account AS l ON l.id = g.loan_account_id LEFT JOIN client AS c ON c.id = l.client_id
 WHERE g.client_id = ? AND g.released_on IS NULL ORDER BY l.number
"""
_GUARANTORS = """
SELECT l.id, l.number, g.amount, g.client_id, '', g.name FROM guarantor AS g
  JOIN loan_account AS l ON l.id = g.loan_account_id
 WHERE l.client_id = ? AND g.released_on IS NULL ORDER BY l.number, g.id
"""
_PHOTO = "SELECT id FROM client_scan WHERE client_id = ? AND kind = 'photo' ORDER BY at DESC, id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class JointAccount:
    """A savings account of somebody else that belongs to this client as well."""

    id: int
    number: str
    product: str


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Somebody answers for a loan. ``client_id`` is the person named, None for one from outside."""

    loan_id: int
    loan_number: str
    amount: Money
    client_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class ClientSheet:
    """Everything that a client's page shows.

    joint        accounts of others that belong to the client as well
    guarantors   who answers for the client's loans
    guarantees   loans of others that the client answers for
    photo_id     the newest photo, None where there is none
    events       the whole timeline, newest first, where it was asked for
    """

    client: Client
    name: str
    group: Group | None
    loans: list[LoanGlance]
    savings: list[SavingsGlance]
    joint: list[JointAccount]
    guarantors: list[Guarantee]
    guarantees: list[Guarantee]
    family: list[Relative]
    papers: list[Paper]
    fields: list[FieldValue]
    photo_id: int | None
    events: list[Event]


def client_sheet(session: Session, client_id: int, today: date, *, whole: bool = False) -> ClientSheet:
    """Give what is known of a client.

    whole    with everything that ever happened, for a print
    raises   NotFoundError
    """
    client = get_row(session, Client, client_id, "client")
    return ClientSheet(
        client=client,
        name=full_name(client),
        group=session.get(Group, client.group_id) if client.group_id is not None else None,
        loans=loans_at_a_glance(session, today, client_id=client_id),
        savings=savings_at_a_glance(session, client_id=client_id),
        joint=[JointAccount(*row) for row in fetch(session, _JOINT, client_id)],
        guarantors=_guarantees(session, _GUARANTORS, client_id),
        guarantees=_guarantees(session, _ANSWERS_FOR_OTHERS, client_id),
        family=list_family(session, client_id),
        papers=list_papers(session, client_id, today),
        fields=values_of(session, client_id),
        photo_id=find_photo(session, client_id),
        events=timeline_of(session, client_id) if whole else [],
    )


def find_photo(session: Session, client_id: int) -> int | None:
    """Find a client's newest photo."""
    row = fetch_one(session, _PHOTO, client_id)
    return None if row is None else int(row[0])


def _guarantees(session: Session, statement: str, client_id: int) -> list[Guarantee]:
    found = []
    for loan_id, number, amount, owner, given, name in fetch(session, statement, client_id):
        called = f"{given or ''} {name or ''}".strip()
        if not called and owner is not None:
            called = full_name(session.get_one(Client, owner))
        found.append(Guarantee(loan_id, number, Money(amount), owner, called))
    return found
