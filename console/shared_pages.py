"""What pages that both editions share ask of the bank: users, the log of looks, how the office writes."""

from typing import Any

from banking import looks, users
from banking.offices import habits_of
from sync.installation import Installation
from web.edition import Habits
from web.looks import SERVICE as LOG
from web.people import SERVICE as USERS


def shared_services() -> dict[str, Any]:
    """Give the services by the names under which the kit's pages look for them."""
    return {USERS: users, LOG: looks}


def office_habits(installation: Installation) -> Habits:
    """Give the calendar and the language of the office that an installation serves."""
    with installation.database.reading() as session:
        calendar, language = habits_of(session, installation.place.office_id)
    return Habits(calendar, language)
