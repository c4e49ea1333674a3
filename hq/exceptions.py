"""What waits for a person, as the command line and other programs read it."""

from hq.arrivals import Arrival
from hq.waiting import WaitingItem


def document_of(item: WaitingItem, arrival: Arrival) -> dict[str, object]:
    """Give one thing that waits as a document; ``since`` is an instant in ISO form."""
    return {
        "id": item.key,
        "code": item.code or item.family.upper(),
        "branch": item.branch or None,
        "what": item.what,
        "family": item.family,
        "decisions": list(item.choices),
        "next": next_step(item),
        "who": ", ".join(arrival.who) or None,
        "since": arrival.since.isoformat().replace("+00:00", "Z") if arrival.since else None,
        "days": arrival.days,
    }


def next_step(item: WaitingItem) -> str:
    """Say what to do: the words that can be decided, else what the reason says."""
    if item.choices:
        return f"satchel hq decide {item.key} {'|'.join(item.choices)} --reason TEXT"
    return item.reason.next_step if item.reason else ""
