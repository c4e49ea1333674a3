"""Who may send which form: every page that takes one, for every role; and an auditor changes nothing."""

from typing import Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from banking.users import ROLES, create_user, may
from schema.replication import StoredChangeset
from sync.installation import Installation
from tests.support.branch_home import PASSWORD, Known
from tests.support.rights import EVERYBODY, LOGGED_IN, doors, wrongly_open

OWN: Final = ""
"""Anybody who is logged in: about oneself, or by a permission of what is asked for."""

FORMS: Final = {
    "acts.create": OWN,
    "applications.create": "loans.apply",
    "applications.decide": "clients.see",
    "approvals.decide": "clients.see",
    "bring.create": "bundles.import",
    "cash_moves.new": "cash.move",
    "cash_moves.reverse": "money.reverse",
    "centers.create": "clients.write",
    "centers.update": "clients.write",
    "clients.create": "clients.write",
    "clients.update": "clients.write",
    "days.create": "day.open_close",
    "disbursements.create": "loans.disburse",
    "fees.create": "money.post",
    "groups.create": "clients.write",
    "groups.update": "clients.write",
    "groups.add_member": "clients.write",
    "groups.move_member": "clients.write",
    "groups.give": "clients.write",
    "holidays.create": "loans.approve",
    "loan_changes.create": OWN,
    "meeting_moves.create": "loans.approve",
    "meeting_moves.close_day": "loans.approve",
    "meetings.update": "clients.write",
    "meetings.charge": "money.post",
    "notices.write": "clients.write",
    "passbooks.create": "money.post",
    "payoffs.create": "money.post",
    "practice.create": OWN,
    "practice.stop": OWN,
    "printers.update": "cash.assign",
    "printers.test": "reports.see",
    "profiles.add_relative": "clients.write",
    "profiles.remove_relative": "clients.write",
    "profiles.add_paper": "clients.write",
    "profiles.remove_paper": "clients.write",
    "profiles.open_savings": "clients.write",
    "receipts.create": "clients.see",
    "receipts.file": "clients.see",
    "refunds.create": "money.post",
    "repayments.create": "money.post",
    "elsewhere.book": "money.post",
    "elsewhere.new": "money.post",
    "carriers.attempt": "users.write",
    "carriers.update": "users.write",
    "reversals.create": "money.reverse",
    "savings.create": "money.post",
    "scans.create": "clients.write",
    "bring.fetch": "bundles.import",
    "send.arrival": "bundles.send",
    "send.create": "bundles.send",
    "send.hand": "bundles.send",
    "sheet_printing.create": "sheets.print",
    "sheet_printing.open_meeting": "money.post",
    "sheet_printing.void": "money.post",
    "sheets.key": "money.post",
    "statements.create": "clients.see",
    "surveys.create": "clients.write",
    "tills.count": "cash.move",
    "tills.new": "cash.assign",
    "tills.limit": "cash.assign",
    "tills.cashier": "cash.assign",
    "login.create": OWN,
    "login.delete": OWN,
    "people.create": "users.write",
    "people.change": "users.write",
    "people.set_idle": "users.write",
    "people.change_own": OWN,
}
LOOKS: Final = {
    "audit.see": ("looks.show "),
    "bundles.import": ("bring.new "),
    "bundles.send": ("send.new send.note send.show "),
    "cash.assign": ("printers.edit tills.cashier tills.limit tills.new "),
    "cash.move": ("cash_moves.new tills.count "),
    "clients.see": (
        "applications.show approvals.one approvals.show arrears.show centers.show clients.find "
        "clients.show disbursements.paper disbursements.voucher elsewhere.one elsewhere.show "
        "groups.find groups.roles groups.show holidays.show lending.show loans.show meetings.find "
        "meetings.show notices.show passbooks.show profiles.timeline receipts.show savings.show "
        "scans.picture sheet_printing.find sheet_printing.index sheet_printing.paper "
        "sheet_printing.pdf sheets.show statements.show "
    ),
    "clients.see_private": ("clients.everything profiles.papers scans.show surveys.choose surveys.show "),
    "clients.write": (
        "centers.edit centers.new clients.edit clients.new groups.edit groups.member groups.members "
        "groups.new notices.board profiles.family profiles.new_savings surveys.new "
    ),
    "loans.apply": ("applications.new "),
    "loans.approve": ("meeting_moves.close meeting_moves.new "),
    "loans.disburse": ("disbursements.new "),
    "money.post": (
        "elsewhere.new fees.new meetings.fine payoffs.new refunds.new repayments.new savings.new "
        "sheet_printing.new_void "
    ),
    "money.reverse": ("cash_moves.reverse reversals.new "),
    "reports.see": (
        "carriers.show cash.branch cash.show cash.till days.report pictures.show printers.show "
        "reports.file reports.one reports.show status.restore status.show tills.one tills.show "
    ),
    "users.write": ("people.idle people.new people.one "),
    EVERYBODY: ("healthz login.show login.speak "),
    LOGGED_IN: (
        "acts.new acts.show days.show help.card help.show help.topic loan_changes.new more.show "
        "people.own people.show practice.show today.show "
    ),
}
"""The pages, by what they ask for."""
AUDIT_PAGES: Final = ("/looks",)
ENDS_THE_LOG_IN: Final = {"login.delete", "login.create", "practice.create"}
"""Not pressed for every role: the next form would not arrive; and practice starts a program."""
REFUSED: Final = 403


@pytest.fixture
def browsers(app: Flask, branch: Installation, known: Known) -> dict[str, FlaskClient]:
    """A browser of each role; its forms carry no tokens, so that only permissions refuse them."""
    app.config["WTF_CSRF_ENABLED"] = False
    found = {}
    for role in ROLES:
        with branch.unit_of_work("user.create", known.admin) as session:
            create_user(session, f"one-{role}", f"One {role}", role, PASSWORD)
        found[role] = app.test_client()
        found[role].post("/login", data={"username": f"one-{role}", "password": PASSWORD})
    return found


def addresses(app: Flask, known: Known) -> dict[str, str]:
    """Give an address of every page that takes a form, of rows that there are."""
    given = {
        "client_id": known.client, "loan_id": known.loan, "savings_id": known.savings,
        "group_id": known.group, "place_id": known.group, "account_id": known.loan,
        "kind": "loan", "on": "2026-11-22", "way": "deposit", "purpose": "receipt", "moment": "closing",
        "change": "charge", "name": "client.find",
    }  # fmt: skip
    found: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or set()):
            path = str(rule)
            for name in rule.arguments:
                start = path.rindex("<", 0, path.index(f"{name}>"))
                end = path.index(f"{name}>") + len(name) + 1
                path = f"{path[:start]}{given.get(name, 1)}{path[end:]}"
            found[rule.endpoint] = path
    return found


def test_every_form_is_for_those_whose_role_allows_it(
    app: Flask, branch: Installation, known: Known, browsers: dict[str, FlaskClient]
) -> None:
    """A page that takes forms stands in the table; what a role may not do is refused first."""
    forms = addresses(app, known)
    assert set(forms) == set(FORMS)
    wrong = []
    for endpoint, permission in FORMS.items():
        for role, browser in browsers.items():
            if permission and not may(role, permission):
                status = browser.post(forms[endpoint]).status_code
                if status != REFUSED:
                    wrong.append(f"{endpoint} {role} {status}")
    assert wrong == []


def test_an_auditor_changes_nothing(
    app: Flask, branch: Installation, known: Known, browsers: dict[str, FlaskClient]
) -> None:
    """Every form that an auditor can reach, filled in: not one entry more in the books."""

    def entries() -> int:
        with branch.database.reading() as session:
            return session.scalar(select(func.count()).select_from(StoredChangeset)) or 0

    auditor, before = browsers["auditor"], entries()
    typed = {
        "once": "a" * 24, "step": "approve", "do": "post", "reason": "no", "amount": "10", "ask": "yes",
        "meeting": f"group/{known.group}/2026-11-22", "kind": "photo", "text": "hello", "name": "X",
    }  # fmt: skip
    for endpoint, path in addresses(app, known).items():
        if endpoint not in ENDS_THE_LOG_IN:
            typed["once"] = endpoint.ljust(24, "a")[:24].replace("_", "b").replace(".", "c")
            assert auditor.post(path, data=typed).status_code < 500, endpoint
    assert auditor.post("/acts/client.find", data=typed | {"amount": "", "text": "a"}).status_code != 303
    assert entries() == before


def test_every_page_is_for_those_whose_role_allows_it(
    app: Flask, known: Known, browsers: dict[str, FlaskClient]
) -> None:
    """A page that only looks stands in the table too; who is not logged in comes to the log-in."""
    table = {f"GET {name}": asked for asked, names in LOOKS.items() for name in names.split()}
    found = [door for door in doors(app, {"change": "charge"}) if door.method == "GET"]
    assert {door.name for door in found} == set(table)
    for role, browser in {**browsers, "": app.test_client()}.items():
        assert list(wrongly_open(browser, found, table, role)) == [], role


def test_what_was_seen_and_printed_is_shown_to_those_who_look_after_it(
    browsers: dict[str, FlaskClient],
) -> None:
    for path in AUDIT_PAGES:
        for role, browser in browsers.items():
            status = browser.get(path).status_code
            assert (status != REFUSED) == may(role, "audit.see"), (path, role)


def test_a_second_log_in_of_the_asker_approves_nothing_without_the_right(
    browsers: dict[str, FlaskClient], app: Flask
) -> None:
    """Whoever may not confirm cannot approve, whatever else the role may."""
    made = browsers["clerk"].post(
        "/acts/client.register", data={"once": "b" * 24, "ask": "yes", "name": "Somebody"}
    )
    assert made.status_code == 303, made.text
    for place, role in enumerate(("clerk", "officer", "cashier", "auditor")):
        form = {"once": str(place) * 24, "step": "approve"}
        assert browsers[role].post(made.location, data=form).status_code in {403, 422}, role
    done = browsers["manager"].post(made.location, data={"once": "m" * 24, "step": "approve"})
    assert done.status_code == 303
    again = browsers["admin"].post(made.location, data={"once": "n" * 24, "step": "approve"})
    assert again.status_code == 422
