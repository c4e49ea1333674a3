"""The reason codes: one list, the same words in the program, in the documentation and in the protocol."""

import ast
import re
from pathlib import Path

import pytest

from sync.reasons import REASONS, refused

ROOT = Path(__file__).parents[2]
ROOMS = ("banking", "branch", "console", "hq", "satchel", "schema", "sync", "web")
PROTOCOL = {
    "FILE": "EMPTY NOT_SATCHEL TRUNCATED BAD_HASH BAD_VOLUME_SIGNATURE VOLUME_MISSING VOLUME_TWIN IO_ERROR",
    "CRYPTO": "NOT_FOR_US WRONG_RECIPIENT BAD_HEADER BAD_STREAM SENDER_UNKNOWN OTHER_INSTITUTION ROOT_BEHIND "
    "REVOKED_AFTER BAD_SIGNATURE KIT_REUSED WEAK_CODE",
    "FORM": "NON_CANONICAL UNKNOWN_VERSION",
    "CHAIN": "DUPLICATE GAP FORK FORK_HQ CHAIN_RESTORED SEEN_MISSING HQ_ROLLBACK TOTALS",
    "MEANING": "SCOPE NEEDS_SCHEMA UNBALANCED ID_COLLISION NOT_OWNER ACCOUNT_MOVED CLOCK_SUSPECT PERIOD_LATE",
    "RETURN": "OLD_RETURN REFERENCE_ROLLBACK STALE",
}


def used_codes() -> dict[str, str]:
    """Every code that stands in a call of ``refused`` or ``TrustError``, with one place where."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                first = node.args[0] if node.args else None
                if node.func.id in {"refused", "TrustError"} and isinstance(first, ast.Constant):
                    found[str(first.value)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_code_that_is_used_is_in_the_list() -> None:
    assert {code: place for code, place in used_codes().items() if code not in REASONS} == {}


def test_the_search_for_codes_finds_them() -> None:
    assert {"BAD_SIGNATURE", "TRUNCATED", "WRONG_EDITION"} <= used_codes().keys()


@pytest.mark.parametrize("family", PROTOCOL)
def test_the_words_of_the_protocol_are_all_there(family: str) -> None:
    assert {code for code in PROTOCOL[family].split() if REASONS[code].family != family} == set()


def test_limits_are_named() -> None:
    limits = {code for code in REASONS if code.startswith("LIMIT_")}
    assert len(limits) >= 8
    assert {REASONS[code].family for code in limits} == {"FORM"}


def test_the_documentation_prints_the_list_word_for_word() -> None:
    text = (ROOT / "docs" / "bundle-format.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([A-Z]+) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert {code: (family, sentence, following) for code, family, sentence, following in rows} == {
        code: (reason.family, reason.sentence, reason.next_step) for code, reason in REASONS.items()
    }


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_is_one_plain_sentence_and_a_next_step(code: str) -> None:
    reason = REASONS[code]
    assert reason.sentence[0].isupper()
    assert reason.sentence.endswith(".")
    assert len(reason.sentence) <= 80
    assert reason.next_step.endswith(".")


def test_a_refusal_carries_code_sentence_place_and_next_step() -> None:
    refusal = refused("BAD_HASH", "Segment 3.", where="1A2B3C4D.S02")
    assert refusal.code == "BAD_HASH"
    assert refusal.message == "The file was damaged on its way. Segment 3."
    assert (refusal.where, refusal.next_step) == ("1A2B3C4D.S02", REASONS["BAD_HASH"].next_step)


def test_a_code_that_is_in_no_list_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        refused("SOMETHING_ELSE")
