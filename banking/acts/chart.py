"""Acts of headquarters on the chart of accounts."""

from typing import Final

from sqlalchemy.orm import Session

from banking import chart
from banking.acts import readers
from banking.acts.registry import Act, Field, Place, Result, Run, Values
from banking.standard import ACCOUNT_TYPES, DETAIL, HEADER, ChartRow
from schema.reference import GLAccount

_HQ: Final = (Place.HQ,)
CODE: Final = Field("code", readers.text, "GL code", required=True)


def _of_account(account: GLAccount) -> Result:
    return {
        "code": account.code,
        "name": account.name,
        "type": account.type,
        "usage": account.usage,
        "manual": bool(account.manual_entries),
        "active": bool(account.active),
    }


def _add(session: Session, values: Values) -> Result:
    row = ChartRow(
        values.text("code"),
        values.text("name"),
        values.text("type"),
        values.text("parent"),
        values.maybe("usage", str) or DETAIL,
    )
    return _of_account(chart.add_account(session, row, manual=values.maybe("manual", int) != 0))


def _change(session: Session, values: Values) -> Result:
    code = values.text("code")
    account = chart.get_account(session, code)
    if "name" in values:
        account = chart.rename_account(session, code, values.text("name"))
    if "parent" in values:
        account = chart.move_account(session, code, values.text("parent"))
    if "usage" in values:
        account = chart.change_usage(session, code, values.text("usage"))
    if "manual" in values:
        account = chart.allow_manual_entries(session, code, allowed=values.one("manual", int) == 1)
    return _of_account(account)


def _deactivate(session: Session, values: Values) -> Result:
    return _of_account(chart.deactivate_account(session, values.text("code")))


def _reactivate(session: Session, values: Values) -> Result:
    return _of_account(chart.reactivate_account(session, values.text("code")))


def _tree(session: Session, _values: Values) -> Result:
    lines = chart.chart_tree(session)
    return {"accounts": [{"depth": line.depth, **_of_account(line.account)} for line in lines]}


_ACCOUNT_FIELDS: Final = (
    Field("usage", readers.choice(HEADER, DETAIL), "heading or account; default: detail"),
    Field("manual", readers.flag, "whether people may post to it; default: yes"),
)


def _chart(name: str, meaning: str, fields: tuple[Field, ...], run: Run) -> Act:
    return Act(name, "reference.write", _HQ, meaning, fields, run)


ACTS: Final = (
    _chart(
        "chart.add",
        "Add an account to the chart.",
        (
            CODE,
            Field("name", readers.text, "its name", required=True),
            Field("type", readers.choice(*ACCOUNT_TYPES), "its type", required=True),
            Field("parent", readers.text, "GL code of the heading above; default: none"),
            *_ACCOUNT_FIELDS,
        ),
        _add,
    ),
    _chart(
        "chart.change",
        "Rename an account, move it below another heading, change its usage, allow or forbid manual entries.",
        (
            CODE,
            Field("name", readers.text, "its new name"),
            Field("parent", readers.text, "GL code of the heading above"),
            Field("usage", readers.choice(HEADER, DETAIL), "while it has no entries and nothing below it"),
            Field("manual", readers.flag, "whether people may post to it"),
        ),
        _change,
    ),
    _chart("chart.deactivate", "Take an unused account at zero out of use.", (CODE,), _deactivate),
    _chart("chart.reactivate", "Take an account into use again.", (CODE,), _reactivate),
    Act(
        "chart.list",
        "reports.see",
        (Place.HQ, Place.BRANCH, Place.HEAD_OFFICE),
        "Show the chart as a tree.",
        (),
        _tree,
    ),
)
