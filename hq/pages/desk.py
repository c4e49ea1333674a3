"""What every page of headquarters stands on: the installation, the day, what is known of the branches."""

from datetime import date
from typing import cast

from flask import current_app, g

from banking.role_rights import decided_rights, may_by
from hq.status import BranchStatus, hq_status
from schema.people import User
from sync.installation import Installation
from web import work

EXTENSION = "satchel.installation"


def installation() -> Installation:
    """Give the opened home that these pages serve."""
    return cast("Installation", current_app.extensions[EXTENSION])


def role_may(user: User, permission: str) -> bool:
    """Whether a user's role allows something, by what is published here; asked once a request."""
    if "rights" not in g:
        with work.reading() as session:
            g.rights = decided_rights(session)
    return may_by(g.rights, user.role, permission)


def today() -> date:
    """Give the calendar's day: headquarters works on it, it opens and closes no cash day."""
    return work.now().astimezone().date()


def branches() -> list[BranchStatus]:
    """Give what is known of every branch; asked once a request."""
    if "branches" not in g:
        with work.reading() as session:
            g.branches = hq_status(installation(), session)
    return cast("list[BranchStatus]", g.branches)
