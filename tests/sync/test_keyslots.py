"""Key slots: only the right passphrase or identity opens; the signing key is the users' alone."""

from dataclasses import replace
from typing import cast

import pyrage
import pytest

from ledger.errors import TrustError
from sync.canonical import decode, encode
from sync.keyslots import (
    STANDARD_WORK,
    DeviceSecrets,
    KeySlots,
    PassphraseSlot,
    SealedSigningKey,
    Work,
    derive,
    new_master,
)
from sync.signing import SigningKey

QUICK = Work(memory_kib=64, passes=1)
MASTER = bytes(range(32))
RECOVERY = pyrage.x25519.Identity.generate()
SECRETS = DeviceSecrets(SigningKey.from_seed(b"\x05" * 32), str(pyrage.x25519.Identity.generate()))


def slots() -> KeySlots:
    return KeySlots.create(MASTER, "Kitale 1234", str(RECOVERY.to_public()), work=QUICK)


def code_of(refusal: pytest.ExceptionInfo[TrustError]) -> str:
    return refusal.value.code


def test_the_passphrase_opens_after_a_round_trip() -> None:
    assert KeySlots.from_bytes(slots().to_bytes()).open_with_passphrase("Kitale 1234") == MASTER


@pytest.mark.parametrize("wrong", ["", "kitale 1234", "Kitale 1234 ", "Kitale 123"])
def test_another_passphrase_is_refused(wrong: str) -> None:
    with pytest.raises(TrustError) as refusal:
        slots().open_with_passphrase(wrong)
    assert code_of(refusal) == "WRONG_PASSPHRASE"


def test_two_spellings_of_one_letter_are_one_passphrase() -> None:
    sealed = KeySlots.create(MASTER, "caf\u00e9", None, work=QUICK)
    assert sealed.open_with_passphrase("cafe\u0301") == MASTER


def test_the_recovery_identity_opens_and_another_does_not() -> None:
    assert slots().open_with_identity(str(RECOVERY)) == MASTER
    with pytest.raises(TrustError) as refusal:
        slots().open_with_identity(str(pyrage.x25519.Identity.generate()))
    assert code_of(refusal) == "NOT_FOR_US"


def test_without_a_recovery_recipient_there_is_no_recovery_slot() -> None:
    with pytest.raises(TrustError) as refusal:
        KeySlots.create(MASTER, "p", None, work=QUICK).open_with_identity(str(RECOVERY))
    assert code_of(refusal) == "NOT_FOR_US"


def test_people_are_added_changed_and_removed() -> None:
    two = slots().with_passphrase(MASTER, "mary", "second", QUICK)
    changed = two.with_passphrase(MASTER, "mary", "third", QUICK)
    assert two.open_with_passphrase("second") == MASTER
    assert changed.open_with_passphrase("third") == MASTER
    with pytest.raises(TrustError):
        changed.open_with_passphrase("second")
    gone = changed.without("mary")
    with pytest.raises(TrustError):
        gone.open_with_passphrase("third")
    assert gone.open_with_identity(str(RECOVERY)) == MASTER


def test_the_recovery_slot_is_replaced_by_a_new_one() -> None:
    other = pyrage.x25519.Identity.generate()
    moved = slots().with_recovery(MASTER, str(other.to_public()))
    assert moved.open_with_identity(str(other)) == MASTER
    with pytest.raises(TrustError):
        moved.open_with_identity(str(RECOVERY))


def test_the_file_holds_neither_master_nor_passphrase() -> None:
    assert MASTER not in slots().to_bytes()
    assert b"Kitale 1234" not in slots().to_bytes()


def test_every_flipped_bit_of_the_file_is_refused_or_opens_nothing_else() -> None:
    """A damaged file never gives a wrong key: it is refused, or a slot that was not touched still opens."""
    data = KeySlots.create(MASTER, "p", None, work=QUICK).to_bytes()
    for bit in range(len(data) * 8):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TrustError) as refusal:
            KeySlots.from_bytes(bytes(damaged)).open_with_passphrase("p")
        assert code_of(refusal) in {"WRONG_PASSPHRASE", "BAD_KEYSLOTS"}, bit


def test_a_file_may_not_ask_for_endless_work() -> None:
    slot = slots().slots[0]
    assert isinstance(slot, PassphraseSlot)
    greedy = replace(slot, work=Work(memory_kib=1 << 30))
    with pytest.raises(TrustError) as refusal:
        KeySlots.from_bytes(KeySlots((greedy,)).to_bytes())
    assert code_of(refusal) == "BAD_KEYSLOTS"


@pytest.mark.parametrize("data", [b"", b"\xa0", b"\xff" * 40])
def test_other_bytes_are_a_damaged_file(data: bytes) -> None:
    for reader in (KeySlots.from_bytes, SealedSigningKey.from_bytes):
        with pytest.raises(TrustError) as refusal:
            reader(data)
        assert code_of(refusal) == "BAD_KEYSLOTS"


def test_the_signing_key_opens_with_its_users_passphrases_only() -> None:
    sealed = SealedSigningKey.create(SECRETS, "p", work=QUICK).with_passphrase("p", "mary", "q", QUICK)
    read = SealedSigningKey.from_bytes(sealed.to_bytes())
    assert read.open_with_passphrase("p") == read.open_with_passphrase("q") == SECRETS
    assert SECRETS.signing_key.seed not in sealed.to_bytes()
    assert b"AGE-SECRET-KEY" not in sealed.to_bytes()
    with pytest.raises(TrustError) as refusal:
        read.without("mary").open_with_passphrase("q")
    assert code_of(refusal) == "WRONG_PASSPHRASE"


def test_a_recovery_slot_in_the_file_of_the_signing_key_is_refused() -> None:
    """HQ can recover data, never a signature: the format itself has no place for it."""
    data = SealedSigningKey.create(SECRETS, "p", work=QUICK).to_bytes()
    fields = cast("dict[str, object]", decode(data, limit_bytes=1 << 20))
    recovery = [slot.as_plain() for slot in slots().slots if "recipient" in slot.as_plain()]
    with pytest.raises(TrustError) as refusal:
        SealedSigningKey.from_bytes(encode({**fields, "slots": recovery}))
    assert code_of(refusal) == "BAD_KEYSLOTS"


def test_a_swapped_secret_is_found() -> None:
    mine = SealedSigningKey.create(SECRETS, "p", work=QUICK)
    other = SealedSigningKey.create(SECRETS, "p", work=QUICK)
    with pytest.raises(TrustError) as refusal:
        replace(mine, sealed=other.sealed, nonce=other.nonce).open_with_passphrase("p")
    assert code_of(refusal) == "BAD_KEYSLOTS"


def test_derived_keys_are_of_one_purpose_each() -> None:
    keys = {derive(MASTER, purpose) for purpose in ("database", "journal", "anchor")}
    assert len(keys) == 3
    assert derive(MASTER, "database") in keys
    assert all(len(key) == 32 for key in keys)
    assert derive(new_master(), "database") not in keys


def test_the_standard_work_is_what_old_computers_can_bear() -> None:
    assert (STANDARD_WORK.memory_kib, STANDARD_WORK.passes, STANDARD_WORK.lanes) == (19_456, 2, 1)
