"""What waits for a second person, as pages of either edition show it: its fields in words, and its effect."""

from banking.acts import ACTS
from banking.approvals import approve_request, fields_of
from console.act_forms import Rehearsal, facts_of, in_words, rehearsed, tables_of
from ledger.errors import N_, RuleError
from schema.approvals import ApprovalRequest
from sync.installation import Installation

REQUEST_STATES = {
    "waiting": N_("waits"),
    "approved": N_("approved and done"),
    "refused": N_("refused"),
    "withdrawn": N_("taken back"),
}
"""What a request has come to, in words."""


def asked_fields(asked: ApprovalRequest) -> list[tuple[str, str]]:
    """Give the fields of a request as (meaning, value), in the words of its act."""
    wanted = ACTS.get(asked.act)
    meanings = {field.name: field.meaning for field in wanted.fields} if wanted is not None else {}
    given = facts_of(fields_of(asked)) + [
        (table.name, "; ".join(", ".join(row) for row in table.rows)) for table in tables_of(fields_of(asked))
    ]
    by_words = {in_words(name): meaning for name, meaning in meanings.items()}
    return [(by_words.get(name, name).partition(";")[0], value) for name, value in given]


def meaning_of(asked: ApprovalRequest) -> str:
    """Say what kind of act is asked for."""
    wanted = ACTS.get(asked.act)
    return wanted.meaning if wanted is not None else asked.act


def effect_today(
    installation: Installation, request_id: int, user_id: int, *, chain: int = 0
) -> tuple[Rehearsal | None, RuleError | None]:
    """Rehearse a request with today's books: what the act answers, or why it cannot be done.

    user_id  who would approve it; ``chain``: that requests of this edition stand in
    """
    try:
        seen = rehearsed(
            installation,
            "approval.approve",
            user_id,
            lambda session: approve_request(session, request_id).result,
            chain=chain,
        )
    except RuleError as hindrance:
        return None, hindrance
    return seen, None
