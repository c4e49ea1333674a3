"""Groups: found, registered, changed; their members and the offices that these hold."""

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.calendar_days import meeting_of
from banking.clients import find_clients
from banking.counter import full_name, loans_at_a_glance, savings_at_a_glance
from banking.group_figures import find_places, members_of
from banking.group_roles import Held, end_role, give_role, roles_of
from banking.groups import change_group, create_group, join_group, list_centers
from banking.meetings import CENTER, coming_meetings
from banking.notice_board import messages_of
from banking.rows import get_row
from branch.pages import desk, schedules
from ledger.errors import N_, RuleError
from ledger.money import total
from schema.people import Center, Client, Group, Staff
from web import work
from web.filters import plain_date
from web.forms import Typed
from web.guards import requires

groups = Blueprint("groups", __name__)

SHOWN = 20
MESSAGES = 5
ROLE_WORDS = {"leader": N_("leader"), "secretary": N_("secretary"), "treasurer": N_("treasurer")}
"""The usual offices; others are shown as they were written."""


@groups.get("/groups")
@requires("clients.see")
def find() -> ResponseReturnValue:
    """List centers with their groups, or those that fit what was typed; one alone is opened at once."""
    wanted = request.args.get("q", "").strip()
    with work.reading() as session:
        found = find_places(session, desk.installation().place.office_id, wanted)
    if wanted and len(found) == 1:
        if found[0].kind == CENTER:
            return work.lead_to("centers.show", center_id=found[0].id)
        return work.lead_to("groups.show", group_id=found[0].id)
    return render_template("groups/find.html", wanted=wanted, found=found, in_words=schedules.in_words)


@groups.get("/groups/<int:group_id>")
@requires("clients.see")
def show(group_id: int) -> str:
    """Show a group: members with their figures, offices, own accounts, notice board, next meetings."""
    today = desk.today()
    with work.reading() as session:
        group = get_row(session, Group, group_id, "group")
        center = session.get(Center, group.center_id) if group.center_id is not None else None
        officer_id = group.officer_id or (center.officer_id if center else None)
        members = members_of(session, group_id, today)
        held = [role for role in roles_of(session, group_id) if role.until is None]
        return render_template(
            "groups/show.html",
            group=group,
            center=center,
            officer=session.get(Staff, officer_id) if officer_id else None,
            meets=schedules.in_words(meeting_of(session, group_id=group_id)),
            members=members,
            sums={
                name: total(getattr(one, name) for one in members) for name in ("savings", "owed", "overdue")
            },
            roles=_by_member(held),
            loans=loans_at_a_glance(session, today, group_id=group_id),
            savings=savings_at_a_glance(session, group_id=group_id),
            messages=messages_of(session, group.origin_office_id, today, group_id=group_id)[:MESSAGES],
            coming=coming_meetings(session, today, group_id=group_id),
        )


def _by_member(held: list[Held]) -> dict[int, str]:
    """Give what offices each member holds, in one line."""
    found: dict[int, list[str]] = {}
    for role in held:
        found.setdefault(role.client_id, []).append(_(ROLE_WORDS.get(role.role, role.role)))
    return {client_id: ", ".join(words) for client_id, words in found.items()}


# --- registered and changed ---------------------------------------------------------------------


@groups.get("/groups/new")
@requires("clients.write")
def new() -> str:
    """Show the form for a new group."""
    return _form(Typed.begin(meeting_every_weeks="1", center=request.args.get("center", "")))


@groups.post("/groups/new")
@requires("clients.write")
def create() -> ResponseReturnValue:
    """Register a group."""
    typed = Typed(request.form)
    try:
        fields = _read(typed)

        def act(session: Session) -> str:
            made = create_group(session, **fields)
            return url_for("groups.show", group_id=made.id)

        return work.post_once("group.create", act)
    except RuleError as refusal:
        return _form(typed, refusal=refusal), 422


@groups.get("/groups/<int:group_id>/change")
@requires("clients.write")
def edit(group_id: int) -> str:
    """Show a group's name, center, officer and schedule to be changed."""
    with work.reading() as session:
        group = get_row(session, Group, group_id, "group")
    chosen = {"center": str(group.center_id or ""), "officer": str(group.officer_id or "")}
    return _form(Typed.begin(name=group.name, **chosen, **schedules.typed_as(group)), group=group)


@groups.post("/groups/<int:group_id>/change")
@requires("clients.write")
def update(group_id: int) -> ResponseReturnValue:
    """Change a group; another officer counts from the open day on."""
    typed = Typed(request.form)
    with work.reading() as session:
        group = get_row(session, Group, group_id, "group")
    try:
        fields = _read(typed)
        officer_id = fields.pop("officer_id")

        def act(session: Session) -> str:
            change_group(session, group_id, **fields)
            schedules.reassign(session, group, officer_id)
            return url_for("groups.show", group_id=group_id)

        return work.post_once("group.change", act)
    except RuleError as refusal:
        return _form(typed, group=group, refusal=refusal), 422


def _options() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    with work.reading() as session:
        centers = list_centers(session, desk.installation().place.office_id)
        officers = schedules.officer_options(session)
    return [("", _("none")), *((str(center.id), center.name) for center in centers)], officers


def _read(typed: Typed) -> dict[str, Any]:
    centers, officers = _options()
    fields = schedules.read_place(typed, officers)
    fields["center_id"] = schedules.read_reference(typed, "center", centers)
    typed.require()
    return fields


def _form(typed: Typed, *, group: Group | None = None, refusal: RuleError | None = None) -> str:
    centers, officers = _options()
    return render_template(
        "groups/form.html",
        typed=typed,
        group=group,
        refusal=refusal,
        centers=centers,
        officers=officers,
        weekdays=schedules.weekday_options(_("with its center, or none")),
        may_assign=group is None or work.may("loans.approve"),
    )


# --- members ------------------------------------------------------------------------------------


@groups.get("/groups/<int:group_id>/members")
@requires("clients.write")
def members(group_id: int) -> str:
    """Find a client to become a member."""
    return _members(group_id)


@groups.post("/groups/<int:group_id>/members")
@requires("clients.write")
def add_member(group_id: int) -> ResponseReturnValue:
    """Make a client a member; who belonged to another group leaves it."""
    typed = Typed(request.form)
    try:
        client_id = _client_of(typed)

        def act(session: Session) -> str:
            client = join_group(session, client_id, group_id)
            flash(_("%(name)s is a member now. Add the next one, or press Esc.", name=full_name(client)))
            return url_for("groups.members", group_id=group_id)

        return work.post_once("group.join", act)
    except RuleError as refusal:
        return _members(group_id, refusal), 422


def _client_of(typed: Typed) -> int:
    text = typed.values.get("client_id", "")
    if not text.isdecimal():
        typed.errors["client_id"] = text
    typed.require()
    return int(text)


def _members(group_id: int, refusal: RuleError | None = None) -> str:
    wanted = request.args.get("q", "").strip()
    with work.reading() as session:
        group = get_row(session, Group, group_id, "group")
        found = find_clients(session, wanted, SHOWN) if wanted else []
        names = {client.id: full_name(client) for client in found}
        own = {
            client.group_id: session.get_one(Group, client.group_id).name
            for client in found
            if client.group_id is not None
        }
    return render_template(
        "groups/members.html",
        group=group,
        wanted=wanted,
        found=found,
        names=names,
        own=own,
        refusal=refusal,
    )


@groups.get("/groups/<int:group_id>/members/<int:client_id>")
@requires("clients.write")
def member(group_id: int, client_id: int) -> str:
    """Show where a member may go: to another group, or to none."""
    return _member(group_id, client_id, Typed.begin(group=""))


@groups.post("/groups/<int:group_id>/members/<int:client_id>")
@requires("clients.write")
def move_member(group_id: int, client_id: int) -> ResponseReturnValue:
    """Move a member to another group, or take her out of it; loans and savings stay with her."""
    typed = Typed(request.form)
    try:
        with work.reading() as session:
            options = _other_groups(session, group_id)
        target = schedules.read_reference(typed, "group", options)
        typed.require()

        def act(session: Session) -> str:
            join_group(session, client_id, target)
            return url_for("groups.show", group_id=group_id)

        return work.post_once("group.join", act)
    except RuleError as refusal:
        return _member(group_id, client_id, typed, refusal), 422


def _other_groups(session: Session, group_id: int) -> list[tuple[str, str]]:
    own = find_places(session, desk.installation().place.office_id)
    active = (place for place in own if place.kind == "group" and place.state == "active")
    rest = [(str(place.id), place.name) for place in active if place.id != group_id]
    return [("", _("no group")), *rest]


def _member(group_id: int, client_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
        return render_template(
            "groups/member.html",
            group=get_row(session, Group, group_id, "group"),
            client=client,
            name=full_name(client),
            options=_other_groups(session, group_id),
            typed=typed,
            refusal=refusal,
        )


# --- offices ------------------------------------------------------------------------------------


@groups.get("/groups/<int:group_id>/roles")
@requires("clients.see")
def roles(group_id: int) -> str:
    """Show who holds and held the offices of a group, and a form to give one."""
    return _roles(group_id, Typed.begin(role="", client="", since=plain_date(desk.today())))


@groups.post("/groups/<int:group_id>/roles")
@requires("clients.write")
def give(group_id: int) -> ResponseReturnValue:
    """Give an office to a member, or end one, as the form says."""
    typed = Typed(request.form)
    try:
        ends = typed.values.get("end", "")
        if ends:
            return _end(group_id, ends)
        with work.reading() as session:
            members = members_of(session, group_id, desk.today())
        client = typed.choice("client", [str(one.id) for one in members])
        role = typed.text("role", longest=40)
        since = typed.day("since")
        typed.require()

        def act(session: Session) -> str:
            give_role(session, group_id, int(client), _code(role), since)
            return url_for("groups.roles", group_id=group_id)

        return work.post_once("group.role_give", act)
    except RuleError as refusal:
        return _roles(group_id, typed, refusal), 422


def _code(role: str) -> str:
    """Give the code of a usual office that was written in the reader's words."""
    named = {_(word).casefold(): code for code, word in ROLE_WORDS.items()}
    return named.get(role.casefold(), role)


def _end(group_id: int, role_id: str) -> ResponseReturnValue:
    def act(session: Session) -> str:
        end_role(session, int(role_id) if role_id.isdecimal() else 0, desk.today())
        return url_for("groups.roles", group_id=group_id)

    return work.post_once("group.role_end", act)


def _roles(group_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        return render_template(
            "groups/roles.html",
            group=get_row(session, Group, group_id, "group"),
            members=[(str(one.id), one.name) for one in members_of(session, group_id, desk.today())],
            held=roles_of(session, group_id),
            usual=[_(word) for word in ROLE_WORDS.values()],
            role_words=ROLE_WORDS,
            typed=typed,
            refusal=refusal,
        )
