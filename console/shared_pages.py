"""What pages that both editions share ask of the bank: users, the log of looks, how the office writes."""

from functools import partial
from typing import Any

from banking import looks, users
from banking.offices import habits_of
from console.ordered_users import orders_here
from sync.installation import Installation
from web.edition import Habits
from web.looks import SERVICE as LOG
from web.people import ORDERS
from web.people import SERVICE as USERS


def shared_services(office_id: int) -> dict[str, Any]:
    """Give the services by the names under which the kit's pages look for them.

    office_id  whose users log in here
    """
    return {USERS: users, LOG: looks, ORDERS: partial(orders_here, office_id=office_id)}


def office_habits(installation: Installation) -> Habits:
    """Give the calendar and the language of the office that an installation serves."""
    with installation.database.reading() as session:
        calendar, language = habits_of(session, installation.place.office_id)
    return Habits(calendar, language)
