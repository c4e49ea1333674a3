"""Deciding what waits at headquarters: rows of its chain, with a reason and, for money, a second person.

What a decision means for the books is not worked out here: the unit of work that writes one settles it before
it commits (``sync.refold``). Here stand who may decide what and in which words, and what the rows say
(protocol, section 7, rule 8).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.orm import Session

from banking.approval import check_second_person
from banking.role_rights import may_here
from banking.text import LONGEST_NOTE, require
from banking.users import list_own_users
from hq.decision_errors import (
    CannotBeHeldError,
    SecondPersonForDecisionError,
    UnknownCaseError,
    UnknownDecisionError,
)
from hq.decision_rows import EXCEPTION, FORK, GAP, PAIR, PROFILE, RELEASE, TAIL, pairs_of, write_decision
from hq.fork_decisions import fork_detail
from hq.gaps import list_gaps
from hq.holding import why_not_held
from hq.profile_decisions import choose_values
from hq.rehearsal import Effects, effects_of
from hq.tails import place_in_tail
from hq.waiting import ACCEPT, CLOSE, IDENTITY, LEAVE, QUARANTINE, WaitingItem, waiting_list
from schema.people import User
from schema.writing import act
from sync.installation import Installation

PERMISSION: Final = "exceptions.decide"
"""Who decides, and who confirms beside them."""

_ALONE: Final = frozenset({IDENTITY, PROFILE})
"""Families that move no money."""
_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision as it was asked for.

    word    such as adopt; ``chosen`` is what stands after its colon (eight hex digits, capitals), or empty
    second  log-in name of who confirms, empty where nobody has to
    """

    item: WaitingItem
    word: str
    chosen: str
    reason: str
    second: str


def decide(
    installation: Installation,
    session: Session,
    key: str,
    decision: str,
    reason: str,
    second_id: int | None = None,
) -> WaitingItem:
    """Decide one thing that waits, or decide it anew, inside a unit of work of chain 0; gives what it was.

    key        as ``hq exceptions`` lists it; the beginning is enough where it fits only one
    decision   one of its words; after a colon the arm, the value or the place that is meant
    second_id  user who confirms, already known by a password
    raises     UnknownCaseError, UnknownDecisionError, CannotBeHeldError, UnknownPlaceError, MissingError
               without a reason, SecondPersonForDecisionError, BadSecondPersonError: nothing is changed then
    """
    item, word, chosen = _read(session, key, decision)
    told = require(reason, "reason", LONGEST_NOTE)
    second = confirmed_by(session, second_id, needed=needs_second(item.family, word))
    _WRITERS[item.family](installation, session, Asked(item, word, chosen, told, second))
    return item


def rehearse_decision(installation: Installation, key: str, decision: str, actor_id: int) -> Effects:
    """Tell what a decision would do to the books; nothing is kept, and nobody has to confirm it.

    raises   UnknownCaseError, UnknownDecisionError, CannotBeHeldError, UnknownPlaceError
    """

    def run(session: Session) -> None:
        item, word, chosen = _read(session, key, decision)
        _WRITERS[item.family](installation, session, Asked(item, word, chosen, "", ""))

    return effects_of(installation, "exception.decide", actor_id, run)


def _read(session: Session, key: str, decision: str) -> tuple[WaitingItem, str, str]:
    item = find_item(session, key)
    word, _, chosen = decision.strip().partition(":")
    word, chosen = word.lower(), chosen.strip().upper()
    if not _is_possible(item, word, chosen):
        possible = ", ".join(item.choices) or "-"
        raise UnknownDecisionError(given=decision, key=item.key, possible=possible)
    return item, word, chosen


def find_item(session: Session, key: str) -> WaitingItem:
    """Give what waits, or what was decided before, by its name.

    raises   UnknownCaseError
    """
    wanted = key.strip().lower()
    listed = waiting_list(session, decided=True)
    found = [item for item in listed if item.key == wanted]
    if not found and wanted:
        found = [item for item in listed if item.key.startswith(wanted)]
    if len(found) != 1:
        names = [item.key for item in listed if not item.outcome and item.choices]
        more = ", …" if len(names) > _NAMED else ""
        raise UnknownCaseError(key=key, possible=(", ".join(names[:_NAMED]) or "-") + more)
    return found[0]


def _is_possible(item: WaitingItem, word: str, chosen: str) -> bool:
    if item.family == QUARANTINE:
        return word in item.choices
    return f"{word}:{chosen}" in item.choices if chosen else word in item.choices


def needs_second(family: str, word: str) -> bool:
    """Whether a decision concerns money: what leaves the books as they are does not."""
    return family not in _ALONE and word != LEAVE


def somebody_else(session: Session, maker_id: int) -> list[User]:
    """List the other active users of headquarters who may confirm what somebody decides."""
    return [
        user
        for user in list_own_users(session)
        if user.state == "active" and user.id != maker_id and may_here(session, user.role, PERMISSION)
    ]


def confirmed_by(session: Session, second_id: int | None, *, needed: bool) -> str:
    """Give the log-in name of the second person; empty where headquarters has nobody else who may.

    raises   SecondPersonForDecisionError, BadSecondPersonError
    """
    if second_id is not None:
        check_second_person(session, second_id, permission=PERMISSION)
        return session.get_one(User, second_id).username
    if needed and somebody_else(session, act(session).actor_id):
        raise SecondPersonForDecisionError
    return ""


# --- what the rows say, by family ------------------------------------------------------------------


def _write_fork(_installation: Installation, session: Session, asked: Asked) -> None:
    detail = fork_detail(session, asked.item, asked.word, asked.chosen)
    _write(session, FORK, asked, detail)


def _write_gap(installation: Installation, session: Session, asked: Asked) -> None:
    """The range counts as empty: what follows it is admitted as if it followed ``before``."""
    item = asked.item
    gap = next(
        (one for one in list_gaps(session, item.device) if one.next.hash == item.members[0].hash), None
    )
    if gap is None:
        raise UnknownDecisionError(given=CLOSE, key=item.key, possible="-")
    member = installation.roster(session).find(gap.device)
    before = gap.before if gap.before is not None or member is None else member.genesis
    detail: dict[str, object] = {
        "device": gap.device,
        "chain": 0,
        "first": gap.first,
        "last": gap.last,
        "before": before,
        "after": gap.after,
    }
    _write(session, GAP, asked, detail)


def _write_release(_installation: Installation, session: Session, asked: Asked) -> None:
    """Release a tail up to a place, or leave it where it is: then it waits no more up to there."""
    place = place_in_tail(session, asked.item.device, asked.item.code, asked.chosen)
    detail: dict[str, object] = {"device": asked.item.device, "seq": place.seq, "hash": place.hash}
    _write(session, TAIL if asked.word == LEAVE else RELEASE, asked, detail)


def _write_exception(installation: Installation, session: Session, asked: Asked) -> None:
    if asked.word == ACCEPT:
        why_not = why_not_held(session, installation.roster(session), asked.item.members[0])
        if why_not:
            raise CannotBeHeldError(what=why_not)
    _write(session, EXCEPTION, asked, None)


def _write_pair(_installation: Installation, session: Session, asked: Asked) -> None:
    """One row for each pair of rows that carry the number: what is said of all holds for any two."""
    for table, first, second in pairs_of(asked.item.subject):
        _write(session, PAIR, asked, {"table": table, "ids": [first, second]})


def _write_profile(_installation: Installation, session: Session, asked: Asked) -> None:
    """The decision in chain 0, then headquarters' own write in the chain of the branch."""
    _write(session, PROFILE, replace(asked, word=CLOSE), {"chosen": asked.chosen.lower()})
    act(session).cut()
    choose_values(session, asked.item, asked.chosen)


def _write(session: Session, kind: str, asked: Asked, detail: Mapping[str, object] | None) -> None:
    write_decision(
        session,
        kind,
        asked.word,
        asked.item.case_key,
        asked.item.members,
        reason=asked.reason,
        approved_by=asked.second,
        detail=detail,
    )


_WRITERS: Final[Mapping[str, Callable[[Installation, Session, Asked], None]]] = {
    FORK: _write_fork,
    GAP: _write_gap,
    QUARANTINE: _write_release,
    EXCEPTION: _write_exception,
    IDENTITY: _write_pair,
    PROFILE: _write_profile,
}
