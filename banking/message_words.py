"""What pages say about messages: their states, and why one was sent back."""

from collections.abc import Mapping
from typing import Final

from ledger.errors import N_

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": (N_("waits for the branch"), "waiting"),
    "booked": (N_("booked"), "good"),
    "bounced": (N_("sent back"), "refused"),
    "again": (N_("sent back, addressed again"), "plain"),
}
"""Word and tone of each state."""

_REASONS: Final[Mapping[str, str]] = {
    "UNKNOWN": N_("The branch has no such account or entry."),
    "MOVED": N_("The account moved to another branch."),
    "KIND": N_("The branch's program does not know this kind of message."),
    "ALREADY_REVERSED": N_("The entry was reversed already."),
    "NOT_REVERSIBLE": N_("Later entries rest on it."),
    "OVERPAYMENT": N_("It is more than what is owed."),
    "STATUS": N_("The account is closed or not in use."),
    "NOT_DISBURSED": N_("The loan is not paid out."),
    "ONE_DEPOSIT": N_("The account takes one deposit only."),
}


def reason_of(code: str) -> str:
    """Give the sentence for the reason of an answer, a key of the catalogue; empty without a reason."""
    if not code:
        return ""
    return _REASONS.get(code, N_("The rules of the account do not allow it."))
