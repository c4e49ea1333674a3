"""Deciding what waits: words, reasons, second persons, and the rows that say it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from banking.errors import BadSecondPersonError
from banking.users import disable, find_user
from hq.decision_errors import (
    SecondPersonForDecisionError,
    UnknownCaseError,
    UnknownDecisionError,
)
from hq.decision_rows import case_key, detail_of, members_of, newest_decision
from hq.decisions import decide
from hq.waiting import WaitingItem, waiting_list
from ledger.errors import RuleError
from schema.people import User
from schema.reference import Decision
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.support.doubts import ELW, NAK, make_doubts
from tests.support.headquarters import admin_of, copy_headquarters
from tests.support.institution import HQ, TestInstitution


@pytest.fixture(scope="module")
def doubts(made: TestInstitution, tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    """Everything that can wait, made once."""
    return make_doubts(made, tmp_path_factory.mktemp("doubts") / "bank")


@pytest.fixture
def bank(doubts: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return copy_headquarters(doubts, tmp_path / "bank")


@pytest.fixture
def headquarters(bank: TestInstitution) -> Iterator[Installation]:
    """Opened headquarters."""
    with bank.open(HQ) as installation:
        yield installation


def _waiting(installation: Installation, family: str, branch: str = "") -> list[WaitingItem]:
    with installation.database.reading() as session:
        return [item for item in waiting_list(session, branch) if item.family == family]


def _user(installation: Installation, name: str) -> int:
    with installation.database.reading() as session:
        found = find_user(session, name)
    assert found is not None
    return found.id


def _decide(
    installation: Installation,
    key: str,
    word: str,
    second: str | None = "amina",
    reason: str = "looked at it",
) -> None:
    second_id = _user(installation, second) if second else None
    with installation.unit_of_work("exception.decide", admin_of(installation)) as session:
        decide(installation, session, key, word, reason, second_id)


def _rows(installation: Installation) -> list[Decision]:
    with installation.database.reading() as session:
        return list(session.scalars(select(Decision).order_by(Decision.id)))


def test_a_gap_is_closed_as_lost(headquarters: Installation) -> None:
    """The row names the range, the hash before it and the one that the next changeset names."""
    (gap,) = _waiting(headquarters, "gap")
    assert (gap.branch, gap.choices) == ("ELW", ("close",))
    _decide(headquarters, gap.key, "close")
    (row,) = _rows(headquarters)
    assert (row.kind, row.outcome, row.approved_by, row.reason) == ("gap", "close", "amina", "looked at it")
    detail = detail_of(row.detail)
    assert (detail["device"], detail["chain"]) == (ELW, 0)
    assert detail["first"] == detail["last"]
    assert row.case_key == case_key("gap", members_of(row.members))
    assert {type(detail["before"]), type(detail["after"])} == {bytes}


def test_what_breaks_a_rule_and_fits_no_table_is_only_left(headquarters: Installation) -> None:
    """The newest decision counts; both stay in the chain."""
    (item,) = _waiting(headquarters, "exception", "NAK")
    assert item.members[0].device == NAK
    _decide(headquarters, item.key, "leave", second=None)
    assert _waiting(headquarters, "exception", "NAK") == []
    _decide(headquarters, item.key, "leave", reason="looked again", second=None)
    with headquarters.database.reading() as session:
        newest = newest_decision(session, item.case_key)
    assert newest is not None
    assert newest.reason == "looked again"
    assert len(_rows(headquarters)) == 2


@pytest.mark.parametrize(
    ("key", "word", "refusal"),
    [
        ("ffffffffffffffff", "close", UnknownCaseError),
        ("", "close", UnknownCaseError),
        (None, "adopt", UnknownDecisionError),
        (None, "close:ABCDEF12", UnknownDecisionError),
    ],
)
def test_what_is_possible_is_told(
    headquarters: Installation, key: str | None, word: str, refusal: type[RuleError]
) -> None:
    """A wrong name or word changes nothing, and the refusal lists the right ones."""
    (gap,) = _waiting(headquarters, "gap")
    with pytest.raises(refusal) as told:
        _decide(headquarters, gap.key if key is None else key, word)
    assert ("close" if refusal is UnknownDecisionError else gap.key) in str(told.value)
    assert _rows(headquarters) == []


def test_money_takes_a_second_person(headquarters: Installation) -> None:
    """Where somebody else may decide, nobody decides alone, nor with who may not."""
    (gap,) = _waiting(headquarters, "gap")
    with pytest.raises(SecondPersonForDecisionError):
        _decide(headquarters, gap.key, "close", second=None)
    for name in ("clara", "admin"):
        with pytest.raises(BadSecondPersonError):
            _decide(headquarters, gap.key, "close", second=name)
    assert _rows(headquarters) == []


def test_alone_it_is_allowed_and_recorded(headquarters: Installation) -> None:
    """With nobody else at headquarters who may decide, one person does."""
    with headquarters.unit_of_work(
        "user.disable", admin_of(headquarters), chain=HEAD_OFFICE_CHAIN
    ) as session:
        amina = session.scalars(select(User.id).where(User.username == "amina")).one()
        disable(session, amina)
    (gap,) = _waiting(headquarters, "gap")
    _decide(headquarters, gap.key, "close", second=None)
    assert [row.approved_by for row in _rows(headquarters)] == [""]


def test_a_reason_is_always_asked_for(headquarters: Installation) -> None:
    """Without one nothing is decided."""
    (gap,) = _waiting(headquarters, "gap")
    with pytest.raises(RuleError):
        _decide(headquarters, gap.key, "close", reason="  ")
    assert _rows(headquarters) == []
