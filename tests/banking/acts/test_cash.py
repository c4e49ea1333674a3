"""Cash, journals, transfers and bank accounts by name, through the command line."""

from pathlib import Path

import pytest

from tests.support.branch_home import PASSWORD
from tests.support.pair import Pair


def test_a_day_with_vault_float_count_and_till_report(pair: Pair) -> None:
    """Every amount comes back in the report, of the till, the vault and the whole branch."""
    branch = pair.branch
    assert branch.do("till.create", kind="vault", cash_limit="8000")["name"] == "Vault"
    moved = branch.do("cash.move", kind="settle", **{"from": 1}, amount="9000", pieces="1000x9")
    assert (moved["from"], moved["to"], moved["above_limit"]) == (1, 2, [2])
    assert branch.refused("cash.move", kind="float", to=1, amount="9000.01") == [("", "TILL_CASH")]
    branch.do("cash.move", kind="to_bank", **{"from": 2}, amount="5000", gl_account="1130")
    spent = branch.do("cash.move", kind="pay", **{"from": 1}, amount="30", gl_account="5330", note="bus")
    branch.do("cash.reverse", movement=spent["movement"], reason="walked")
    assert branch.refused("till.count", till=1, pieces="1000x1 coins=5") == [("", "COUNT_REASON")]
    counted = branch.do("till.count", till=1, pieces="1000x1 coins=5", reason="found", moment="closing")
    assert counted["difference"] == "5.00"
    sheet = branch.do("till.sheet", till=1)
    figures = {name: sheet[name] for name in ("floats_out", "other", "over_short", "closing", "counted")}
    assert figures == {
        "floats_out": "9000.00",
        "other": "10000.00",
        "over_short": "5.00",
        "closing": "1005.00",
        "counted": "1005.00",
    }
    assert sheet["denominations"][:3] == ["1000", "500", "200"]
    whole = branch.do("till.sheet")
    assert (whole["closing"], whole["to_bank"], len(whole["tills"])) == ("5005.00", "5000.00", 2)


def test_a_limit_of_headquarters_asks_for_a_second_person(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.hq.do("limit.set", name="second_person", amount="1000")
    pair.meet()
    sides = ("debit=5320:1000", "credit=1130:1000", "note=rent")
    assert pair.branch.refused("journal.post", debit="5320:1000", credit="1130:1000", note="rent") == [
        ("", "SECOND_PERSON_NEEDED")
    ]
    monkeypatch.setenv("SATCHEL_SECOND_PASSWORD", PASSWORD)
    status, document = pair.branch.run("--second", "moses", "journal.post", *sides)
    assert status == 0, document
    posted = document["acts"][0]["result"]
    assert [line["code"] for line in posted["lines"]] == ["5320", "1130"]
    status, document = pair.branch.run("--second", "clara", "journal.post", *sides)
    assert (status, document["error"]["code"]) == (1, "BAD_SECOND_PERSON")


def test_a_cashier_alone_works_her_till(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.branch.do("till.assign", till=1, user="moses")
    assert pair.branch.refused("till.assign", till=1, user="clara") == [("", "CASHIER_OVERLAP")]
    assert pair.branch.do("till.unassign", till=1)["until"] == "2026-11-22"
    assert pair.branch.refused("till.retire", till=1) == [("", "TILL_NOT_EMPTY")]
    assert pair.branch.do("till.limit", till=1, cash_limit="20")["too_much"] is True


def test_the_chart_grows_at_headquarters_and_the_branch_posts_to_it(pair: Pair) -> None:
    account = {"code": "5350", "name": "Fuel", "type": "expense", "parent": "5000"}
    assert pair.hq.do("chart.add", **account)["active"] is True
    assert pair.hq.do("chart.change", code="5350", name="Petrol", manual="no")["manual"] is False
    pair.hq.do("chart.change", code="5350", manual="yes")
    assert pair.hq.refused("chart.deactivate", code="1110") == [("", "GL_ACCOUNT_IN_USE")]
    pair.hq.do("frequent.define", code="FUEL", name="Petrol", debit="5350", credit="1130")
    pair.meet()
    opening = pair.branch.do("opening.post", debit="1130:500", on="2026-11-20")
    assert [line["code"] for line in opening["lines"]] == ["1130", "3900"]
    posted = pair.branch.do("frequent.post", code="FUEL", amount="12.50")
    assert posted["lines"][0] == {"code": "5350", "debit": "12.50", "credit": "0.00"}
    pair.branch.do("journal.reverse", entry=posted["entry"], reason="paid in cash")
    assert pair.branch.refused("chart.add", **account) == [("", "WRONG_PLACE")]
    names = [row["name"] for row in pair.branch.do("chart.list")["accounts"]]
    assert "Petrol" in names


def test_a_transfer_to_the_head_office_is_matched_there(pair: Pair) -> None:
    """Sent by the branch, open at headquarters, received by the head office, then gone from the list."""
    sent = pair.branch.do("inter_branch.send", office="HQ", amount="700", till=1, note="surplus")
    assert (sent["key"], sent["amount"]) == ("KIT-X-000001", "700.00")
    pair.meet()
    listed = pair.hq.do("inter_branch.unmatched")
    assert [(row["key"], row["open"]) for row in listed["unmatched"]] == [("KIT-X-000001", "700.00")]
    assert listed["unexplained"] == "0.00"
    received = pair.hq.do(
        "inter_branch.receive", office="KIT", key=sent["key"], amount="700", gl_account="1130"
    )
    assert received["amount"] == "-700.00"
    assert pair.hq.do("inter_branch.unmatched")["unmatched"] == []
    again = {"office": "KIT", "key": sent["key"], "amount": "700", "gl_account": "1130"}
    assert pair.hq.refused("inter_branch.receive", **again) == [("", "INTER_BRANCH")]


def test_a_bank_statement_is_imported_matched_and_explained(pair: Pair, tmp_path: Path) -> None:
    branch = pair.branch
    branch.do("cash.move", kind="to_bank", **{"from": 1}, amount="900", gl_account="1130")
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text("Day;Out;In\n22/11/2026;x;\n31/11/2026;;5\n", encoding="utf-8")
    right.write_text(
        "Day;Out;In;Words\n22/11/2026;;900,00;paid in\n23/11/2026;2,50;;charges\n", encoding="utf-8"
    )
    columns = {"day": "Day", "debit": "Out", "credit": "In", "dates": "DD/MM/YYYY", "decimal": "comma"}
    balances = {"gl_account": "1130", "opening": "0", "closing": "897.50"}
    assert branch.refused("bank.import", file=wrong, **columns, **balances) == [
        ("file[2].Out", "STATEMENT_FILE"),
        ("file[3].Day", "STATEMENT_FILE"),
    ]
    assert branch.refused("bank.import", file=tmp_path / "no.csv", **columns, **balances) == [
        ("file", "BAD_VALUE")
    ]
    imported = branch.do("bank.import", file=right, text="Words", **columns, **balances)
    assert (imported["starts_on"], imported["closing"]) == ("2026-11-22", "897.50")
    (found,) = branch.do("bank.match", gl_account="1130")["matched"]
    branch.do("bank.unmatch", line=found["line"])
    branch.do("bank.match_one", **found)
    report = branch.do("bank.reconcile", gl_account="1130", as_of="2026-11-30")
    (charges,) = report["only_bank"]
    branch.do("bank.post", line=charges["line"], gl_account="5340")
    report = branch.do("bank.reconcile", gl_account="1130", as_of="2026-11-30")
    assert (report["book_balance"], report["statement_balance"]) == ("897.50", "897.50")
    assert (report["only_bank"], report["only_books"], report["unexplained"]) == ([], [], "0.00")
