"""What headquarters publishes: by subject, what each publication changed, and which branch has it."""

from flask import Blueprint, abort, render_template, request

from banking.acts import ACTS
from banking.acts.registry import Act, Place
from banking.publishing import PERMISSION, SUBJECTS, Subject, subject_of
from hq.pages import desk
from hq.publishing import (
    Published,
    changed_by,
    earlier_version,
    find_published,
    published,
    versions_of,
    who_has,
)
from web import work
from web.guards import requires

publishing = Blueprint("publishing", __name__)


@publishing.get("/publishing")
@requires("reports.see")
def show() -> str:
    """List the subjects, what was published last, and how far each branch has it."""
    with work.reading() as session:
        listed = published(session)
        return render_template(
            "publishing/show.html",
            subjects=[(one, _last(listed, one)) for one in SUBJECTS],
            listed=listed,
            branches=who_has(session, listed),
        )


@publishing.get("/publishing/<name>")
@requires("reports.see")
def subject(name: str) -> str:
    """Show one subject: what is in force, its versions, what changes it, and its publications."""
    wanted = next((one for one in SUBJECTS if one.name == name), None) or abort(404)
    with work.reading() as session:
        return render_template(
            "publishing/subject.html",
            subject=wanted,
            versions=versions_of(session, wanted),
            acts=_acts_of(wanted) if work.may(PERMISSION) else [],
            listed=[one for one in published(session) if _is_about(one, wanted)],
            all_versions=request.args.get("all") == "yes",
        )


@publishing.get("/publishing/number/<int:number>")
@requires("reports.see")
def one(number: int) -> str:
    """Show one publication: before and after, who made and reviewed it, who has it, and the way back."""
    with work.reading() as session:
        found = find_published(session, number)
        return render_template(
            "publishing/one.html",
            found=found,
            changes=changed_by(session, found, desk.installation().place.digits),
            branches=who_has(session, [found]),
            earlier=earlier_version(session, found) if work.may(PERMISSION) else None,
        )


def _acts_of(wanted: Subject) -> list[Act]:
    return [
        one
        for one in ACTS.values()
        if Place.HQ in one.at and one.permission == PERMISSION and subject_of(one.name) is wanted
    ]


def _is_about(one: Published, wanted: Subject) -> bool:
    return any(op.table in wanted.tables for op in one.ops) or subject_of(one.row.act) is wanted


def _last(listed: list[Published], wanted: Subject) -> Published | None:
    return next((one for one in listed if _is_about(one, wanted)), None)
