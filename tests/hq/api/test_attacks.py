"""What a token may not reach: other offices, what its holder may not see, money that is here already."""

import pytest
from sqlalchemy import select
from sqlalchemy import text as text_of

from banking import incoming_payments
from banking.incoming_payments import ListFile
from banking.incoming_payments_files import Layout
from banking.messages import list_messages
from banking.users import create_user
from hq.api.tokens import Wanted, list_tokens, make_token
from schema.accounts import LoanAccount
from schema.people import User
from schema.publishing import UserOrder
from schema.reading import fetch
from schema.reference import Office
from schema.writing import insert
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation
from tests.hq.api.conftest import Caller, MakeCaller
from tests.support.headquarters import admin_of
from tests.support.payments import mobile_list


@pytest.mark.parametrize("kind", ["loan", "savings"])
def test_a_statement_of_another_office_is_not_given(
    kind: str, still_hq: Installation, asker: MakeCaller
) -> None:
    with still_hq.database.reading() as session:
        number, office = fetch(
            session,
            f"SELECT a.number, o.code FROM {kind}_account AS a JOIN office AS o"
            " ON o.id = a.origin_office_id ORDER BY a.id LIMIT 1",
        )[0]
        other = fetch(session, "SELECT code FROM office WHERE code NOT IN (?, 'HQ')", office)[0][0]
    own, bound = asker(office=office), asker(office=other)
    assert own.ask(f"/reports/{kind}-statement?account={number}")[0] == 200
    status, told = bound.ask(f"/reports/{kind}-statement?account={number}")
    assert status != 200, told


def test_a_sample_of_all_offices_is_not_given_to_a_token_of_one(asker: MakeCaller) -> None:
    status, told = asker(office="KIT").ask("/reports/audit-sample?account=1")
    assert (status, told["error"]["code"]) == (403, "OTHER_OFFICE")


def test_accounts_that_another_office_keeps_are_not_listed_with_a_client(
    hq: Installation, caller: Caller
) -> None:
    with hq.database.reading() as session:
        loan = session.scalars(select(LoanAccount).where(LoanAccount.client_id.is_not(None))).first()
        assert loan is not None
        office, other = (
            session.scalars(select(Office).where(condition).order_by(Office.id.desc())).first()
            for condition in (Office.id == loan.origin_office_id, Office.id != loan.origin_office_id)
        )
        assert office is not None
        assert other is not None
    with hq.database.writing() as session:
        _, text = make_token(
            session, Wanted("one office", ["clients:read", "loans:read"], office.id), admin_of(hq), hq.clock()
        )
    bound, path = Caller(caller.client, text), f"/clients/{loan.client_id}"
    assert str(loan.id) in [one["id"] for one in bound.ask(path)[1]["loans"]]
    with hq.database.writing() as session:  # the client went elsewhere, and has the loan there
        session.execute(
            text_of("UPDATE loan_account SET origin_office_id = :office WHERE id = :id"),
            {"office": other.id, "id": loan.id},
        )
    assert str(loan.id) not in [one["id"] for one in bound.ask(path)[1]["loans"]]
    assert str(loan.id) in [one["id"] for one in caller.ask(path)[1]["loans"]]


def test_a_token_asks_no_report_that_its_holder_may_not_see(hq: Installation, caller: Caller) -> None:
    with hq.unit_of_work("user.create", admin_of(hq), chain=HEAD_OFFICE_CHAIN) as session:
        clerk = create_user(session, "carol", "Carol", "clerk", "a password").id
    with hq.database.writing() as session:
        _, text = make_token(session, Wanted("carol's", ["reports:read"]), clerk, hq.clock())
    status, told = Caller(caller.client, text).ask("/reports/access-log")
    assert (status, told["error"]["code"]) == (409, "NOT_PERMITTED")
    assert caller.ask("/reports/access-log")[0] == 200


def test_a_token_follows_what_was_ordered_about_its_holder(hq: Installation, caller: Caller) -> None:
    admin = admin_of(hq)
    assert caller.ask("/reports")[0] == 200
    with hq.unit_of_work("user_order", admin) as session:
        user = session.get_one(User, admin)
        insert(
            session,
            UserOrder(
                office_id=user.origin_office_id,
                username=user.username,
                kind="disable",
                version=1,
                reason="left",
            ),
        )
    assert caller.ask("/reports")[0] == 401
    with hq.database.reading() as session:
        assert {one.state for one in list_tokens(session, hq.clock())} == {"ended"}


@pytest.mark.parametrize("reference", ["QK12AB", " qk12 ab", "\uff31K12AB", "1130-QK12AB"])
def test_what_came_with_a_list_is_not_booked_again_by_a_program(
    reference: str, hq: Installation, caller: Caller
) -> None:
    account = next(caller.walk("/savings?office=KIT"))["number"]
    wanted = ListFile(
        name="m.csv", content=mobile_list([("QK12AB", "5.00", "", account)]), layout=Layout(), gl_code="1130"
    )
    with hq.unit_of_work("read", admin_of(hq), chain=HEAD_OFFICE_CHAIN) as session:
        incoming_payments.read_file(session, wanted)
    body = {"office": "KIT", "account": account, "amount": "5.00", "gl_account": "1130"}
    status, told = caller.send("/payments", "k", body | {"reference": reference})
    assert (status, told["error"]["code"]) == (409, "MESSAGE_KEY")
    with hq.database.reading() as session:
        assert list_messages(session) == []


def test_a_reference_in_other_letters_is_the_same_payment(hq: Installation, caller: Caller) -> None:
    account = next(caller.walk("/savings?office=KIT"))["number"]
    body = {"office": "KIT", "account": account, "amount": "5.00", "gl_account": "1130"}
    assert caller.send("/payments", "k1", body | {"reference": "mpesa 77"})[0] == 201
    assert caller.send("/payments", "k2", body | {"reference": "MPESA77"})[0] == 409
    with hq.database.reading() as session:
        assert [one.message.key for one in list_messages(session)] == ["MPESA77"]
