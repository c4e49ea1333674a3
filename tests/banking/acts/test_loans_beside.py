"""What stands beside loans, by name through the command line."""

import json
from pathlib import Path

from tests.support.pair import Pair

ON = "2026-11-20"


def applied(pair: Pair, product: str = "WEEKLY", **owner: str) -> str:
    """Register somebody (or take the given owner) and apply; gives the loan's number."""
    if not owner:
        owner = {"client": pair.branch.do("client.register", name="Zawadi")["client"]}
    return str(pair.branch.do("loan.apply", product=product, principal="1000.00", on=ON, **owner)["loan"])


def test_security_is_written_down_listed_and_let_go(pair: Pair) -> None:
    """A guarantor from outside and a thing; each ends once."""
    loan = applied(pair)
    guarantor = pair.branch.do("guarantor.add", loan=loan, amount="400.00", name="Ouma", phone="0711")
    thing = pair.branch.do("collateral.add", loan=loan, kind="cow", value="500", description="brown")
    listed = pair.branch.do("loan.security", loan=loan)
    assert [one["amount"] for one in listed["guarantors"]] == ["400.00"]
    assert [(one["kind"], one["state"]) for one in listed["collateral"]] == [("cow", "held")]
    released = pair.branch.do("guarantor.release", guarantor=guarantor["guarantor"], on=ON)
    assert released["released_on"] == ON
    assert pair.branch.do("collateral.end", collateral=thing["collateral"], state="sold")["state"] == "sold"
    assert pair.branch.refused("guarantor.release", guarantor=guarantor["guarantor"]) == [("", "RELEASED")]
    assert pair.branch.refused("guarantor.add", loan=loan, amount="0", name="Ouma") == [
        ("amount", "AMOUNT_ZERO")
    ]


def test_a_group_s_loan_is_shared_and_officers_change(pair: Pair, tmp_path: Path) -> None:
    """Members' parts come in a file; everything of one officer goes to another."""
    for name in ("Njeri", "Otieno"):
        pair.branch.do("staff.create", name=name)
    group = pair.branch.do("group.create", name="Umoja", officer="Njeri")["group"]
    members = [
        pair.branch.do("client.register", name=name, group=group)["client"] for name in ("Akinyi", "Barasa")
    ]
    loan = applied(pair, group=group)
    parts = [{"client": client, "principal": "500.00"} for client in members]
    file = tmp_path / "members.jsonl"
    file.write_text(json.dumps({"act": "loan.members", "loan": loan, "members": parts}), encoding="utf-8")
    status, document = pair.branch.run("--file", str(file))
    assert status == 0, document
    pair.branch.do("loan.approve", loan=loan, on=ON)
    pair.branch.do("loan.disburse", loan=loan, on=ON)
    listed = pair.branch.do("loan.liable", loan=loan)
    assert [(one["share"], one["owes"]) for one in listed["liable"]] == [
        ("500.00", "548.08"),
        ("500.00", "548.07"),
    ]
    assert {one["answers_for"] for one in listed["liable"]} == {"1096.15"}
    assert pair.branch.do("group.defaults", group=group, on="2026-11-27")["defaults"] == []
    assert pair.branch.do("group.defaults", group=group, on="2026-11-28")["defaults"][0]["loan"] == loan
    pair.branch.do("loan.repay", loan=loan, amount="0.03", on="2026-11-28")
    paid = pair.branch.do("loan.payments_by_member", loan=loan)["payments"]
    assert [list(one["members"].values()) for one in paid] == [["0.02", "0.01"]]
    pair.branch.do("officer.assign", officer="Njeri", loan=loan, **{"from": ON})
    assert pair.branch.do("officer.portfolio", officer="Njeri")["count"] == 2
    moved = pair.branch.do("officer.reassign", officer="Njeri", to="Otieno", **{"from": ON})
    assert (moved["officer"], moved["loans"], moved["groups"]) == ("Otieno", 1, 1)
    history = pair.branch.do("officer.history", loan=loan)["officers"]
    assert [one["officer"] for one in history] == ["Njeri", "Otieno"]
    assert pair.branch.refused("officer.assign", officer="Njeri") == [("", "ONE_ASSIGNMENT")]


def test_a_credit_line_lives_by_name(pair: Pair) -> None:
    """Offered by headquarters, drawn, repaid, limited, closed."""
    pair.meet()
    pair.hq.do(
        "loan_product.define",
        code="LINE",
        name="Credit line",
        kind="credit_line",
        interest_type="DECLINING_BALANCE",
        annual_rate="24",
        installments="6",
        repay_unit="MONTHS",
    )
    pair.carry("hq", "branch")
    line = applied(pair, "LINE")
    assert pair.branch.refused("loan.disburse", loan=line) == [("", "STATUS")]
    pair.branch.do("loan.approve", loan=line, on=ON)
    drawn = pair.branch.do("line.draw", line=line, amount="600.00", on=ON)
    assert (drawn["used"], drawn["available"], drawn["ends_on"]) == ("600.00", "400.00", "2027-05-20")
    assert pair.branch.refused("line.draw", line=line, amount="400.01", on=ON) == [("", "CREDIT_LIMIT")]
    assert pair.branch.do("line.show", line=line, on="2026-11-30")["interest"] == "3.95"
    assert pair.branch.do("line.interest", line=line, through="2026-11-30")["charged"] == "4.34"
    assert pair.branch.do("line.limit", line=line, limit="700")["available"] == "100.00"
    assert pair.branch.refused("line.close", line=line, on="2026-11-30") == [("", "LINE_OWED")]
    pair.branch.do("loan.repay", loan=line, amount="603.95", on="2026-11-30")
    assert pair.branch.do("line.close", line=line, on="2026-11-30")["available"] == "0.00"


def test_headquarters_moves_a_client_and_the_old_branch_hands_over(pair: Pair, tmp_path: Path) -> None:
    """Decided, carried down, handed over once; every step is listed."""
    loan = applied(pair)
    pair.branch.do("loan.withdraw", loan=loan, reason="moves away")
    client = pair.branch.do("client.register", name="Akinyi")["client"]
    pair.meet()
    code = tmp_path / "code"
    code.write_text("code 4711", encoding="utf-8")
    kit = str(tmp_path / "elw.satchel")
    pair.run("hq", "enrol", "--branch", "ELW", "--name", "Eldoret", "--out", kit, "--code-file", str(code))
    assert pair.hq.refused("client_transfer.decide", client=client, to="KIT", reason="no") == [
        ("", "BAD_VALUE")
    ]
    decided = pair.hq.do("client_transfer.decide", client=client, to="ELW", reason="moves away")
    assert (decided["from"], decided["to"], decided["state"]) == ("KIT", "ELW", "decided")
    decision = decided["decision"]
    assert pair.branch.refused("client_transfer.hand_over", decision=decision) == [("decision", "NOT_FOUND")]
    pair.carry("hq", "branch")
    assert pair.branch.do("client_transfer.hand_over", decision=decision)["outcome"] == "out"
    assert pair.branch.refused("client_transfer.hand_over", decision=decision) == [("", "MOVE_DONE")]
    assert pair.branch.refused("client_transfer.take_over", decision=decision) == [("", "MOVE_STATE")]
    pair.carry("branch", "hq")
    listed = pair.hq.do("client_transfer.list")["decisions"]
    assert [(one["decision"], one["done"][0]["direction"]) for one in listed] == [(decision, "out")]
    assert pair.hq.refused("client_transfer.withdraw", decision=decision, reason="no") == [("", "MOVE_STATE")]
