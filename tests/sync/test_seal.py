"""Encryption: each reader opens, nobody else does, and any change is refused with nothing handed on."""

import os

import pyrage
import pytest

from sync.seal import MAX_SEALED_BYTES, Identity, count_recipients, open_sealed, recipient_id, seal
from tests.sync.making import BRANCH, HQ, READERS, RECOVERY, STRANGER, refusal_code

PLAIN = b"a ledger page" * 6_000
SEALED = seal(PLAIN, READERS)


@pytest.mark.parametrize("reader", [HQ, RECOVERY, BRANCH])
def test_every_reader_opens(reader: Identity) -> None:
    opened = open_sealed(SEALED, [STRANGER.secret, reader.secret])
    assert (opened.plain, opened.recipients) == (PLAIN, 3)


def test_it_is_a_version_byte_and_an_age_file() -> None:
    assert SEALED[0] == 1
    assert pyrage.decrypt(SEALED[1:], [pyrage.x25519.Identity.from_str(HQ.secret)]) == PLAIN


@pytest.mark.parametrize("identities", [[], [STRANGER.secret]])
def test_nobody_else_opens(identities: list[str]) -> None:
    assert refusal_code(lambda: open_sealed(SEALED, identities)) == "NOT_FOR_US"


def test_every_flipped_bit_of_the_head_is_refused() -> None:
    """A flip in somebody else's stanza is found by the header's own code, one in ours makes it not ours."""
    head = SEALED.index(b"\n--- ") + 100
    codes = set()
    for bit in range(head * 8):
        damaged = bytearray(SEALED)
        damaged[bit // 8] ^= 1 << bit % 8
        codes.add(refusal_code(lambda damaged=damaged: open_sealed(bytes(damaged), [HQ.secret])))  # type: ignore[misc]  # a lambda that keeps its value
    assert codes == {"UNKNOWN_VERSION", "BAD_HEADER", "NOT_FOR_US", "BAD_STREAM"}


def test_every_flipped_byte_of_the_stream_is_refused() -> None:
    start = SEALED.index(b"\n--- ") + 49
    for at in [
        *range(start, start + 40),
        *range(start + 40, len(SEALED), 997),
        *range(len(SEALED) - 40, len(SEALED)),
    ]:
        damaged = bytearray(SEALED)
        damaged[at] ^= 0x10
        assert refusal_code(lambda damaged=damaged: open_sealed(bytes(damaged), [HQ.secret])) == "BAD_STREAM"  # type: ignore[misc]  # a lambda that keeps its value


def test_every_cut_is_refused() -> None:
    head = SEALED.index(b"\n--- ") + 48
    for end in [
        *range(head + 40),
        *range(head + 40, len(SEALED), 991),
        *range(len(SEALED) - 40, len(SEALED)),
    ]:
        code = refusal_code(lambda end=end: open_sealed(SEALED[:end], [HQ.secret]))  # type: ignore[misc]  # a lambda that keeps its value
        assert code == ("BAD_HEADER" if end < head else "BAD_STREAM"), end


@pytest.mark.parametrize("tail", [b"x", SEALED[-1_000:], SEALED])
def test_nothing_may_follow(tail: bytes) -> None:
    """Also not a second final chunk, nor the whole file again."""
    assert refusal_code(lambda: open_sealed(SEALED + tail, [HQ.secret])) == "BAD_STREAM"


def test_a_stanza_removed_or_added_or_swapped_is_refused() -> None:
    end = SEALED.index(b"\n--- ")
    stanzas = SEALED[:end].split(b"\n-> ")
    other = seal(PLAIN, [STRANGER.recipient])[1:].split(b"\n-> ")[1].split(b"\n--- ")[0]
    changed = [
        [stanzas[0], *stanzas[2:]],
        [*stanzas, other],
        [stanzas[0], stanzas[2], stanzas[1], *stanzas[3:]],
    ]
    for parts in changed:
        forged = b"\n-> ".join(parts) + SEALED[end:]
        code = refusal_code(lambda forged=forged: open_sealed(forged, [BRANCH.secret]))  # type: ignore[misc]  # a lambda that keeps its value
        assert code == "BAD_HEADER"


def test_other_files_are_refused() -> None:
    armored = b"\x01" + pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(HQ.recipient)], armored=True)
    by_passphrase = b"\x01" + pyrage.passphrase.encrypt(b"x", "p")
    assert refusal_code(lambda: open_sealed(b"", [HQ.secret])) == "BAD_HEADER"
    assert refusal_code(lambda: open_sealed(b"\x02" + SEALED[1:], [HQ.secret])) == "UNKNOWN_VERSION"
    assert refusal_code(lambda: open_sealed(os.urandom(0) + b"\x01junk", [HQ.secret])) == "BAD_HEADER"
    assert refusal_code(lambda: open_sealed(armored, [HQ.secret])) == "BAD_HEADER"
    assert refusal_code(lambda: open_sealed(by_passphrase, [HQ.secret])) == "NOT_FOR_US"
    assert refusal_code(lambda: open_sealed(bytes(MAX_SEALED_BYTES + 1), [HQ.secret])) == "LIMIT_SIZE"


def test_sixty_four_readers_are_possible_and_no_more() -> None:
    recipients = [Identity.generate().recipient for _ in range(63)] + [HQ.recipient]
    assert open_sealed(seal(b"x", recipients), [HQ.secret]).recipients == 64
    assert refusal_code(lambda: seal(b"x", [*recipients, BRANCH.recipient])) == "LIMIT_RECIPIENTS"
    assert refusal_code(lambda: seal(b"x", [])) == "LIMIT_RECIPIENTS"
    many = pyrage.encrypt(
        b"x", [pyrage.x25519.Recipient.from_str(one) for one in [*recipients, BRANCH.recipient]]
    )
    assert refusal_code(lambda: open_sealed(b"\x01" + many, [BRANCH.secret])) == "LIMIT_RECIPIENTS"


def test_a_header_of_a_million_stanzas_is_refused_at_once() -> None:
    bomb = b"age-encryption.org/v1\n" + b"-> X25519 a\nb\n" * 250_000
    assert refusal_code(lambda: count_recipients(bomb)) == "BAD_HEADER"


def test_what_is_no_key_is_refused() -> None:
    assert refusal_code(lambda: seal(b"x", ["age1nonsense"])) == "WRONG_RECIPIENT"
    assert refusal_code(lambda: Identity.of("AGE-SECRET-KEY-1NONSENSE")) == "BAD_KEYSLOTS"


def test_an_identity_knows_its_recipient_and_hides_its_secret() -> None:
    assert Identity.of(HQ.secret) == HQ
    assert HQ.secret not in repr(HQ)
    assert len(recipient_id(HQ.recipient)) == 8
    assert recipient_id(HQ.recipient) != recipient_id(BRANCH.recipient)
