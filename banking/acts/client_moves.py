"""Acts that move a client with all accounts to another branch."""

from typing import Final

from sqlalchemy.orm import Session

from banking import client_arrivals, client_transfers
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Values
from schema.people import Client, ClientMove
from schema.products import ClientTransfer
from schema.reference import Office

_BRANCH: Final = (Place.BRANCH,)
_DECISION: Final = Field(
    "decision",
    readers.row_id(ClientTransfer, "decision"),
    "as “client_transfer.list” shows it",
    required=True,
)


def _of_transfer(session: Session, transfer: ClientTransfer) -> dict[str, object]:
    client = session.get(Client, transfer.client_id)  # a third branch does not know the client
    return {
        "decision": str(transfer.id),
        "client": client.number if client else None,
        "from": session.get_one(Office, transfer.from_office_id).code,
        "to": session.get_one(Office, transfer.to_office_id).code,
        "decided_on": transfer.decided_on.isoformat(),
        "state": transfer.state,
        "done": [
            {"direction": move.direction, "on": move.on.isoformat()}
            for move in client_transfers.moves_of(session, transfer.id)
        ],
    }


def _of_move(session: Session, move: ClientMove) -> dict[str, object]:
    transfer = session.get_one(ClientTransfer, move.transfer_id)
    return {**_of_transfer(session, transfer), "outcome": move.direction}


def _decide(session: Session, values: Values) -> Result:
    transfer = client_transfers.decide(
        session, values.id("client"), values.id("to"), values.day(session), reason=values.text("reason")
    )
    return _of_transfer(session, transfer)


def _withdraw(session: Session, values: Values) -> Result:
    return _of_transfer(session, client_transfers.withdraw(session, values.id("decision")))


def _hand_over(session: Session, values: Values) -> Result:
    return _of_move(session, client_transfers.hand_over(session, values.id("decision")))


def _take_over(session: Session, values: Values) -> Result:
    arrival = client_arrivals.take_over_client(session, values.id("decision"))
    return {
        **_of_move(session, arrival.move),
        "client": arrival.client.number,
        "loans": [loan.number for loan in arrival.loans],
        "savings": [account.number for account in arrival.savings],
    }


def _give_back(session: Session, values: Values) -> Result:
    move = client_arrivals.give_back(session, values.id("decision"), reason=values.one("reason", str))
    return _of_move(session, move)


def _list(session: Session, _values: Values) -> Result:
    return {"decisions": [_of_transfer(session, one) for one in client_transfers.list_decisions(session)]}


ACTS: Final = (
    Act(
        "client_transfer.decide",
        "reference.write",
        (Place.HQ,),
        "Decide that a client moves to another branch with all accounts.",
        (
            Field("client", readers.client, "number of the client", required=True),
            Field("to", readers.office, "code of the branch", required=True),
            Field("on", readers.day, "the day from which it counts; default: today"),
            Field("reason", readers.text, "why; every branch can read it", required=True),
        ),
        _decide,
    ),
    Act(
        "client_transfer.withdraw",
        "reference.write",
        (Place.HQ,),
        "Take a decision back that no branch is known to have carried out.",
        (_DECISION, Field("reason", readers.text, "why", required=True)),
        _withdraw,
    ),
    Act(
        "client_transfer.hand_over",
        "loans.approve",
        _BRANCH,
        "Hand a client's accounts over at the old branch, or say that something changed since.",
        (_DECISION,),
        _hand_over,
    ),
    Act(
        "client_transfer.take_over",
        "loans.approve",
        _BRANCH,
        "Open a client's accounts at the new branch.",
        (_DECISION,),
        _take_over,
    ),
    Act(
        "client_transfer.give_back",
        "loans.approve",
        _BRANCH,
        "Take the opening back at the new branch, because the old one could not hand over.",
        (_DECISION, Field("reason", readers.text, "why", required=True)),
        _give_back,
    ),
    Act(
        "client_transfer.list",
        "clients.see",
        (Place.BRANCH, Place.HQ),
        "List the decisions to move clients, and what was done about each.",
        (),
        _list,
    ),
)
