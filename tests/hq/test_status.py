"""What headquarters knows of its branches."""

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hq.status import BranchStatus, gaps_before, hq_status, status_document
from sync.digest import digest_of
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, IDLE, LATER, LOST
from tests.support.institution import TestInstitution


def _statuses(hq: Installation) -> dict[str, BranchStatus]:
    with hq.database.reading() as session:
        return {row.branch: row for row in hq_status(hq, session)}


def test_a_branch_that_never_sent_is_named(hq: Installation) -> None:
    """An enrolled branch is in the list before its first bundle, with nothing of it here."""
    branches = _statuses(hq)
    assert list(branches) == ["ELW", "KIT", IDLE]
    idle = branches[IDLE]
    assert (idle.state, idle.last_seq, idle.last_hash, idle.last_date) == ("unconfirmed", 0, "", None)
    assert (idle.days_behind, idle.gaps, idle.certified, idle.totals_agree) == (None, (), False, None)


def test_gaps_are_named_until_they_close(hq: Installation, institution: TestInstitution) -> None:
    """The missing range lies between the books and what waits; when it comes, nothing waits any more."""
    import_paths(hq, [institution.root / FIRST, institution.root / LATER])
    late = _statuses(hq)["ELW"]
    assert late.gaps == ((late.last_seq + 1, late.last_seq + 1),)
    assert late.held == 1
    import_paths(hq, [institution.root / LOST])
    here = _statuses(hq)["ELW"]
    assert (here.gaps, here.held, here.last_seq) == ((), 0, late.last_seq + 2)
    assert here.days_behind == (hq.clock().date() - date(2026, 1, 5)).days


def test_a_branch_is_certified_as_its_digest_is(hq: Installation, institution: TestInstitution) -> None:
    """Page and digest never differ in what they call certified: here before and after confirmation."""
    import_paths(hq, [institution.root / FIRST])
    for state in ("unconfirmed", "active"):
        for row in _statuses(hq).values():
            if not row.last_seq:
                continue
            with hq.database.reading() as session:
                roster = hq.roster(session)
                office = roster.office_of(row.device)
                assert digest_of(session, roster, office_id=office).certified == row.certified
        if state == "unconfirmed":
            assert not _statuses(hq)["KIT"].certified
            for code in ("KIT", "ELW"):
                institution.confirm(code)
    assert _statuses(hq)["KIT"].certified


def test_wrong_totals_end_certainty(hq: Installation, institution: TestInstitution) -> None:
    """One control total that differs is said of its branch, and of no other."""
    import_paths(hq, [institution.root / FIRST])
    for code in ("KIT", "ELW"):
        institution.confirm(code)
    with hq.exclusive() as session:
        session.connection().exec_driver_sql(
            f"UPDATE control_total SET agree = 0 WHERE device = {_statuses(hq)['KIT'].device}"
        )
    branches = _statuses(hq)
    assert (branches["KIT"].totals_agree, branches["KIT"].certified) == (False, False)
    assert (branches["ELW"].totals_agree, branches["ELW"].certified) == (True, True)


def test_the_document_is_plain(hq: Installation, institution: TestInstitution) -> None:
    """Other programs read the rows as JSON: ISO dates, lists, numbers, and the keys that they rely on."""
    import_paths(hq, [institution.root / FIRST, institution.root / LATER])
    document = json.loads(json.dumps(status_document(_statuses(hq)["ELW"])))
    assert document["gaps"] == [[document["last_seq"] + 1, document["last_seq"] + 1]]
    assert document["last_date"] == "2026-01-05"
    assert document["last_bundle_at"].endswith("Z")
    assert {"branch", "name", "device", "state", "last_hash", "days_behind", "held", "quarantined"} <= set(
        document
    )


@given(last=st.integers(0, 50), held=st.sets(st.integers(1, 80)))
def test_gaps_are_exactly_what_is_missing_before_what_waits(last: int, held: set[int]) -> None:
    """Every sequence that is neither in the books nor waiting, up to the last that waits, and no other."""
    named = {seq for first, end in gaps_before(last, held) for seq in range(first, end + 1)}
    assert named == {seq for seq in range(last + 1, max(held, default=0) + 1) if seq not in held}
