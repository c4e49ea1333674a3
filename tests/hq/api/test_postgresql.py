"""The API on PostgreSQL: the same answers as on a file, from a server of our own."""

from pathlib import Path

from hq.application import create_hq_application
from sync.inbox import import_paths
from tests.hq.api.conftest import make_caller
from tests.hq.api.test_feed import Consumer, all_accepted
from tests.support.headquarters import FIRST, LATER, make_headquarters
from tests.support.institution import HQ

LISTS = (
    "/offices",
    "/clients?search=wanj&office=KIT",
    "/clients?phone=0712345678",
    "/loans?status=active",
    "/savings?number=none",
    "/transactions?account_kind=savings&from=2026-01-01&to=2026-12-31",
    "/journal-entries?office=KIT",
    "/products?kind=loan",
    "/gl-accounts?code=2110",
)


def test_the_api_answers_from_a_server(postgres_url: str, tmp_path: Path) -> None:
    """Every list and one of each, reports, the feed in full, a payment that is sent twice."""
    bank = make_headquarters(tmp_path / "bank", database=postgres_url)
    with bank.open(HQ) as hq:
        assert not hq.database.is_sqlite
        import_paths(hq, [bank.root / FIRST, bank.root / LATER])
        caller = make_caller(hq, create_hq_application(hq).test_client())
        for path in LISTS:
            found = list(caller.walk(f"{path}{'&' if '?' in path else '?'}limit=2"))
            assert len(found) == len({one["id"] for one in found}), path
        for kind in ("clients", "loans", "savings"):
            first = next(caller.walk(f"/{kind}?office=KIT"))
            assert caller.ask(f"/{kind}/{first['id']}")[0] == 200
        assert caller.ask("/reports/active-loans?as_of=2026-01-05")[1]["count"] == 2
        consumer = Consumer(caller)
        consumer.poll()
        assert consumer.standing == all_accepted(hq)
        account = next(caller.walk("/savings?office=KIT"))["number"]
        payment = {
            "office": "KIT",
            "account": account,
            "amount": "10.00",
            "gl_account": "1130",
            "reference": "PG-1",
        }
        first_answer = caller.send("/payments", "k", payment)
        assert first_answer[0] == 201, first_answer
        assert caller.send("/payments", "k", payment) == first_answer
        assert caller.ask("/clients?search=%F0%9F%92%A9")[0] == 200
        assert caller.ask("/branches/KIT/return-bundle")[0] == 200
