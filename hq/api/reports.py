"""Reports: the catalogue, and any of them as the same document that the command line writes."""

from collections.abc import Mapping
from typing import Any, Final

from banking.acts.errors import NotPermittedError
from banking.reports import REPORTS, to_json
from banking.role_rights import may_here
from console.reports import Asked, make_report
from hq.api import scopes
from hq.api.errors import CONFLICT, FORBIDDEN, NOT_FOUND, ApiError
from hq.api.kinds import AMOUNT, CODE, NUMBER, Choice, Day, Flag, Text
from hq.api.listings import OFFICE, office_of
from hq.api.operations import Answer, Call, Operation, Parameter
from hq.api.shapes import list_of
from hq.reports import rests_on
from ledger.money import parse_major

PRIVATE: Final = frozenset({"phone", "national_id", "born_on", "address"})
"""Columns that are null for a token without ``clients:private``."""

_ABOUT: Final = (
    Parameter("as_of", Day(), "The day that is asked about; today without it."),
    Parameter("start", Day(), "First day of what counts movements."),
    OFFICE,
    Parameter("sub_tree", Flag(), "With all offices below the office."),
    Parameter("by_office", Flag(), "A column for each office beside the sum."),
    Parameter("late", Flag(), "With what was entered later but counts before."),
    Parameter("account", NUMBER, "Code of a GL account, or number of an account."),
    Parameter("client", NUMBER, "Number of a client."),
    Parameter("group", Text(), "Number or name of a group or center."),
    Parameter("officer", Text(), "Name of a loan officer."),
    Parameter("product", CODE, "Code of a product."),
    Parameter("adjustments", AMOUNT, "What subsidies and inflation would have cost, for a ratio."),
)
_ELSEWHERE: Final = frozenset({"office", "adjustments"})
"""Parameters that are no fields of a question under their own name."""
_OF_ALL_OFFICES: Final = frozenset({"audit-sample"})
"""Reports that are of every office, whatever office is asked for."""

_CATALOGUE: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "items": list_of(
            {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "title": {"type": "string"},
                    "room": {"type": "string"},
                    "rule": {"type": "string", "description": "What it counts, and how."},
                    "asks": list_of({"type": "string"}),
                    "needs": list_of({"type": "string"}),
                },
                "required": ["name", "title", "room", "rule", "asks", "needs"],
                "additionalProperties": False,
            }
        )
    },
    "required": ["items"],
    "additionalProperties": False,
}
_REPORT: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "Figures and tables of the report by their names; amounts are decimal strings.",
    "properties": {
        "report": {"type": "string"},
        "title": {"type": "string"},
        "start": {"type": ["string", "null"], "format": "date"},
        "as_of": {"type": ["string", "null"], "format": "date"},
        "totals": {"type": "object"},
        "notes": list_of({"type": "string"}),
    },
    "required": ["report", "title", "start", "as_of", "totals", "notes"],
}


def _list(_call: Call) -> Answer:
    """List the catalogue."""
    return 200, {
        "items": [
            {
                "name": one.name,
                "title": one.title,
                "room": one.room,
                "rule": one.rule,
                "asks": list(one.asks),
                "needs": list(one.needs),
            }
            for one in REPORTS.values()
        ]
    }


def _one(call: Call) -> Answer:
    """Answer a report."""
    definition = REPORTS[call.values["name"]]
    with call.installation.database.reading() as session:
        office_id = office_of(session, call)
        if not may_here(session, call.caller.role, definition.right):
            raise NotPermittedError(who=call.caller.role, permission=definition.right)
    if call.caller.office_id is not None:
        where = "sub_tree" if call.values.get("sub_tree") else "name"
        if where == "sub_tree" or definition.name in _OF_ALL_OFFICES:
            raise ApiError(FORBIDDEN, "OTHER_OFFICE", "This token is bound to one office.", where=where)
    about = {name: value for name, value in call.values.items() if name not in {"name", *_ELSEWHERE}}
    about |= {"office_id": office_id}
    about.setdefault("as_of", call.now.astimezone().date())
    given = call.text("adjustments")
    if given is not None:
        about["adjustments"] = parse_major(given, call.digits).minor
    report = make_report(call.installation, Asked(call.values["name"], about), rests_on)
    document = to_json(report, call.digits)
    if scopes.PRIVATE not in call.caller.scopes:
        for table in report.tables:
            for row in document[table.name]:
                row.update(dict.fromkeys(PRIVATE & row.keys()))
    return 200, document


OPERATIONS: Final = (
    Operation(
        "listReports",
        "GET",
        "/reports",
        "List the reports of the catalogue.",
        _list,
        _CATALOGUE,
        scope=scopes.REPORTS,
        group="Reports",
    ),
    Operation(
        "getReport",
        "GET",
        "/reports/{name}",
        "Answer a report. What it cannot be asked is refused, never ignored.",
        _one,
        _REPORT,
        scope=scopes.REPORTS,
        parameters=_ABOUT,
        in_path=(Parameter("name", Choice(tuple(REPORTS)), "Its name in the catalogue.", required=True),),
        refusals=(NOT_FOUND, CONFLICT),
        group="Reports",
    ),
)
