"""The pages of one branch, as one application."""

from datetime import datetime
from pathlib import Path

from flask import Flask

from banking.users import authenticate
from branch.help_topics import TOPICS as HELP
from branch.pages import desk, words
from branch.pages.acts import acts
from branch.pages.applications import applications
from branch.pages.approvals import approvals
from branch.pages.arrears import arrears
from branch.pages.bring import bring
from branch.pages.cash import cash
from branch.pages.cash_moves import cash_moves
from branch.pages.centers import centers
from branch.pages.client_forms import clients
from branch.pages.days import days
from branch.pages.disbursements import disbursements
from branch.pages.elsewhere import elsewhere
from branch.pages.fees import fees
from branch.pages.groups import groups
from branch.pages.holidays import holidays
from branch.pages.lending import lending
from branch.pages.loan_changes import loan_changes
from branch.pages.loans import loans
from branch.pages.meeting_moves import meeting_moves
from branch.pages.meetings import meetings
from branch.pages.more import more
from branch.pages.notices import clerk_notices, notices
from branch.pages.passbooks import passbooks
from branch.pages.payoffs import payoffs
from branch.pages.pictures import pictures_pages
from branch.pages.practice import EXTENSION as PRACTICE
from branch.pages.practice import practice as practice_pages
from branch.pages.printers import printers
from branch.pages.profiles import profiles
from branch.pages.receipts import receipts
from branch.pages.refunds import refunds
from branch.pages.repayments import repayments
from branch.pages.reversals import reversals
from branch.pages.savings import savings
from branch.pages.scans import scans
from branch.pages.send import send
from branch.pages.sheet_printing import sheet_printing
from branch.pages.sheets import sheets
from branch.pages.statements import statements
from branch.pages.status import status, status_line
from branch.pages.surveys import surveys
from branch.pages.tills import tills
from branch.pages.today import today
from branch.practising import PracticeServer
from console.approval_sheets import REQUEST_STATES
from console.carrier_desk import CarrierDesk
from console.report_shelf import ReportShelf
from console.shared_pages import office_habits, shared_services
from ledger.errors import N_
from ledger.money import Currency
from schema.people import User
from sync.installation import Installation
from web.act_fields import add_act_words
from web.application import create_application
from web.carriers import SERVICE as CARRIERS
from web.carriers import carriers
from web.edition import Edition, MenuEntry
from web.help import TOPICS, help_pages
from web.looks import looks
from web.people import people
from web.reports import SHELF, reports

PORT = 8620

MENU = (
    MenuEntry(N_("Today"), "today.show"),
    MenuEntry(
        N_("Clients"),
        "clients.find",
        "clients.see",
        also=(
            "profiles",
            "scans",
            "surveys",
            "loans",
            "repayments",
            "savings",
            "receipts",
            "reversals",
            "fees",
            "payoffs",
            "refunds",
            "statements",
            "passbooks",
        ),
    ),
    MenuEntry(N_("Cash"), "cash.show", "reports.see"),
    MenuEntry(N_("Day"), "days.show"),
    MenuEntry(N_("Send to HQ"), "send.new", "bundles.send"),
    MenuEntry(N_("From HQ"), "bring.new", "bundles.import"),
    MenuEntry(N_("Status"), "status.show", "reports.see"),
    MenuEntry(N_("Reports"), "reports.show", "reports.see"),
    MenuEntry(N_("Sheets"), "sheet_printing.index", "clients.see", also=("sheets",)),
    MenuEntry(
        N_("More"),
        "more.show",
        digit="0",
        also=(
            "lending",
            "applications",
            "disbursements",
            "loan_changes",
            "approvals",
            "arrears",
            "acts",
            "groups",
            "centers",
            "meetings",
            "meeting_moves",
            "holidays",
            "notices",
            "pictures",
            "tills",
            "cash_moves",
            "elsewhere",
            "people",
            "looks",
            "printers",
        ),
    ),
)
"""The digits that clerks learn by heart: an entry keeps its number for ever."""


BLUEPRINTS = (
    groups,
    centers,
    meetings,
    meeting_moves,
    holidays,
    notices,
    lending,
    applications,
    disbursements,
    loan_changes,
    approvals,
    arrears,
    acts,
    today,
    clients,
    profiles,
    scans,
    surveys,
    loans,
    repayments,
    savings,
    receipts,
    reversals,
    fees,
    payoffs,
    refunds,
    statements,
    passbooks,
    printers,
    cash,
    tills,
    cash_moves,
    elsewhere,
    pictures_pages,
    practice_pages,
    days,
    send,
    bring,
    status,
    reports,
    sheet_printing,
    sheets,
    more,
    people,
    looks,
    carriers,
    help_pages,
)


def create_branch_application(installation: Installation, *, practice: bool = False) -> Flask:
    """Build the pages of an opened branch; ``web.server.serve`` serves them.

    practice  nothing in its books is real: every page says so
    """
    place = installation.place

    def log_in(username: str, password: str, now: datetime) -> User:
        with installation.database.writing() as session:
            return authenticate(session, username, password, now)

    app = create_application(
        Edition(
            name="branch",
            code=place.office_code,
            home_id=f"{installation.facts.institution_id.hex()[:8]}-{installation.facts.device}",
            institution=place.institution,
            office=place.office_name,
            currency=Currency(place.currency, place.digits),
            database=installation.database,
            unit_of_work=installation.unit_of_work,
            blueprints=BLUEPRINTS,
            templates=Path(__file__).parent / "templates",
            menu=MENU,
            authenticate=log_in,
            may=desk.role_may,
            business_day=desk.find_open_day,
            status_line=status_line,
            clock=installation.clock,
            habits=lambda: office_habits(installation),
            find="clients.find",
            help="help.show",
            practice=practice,
            own="people.own",
        )
    )
    app.extensions |= shared_services(installation.place.office_id) | {
        TOPICS: HELP,
        CARRIERS: CarrierDesk(installation),
    }
    app.extensions[desk.EXTENSION] = installation
    app.extensions[PRACTICE] = PracticeServer()
    app.extensions[SHELF] = ReportShelf(installation)
    add_act_words(app)
    app.jinja_env.globals |= {
        "states": words.LOAN_STATES,
        "request_states": REQUEST_STATES,
        "note_kinds": words.NOTE_KINDS,
        "collateral_states": words.COLLATERAL_STATES,
        "row_states": words.ROW_STATES,
        "kinds": words.KINDS,
        "components": words.COMPONENTS,
        "verdicts": words.VERDICTS,
        "handed_ways": words.HANDED,
        "clerk_notices": clerk_notices,
        "till_options": lambda tills: [(str(till.id), till.name) for till in tills],
    }
    return app
