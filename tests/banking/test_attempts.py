"""What one account's refusal leaves behind in work on many: nothing."""

from datetime import date

import pytest
from sqlalchemy import select

from banking.clients import register_client, update_client
from ledger.errors import NotFoundError, RuleError
from schema.people import Client
from schema.writing import act, attempt
from tests.support.books import Books

BORN = date(1990, 1, 1)


def test_a_refusal_inside_undoes_rows_and_ops_and_what_was_read(books: Books) -> None:
    """The row of before is read again as it was; work before and after the block stays."""
    with books.work() as session:
        kept = register_client(session, name="Wanjiru")
        ops = len(act(session).ops)

        def refused() -> None:
            with attempt(session):
                update_client(session, kept.id, village="Kiminini", born_on=BORN)
                register_client(session, name="Nobody")
                raise NotFoundError(kind="client", key="X")

        with pytest.raises(RuleError):
            refused()
        assert len(act(session).ops) == ops
        assert session.get_one(Client, kept.id).village == ""
        with attempt(session):
            register_client(session, name="Barasa")
    with books.look() as session:
        assert [client.name for client in session.scalars(select(Client).order_by(Client.id))] == [
            "Wanjiru",
            "Barasa",
        ]
