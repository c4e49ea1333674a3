"""A running loan by name, through the command line: paid, charged, changed, topped up, taken back."""

from tests.support.pair import Pair


def lend(pair: Pair, number: str, principal: str = "1000.00", **more: object) -> None:
    """Apply for a weekly loan of the client KIT-C-000001 and approve it."""
    pair.branch.do(
        "loan.apply",
        client="KIT-C-000001",
        product="WEEKLY",
        principal=principal,
        on="2026-01-05",
        number=number,
        **more,
    )
    pair.branch.do("loan.approve", loan=number, on="2026-01-05")


def test_a_loan_from_its_first_payment_to_the_loan_on_top_of_it(pair: Pair) -> None:
    branch = pair.branch
    lend(pair, "L1")
    branch.do("loan.disburse", loan="L1", on="2026-01-05")
    paid = branch.do("loan.repay", loan="L1", amount="50.00", on="2026-02-04", receipt="R1")
    assert (paid["interest_part"], paid["principal_part"], paid["receipt"]) == ("7.70", "42.30", "R1")
    late = branch.do("loan.repay", loan="L1", amount="43.85", on="2026-01-12")
    assert (late["interest_part"], late["principal_part"]) == ("3.85", "40.00")
    (charge,) = branch.do("loan.charge", loan="L1", amount="4.00", name="Visit", on="2026-01-20")["charges"]
    assert branch.refused("loan.charge", loan="L1", name="Visit") == [("", "MISSING")]
    branch.do("loan.take_charge_back", id=charge["id"], reason="never made", on="2026-02-05")
    quote = branch.do("loan.payoff_quote", loan="L1", on="2026-02-05")
    assert (quote["total"], quote["forgiven_interest"]) == ("1002.30", "0.00")
    lend(pair, "L2", "1500.00")
    given = branch.do("loan.top_up", loan="L2", replaces="L1", on="2026-02-05")
    assert given["amount"] == "497.70"
    assert branch.do("loan.state", loan="L1", on="2026-02-05")["state"] == "closed"
    assert branch.do("loan.state", loan="L2", on="2026-02-05")["owed"] == "1644.23"


def test_losses_and_their_undoing(pair: Pair) -> None:
    branch = pair.branch
    lend(pair, "L1")
    branch.do("loan.disburse", loan="L1", on="2026-01-05")
    waived = branch.do("loan.waive", loan="L1", amount="3.00", component="interest", on="2026-01-20")
    assert (waived["interest_part"], waived["receipt"]) == ("3.00", "")
    branch.do("loan.charge_off", loan="L1", on="2026-02-01", note="fled")
    assert branch.do("loan.state", loan="L1", on="2026-02-01")["charged_off"] is True
    written = branch.do("loan.write_off", loan="L1", on="2026-02-02")
    assert written["amount"] == "1093.15"
    back = branch.do("loan.recover", loan="L1", amount="10.00", on="2026-02-03")
    for entry in (back, written):
        branch.do("loan.reverse", id=entry["id"], reason="found", on="2026-02-04")
    assert branch.refused("loan.reverse", id=waived["id"], reason="wrong") == [("", "CHARGED_OFF")]
    assert branch.do("loan.state", loan="L1", on="2026-02-04")["owed"] == "1093.15"


def test_a_change_of_terms_is_shown_before_it_is_made(pair: Pair) -> None:
    branch = pair.branch
    lend(pair, "L1")
    branch.do("loan.disburse", loan="L1", on="2026-01-05")
    change = {"loan": "L1", "from_date": "2026-01-19", "new_date": "2026-01-26", "extra_rows": 1}
    shown = branch.do("loan.preview_reschedule", **change)
    assert [shown["rows"][at]["due_on"] for at in (0, 1, 25)] == ["2026-01-12", "2026-01-26", "2026-07-13"]
    branch.do("loan.reschedule", **change, reason="flood", on="2026-01-15")
    assert branch.do("loan.state", loan="L1", on="2026-01-20")["matures_on"] == "2026-07-13"
