"""Who confirms beside the user: her name and password, typed on the spot (``parts/second.html``)."""

from ledger.errors import RuleError
from web import work
from web.forms import Typed


def read_second(typed: Typed) -> int | None:
    """Read who confirms beside the user, with a password of her own; None where nobody is named."""
    name = typed.text("second", required=False)
    password = typed.values.pop("second_password", "")
    if not name:
        return None
    try:
        return work.edition().authenticate(name, password, work.now()).id
    except RuleError as refusal:
        typed.note("second", refusal)
        return None
