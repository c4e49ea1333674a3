"""Clients: found by a few letters, registered, changed, seen with their accounts."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from banking import finding
from banking.client_glance import client_sheet
from banking.clients import find_clients
from banking.scans import list_scans
from banking.survey_results import answers_of, results_of
from branch.pages import desk, looking
from web import work
from web.guards import requires

clients = Blueprint("clients", __name__)

SHOWN = 20
_PAGES = {
    finding.LOAN: ("loans.show", "loan_id"),
    finding.SAVINGS: ("savings.show", "savings_id"),
    finding.SHEET: ("sheets.show", "sheet_id"),
    finding.CLIENT: ("clients.show", "client_id"),
    finding.GROUP: ("groups.show", "group_id"),
    finding.CENTER: ("centers.show", "center_id"),
}


def address_of(target: finding.Target) -> str | None:
    """Give the address of the page of what a number stands for; None where this edition has none."""
    if target.kind in {finding.LOAN_RECEIPT, finding.SAVINGS_RECEIPT}:
        kind = target.kind.partition(" ")[0]
        return url_for("receipts.show", kind=kind, transaction_id=target.id)
    endpoint, name = _PAGES[target.kind]
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, **{name: target.id})  # type: ignore[arg-type]  # endpoints name their own values


@clients.get("/clients")
@requires("clients.see")
def find() -> ResponseReturnValue:
    """Find clients by any part of name or number; what is alone or is named by its number opens at once."""
    wanted = request.args.get("q", "").strip()
    with work.reading() as session:
        target = finding.find_by_number(session, wanted)
        address = address_of(target) if target is not None else None
        if address is not None:
            return redirect(address, code=303)
        found = find_clients(session, wanted, SHOWN)
        groups = finding.find_groups(session, wanted)
        if len(found) == 1 and not groups:
            return redirect(url_for("clients.show", client_id=found[0].id), code=303)
        if len(groups) == 1 and not found:
            return redirect(address_of(finding.Target(finding.GROUP, groups[0].id)) or "", code=303)
        hits = finding.describe(session, found)
    return render_template(
        "clients/find.html",
        wanted=wanted,
        found=hits,
        groups=[(group, address_of(finding.Target(finding.GROUP, group.id)) or "") for group in groups],
        is_full=len(found) == SHOWN,
    )


@clients.get("/clients/<int:client_id>")
@requires("clients.see")
def show(client_id: int) -> str:
    """Show a client with loans and savings at a glance."""
    with work.reading() as session:
        sheet = client_sheet(session, client_id, desk.today())
    looking.note_look("client.seen", sheet.client.number)
    return render_template(
        "clients/show.html",
        sheet=sheet,
        client=sheet.client,
        can_apply="applications.new" in current_app.view_functions,
        statement=_statement_of(sheet.savings[0].id if sheet.savings else None),
        group_address=address_of(finding.Target(finding.GROUP, sheet.group.id)) if sheet.group else "",
    )


def _statement_of(savings_id: int | None) -> str:
    """Give the address of the statement of an account, where that page exists."""
    if savings_id is None or "statements.show" not in current_app.view_functions:
        return ""
    return url_for("statements.show", kind="savings", account_id=savings_id)


@clients.get("/clients/<int:client_id>/everything")
@requires("clients.see_private")
def everything(client_id: int) -> str:
    """Show all that the bank holds of a person, to print when the person asks for it."""
    with work.reading() as session:
        sheet = client_sheet(session, client_id, desk.today(), whole=True)
        surveys = [(result, answers_of(session, result.id)) for result in results_of(session, client_id)]
        scans = list_scans(session, client_id)
    looking.note_print("client.data.printed", sheet.client.number)
    return render_template(
        "clients/everything.html", sheet=sheet, client=sheet.client, surveys=surveys, scans=scans
    )
