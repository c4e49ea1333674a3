"""Payments by the API: booked once, whoever sends them how often."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from banking.messages import list_messages
from banking.users import create_user, disable
from hq.api.calls import KEPT
from hq.api.tokens import Wanted, make_token
from hq.application import create_hq_application
from schema.desk import ApiCall
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.hq.api.conftest import Caller, make_caller
from tests.support.headquarters import SteadyClock
from tests.support.institution import CLERK


@pytest.fixture
def payment(caller: Caller) -> dict[str, str]:
    """Money for the savings account of KIT."""
    account = next(caller.walk("/savings?office=KIT"))
    return {
        "office": "KIT",
        "account": account["number"],
        "amount": "250.50",
        "gl_account": "1130",
        "reference": "MPESA-1",
    }


def _messages(hq: Installation) -> list[str]:
    with hq.database.reading() as session:
        return [sent.message.key for sent in list_messages(session)]


def test_a_payment_is_booked_and_sent_to_its_branch(
    hq: Installation, caller: Caller, payment: dict[str, str]
) -> None:
    status, made = caller.send("/payments", "key-1", payment)
    assert status == 201, made
    assert (made["office"], made["amount"], made["key"]) == ("KIT", "250.50", "MPESA-1")
    assert _messages(hq) == ["MPESA-1"]
    newest = list(caller.walk("/journal-entries?office=HQ"))[-1]
    assert sorted(line["debit"] for line in newest["lines"]) == ["0.00", "250.50"]


def test_the_same_key_gives_the_same_answer_and_takes_nothing_else(
    hq: Installation, caller: Caller, payment: dict[str, str]
) -> None:
    first = caller.send("/payments", "key-1", payment)
    assert caller.send("/payments", "key-1", payment) == first
    status, refused = caller.send("/payments", "key-1", payment | {"amount": "1.00"})
    assert (status, refused["error"]["code"]) == (409, "KEY_USED")
    status, refused = caller.send("/payments", "key-2", payment)
    assert (status, refused["error"]["code"]) == (409, "MESSAGE_KEY")
    assert _messages(hq) == ["MPESA-1"]


def test_two_at_once_book_once_and_get_one_answer(
    hq: Installation, caller: Caller, payment: dict[str, str]
) -> None:
    together = Barrier(2)
    app = create_hq_application(hq)

    def send(_number: int) -> object:
        one = Caller(app.test_client(), caller.token)
        together.wait()
        return one.send("/payments", "key-1", payment)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))
    assert answers[0] == answers[1]
    assert _messages(hq) == ["MPESA-1"]


def test_what_was_refused_is_judged_anew_under_its_key(
    hq: Installation, caller: Caller, payment: dict[str, str]
) -> None:
    assert caller.send("/payments", "key-1", payment | {"account": "NONE"})[0] == 409
    assert caller.send("/payments", "key-1", payment)[0] == 201
    with hq.database.reading() as session:
        assert len(session.scalars(select(ApiCall)).all()) == 1


def test_an_answer_is_kept_longer_than_a_month_and_not_for_ever(
    hq: Installation, caller: Caller, payment: dict[str, str], steady_clock: SteadyClock
) -> None:
    first = caller.send("/payments", "key-1", payment)
    steady_clock.move(timedelta(days=31))
    assert caller.send("/payments", "key-1", payment) == first
    steady_clock.move(KEPT)
    assert caller.send("/payments", "key-2", payment | {"reference": "MPESA-2"})[0] == 201
    with hq.database.reading() as session:
        assert session.scalars(select(ApiCall.idempotency_key)).all() == ["key-2"]


def test_keys_of_another_token_are_other_keys(
    hq: Installation, caller: Caller, payment: dict[str, str]
) -> None:
    assert caller.send("/payments", "key-1", payment)[0] == 201
    other = make_caller(hq, caller.client)
    assert other.send("/payments", "key-1", payment | {"reference": "MPESA-2"})[0] == 201


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"amount": "0.00"}, 409, ""),
        ({"amount": "1.001"}, 409, ""),
        ({"amount": "-1"}, 422, "amount"),
        ({"colour": "red"}, 422, "colour"),
        ({"on": "tomorrow"}, 422, "on"),
        ({"note": "\ud800"}, 422, "note"),
        ({"office": "NO"}, 404, "office"),
    ],
)
def test_a_payment_that_cannot_be_read_or_booked_changes_nothing(
    change: dict[str, str], status: int, where: str, hq: Installation, caller: Caller, payment: dict[str, str]
) -> None:
    found, document = caller.send("/payments", "key-1", payment | change)
    assert (found, document["error"]["where"]) == (status, where), document
    assert _messages(hq) == []


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"amount": "1", "amount": "2"}', "application/json", 422),
        (b"{}", "text/plain", 415),
        (b" " * 2_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(
    body: bytes, media_type: str, status: int, caller: Caller
) -> None:
    headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": "k"}
    answer = caller.client.post("/api/v1/payments", headers=headers, data=body, content_type=media_type)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]


def test_a_key_is_asked_for(caller: Caller, payment: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = caller.client.post("/api/v1/payments", headers=headers, json=payment)
    assert (answer.status_code, answer.get_json()["error"]["where"]) == (422, "Idempotency-Key")


def test_a_token_ends_with_the_log_in_of_its_maker(hq: Installation, caller: Caller) -> None:
    with hq.unit_of_work("user.create", CLERK, chain=HEAD_OFFICE_CHAIN) as session:
        maker = create_user(session, "adam", "Adam", "admin", "a password")
    with hq.database.writing() as session:
        _, text = make_token(session, Wanted("x", ["reports:read"]), maker.id, hq.clock())
    there = Caller(caller.client, text)
    assert there.ask("/reports")[0] == 200
    with hq.unit_of_work("user.disable", CLERK, chain=HEAD_OFFICE_CHAIN) as session:
        disable(session, maker.id)
    assert there.ask("/reports")[0] == 401
