"""The change feed: every accepted changeset once, also where a fork was decided or a device revoked."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.users import find_user
from hq.api import scopes
from hq.api.visible import TABLES
from hq.application import create_hq_application
from hq.decisions import decide
from hq.waiting import waiting_list
from schema.base import recorded_models
from schema.replication import StoredChangeset
from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.api.conftest import Caller, MakeCaller, make_caller
from tests.support.headquarters import FIRST, LATER, admin_of, copy_headquarters
from tests.support.institution import HQ, TestInstitution


class Consumer:
    """A program that follows the feed."""

    def __init__(self, caller: Caller, limit: int = 3) -> None:
        self.caller = caller
        self.limit = limit
        self.cursor = ""
        self.seen: list[dict[str, Any]] = []
        self.undone: list[str] = []

    def poll(self) -> None:
        """Read until there is no more."""
        more = True
        while more:
            after = f"&after={self.cursor}" if self.cursor else ""
            status, found = self.caller.ask(f"/changes?limit={self.limit}{after}")
            assert status == 200, found
            self.seen += found["changes"]
            self.undone += [one["hash"] for one in found["undone"]]
            self.cursor, more = found["cursor"], found["more"]
            assert found["changes"] or not more

    @property
    def hashes(self) -> list[str]:
        """What was given out, in order."""
        return [one["hash"] for one in self.seen]

    @property
    def standing(self) -> set[str]:
        """What was given out and not taken back since, as a consumer that heeds both has it."""
        left = list(self.hashes)
        for sha256 in self.undone:
            left.remove(sha256)
        assert len(left) == len(set(left)), "nothing stands twice"
        return set(left)


def _accepted(session: Session) -> set[str]:
    wanted = select(StoredChangeset.hash).where(StoredChangeset.state == "accepted")
    return {sha256.hex() for sha256 in session.scalars(wanted)}


def all_accepted(hq: Installation) -> set[str]:
    """Every accepted changeset of the table."""
    with hq.database.reading() as session:
        return _accepted(session)


def test_every_accepted_changeset_comes_once_and_in_the_order_of_its_chain(
    still_hq: Installation, asker: MakeCaller
) -> None:
    consumer = Consumer(asker())
    consumer.poll()
    assert len(consumer.hashes) == len(set(consumer.hashes))
    assert set(consumer.hashes) == all_accepted(still_hq)
    chains: dict[tuple[int, int], list[int]] = {}
    for one in consumer.seen:
        chains.setdefault((one["device"], one["chain"]), []).append(one["seq"])
    assert len(chains) > 3
    assert all(seqs == sorted(seqs) for seqs in chains.values())
    consumer.poll()
    assert set(consumer.hashes) == all_accepted(still_hq)


def test_a_consumer_goes_on_where_it_was_while_bundles_come_in(
    institution: TestInstitution, hq: Installation
) -> None:
    caller = make_caller(hq, create_hq_application(hq).test_client())
    consumer = Consumer(caller, limit=200)
    consumer.poll()
    before = len(consumer.hashes)
    import_paths(hq, [institution.root / FIRST, institution.root / LATER])
    consumer.poll()
    assert len(consumer.hashes) > before
    assert consumer.standing == all_accepted(hq)
    assert consumer.undone == []


def test_a_fork_that_is_decided_takes_nothing_away_and_leaves_nothing_out(
    doubts: TestInstitution, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The consumer read before the decision, after it, and after another one that refuses an arm."""
    bank = copy_headquarters(doubts, tmp_path_factory.mktemp("fork") / "bank")
    with bank.open(HQ) as hq:
        consumer = Consumer(make_caller(hq, create_hq_application(hq).test_client()))
        consumer.poll()
        assert consumer.standing == all_accepted(hq)
        before = len(consumer.hashes)
        _decide(hq, "adopt")
        consumer.poll()
        assert consumer.standing == all_accepted(hq)
        numbers = {one["device"] for one in consumer.seen[before:]}
        assert numbers - {one["device"] for one in consumer.seen[:before]}, "an arm has a number of its own"
        for one in consumer.seen:
            rows = [row for row in one["rows"] if row["sign"] == "+" and row["table"] == "journal_entry"]
            assert all(int(row["id"]) >> 40 == one["device"] for row in rows)
        afresh = Consumer(consumer.caller)
        afresh.poll()
        assert set(afresh.hashes) == consumer.standing
        _decide(hq, "refuse")
        consumer.poll()
        assert consumer.undone
        assert consumer.standing == all_accepted(hq)


def _decide(hq: Installation, word: str) -> None:
    with hq.database.reading() as session:
        fork = next(item for item in waiting_list(session, decided=True) if item.family == "fork")
        amina = find_user(session, "amina")
    assert amina is not None
    with hq.unit_of_work("exception.decide", admin_of(hq)) as session:
        decide(hq, session, fork.key, word, "a test", amina.id)


def test_values_are_told_as_far_as_the_token_reaches(asker: MakeCaller) -> None:
    plain, whole = Consumer(asker(scopes.CHANGES)), Consumer(asker())
    plain.poll()
    whole.poll()
    assert plain.hashes == whole.hashes
    rows = [row for one in plain.seen for row in one["rows"] if row["values"] is not None]
    assert {TABLES[row["table"]] for row in rows} == {""}
    told = {row["table"]: row["values"] for one in whole.seen for row in one["rows"] if row["values"]}
    assert {"client", "loan_account", "savings_transaction", "journal_line"} <= told.keys()
    assert {"user_account", "device", "audit_event"}.isdisjoint(told)
    assert told["client"]["name"] in {"Kamau", "Wanjiku"}
    assert told["savings_transaction"]["amount"].endswith(".00")
    clients = Consumer(asker(scopes.CHANGES, scopes.CLIENTS))
    clients.poll()
    seen = [row["values"] for one in clients.seen for row in one["rows"] if row["table"] == "client"]
    assert seen
    assert all({"phone", "national_id"}.isdisjoint(values) for values in seen)


def test_a_token_of_one_office_follows_its_chains_alone(asker: MakeCaller) -> None:
    consumer = Consumer(asker(office="KIT"))
    consumer.poll()
    assert {one["office"] for one in consumer.seen} == {"KIT"}


@pytest.mark.parametrize("cursor", ["gA", "AA", "gkCA", "gkCBhAEAAUE", "AAAA", "x"])
def test_a_cursor_that_was_not_given_out_is_refused_or_is_the_beginning(
    cursor: str, asker: MakeCaller
) -> None:
    assert asker().ask(f"/changes?after={cursor}")[0] == (200 if cursor == "gkCA" else 404)


def test_tables_that_scopes_open_are_tables() -> None:
    assert TABLES.keys() <= recorded_models().keys()
