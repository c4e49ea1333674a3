"""Clients: found by name, number or telephone, and one by one with the ids of their accounts."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

from banking.text import digits_of, folded
from hq.api import scopes
from hq.api.errors import FORBIDDEN, NOT_FOUND, ApiError
from hq.api.kinds import NUMBER, RowNumber, Text
from hq.api.listings import OFFICE, Listing, rows_of_page, walk
from hq.api.operations import Answer, Call, Operation, Parameter
from hq.api.paging import PAGING, limit_of, page
from hq.api.shapes import Field, Form, list_of, object_of, page_of
from schema.reading import fetch

_LOOKED_AT_ONCE: Final = 2_000
_PHONE_TAIL: Final = 9
"""Telephone numbers are the same when their last nine digits are, as at the counter."""

CLIENTS: Final = Listing(
    fields=(
        Field("id", Form.ID, "Its id, the same at branch and headquarters.", "c.id"),
        Field("number", Form.TEXT, "The number that people know.", "c.number"),
        Field("office", Form.TEXT, "Code of the office that registered the client.", "o.code"),
        Field("name", Form.TEXT, "Family name, or the only one.", "c.name"),
        Field("given_name", Form.TEXT, "Given name; may be empty.", "c.given_name"),
        Field("gender", Form.TEXT, "f, m, x or empty.", "c.gender"),
        Field("village", Form.TEXT, "Village; may be empty.", "c.village"),
        Field("group_id", Form.ID, "Id of the group.", "c.group_id", is_null=True),
        Field("joined_on", Form.DAY, "When the client joined.", "c.joined_on", is_null=True),
        Field("state", Form.TEXT, "Such as active or moved.", "c.state"),
        Field("deceased", Form.FLAG, "Whether the client is known to have died.", "c.deceased % 2"),
        Field("blacklisted", Form.FLAG, "Whether no new loan is given.", "c.blacklisted % 2"),
        Field("born_on", Form.DAY, "Day of birth.", "c.born_on", is_null=True, scope=scopes.PRIVATE),
        Field("national_id", Form.TEXT, "Identity number.", "c.national_id", scope=scopes.PRIVATE),
        Field("phone", Form.TEXT, "Telephone number.", "c.phone", scope=scopes.PRIVATE),
        Field("address", Form.TEXT, "Address.", "c.address", scope=scopes.PRIVATE),
    ),
    tables="client AS c JOIN office AS o ON o.id = c.origin_office_id",
    office="c.origin_office_id",
    filters={"number": "c.number = ?"},
)
_PLACE: Final = {field.name: place for place, field in enumerate(CLIENTS.fields)}
_ACCOUNT: Final = object_of(
    (
        Field("id", Form.ID, "Id of the account."),
        Field("number", Form.TEXT, "Its number."),
        Field("status", Form.TEXT, "Its status."),
    )
)


def _list(call: Call) -> Answer:
    """List clients that fit everything that was asked."""
    tests = _tests(call)
    with call.installation.database.reading() as session:
        if tests:
            found = walk(session, call, CLIENTS, _LOOKED_AT_ONCE)
            fitting = (row for row in found if all(test(row) for test in tests))
            rows: Sequence[tuple[Any, ...]] = list(islice(fitting, limit_of(call) + 1))
        else:
            rows = rows_of_page(session, call, CLIENTS)
    return 200, page(call, rows, lambda row: CLIENTS.document(call, row))


def _tests(call: Call) -> list[Callable[[tuple[Any, ...]], bool]]:
    """Give what a row must pass that SQL cannot judge: letters without accents, digits of telephones."""
    tests: list[Callable[[tuple[Any, ...]], bool]] = []
    words = folded(call.text("search") or "").split()
    if words:
        tests.append(lambda row: _has_words(row, words))
    phone = call.text("phone")
    if phone is not None:
        if scopes.PRIVATE not in call.caller.scopes:
            raise ApiError(
                FORBIDDEN,
                "SCOPE",
                "Only a token that may see telephone numbers can ask for one.",
                where=scopes.PRIVATE,
            )
        tail = digits_of(phone)[-_PHONE_TAIL:]
        tests.append(lambda row: bool(tail) and digits_of(row[_PLACE["phone"]])[-_PHONE_TAIL:] == tail)
    return tests


def _has_words(row: tuple[Any, ...], words: Sequence[str]) -> bool:
    own = folded(f"{row[_PLACE['given_name']]} {row[_PLACE['name']]}").split()
    return all(any(one.startswith(word) for one in own) for word in words)


def _one(call: Call) -> Answer:
    """Give one client."""
    client_id = call.values["id"]
    with call.installation.database.reading() as session:
        row = CLIENTS.one(session, call, client_id, "client")
        accounts = {
            "loans": (scopes.LOANS, "SELECT id, number, status FROM loan_account"),
            "savings": (scopes.SAVINGS, "SELECT id, number, status FROM savings_account"),
        }
        document = CLIENTS.document(call, row)
        for name, (scope, statement) in accounts.items():
            if scope in call.caller.scopes:
                where, given = "client_id = ?", [client_id]
                if call.caller.office_id is not None:  # a client who moved has accounts elsewhere
                    where, given = f"{where} AND origin_office_id = ?", [*given, call.caller.office_id]
                found = fetch(session, f"{statement} WHERE {where} ORDER BY number, id", *given)
                document[name] = [{"id": str(one[0]), "number": one[1], "status": one[2]} for one in found]
    return 200, document


_WHOLE: Final = object_of(CLIENTS.fields)
_WHOLE["properties"] |= {"loans": list_of(_ACCOUNT), "savings": list_of(_ACCOUNT)}

OPERATIONS: Final = (
    Operation(
        "listClients",
        "GET",
        "/clients",
        "List clients, in the order of their ids.",
        _list,
        page_of(object_of(CLIENTS.fields)),
        scope=scopes.CLIENTS,
        parameters=(
            OFFICE,
            Parameter("number", NUMBER, "Exactly this number."),
            Parameter("search", Text(), "Beginnings of names, in any order; accents do not count."),
            Parameter(
                "phone", Text(40), "Telephone number, however it is written; asks for clients:private."
            ),
            *PAGING,
        ),
        refusals=(NOT_FOUND,),
        group="Clients and accounts",
    ),
    Operation(
        "getClient",
        "GET",
        "/clients/{id}",
        "One client; accounts as far as the token may see them.",
        _one,
        _WHOLE,
        scope=scopes.CLIENTS,
        in_path=(Parameter("id", RowNumber(), "Id of the client.", required=True),),
        group="Clients and accounts",
    ),
)
