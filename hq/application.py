"""The pages of headquarters, as one application."""

from datetime import date, datetime
from pathlib import Path

from flask import Flask
from flask_babel import format_date

from banking.users import authenticate
from console.approval_sheets import REQUEST_STATES
from console.carrier_desk import CarrierDesk
from console.report_shelf import ReportShelf
from console.shared_pages import office_habits, shared_services
from hq.changesets import RowName
from hq.grid import LATE_DAYS
from hq.help_topics import TOPICS as HELP
from hq.import_desk import ImportDesk
from hq.line_inbox import LineInbox
from hq.log_seal import seal_earlier_days
from hq.pages import desk, words
from hq.pages.acts import acts
from hq.pages.announcements import announcements
from hq.pages.api import api
from hq.pages.api import install as install_api
from hq.pages.approvals import approvals
from hq.pages.audit import audit
from hq.pages.books import books
from hq.pages.branch_users import branch_users
from hq.pages.branches import branches
from hq.pages.cases import cases
from hq.pages.changesets import changesets
from hq.pages.devices import devices
from hq.pages.enrolment import enrolment
from hq.pages.exceptions import exceptions
from hq.pages.inbox import IMPORTS, inbox
from hq.pages.inter_branch import inter_branch
from hq.pages.line import INBOX as LINE
from hq.pages.line import line
from hq.pages.messages import messages
from hq.pages.payment_lists import payment_lists
from hq.pages.payments import payments
from hq.pages.periods import periods
from hq.pages.proof import DESK as PROOFS
from hq.pages.proof import proof
from hq.pages.provisions import provisions
from hq.pages.publishing import publishing
from hq.pages.report_links import BESIDE as PAGES_BESIDE
from hq.pages.report_links import OPENERS
from hq.pages.reseeding import reseeding
from hq.pages.results import account_codes, label_of, offers, span, worst_tone
from hq.pages.returns import returns
from hq.pages.rules import rules
from hq.pages.status import status_line
from hq.pages.tokens import tokens
from hq.pages.voids import voids
from hq.payment_lists import clear_lists
from hq.proofs import ProofDesk
from hq.reports import rests_on
from ledger.errors import N_
from ledger.money import Currency, Money
from schema.people import User
from sync.installation import Installation
from sync.reasons import REASONS
from web import filters
from web.act_fields import add_act_words
from web.application import create_application
from web.carriers import SERVICE as CARRIERS
from web.carriers import carriers
from web.edition import Edition, MenuEntry
from web.help import TOPICS, help_pages
from web.looks import looks
from web.people import people
from web.printed import printed
from web.reports import BESIDE, LINKS, SHELF, reports

PORT = 8621

BODY_LIMIT_BYTES = 128 << 20
"""Largest form: the volumes of a good many branches by e-mail. What is larger comes by its folder's name."""

MENU = (
    MenuEntry(N_("Inbox"), "inbox.show", "reports.see"),
    MenuEntry(
        N_("Branches"),
        "branches.show",
        "reports.see",
        also=("devices", "reseeding", "enrolment", "returns", "messages"),
    ),
    MenuEntry(N_("Trial balance"), "books.show", "reports.see", also=("changesets",)),
    MenuEntry(N_("Exceptions"), "exceptions.show", "reports.see", also=("cases", "voids")),
    MenuEntry(N_("Merge rules"), "rules.show", "reports.see"),
    MenuEntry(
        N_("Reports"), "reports.show", "reports.see", also=("printed", "inter_branch", "audit", "proof")
    ),
    MenuEntry(N_("People"), "people.show", also=("looks", "tokens", "branch_users")),
    MenuEntry(N_("Everything else"), "acts.show"),
    MenuEntry(N_("Loans to decide"), "acts.decisions", "reports.see"),
    MenuEntry(N_("Announcements"), "announcements.show", "reports.see", digit="0"),
    MenuEntry(N_("Months and years"), "periods.show", "reports.see", also=("provisions", "approvals")),
    MenuEntry(N_("Payments from outside"), "payments.show", "reports.see", also=("payment_lists",)),
    MenuEntry(N_("Publishing"), "publishing.show", "reports.see"),
)
"""The digits that people learn by heart: an entry keeps its number for ever."""


BLUEPRINTS = (
    announcements,
    acts,
    inbox,
    branches,
    devices,
    reseeding,
    enrolment,
    returns,
    messages,
    payments,
    payment_lists,
    line,
    api,
    books,
    changesets,
    exceptions,
    cases,
    periods,
    provisions,
    approvals,
    publishing,
    voids,
    rules,
    reports,
    audit,
    proof,
    printed,
    inter_branch,
    people,
    branch_users,
    tokens,
    looks,
    carriers,
    help_pages,
)

WORDS = {
    "verdicts": words.VERDICTS,
    "device_states": words.DEVICE_STATES,
    "job_states": words.JOB_STATES,
    "changeset_states": words.CHANGESET_STATES,
    "signatures": words.SIGNATURES,
    "signs": words.SIGNS,
    "families": words.FAMILIES,
    "decision_kinds": words.DECISION_KINDS,
    "entry_kinds": words.ENTRY_KINDS,
    "reasons": REASONS,
    "request_states": REQUEST_STATES,
    "worst_tone": worst_tone,
    "account_codes": account_codes,
    "label_of": label_of,
    "offers": offers,
    "span": span,
    "late": LATE_DAYS,
}
"""What templates know by name beside the views' own values."""


def create_hq_application(installation: Installation, imports: ImportDesk | None = None) -> Flask:
    """Build the pages of opened headquarters; ``web.server.serve`` serves them.

    imports  who does imports in the background, where the server has started one
    """
    place = installation.place

    def log_in(username: str, password: str, now: datetime) -> User:
        with installation.database.writing() as session:
            user = authenticate(session, username, password, now)
        seal_earlier_days(installation, user.id, now)
        clear_lists(installation.home, now)
        return user

    clear_lists(installation.home, installation.clock())

    app = create_application(
        Edition(
            name="hq",
            code=place.office_code,
            home_id=installation.facts.institution[:8],
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
            business_day=desk.today,
            status_line=status_line,
            clock=installation.clock,
            body_limit_bytes=BODY_LIMIT_BYTES,
            habits=lambda: office_habits(installation),
            help="help.show",
            own="people.own",
        )
    )
    app.extensions |= shared_services(place.office_id) | {TOPICS: HELP, CARRIERS: CarrierDesk(installation)}
    shelf = ReportShelf(installation, rests_on)
    app.extensions |= {desk.EXTENSION: installation, SHELF: shelf, LINKS: OPENERS, BESIDE: PAGES_BESIDE}
    app.extensions[IMPORTS] = imports or ImportDesk(installation)
    app.jinja_env.filters |= {"shown": _shown, "short_date": _short_date}
    app.extensions[LINE] = LineInbox(installation)
    app.extensions[PROOFS] = ProofDesk(installation)
    app.extensions["csrf"].exempt(line)  # its requests are signed one by one, and carry no log-in
    install_api(app, installation)
    app.jinja_env.globals |= WORDS
    add_act_words(app)
    return app


def _short_date(day: date) -> str:
    return str(format_date(day, "d MMM"))


def _shown(value: object) -> str:
    """Write a value of a column: amounts, instants and ids each in their form."""
    if isinstance(value, Money):
        return filters.money(value)
    if isinstance(value, datetime):
        return filters.instant(value)
    assert isinstance(value, str | RowName)
    return str(value)
