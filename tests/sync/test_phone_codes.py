"""Codes told by telephone: they move the start of the next bundle, and nothing else."""

from pathlib import Path

import pytest

from ledger.errors import TrustError
from sync.phone_codes import AGAIN, ARRIVED, check_digit, code_for, shared_key, take_code
from sync.seal import Identity
from sync.status import branch_status
from tests.support.institution import HQ, TestInstitution, register_savers


def _code(bank: TestInstitution, *, again: bool = False) -> str:
    with bank.open(HQ) as headquarters, headquarters.database.reading() as session:
        reader = headquarters.roster(session).find(2)
        assert reader is not None
        return code_for(headquarters, session, reader, again=again).grouped


def test_every_wrong_digit_and_every_swap_of_neighbours_is_found() -> None:
    digits = "105728391046273"
    right = check_digit(digits)
    for at in range(len(digits)):
        for wrong in set("0123456789") - {digits[at]}:
            assert check_digit(digits[:at] + wrong + digits[at + 1 :]) != right
    for at in range(len(digits) - 1):
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        assert swapped == digits or check_digit(swapped) != right


def test_both_sides_make_the_same_key() -> None:
    one, other = Identity.generate(), Identity.generate()
    assert shared_key(one.secret, other.recipient) == shared_key(other.secret, one.recipient)


def test_a_code_moves_the_start_of_the_next_bundle_and_no_state(tmp_path: Path) -> None:
    """Arrived: the next bundle holds only what is new; asked for again: it holds it once more."""
    bank = TestInstitution.create(tmp_path)
    with bank.open("KIT") as branch:
        register_savers(branch, ["Amina"])
    _, first = bank.send("KIT")
    bank.receive(bank.root / "stick-1")
    arrived = _code(bank)
    with bank.open("KIT") as branch:
        before = branch_status(branch)
        with pytest.raises(TrustError) as mistyped:
            take_code(branch, arrived[:-1] + str((int(arrived[-1]) + 1) % 10))
        assert mistyped.value.code == "MISTYPED"
        taken = take_code(branch, arrived)
        assert (taken.kind, taken.seq) == (ARRIVED, first.last_seq)
        after = branch_status(branch)
        assert (after.received, after.merged, after.pending) == (
            before.received,
            before.merged,
            before.pending,
        )
        register_savers(branch, ["Baraka"])
    _, second = bank.send("KIT")
    assert second.first_seq == (first.last_seq or 0) + 1

    again = _code(bank, again=True)
    with bank.open("KIT") as branch:
        assert take_code(branch, again).kind == AGAIN
        digits = "1" + again.replace(" ", "")[1:-1]
        with pytest.raises(TrustError) as other:
            take_code(branch, digits + check_digit(digits))
        assert other.value.code == "OTHER_CODE"
    _, third = bank.send("KIT")
    assert third.first_seq == second.first_seq
