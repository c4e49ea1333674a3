"""Signatures: bound to purpose and institution, deterministic, checkable by any Ed25519."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.errors import TrustError
from sync.signing import PURPOSES, SigningKey, fingerprint20, key_id, verify
from tests.sync.making import INSTITUTION

KEY = SigningKey.from_seed(b"\x07" * 32)


def test_the_signed_bytes_are_exactly_those_of_the_format() -> None:
    """Another program, which knows the sentence of the format only, agrees."""
    signature = KEY.sign("changeset", INSTITUTION, b"bytes")
    message = b"satchel changeset v1\0" + INSTITUTION + hashlib.sha256(b"bytes").digest()
    Ed25519PublicKey.from_public_bytes(KEY.public).verify(signature, message)
    verify(KEY.public, signature, "changeset", INSTITUTION, b"bytes")


def test_signing_twice_gives_the_same_bytes() -> None:
    assert KEY.sign("ack", INSTITUTION, b"x") == KEY.sign("ack", INSTITUTION, b"x")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_signature_is_good_for_one_purpose_only(purpose: str) -> None:
    signature = KEY.sign(purpose, INSTITUTION, b"x")  # type: ignore[arg-type]  # no such purpose
    for other in PURPOSES:
        if other == purpose:
            verify(KEY.public, signature, other, INSTITUTION, b"x")  # type: ignore[arg-type]  # no such purpose
        else:
            with pytest.raises(TrustError, match="signature"):
                verify(KEY.public, signature, other, INSTITUTION, b"x")  # type: ignore[arg-type]  # no such purpose


def test_a_signature_of_another_institution_is_refused() -> None:
    signature = KEY.sign("manifest", INSTITUTION, b"x")
    with pytest.raises(TrustError) as refusal:
        verify(KEY.public, signature, "manifest", b"\x01" * 16, b"x")
    assert refusal.value.code == "BAD_SIGNATURE"


def test_every_flipped_bit_of_a_signature_is_refused() -> None:
    signature = KEY.sign("volume", INSTITUTION, b"x")
    for bit in range(len(signature) * 8):
        forged = bytearray(signature)
        forged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TrustError) as refusal:
            verify(KEY.public, bytes(forged), "volume", INSTITUTION, b"x")
        assert refusal.value.code == "BAD_SIGNATURE"


@pytest.mark.parametrize("signature", [b"", b"s" * 63, b"s" * 65])
def test_a_signature_of_another_length_is_refused(signature: bytes) -> None:
    with pytest.raises(TrustError) as refusal:
        verify(KEY.public, signature, "ack", INSTITUTION, b"x")
    assert refusal.value.code == "BAD_SIGNATURE"


def test_a_key_that_is_none_is_refused_as_a_bad_signature() -> None:
    with pytest.raises(TrustError) as refusal:
        verify(b"short", b"s" * 64, "ack", INSTITUTION, b"x")
    assert refusal.value.code == "BAD_SIGNATURE"


def test_the_secret_is_in_no_repr() -> None:
    assert repr(KEY.seed) not in repr(KEY)


def test_generated_keys_differ() -> None:
    assert SigningKey.generate().seed != SigningKey.generate().seed


def test_the_fingerprint_is_twenty_digits_and_depends_on_every_key_and_on_their_order() -> None:
    one, two = KEY.public, SigningKey.from_seed(b"\x08" * 32).public
    digits = fingerprint20(one, two)
    assert len(digits) == 20
    assert digits.isdecimal()
    assert len({digits, fingerprint20(two, one), fingerprint20(one), fingerprint20(one + two)}) == 4


def test_the_key_id_is_the_beginning_of_the_hash_of_the_public_key() -> None:
    assert key_id(KEY.public) == hashlib.sha256(KEY.public).digest()[:8]
