"""What takes two people at headquarters: asked for by one, queued, approved by another, in its own chain."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from schema.accounting import JournalEntry
from schema.people import User
from schema.products import LoanPurpose
from schema.replication import StoredChangeset
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.hq.conftest import LogIn, words_of
from tests.support.forms import tokens
from tests.support.hq_fixtures import on_both
from tests.support.institution import HQ, passphrase_of

POST = "/acts/journal.post"
RENT = {"debit": "5320:300.00", "credit": "1130:300.00", "note": "rent"}


def _ask(client: FlaskClient, path: str, typed: dict[str, str]) -> str:
    answer = client.post(path, data={**tokens(client, path), **typed, "ask": "1"})
    assert answer.status_code == 303, words_of(answer.text)
    return answer.location


def _press(client: FlaskClient, path: str, step: str, **typed: str) -> tuple[int, str]:
    answer = client.post(path, data={**tokens(client, path), "step": step, **typed})
    return answer.status_code, words_of(answer.text)


def test_a_manual_entry_takes_two_whatever_its_amount(hq: Installation, log_in: LogIn) -> None:
    """Alone it is refused; asked for it waits; the asker cannot approve it, another one can, once."""
    amina, admin = log_in("amina"), log_in("admin")
    alone = amina.post(POST, data={**tokens(amina, POST), **RENT, "step": "do"})
    assert alone.status_code == 422
    assert "takes two people" in words_of(alone.text)
    asked = _ask(amina, POST, RENT)
    assert "300.00" in words_of(admin.get("/approvals").text)
    assert _press(amina, asked, "approve")[0] == 422
    seen = words_of(admin.get(asked).text)
    assert "What it would do today" in seen
    assert _press(admin, asked, "approve")[0] == 303
    with hq.database.reading() as session:
        (entry,) = session.scalars(select(JournalEntry).where(JournalEntry.kind == "manual"))
        names = {user.id: user.username for user in session.scalars(select(User))}
        assert entry.approved_by_id is not None
        assert names[entry.approved_by_id] == "admin"
    assert "approved and done" in words_of(amina.get("/approvals").text)


def test_it_goes_back_with_two_people_too(hq: Installation, log_in: LogIn) -> None:
    """With the second person on the spot; the reversal alone is refused."""
    amina = log_in("amina")
    two = {"second": "admin", "second_password": passphrase_of(HQ)}
    done = amina.post(POST, data={**tokens(amina, POST), **RENT, **two, "step": "do"})
    assert done.status_code == 200, words_of(done.text)
    with hq.database.reading() as session:
        entry = session.scalars(select(JournalEntry.id)).one()
    back = "/acts/journal.reverse"
    typed = {"entry": str(entry), "reason": "wrong month", "step": "do"}
    alone = amina.post(back, data={**tokens(amina, back), **typed})
    assert alone.status_code == 422
    assert "takes two people" in words_of(alone.text)
    assert amina.post(back, data={**tokens(amina, back), **typed, **two}).status_code == 200


def test_reference_data_that_was_asked_for_is_written_in_its_own_chain(
    hq: Installation, log_in: LogIn
) -> None:
    """The request stands in the head office's chain, the approved row in the one that branches receive."""
    admin, amina = log_in("admin"), log_in("amina")
    asked = _ask(admin, "/acts/purpose.define", {"code": "COW", "name": "Dairy cow"})
    assert _press(amina, asked, "approve")[0] == 303
    with hq.database.reading() as session:
        assert session.scalars(select(LoanPurpose.code)).all() == ["COW"]
        kinds = [
            (row.kind, row.chain)
            for row in session.execute(
                select(StoredChangeset.kind, StoredChangeset.chain).order_by(StoredChangeset.hlc)
            )
        ][-3:]
    assert kinds == [
        ("approval.ask", HEAD_OFFICE_CHAIN),
        ("purpose.define", 0),
        ("approval.approve", HEAD_OFFICE_CHAIN),
    ]


@pytest.mark.parametrize(
    ("step", "typed", "words"),
    [("refuse", {"reason": "no rent is due"}, "refused"), ("withdraw", {}, "taken back")],
)
def test_what_is_refused_or_taken_back_is_not_done(
    hq: Installation, log_in: LogIn, step: str, typed: dict[str, str], words: str
) -> None:
    """Another person refuses with a reason; the asker takes back; nothing is posted."""
    amina, admin = log_in("amina"), log_in("admin")
    asked = _ask(amina, POST, RENT)
    assert _press(admin if step == "refuse" else amina, asked, step, **typed)[0] == 303
    assert words in words_of(amina.get("/approvals").text)
    with hq.database.reading() as session:
        assert session.scalars(select(JournalEntry)).all() == []


@on_both
def test_what_is_approved_is_what_was_shown(log_in: LogIn) -> None:
    """The books moved on between looking and pressing: nothing is done, and the page shows it anew."""
    admin, amina = log_in("admin"), log_in("amina")
    path = "/acts/limit.set"
    first = _ask(admin, path, {"name": "second_person", "amount": "1000.00"})
    other = _ask(admin, path, {"name": "second_person", "amount": "2000.00"})
    form = _shown(amina, first)
    assert amina.post(other, data=_shown(amina, other)).status_code == 303
    late = amina.post(first, data=form)
    assert late.status_code == 422
    assert "has changed since it was shown" in words_of(late.text)
    assert "2,000.00" in words_of(late.text)
    assert amina.post(first, data=_shown(amina, first)).status_code == 303


def test_what_another_one_changed_since_it_was_asked_for_is_shown_with_both_values(log_in: LogIn) -> None:
    """The limit was 500 when it was asked for and is 2,000 now; nobody approves that unseen."""
    admin, amina = log_in("admin"), log_in("amina")
    path = "/acts/limit.set"
    base, first, other = (
        _ask(admin, path, {"name": "second_person", "amount": amount})
        for amount in ("500.00", "1000.00", "2000.00")
    )
    assert amina.post(base, data=_shown(amina, base)).status_code == 303
    late = _ask(admin, path, {"name": "second_person", "amount": "3000.00"})
    assert "Changed since" not in words_of(amina.get(late).text)
    assert amina.post(other, data=_shown(amina, other)).status_code == 303
    page = words_of(amina.get(late).text)
    assert "Changed since it was asked for. Look at both values" in page
    assert "Amount 500.00 2000.00 admin" in page
    status, page = _press(amina, late, "approve")
    assert (status, "has changed since it was shown" in page) == (422, True)
    assert "Amount 2000.00 admin" in words_of(amina.get(first).text), "there was none when it was asked for"
    assert amina.post(late, data=_shown(amina, late)).status_code == 303


def _shown(client: FlaskClient, path: str) -> dict[str, str]:
    """Give the form that approves, as a browser sends it."""
    page = client.get(path).text
    mark = page.partition('name="shown" value="')[2].partition('"')[0]
    assert mark
    return {**tokens(client, path), "step": "approve", "shown": mark}
