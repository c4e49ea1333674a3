"""What waits for a second person, as pages of either edition show it: its fields in words, and its effect."""

import hashlib
import json

from sqlalchemy.orm import Session

from banking.acts import ACTS
from banking.approvals import NAMES, Approved, approve_request, fields_of
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

_NAMED_ANEW = frozenset({*NAMES, "number", "message", "transaction", "publication"})
"""Parts of an answer that only name what is written: they move on with every other entry."""


class EffectChangedError(RuleError):
    """What was approved is not what was shown. No facts."""

    code = "EFFECT_CHANGED"
    message = N_(
        "What it would do has changed since it was shown. Nothing was posted. Look at it again, then decide."
    )


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


def mark_of(seen: Rehearsal | None) -> str:
    """Give the mark of an effect that is shown, which the form sends back; empty where none is shown."""
    return "" if seen is None else _mark(seen.result)


def approve_as_shown(session: Session, request_id: int, mark: str) -> Approved:
    """Approve a request if it does what was shown under ``mark``; empty where nothing was shown.

    What is asked for is worked out with the books of the moment, and a bundle may have come in between: the
    second person never confirms a figure that nobody saw.

    raises   EffectChangedError, and what ``approve_request`` raises
    """
    done = approve_request(session, request_id)
    if mark and _mark(done.result) != mark:
        raise EffectChangedError
    return done


def _mark(result: object) -> str:
    stored = json.dumps(_without_names(result), sort_keys=True, default=str)
    return hashlib.sha256(stored.encode()).hexdigest()


def _without_names(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_names(one) for name, one in value.items() if name not in _NAMED_ANEW}
    return [_without_names(one) for one in value] if isinstance(value, list | tuple) else value
