"""Acts of provisions by age: tables, a proposal, and its posting."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from banking import provision_tables
from banking.acts import readers
from banking.acts.closing import ON
from banking.acts.registry import Act, Field, Place, Result, Values
from banking.acts.results import amount
from banking.approval import check_second_person
from banking.closing.provision_review import post_review, review_provisions
from banking.closing.provisions import Proposal, post_provisions, propose_provisions
from banking.closing.targets import moved_in_all
from banking.errors import TwoPeopleAlwaysError
from banking.provision_tables import Band
from ledger.accruals import Shift
from schema.products import ProvisionTable
from schema.reading import fetch


def _define(session: Session, values: Values) -> Result:
    published = values.maybe("published", str)
    rows = values.many("bands", Values)
    if published is None:
        bands = tuple(
            Band(row.one("name", str), int(row.one("from_days", Decimal)), row.one("percent", Decimal))
            for row in rows
        )
        name = values.text("name")
    else:
        table = provision_tables.published_table(published)
        bands, name = table.bands, values.text("name") or table.name
    made = provision_tables.define_table(
        session,
        code=values.one("code", str),
        name=name,
        starts_on=values.one("starts_on", date),
        bands=bands,
        allowance_id=values.maybe("allowance", int),
        expense_id=values.maybe("expense", int),
    )
    return _of_table(made, bands)


def _of_table(table: ProvisionTable, bands: tuple[Band, ...]) -> dict[str, object]:
    return {
        "code": table.code,
        "name": table.name,
        "starts_on": table.starts_on.isoformat(),
        "bands": [
            {"name": band.name, "from_days": band.from_days, "percent": str(band.percent)} for band in bands
        ],
    }


def _propose(session: Session, values: Values) -> Result:
    return _of_proposal(session, propose_provisions(session, values.day(session)))


def _of_proposal(session: Session, proposal: Proposal) -> dict[str, object]:
    return {
        "as_of": proposal.as_of.isoformat(),
        "rows": [
            {
                "product": row.product,
                "table": row.table,
                "band": row.band,
                "from_days": row.from_days,
                "percent": str(row.percent),
                "loans": row.loans,
                "balance": amount(session, row.balance),
                "provision": amount(session, row.provision),
            }
            for row in proposal.rows
        ],
        "balance": amount(session, proposal.balance),
        "provision": amount(session, proposal.provision),
        "journal": _journal(session, proposal.journal),
        "without_table": list(proposal.without_table),
    }


def _journal(session: Session, shifts: Sequence[Shift]) -> list[dict[str, object]]:
    codes = dict(fetch(session, "SELECT id, code FROM gl_account"))
    return [
        {
            "debit": codes[shift.held if shift.amount.minor > 0 else shift.against],
            "credit": codes[shift.against if shift.amount.minor > 0 else shift.held],
            "amount": amount(session, abs(shift.amount)),
        }
        for shift in shifts
    ]


def _post(session: Session, values: Values) -> Result:
    posted = post_provisions(session, values.day(session))
    return {"posted": amount(session, moved_in_all(posted)), "journal": _journal(session, posted)}


def _review(session: Session, values: Values) -> Result:
    found = review_provisions(session, values.day(session))
    return {
        "as_of": found.as_of.isoformat(),
        "offices": [
            {
                "office": office.code,
                "balance": amount(session, office.balance),
                "wanted": amount(session, office.wanted),
                "booked": amount(session, office.booked),
                "missing": amount(session, office.missing),
                "without_table": ", ".join(office.without_table),
            }
            for office in found.offices
        ],
        "journal": _journal(session, found.journal),
    }


def _correct(session: Session, values: Values) -> Result:
    if values.second_id is None:
        raise TwoPeopleAlwaysError
    check_second_person(session, values.second_id)
    posted = post_review(session, values.day(session), values.second_id)
    return {"posted": amount(session, moved_in_all(posted)), "journal": _journal(session, posted)}


_HQ: Final = (Place.HQ,)
_BRANCH: Final = (Place.BRANCH,)

ACTS: Final = (
    Act(
        "provision_table.define",
        "reference.write",
        _HQ,
        "Define what is set aside for loans by age, from a day on.",
        (
            Field("code", readers.text, "its code; products that name none use standard", required=True),
            Field("starts_on", readers.day, "the day from which it counts", required=True),
            Field("name", readers.text, "its name"),
            Field("published", readers.choice(*provision_tables.PUBLISHED), "take the ages of this table"),
            Field(
                "bands",
                None,
                "its ages, youngest first",
                rows=(
                    Field("name", readers.text, "its name", required=True),
                    Field(
                        "from_days",
                        readers.decimal,
                        "days overdue from which it counts; 0 also before, -1 tells due today apart",
                        required=True,
                    ),
                    Field("percent", readers.decimal, "percent of the balance", required=True),
                ),
            ),
            Field("allowance", readers.gl_account, "GL account of the allowance; default: by role"),
            Field("expense", readers.gl_account, "GL account of the expense; default: by role"),
        ),
        _define,
    ),
    Act(
        "provisions.propose",
        "reports.see",
        _BRANCH,
        "Show what the tables would set aside by product and age, and the journal; writes nothing.",
        (ON,),
        _propose,
    ),
    Act(
        "provisions.post",
        "journal.post",
        _BRANCH,
        "Bring the allowance to what the tables ask for; months' ends do it by themselves.",
        (ON,),
        _post,
    ),
    Act(
        "provisions.review",
        "reports.see",
        (*_HQ, Place.HEAD_OFFICE),
        "Compare what the tables ask for with what branches booked; writes nothing.",
        (ON,),
        _review,
    ),
    Act(
        "provisions.correct",
        "journal.post",
        (Place.HEAD_OFFICE,),
        "Set aside at the head office what branches lack to the tables; always takes two people.",
        (ON,),
        _correct,
    ),
)
