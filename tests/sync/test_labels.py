"""The four signs on a label."""

from sync.labels import check_letters


def test_check_letters_follow_from_the_bundle_and_all_that_is_in_it() -> None:
    """Both sides work them out alike; another writing, or one without its last volume, has others."""
    first = check_letters(bytes(16), b"\1" * 32)
    assert first == check_letters(bytes(16), b"\1" * 32)
    assert len(first) == 4
    assert len({first, check_letters(b"\1" * 16, b"\1" * 32), check_letters(bytes(16), None)}) == 3


def test_no_sign_is_taken_for_another() -> None:
    signs = {sign for number in range(200) for sign in check_letters(number.to_bytes(16, "big"), None)}
    assert not signs & set("0125BILOSUZ")
