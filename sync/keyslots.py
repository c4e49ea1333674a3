"""The key-slot file: one master key of 32 random bytes, wrapped once for each way in.

A *passphrase* slot wraps it with Argon2id and ChaCha20-Poly1305, a *recovery* slot is an age file for
HQ's recovery recipient.  Keys for single uses (database, journal) are derived from the master key.

``SealedSigningKey`` holds what nobody but the device's users may open: the signing key and the age
identity.  It has passphrase slots only; there is no recovery slot in its format, so HQ can recover data and
never a signature.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Self

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.errors import TrustError
from sync.canonical import Plain, encode
from sync.fields import Fields
from sync.reasons import refused
from sync.signing import SigningKey

VERSION: Final = 1
KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
MAX_FILE_BYTES: Final = 1 << 20
MAX_SLOTS: Final = 200
_MAX_SEALED_BYTES: Final = 4096
_MAX_MEMORY_KIB: Final = 256 * 1024
_MAX_PASSES: Final = 16
_MAX_LANES: Final = 8
_SIGNING_CONTEXT: Final = b"satchel sealed signing key v1"


@dataclass(frozen=True, slots=True)
class Work:
    """How dear one guess is: the defaults take about 50 ms on an old PC."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


STANDARD_WORK: Final = Work()


@dataclass(frozen=True, slots=True)
class PassphraseSlot:
    """The wrapped key of one person."""

    name: str
    work: Work
    salt: bytes
    nonce: bytes
    sealed: bytes

    @classmethod
    def wrap(cls, secret: bytes, name: str, passphrase: str, work: Work) -> Self:
        """Wrap ``secret``; salt and nonce come from the operating system."""
        salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        cipher = ChaCha20Poly1305(_stretch(passphrase, salt, work))
        return cls(name, work, salt, nonce, cipher.encrypt(nonce, secret, _bound(name, work, salt)))

    def unwrap(self, passphrase: str) -> bytes | None:
        """The secret, or None where the passphrase is another's."""
        cipher = ChaCha20Poly1305(_stretch(passphrase, self.salt, self.work))
        try:
            return cipher.decrypt(self.nonce, self.sealed, _bound(self.name, self.work, self.salt))
        except InvalidTag:
            return None

    def as_plain(self) -> dict[str, Plain]:
        """For the file."""
        return {
            "kind": "passphrase",
            "name": self.name,
            "memory_kib": self.work.memory_kib,
            "passes": self.work.passes,
            "lanes": self.work.lanes,
            "salt": self.salt,
            "nonce": self.nonce,
            "sealed": self.sealed,
        }

    @classmethod
    def from_plain(cls, value: Plain) -> Self:
        """Read what ``as_plain`` gave; TrustError NON_CANONICAL or BAD_KEYSLOTS."""
        fields = Fields(value, "a key slot")
        if fields.text("kind") != "passphrase":
            raise refused("BAD_KEYSLOTS", "A slot of an unknown kind.")
        slot = cls(
            name=fields.text("name", limit=200),
            work=Work(
                memory_kib=fields.whole("memory_kib", low=8, high=_MAX_MEMORY_KIB),
                passes=fields.whole("passes", low=1, high=_MAX_PASSES),
                lanes=fields.whole("lanes", low=1, high=_MAX_LANES),
            ),
            salt=fields.raw("salt", size=SALT_BYTES),
            nonce=fields.raw("nonce", size=NONCE_BYTES),
            sealed=fields.raw("sealed", limit=_MAX_SEALED_BYTES),
        )
        fields.finish()
        return slot


@dataclass(frozen=True, slots=True)
class RecoverySlot:
    """The wrapped key for HQ's recovery identity."""

    recipient: str
    sealed: bytes

    @classmethod
    def wrap(cls, secret: bytes, recipient: str) -> Self:
        """Wrap ``secret`` for an age recipient (``age1…``)."""
        return cls(recipient, pyrage.encrypt(secret, [pyrage.x25519.Recipient.from_str(recipient)]))

    def unwrap(self, identity: str) -> bytes | None:
        """The secret, or None where the identity (``AGE-SECRET-KEY-1…``) is another's."""
        try:
            return bytes(pyrage.decrypt(self.sealed, [pyrage.x25519.Identity.from_str(identity)]))
        except (pyrage.DecryptError, pyrage.IdentityError):
            return None

    def as_plain(self) -> dict[str, Plain]:
        """For the file."""
        return {"kind": "recovery", "recipient": self.recipient, "sealed": self.sealed}


Slot = PassphraseSlot | RecoverySlot


@dataclass(frozen=True, slots=True)
class KeySlots:
    """The ways to one master key.  Never changed in place: each change gives a new one to write."""

    slots: tuple[Slot, ...]

    @classmethod
    def create(
        cls,
        master: bytes,
        passphrase: str,
        recovery_recipient: str | None,
        *,
        name: str = "admin",
        work: Work = STANDARD_WORK,
    ) -> Self:
        """Slots for the first user and, where given, HQ's recovery recipient (``age1…``)."""
        slots: list[Slot] = [PassphraseSlot.wrap(_require_key(master), name, passphrase, work)]
        if recovery_recipient is not None:
            slots.append(RecoverySlot.wrap(master, recovery_recipient))
        return cls(tuple(slots))

    def open_with_passphrase(self, passphrase: str) -> bytes:
        """The master key; TrustError WRONG_PASSPHRASE where no slot opens."""
        return _open_first((slot for slot in self.slots if isinstance(slot, PassphraseSlot)), passphrase)

    def open_with_identity(self, identity: str) -> bytes:
        """The master key by HQ's recovery identity; TrustError NOT_FOR_US where no slot opens."""
        for slot in self.slots:
            master = slot.unwrap(identity) if isinstance(slot, RecoverySlot) else None
            if master is not None:
                return master
        raise refused("NOT_FOR_US", "No recovery slot opens with this identity.")

    def name_opened_by(self, passphrase: str) -> str | None:
        """Whose passphrase it is; None where no slot opens."""
        for slot in self.slots:
            if isinstance(slot, PassphraseSlot) and slot.unwrap(passphrase) is not None:
                return slot.name
        return None

    def with_passphrase(self, master: bytes, name: str, passphrase: str, work: Work = STANDARD_WORK) -> Self:
        """One more person; a slot of that name is replaced."""
        slot = PassphraseSlot.wrap(_require_key(master), name, passphrase, work)
        return replace(self, slots=(*self.without(name).slots, slot))

    def with_recovery(self, master: bytes, recipient: str) -> Self:
        """The recovery slot, made new."""
        kept = tuple(slot for slot in self.slots if not isinstance(slot, RecoverySlot))
        return replace(self, slots=(*kept, RecoverySlot.wrap(_require_key(master), recipient)))

    def without(self, name: str) -> Self:
        """Without the slot of that person."""
        kept = (slot for slot in self.slots if isinstance(slot, RecoverySlot) or slot.name != name)
        return replace(self, slots=tuple(kept))

    def to_bytes(self) -> bytes:
        """The file."""
        return encode({"v": VERSION, "slots": [slot.as_plain() for slot in self.slots]})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the file; TrustError BAD_KEYSLOTS where it is damaged."""
        with _damage_named():
            fields = Fields.of_bytes(data, "the key-slot file", limit_bytes=MAX_FILE_BYTES)
            fields.version(VERSION)
            slots = fields.each("slots", _slot, limit=MAX_SLOTS)
            fields.finish()
            return cls(slots)


@dataclass(frozen=True, slots=True)
class DeviceSecrets:
    """What only this device has: its signing key and its age identity (``AGE-SECRET-KEY-1…``)."""

    signing_key: SigningKey
    identity: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedSigningKey:
    """The device's secrets under a wrapping key of their own, which only users' passphrases open."""

    slots: tuple[PassphraseSlot, ...]
    nonce: bytes
    sealed: bytes

    @classmethod
    def create(
        cls, secrets: DeviceSecrets, passphrase: str, *, name: str = "admin", work: Work = STANDARD_WORK
    ) -> Self:
        """Seal for the first user."""
        wrapping, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        plain = encode({"seed": secrets.signing_key.seed, "identity": secrets.identity})
        sealed = ChaCha20Poly1305(wrapping).encrypt(nonce, plain, _SIGNING_CONTEXT)
        return cls((PassphraseSlot.wrap(wrapping, name, passphrase, work),), nonce, sealed)

    def open_with_passphrase(self, passphrase: str) -> DeviceSecrets:
        """The secrets; TrustError WRONG_PASSPHRASE or BAD_KEYSLOTS."""
        wrapping = _open_first(self.slots, passphrase)
        try:
            plain = ChaCha20Poly1305(wrapping).decrypt(self.nonce, self.sealed, _SIGNING_CONTEXT)
        except InvalidTag as fault:
            raise refused("BAD_KEYSLOTS", "The sealed signing key does not open.") from fault
        fields = Fields.of_bytes(plain, "the sealed signing key", limit_bytes=_MAX_SEALED_BYTES)
        return DeviceSecrets(
            SigningKey.from_seed(fields.raw("seed", size=KEY_BYTES)), fields.text("identity")
        )

    def with_passphrase(self, known: str, name: str, passphrase: str, work: Work = STANDARD_WORK) -> Self:
        """One more person, let in by somebody whose passphrase is ``known``."""
        wrapping = _open_first(self.slots, known)
        slot = PassphraseSlot.wrap(wrapping, name, passphrase, work)
        return replace(self, slots=(*self.without(name).slots, slot))

    def without(self, name: str) -> Self:
        """Without the slot of that person."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.name != name))

    def to_bytes(self) -> bytes:
        """The file."""
        slots = [slot.as_plain() for slot in self.slots]
        return encode({"v": VERSION, "slots": slots, "nonce": self.nonce, "sealed": self.sealed})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read the file; TrustError BAD_KEYSLOTS where it is damaged or holds a slot that is no person's."""
        with _damage_named():
            fields = Fields.of_bytes(data, "the sealed signing key", limit_bytes=MAX_FILE_BYTES)
            fields.version(VERSION)
            slots = fields.each("slots", PassphraseSlot.from_plain, limit=MAX_SLOTS)
            nonce = fields.raw("nonce", size=NONCE_BYTES)
            sealed = fields.raw("sealed", limit=_MAX_SEALED_BYTES)
            fields.finish()
            return cls(slots, nonce, sealed)


def new_master() -> bytes:
    """A master key from the operating system's randomness."""
    return os.urandom(KEY_BYTES)


def derive(master: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one use (``database``, ``journal``), by HKDF-SHA256."""
    info = b"satchel key v1\0" + purpose.encode("ascii")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(_require_key(master))


def _open_first(slots: Iterable[PassphraseSlot], passphrase: str) -> bytes:
    """Try each person's slot: nobody says a name, the passphrase finds its own."""
    for slot in slots:
        secret = slot.unwrap(passphrase)
        if secret is not None:
            return secret
    raise refused("WRONG_PASSPHRASE")


def _stretch(passphrase: str, salt: bytes, work: Work) -> bytes:
    """NFC first: two keyboards may send one letter as different code points."""
    spelled = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    kdf = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=work.passes, lanes=work.lanes, memory_cost=work.memory_kib
    )
    return kdf.derive(spelled)


def _bound(name: str, work: Work, salt: bytes) -> bytes:
    """What the wrapped key is bound to besides the passphrase."""
    return encode(["satchel key slot v1", name, work.memory_kib, work.passes, work.lanes, salt])


def _require_key(master: bytes) -> bytes:
    assert len(master) == KEY_BYTES, "a master key has 32 bytes"
    return master


def _slot(value: Plain) -> Slot:
    fields = Fields(value, "a key slot")
    return _recovery_slot(fields) if fields.text("kind") == "recovery" else PassphraseSlot.from_plain(value)


def _recovery_slot(fields: Fields) -> RecoverySlot:
    slot = RecoverySlot(fields.text("recipient", limit=128), fields.raw("sealed", limit=_MAX_SEALED_BYTES))
    fields.finish()
    return slot


@contextmanager
def _damage_named() -> Iterator[None]:
    """Whatever is wrong with the form of these files means one thing to the reader."""
    try:
        yield
    except TrustError as fault:
        raise refused("BAD_KEYSLOTS", fault.message) from fault
