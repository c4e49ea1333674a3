"""Clients and groups: found by a few letters, seen with their accounts."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from banking.clients import find_clients
from banking.counter import full_name, loans_at_a_glance, savings_at_a_glance
from banking.groups import list_members
from banking.receipts import find_receipt
from banking.rows import get_row
from branch.pages import desk
from schema.people import Client, Group
from web import work
from web.guards import requires

clients = Blueprint("clients", __name__)

SHOWN = 20


@clients.get("/clients")
@requires("clients.see")
def find() -> ResponseReturnValue:
    """Find clients by any part of name or number; one that is alone is opened at once."""
    wanted = request.args.get("q", "").strip()
    with work.reading() as session:
        receipt = find_receipt(session, wanted)
        if receipt is not None:
            return redirect(url_for("receipts.show", kind=receipt[0], transaction_id=receipt[1]), code=303)
        found = find_clients(session, wanted, SHOWN)
        if len(found) == 1:
            return redirect(url_for("clients.show", client_id=found[0].id), code=303)
        names = {client.id: full_name(client) for client in found}
        groups = {
            client.group_id: session.get_one(Group, client.group_id).name
            for client in found
            if client.group_id is not None
        }
    return render_template(
        "clients/find.html",
        wanted=wanted,
        found=found,
        names=names,
        groups=groups,
        is_full=len(found) == SHOWN,
    )


@clients.get("/clients/<int:client_id>")
@requires("clients.see")
def show(client_id: int) -> str:
    """Show a client with loans and savings at a glance."""
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
        return render_template(
            "clients/show.html",
            client=client,
            name=full_name(client),
            group=session.get(Group, client.group_id) if client.group_id is not None else None,
            loans=loans_at_a_glance(session, desk.today(), client_id=client_id),
            savings=savings_at_a_glance(session, client_id=client_id),
        )


@clients.get("/groups/<int:group_id>")
@requires("clients.see")
def group(group_id: int) -> str:
    """Show a group with its members and its own accounts."""
    with work.reading() as session:
        found = get_row(session, Group, group_id, "group")
        members = list_members(session, group_id)
        return render_template(
            "clients/group.html",
            group=found,
            members=members,
            names={client.id: full_name(client) for client in members},
            loans=loans_at_a_glance(session, desk.today(), group_id=group_id),
            savings=savings_at_a_glance(session, group_id=group_id),
        )
