"""Whose a payment is, by the rules; in whatever order things happen, the books hold what the queue says."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from banking import incoming_payments, incoming_payments_sent
from banking.clients import register_client
from banking.incoming_payments import ListFile, match_all, match_by_person, unallocated_account
from banking.incoming_payments_errors import NoPaymentsError, PaymentFileKnownError, PaymentStateError
from banking.incoming_payments_files import Layout
from banking.incoming_payments_rules import Asked, Verdict, find_accounts
from banking.incoming_payments_shown import list_bounced, search_accounts, standing
from banking.loans import apply, approve, disburse
from banking.message_errors import MessageKeyError
from banking.savings import open_account
from ledger.money import Money
from schema.messages import AccountMessage, MessageAnswer
from schema.payments import IncomingPayment
from schema.reading import fetch
from schema.reference import GLAccount
from schema.writing import insert
from tests.support.books import Books, copy_of
from tests.support.payments import mobile_list

FIRST = date(2026, 1, 2)


@pytest.fixture(scope="module")
def bank(new_books: Books, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    """Jane has a loan and savings, John two savings accounts, Ruth and Rose one telephone."""
    books = copy_of(new_books, tmp_path_factory.mktemp("payments"))
    books.today = date(2026, 1, 6)
    weekly, save = books.loan_product("WEEKLY"), books.savings_product("SAVE")
    with books.work() as session:
        for name, phone, accounts in (
            ("Jane", "+254 722 000 111", 1),
            ("John", "0722000222", 2),
            ("Ruth", "0722-000-333", 1),
            ("Rose", "722000333", 1),
            ("Paul", "0722000444", 0),
            ("Mary", "0722000555", 1),
        ):
            client = register_client(session, name=name, phone=phone, joined_on=FIRST)
            for _ in range(accounts):
                open_account(session, client_id=client.id, product_id=save.id, opened_on=FIRST)
            if name == "Jane":
                loan = apply(
                    session,
                    client_id=client.id,
                    product_id=weekly.id,
                    principal=Money(1_000_000),
                    applied_on=FIRST,
                )
                approve(session, loan.id, FIRST)
                disburse(session, loan.id, FIRST)
    yield books
    books.database.close()


def judge(bank: Books, reference: str = "", phone: str = "", note: str = "") -> Verdict:
    with bank.look() as session:
        [verdict] = find_accounts(session, [Asked(reference, phone, note)], bank.today)
        return verdict


@pytest.mark.parametrize(
    ("reference", "phone", "note", "number", "rule"),
    [
        ("KIT-L-000001", "", "", "KIT-L-000001", "number"),
        ("kit s 2", "0722000111", "", "KIT-S-000002", "number"),
        ("my loan", "0722000111", "", "KIT-L-000001", "telephone"),
        ("", "254722000555", "KIT-S-000002", "KIT-S-000006", "telephone"),
        ("rent", "", "for acc KIT-S-000003, thanks", "KIT-S-000003", "reference"),
    ],
)
def test_the_first_rule_that_finds_anything_decides(
    bank: Books, reference: str, phone: str, note: str, number: str, rule: str
) -> None:
    found = judge(bank, reference, phone, note)
    assert found.account is not None
    assert (found.account.number, found.rule) == (number, rule)


@pytest.mark.parametrize(
    ("reference", "phone", "note", "reason", "candidates"),
    [
        ("", "0722000222", "", "ACCOUNTS", 2),
        ("", "0722000333", "", "CLIENTS", 2),
        ("", "0722000444", "", "NO_ACCOUNT", 0),
        ("", "722", "", "NOTHING", 0),
        ("school", "", "KIT-S-000002 or KIT-S-000003", "ACCOUNTS", 2),
    ],
)
def test_what_is_not_sure_is_never_guessed(
    bank: Books, reference: str, phone: str, note: str, reason: str, candidates: int
) -> None:
    found = judge(bank, reference, phone, note)
    assert (found.account, found.reason, len(found.candidates)) == (None, reason, candidates)


def test_an_account_that_takes_no_money_is_named_and_not_chosen(bank: Books) -> None:
    """A loan that was only applied for."""
    weekly = bank.loan_product("WEEKLY")
    with bank.work() as session:
        client = register_client(session, name="Asha", joined_on=FIRST)
        loan = apply(
            session, client_id=client.id, product_id=weekly.id, principal=Money(5_000), applied_on=FIRST
        )
    found = judge(bank, loan.number)
    assert (found.account, found.reason, [one.number for one in found.candidates]) == (
        None,
        "CLOSED",
        [loan.number],
    )
    with bank.look() as session:
        named = {(one.account.number, one.name) for one in search_accounts(session, "jane", bank.today)}
        assert named == {("KIT-L-000001", "Jane"), ("KIT-S-000001", "Jane")}
        assert search_accounts(session, loan.number, bank.today) == []


STEPS = st.sampled_from(
    ["read", "again", "match", "person", "send", "book", "bounce", "back", "aside", "give"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(STEPS, st.integers(0, 9)), min_size=4, max_size=14))
def test_the_books_hold_what_the_queue_adds_up_to(bank: Books, steps: list[tuple[str, int]]) -> None:
    """In any order; no payment is twice on its way, and nothing that is refused leaves a trace."""
    for step, which in steps:
        with suppress(PaymentStateError, NoPaymentsError, PaymentFileKnownError, MessageKeyError):
            _do(bank, step, which)
    with bank.look() as session:
        now = standing(session)
        assert now.balance == now.queued
        legs = fetch(session, "SELECT CAST(coalesce(sum(-amount), 0) AS BIGINT) FROM inter_branch_leg")[0][0]
        sent = now.by_state.get("sent", (0, Money(0)))[1]
        assert legs == sent.minor
        twice = """
SELECT m.key FROM account_message AS m
 WHERE NOT EXISTS (SELECT 1 FROM message_answer AS a WHERE a.message_id = m.id AND a.outcome = 'bounced')
 GROUP BY m.key HAVING count(*) > 1
"""
        assert fetch(session, twice) == []


def _do(bank: Books, step: str, which: int) -> None:
    if step in {"book", "bounce"}:
        _answer(bank, step)
        return
    with bank.hq_work() as session:
        rows = session.scalars(select(IncomingPayment).order_by(IncomingPayment.id.desc()).limit(10)).all()
        chosen = rows[which % len(rows)].id if rows else 0
        if step in {"read", "again"}:
            first = len(session.scalars(select(IncomingPayment.id)).all()) - (5 if step == "again" else 0)
            names = [f"P{number}" for number in range(max(first, 0), max(first, 0) + 3)]
            accounts = ("kit s 1", "nobody", "KIT-L-000001")
            list_of = mobile_list(
                [(name, f"{int(name[1:]) + 1}.25", "", accounts[int(name[1:]) % 3]) for name in names]
            )
            wanted = ListFile(name="list", content=list_of, layout=Layout(), gl_code="1130")
            incoming_payments.read_file(session, wanted)
        elif step == "match":
            match_all(session)
        elif not rows:
            return
        elif step == "person":
            match_by_person(session, chosen, "KIT-S-000002", reason="asked")
        elif step == "send":
            incoming_payments_sent.send(session, None if which % 2 else [chosen])
        elif step == "back":
            bounced = list_bounced(session)
            incoming_payments_sent.take_back(
                session, bounced[0].payment.id if bounced else chosen, reason="came back"
            )
        elif step == "aside":
            incoming_payments.set_aside(session, chosen, reason="ask")
        else:
            incoming_payments_sent.return_to_payer(session, chosen, reason="not ours")


def _answer(bank: Books, step: str) -> None:
    """Say as the branch what becomes of the oldest message."""
    with bank.work() as session:
        answered = select(MessageAnswer.message_id)
        waiting = select(AccountMessage).where(AccountMessage.id.not_in(answered)).order_by(AccountMessage.id)
        message = session.scalars(waiting.limit(1)).first()
        if message is not None:
            outcome = "booked" if step == "book" else "bounced"
            insert(session, MessageAnswer(message_id=message.id, outcome=outcome, reason="", on=bank.today))


def test_a_chart_of_before_gets_the_account_when_it_is_needed(new_books: Books, tmp_path: Path) -> None:
    books = copy_of(new_books, tmp_path)
    with books.database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE gl_account SET role = '' WHERE role = 'unallocated'")
    with books.hq_work() as session:
        made = unallocated_account(session)
        assert unallocated_account(session) == made
        assert session.get_one(GLAccount, made).code == "S2500"
    books.database.close()
