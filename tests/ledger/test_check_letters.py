"""Codes that people read out and type again."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from ledger.check_letters import SIGNS, check_code, read_code


@given(st.binary(min_size=1, max_size=40))
def test_a_code_is_read_however_it_was_typed(content: bytes) -> None:
    """With blanks, without the dash, in small letters; a longer one too."""
    for length in (7, 8, 11):
        code = check_code(hashlib.sha256(content).digest(), length)
        assert read_code(code.lower().replace("-", " ")) == code
        assert len(code.replace("-", "")) == length + 1


@given(st.binary(max_size=20), st.integers(0, 7), st.sampled_from(SIGNS), st.integers(0, 6))
def test_one_wrong_sign_and_one_swap_are_found(content: bytes, place: int, sign: str, swapped: int) -> None:
    """Whatever the code: it is refused, or it is the same code."""
    code = check_code(hashlib.sha256(content).digest())
    signs = code.replace("-", "")
    wrong = signs[:place] + sign + signs[place + 1 :]
    assert read_code(wrong) is None or wrong == signs
    pair = signs[swapped : swapped + 2]
    turned = signs[:swapped] + pair[::-1] + signs[swapped + 2 :]
    assert read_code(turned) is None or turned == signs


def test_what_is_no_code_is_refused() -> None:
    """Too short, or with signs that codes do not have."""
    assert read_code("") is None
    assert read_code("7F3K") is None
    assert read_code("0000-0000") is None
