"""Every refusal has a name for programs and a sentence for people."""

import re

from ledger import errors
from ledger.errors import OverpaymentError, RuleError, TrustError
from ledger.money import Money


def every_rule() -> list[type[RuleError]]:
    found = [RuleError]
    for rule in found:
        found.extend(rule.__subclasses__())
    return [rule for rule in found if rule.__module__ == errors.__name__]


def test_codes_are_upper_snake_and_one_per_rule() -> None:
    codes = [rule.__dict__.get("code", "") for rule in every_rule()]
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", code) for code in codes), codes
    shared = {code for code in codes if codes.count(code) > 1}
    assert shared == {"REFUSED"}  # the general refusal and its base
    assert all(rule.__dict__.get("message") for rule in every_rule())


def test_a_refusal_keeps_its_facts_and_can_be_told_in_another_language() -> None:
    refusal = OverpaymentError(paid=Money(500), owed=Money(300))
    assert refusal.facts == {"paid": Money(500), "owed": Money(300)}
    assert str(refusal) == "500 is more than the 300 still owed."
    told = refusal.told(lambda _: "{owed} < {paid}", lambda fact: f"KES {fact}")
    assert told == "KES 300 < KES 500"


def test_distrust_names_the_reason_the_place_and_the_next_step() -> None:
    distrust = TrustError("BAD_HASH", "The hash differs.", where="volume 2", next_step="Copy it again.")
    assert (distrust.code, distrust.where, distrust.next_step) == ("BAD_HASH", "volume 2", "Copy it again.")
    assert str(distrust) == "The hash differs. (volume 2) Copy it again."
