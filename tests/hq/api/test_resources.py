"""What the API answers: lists, one thing, reports; who may see what."""

from decimal import Decimal
from typing import Any

import pytest

from banking.chart import add_account
from banking.reports import REPORTS
from banking.standard import ChartRow
from hq.api import scopes
from hq.api.operations import Operation
from hq.application import create_hq_application
from hq.pages.api import OPERATIONS
from sync.installation import Installation
from tests.hq.api.conftest import Caller, MakeCaller, make_caller
from tests.support.institution import CLERK, HQ, passphrase_of

NAMES = {"id": "1", "name": "active-loans", "office": "KIT"}


@pytest.fixture(scope="module")
def everything(asker: MakeCaller) -> Caller:
    """A program that may see everything."""
    return asker()


def _first(caller: Caller, path: str) -> dict[str, Any]:
    return next(iter(caller.walk(path)))


def test_clients_are_found_by_name_number_and_telephone(everything: Caller) -> None:
    wanjiku = _first(everything, "/clients?search=wanj&office=KIT")
    assert (wanjiku["name"], wanjiku["office"], wanjiku["state"]) == ("Wanjiku", "KIT", "active")
    number = wanjiku["number"]
    assert [one["id"] for one in everything.walk(f"/clients?number={number}")] == [wanjiku["id"]]
    assert list(everything.walk("/clients?phone=0712345678")) == []
    status, whole = everything.ask(f"/clients/{wanjiku['id']}")
    assert status == 200
    assert [one["status"] for one in whole["savings"]] == ["active"]
    assert whole["loans"] == []


def test_a_loan_comes_with_its_schedule_and_its_standing(everything: Caller) -> None:
    loan = _first(everything, "/loans?office=KIT")
    assert (loan["principal"], loan["status"], loan["product"]) == ("10000.00", "active", "WEEKLY")
    status, whole = everything.ask(f"/loans/{loan['id']}")
    assert status == 200
    assert len(whole["schedule"]) == 25
    assert sum(Decimal(row["principal"]) for row in whole["schedule"]) == Decimal("10000.00")
    assert sum(Decimal(row["outstanding"]) for row in whole["schedule"]) == Decimal(
        whole["standing"]["total"]
    )
    assert whole["schedule"][0]["paid"] != "0.00"
    assert whole["standing"]["is_closed"] is False


def test_savings_have_their_balance(everything: Caller) -> None:
    account = _first(everything, "/savings?office=KIT")
    status, whole = everything.ask(f"/savings/{account['id']}")
    assert (status, whole["balance"]) == (200, "2000.00")


def test_movements_and_entries_are_those_of_the_accounts_and_days(everything: Caller) -> None:
    account = _first(everything, "/savings?office=KIT")["number"]
    moved = list(everything.walk(f"/transactions?account={account}&account_kind=savings&limit=1"))
    assert [row["amount"] for row in moved] == ["500.00", "700.00", "800.00"]
    assert list(everything.walk("/transactions?from=2027-01-01")) == []
    entries = {one["id"]: one for one in everything.walk("/journal-entries?limit=3")}
    assert {row["journal_entry_id"] for row in moved} <= entries.keys()
    for entry in entries.values():
        assert sum(Decimal(line["debit"]) - Decimal(line["credit"]) for line in entry["lines"]) == 0


def test_offices_products_and_the_chart_are_open_to_any_token(asker: MakeCaller) -> None:
    caller = asker(scopes.REPORTS)
    assert {one["code"] for one in caller.walk("/offices?limit=1")} >= {"KIT", "ELW", "NAK"}
    assert {one["code"] for one in caller.walk("/products")} >= {"WEEKLY", "MONTHLY", "SAVE", "MUST"}
    assert [one["type"] for one in caller.walk("/gl-accounts?code=2110")] == ["liability"]


def test_reports_are_the_documents_of_the_command_line(everything: Caller) -> None:
    status, catalogue = everything.ask("/reports")
    assert (status, {one["name"] for one in catalogue["items"]}) == (200, set(REPORTS))
    status, report = everything.ask("/reports/active-loans?office=KIT&as_of=2026-01-05")
    assert (status, report["report"], report["count"], len(report["loans"])) == (200, "active-loans", 1, 1)
    assert any("KIT" in note for note in report["notes"]), report["notes"]
    assert everything.ask("/reports/active-loans?account=1")[1]["error"]["code"] == "UNSUPPORTED_OPTION"
    assert everything.ask("/reports/no-such")[0] == 422


def test_telephone_and_identity_numbers_ask_for_their_own_scope(asker: MakeCaller) -> None:
    plain = asker(scopes.CLIENTS, scopes.REPORTS, scopes.MOVEMENTS)
    assert {"phone", "national_id", "born_on", "address"}.isdisjoint(_first(plain, "/clients"))
    assert "note" not in _first(plain, "/transactions")
    assert plain.ask("/clients?phone=0712345678")[0] == 403
    _, report = plain.ask("/reports/collections-due?as_of=2026-02-05")
    assert {row["phone"] for row in report["collections"]} == {None}
    whole = asker(scopes.CLIENTS, scopes.PRIVATE)
    assert "phone" in _first(whole, "/clients")
    assert "loans" not in whole.ask(f"/clients/{_first(whole, '/clients')['id']}")[1]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_operation_asks_for_a_token_and_its_scope(operation: Operation, asker: MakeCaller) -> None:
    others = [scope for scope in scopes.SCOPES if scope != operation.scope]
    caller = asker(*others)
    path = f"/api/v1{operation.path.format(**NAMES)}"
    without = caller.client.open(path, method=operation.method)
    assert (without.status_code, without.headers["WWW-Authenticate"]) == (401, "Bearer")
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = caller.client.open(path, method=operation.method, headers=headers)
    if operation.scope:
        assert (answer.status_code, answer.get_json()["error"]["where"]) == (403, operation.scope)
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/clients", "/loans", "/savings", "/transactions", "/journal-entries", "/offices"]
)
def test_a_token_of_one_office_sees_nothing_of_another(path: str, asker: MakeCaller) -> None:
    bound = asker(office="KIT")
    assert {one.get("office", one.get("code")) for one in bound.walk(f"{path}?limit=2")} == {"KIT"}
    if path != "/offices":
        assert bound.ask(f"{path}?office=ELW")[0] == 403
        assert bound.ask(f"{path}?office=XXX")[0] == 403
    if path in {"/clients", "/loans", "/savings"}:
        there = _first(asker(office="ELW"), path)
        assert bound.ask(f"{path}/{there['id']}")[0] == 404


def test_a_token_of_one_office_gets_its_reports_and_bundles_alone(asker: MakeCaller) -> None:
    bound = asker(office="KIT")
    assert bound.ask("/reports/active-loans?as_of=2026-01-05")[1]["count"] == 1
    assert bound.ask("/reports/active-loans?office=ELW")[0] == 403
    assert bound.ask("/reports/active-loans?sub_tree=true")[0] == 403
    assert bound.ask("/branches/ELW/return-bundle")[0] == 403
    payment = {"office": "ELW", "account": "1", "amount": "1.00", "gl_account": "1000", "reference": "x"}
    assert bound.send("/payments", "k", payment)[0] == 403


@pytest.mark.parametrize(
    ("path", "status", "where"),
    [
        ("/clients?nmae=x", 422, "nmae"),
        ("/clients?limit=0", 422, "limit"),
        ("/clients?limit=1&limit=2", 422, "limit"),
        ("/clients?limit=%D9%A3", 422, "limit"),
        ("/clients?number=%00", 422, "number"),
        ("/clients?cursor=abc", 404, "cursor"),
        ("/clients?office=NO", 404, "office"),
        ("/clients/99999999999999999999", 422, "id"),
        ("/clients/9999999999999999999", 404, ""),
        ("/clients/9", 404, ""),
        ("/transactions?from=2026-02-30", 422, "from"),
        ("/nothing", 404, ""),
        ("//clients", 404, ""),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    path: str, status: int, where: str, everything: Caller
) -> None:
    found, document = everything.ask(path)
    assert (found, document["error"]["where"]) == (status, where)
    assert set(document["error"]) == {"code", "message", "where", "next"}


def test_a_path_says_which_methods_it_takes(everything: Caller) -> None:
    answer = everything.client.delete("/api/v1/clients")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.get_json()["error"]["code"] == "NOT_ALLOWED"


def test_pages_go_on_by_the_last_row_while_rows_are_added(still_hq: Installation, asker: MakeCaller) -> None:
    caller = asker()
    before = [one["id"] for one in caller.walk("/gl-accounts")]
    found = []
    for number, one in enumerate(caller.walk("/gl-accounts?limit=5")):
        found.append(one["id"])
        if number == 7:
            _add_account(still_hq)
    assert found[: len(before)] == before
    assert len(found) == len(before) + 1
    assert len(set(found)) == len(found)


def _add_account(installation: Installation) -> None:
    with installation.unit_of_work("chart.add", CLERK) as session:
        add_account(session, ChartRow("9998", "Added meanwhile", "expense"))


def test_a_log_in_is_no_token_and_a_token_no_log_in(still_hq: Installation, asker: MakeCaller) -> None:
    caller = asker()
    assert (
        caller.client.get("/people", headers={"Authorization": f"Bearer {caller.token}"}).status_code == 303
    )
    browser = create_hq_application(still_hq).test_client()
    browser.post("/login", data={"username": "admin", "password": passphrase_of(HQ)})
    assert browser.get("/people").status_code == 200
    assert browser.get("/api/v1/clients").status_code == 401
    assert make_caller(still_hq, browser).ask("/clients")[0] == 200
