"""The enrolment kit: what a new laptop needs to begin, under a code told by telephone.

It holds no client's data and expires; whoever steals it gains nothing: the device's keys are made on the
laptop, and headquarters believes them only after a person has compared the fingerprint. A kit for a
replacement laptop (``books``) does hold the branch's books: its code is made by headquarters, 80 bits.

File: magic, then the canonical map of a wrapped key (Argon2id over the code) and the sealed content.
"""

import hashlib
import hmac
import os
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ledger.errors import TrustError
from sync.canonical import Plain, decode, encode
from sync.fields import Fields
from sync.keyslots import PassphraseSlot, Work
from sync.reasons import refused
from sync.signing import SIGNATURE_BYTES, SigningKey, verify

VERSION: Final = 1
MAGIC: Final = b"SATCHKIT"
MAX_KIT_BYTES: Final = 256 << 20
MAX_CHANGESETS: Final = 1_000_000
SECRET_BYTES: Final = 32
KIT_ID_BYTES: Final = 16
MIN_CODE_CHARACTERS: Final = 6
CODE_WORK: Final = Work(memory_kib=64 * 1024, passes=3, lanes=1)
"""A code is short, so that each guess must cost: about a quarter of a second."""
_CONTEXT: Final = b"satchel enrolment kit v1"


@dataclass(frozen=True, slots=True)
class Reserve:
    """A device number kept for a replacement laptop, with the secret that claims it (also on paper)."""

    device: int
    secret: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """Changesets of one chain, packed (``sync/packing.py``) and compressed."""

    device: int
    chain: int
    block: bytes


@dataclass(frozen=True, slots=True)
class Books:
    """A branch's books as headquarters has accepted them, in the one order.

    The new laptop goes on where ``old_device`` ended: at ``seq`` with ``hash``.
    """

    old_device: int
    seq: int
    hash: bytes
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """What the kit tells the laptop. ``reference`` holds HQ's signed changesets, (chain, body, signature)."""

    institution_id: bytes
    kit_id: bytes
    expires_on: date
    office_code: str
    device: int
    reserves: tuple[Reserve, ...]
    root: bytes
    hq_device: int
    hq_signing_key: bytes
    hq_recipient: str
    recovery_recipient: str
    secret: bytes
    reference: tuple[tuple[int, bytes, bytes], ...]
    books: Books | None = None

    def to_file(self, code: str) -> bytes:
        """Seal under ``code``; TrustError WEAK_CODE when it is shorter than six characters."""
        code = tidy_code(code)
        if len(code) < MIN_CODE_CHARACTERS:
            raise refused("WEAK_CODE", f"A code has at least {MIN_CODE_CHARACTERS} characters.")
        key, nonce = os.urandom(32), os.urandom(12)
        slot = PassphraseSlot.wrap(key, "code", code, CODE_WORK)
        sealed = ChaCha20Poly1305(key).encrypt(nonce, self._plain(), _CONTEXT)
        return MAGIC + encode({"v": VERSION, "slot": slot.as_plain(), "nonce": nonce, "sealed": sealed})

    @classmethod
    def from_file(cls, data: bytes, code: str) -> Self:
        """Open a kit with its code.

        raises  TrustError NOT_SATCHEL, NON_CANONICAL, WRONG_CODE, BAD_SIGNATURE
        """
        if not data.startswith(MAGIC):
            raise refused("NOT_SATCHEL", "This is not an enrolment kit.")
        fields = Fields.of_bytes(data[len(MAGIC) :], "the kit", limit_bytes=MAX_KIT_BYTES)
        fields.version(VERSION)
        slot = fields.optional("slot", PassphraseSlot.from_plain)
        nonce, sealed = fields.raw("nonce", size=12), fields.raw("sealed", limit=MAX_KIT_BYTES)
        fields.finish()
        if slot is None:
            raise refused("NON_CANONICAL", "The kit has no wrapped key.")
        key = slot.unwrap(tidy_code(code))
        if key is None:
            raise TrustError(
                "WRONG_CODE",
                "The code does not open this kit. Nothing was set up.",
                next_step="Ask headquarters for the code again, letter by letter.",
            )
        try:
            plain = ChaCha20Poly1305(key).decrypt(nonce, sealed, _CONTEXT)
        except InvalidTag as fault:
            raise refused("BAD_STREAM", "The kit was damaged.") from fault
        return cls._read(plain)

    def _plain(self) -> bytes:
        return encode(
            {
                "v": VERSION,
                "institution": self.institution_id,
                "kit": self.kit_id,
                "expires_on": self.expires_on.isoformat(),
                "office": self.office_code,
                "device": self.device,
                "reserves": [[reserve.device, reserve.secret] for reserve in self.reserves],
                "root": self.root,
                "hq_device": self.hq_device,
                "hq_signing_key": self.hq_signing_key,
                "hq_recipient": self.hq_recipient,
                "recovery_recipient": self.recovery_recipient,
                "secret": self.secret,
                "reference": self.reference,
                **({} if self.books is None else {"books": self._plain_books(self.books)}),
            }
        )

    @staticmethod
    def _plain_books(books: Books) -> dict[str, Plain]:
        runs: list[Plain] = [list[Plain]((run.device, run.chain, run.block)) for run in books.runs]
        return {"device": books.old_device, "seq": books.seq, "hash": books.hash, "runs": runs}

    @classmethod
    def _read(cls, plain: bytes) -> Self:
        fields = Fields(decode(plain, limit_bytes=MAX_KIT_BYTES), "the kit")
        fields.version(VERSION)
        kit = cls(
            institution_id=fields.raw("institution", size=16),
            kit_id=fields.raw("kit", size=KIT_ID_BYTES),
            expires_on=date.fromisoformat(fields.text("expires_on", limit=10)),
            office_code=fields.text("office", limit=16),
            device=fields.whole("device", low=1),
            reserves=fields.each("reserves", _reserve, limit=8),
            root=fields.raw("root"),
            hq_device=fields.whole("hq_device", low=1),
            hq_signing_key=fields.raw("hq_signing_key", size=32),
            hq_recipient=fields.text("hq_recipient", limit=128),
            recovery_recipient=fields.text("recovery_recipient", limit=128),
            secret=fields.raw("secret", size=SECRET_BYTES),
            reference=fields.each("reference", _signed, limit=MAX_CHANGESETS),
            books=fields.optional("books", _books) if fields.holds("books") else None,
        )
        fields.finish()
        return kit


@dataclass(frozen=True, slots=True)
class Claim:
    """The statement ``enrol``: a device's keys, bound to its kit by the one-time secret.

    It travels in every bundle until a return bundle has confirmed it.
    """

    institution_id: bytes
    kit_id: bytes
    device: int
    signing_key: bytes
    recipient: str

    def to_bytes(self, secret: bytes, key: SigningKey) -> bytes:
        """Give the statement with its HMAC under the kit's secret, signed by the new key itself."""
        body = encode(
            {
                "device": self.device,
                "institution": self.institution_id,
                "kit": self.kit_id,
                "recipient": self.recipient,
                "signing_key": self.signing_key,
                "v": VERSION,
            }
        )
        tag = hmac.digest(secret, body, hashlib.sha256)
        return encode({"body": body, "hmac": tag, "signature": key.sign("enrol", self.institution_id, body)})

    @classmethod
    def read(cls, data: bytes) -> tuple[Self, bytes, bytes]:
        """Give the claim, its body and its HMAC; checks form and own signature, not the HMAC."""
        outer = Fields.of_bytes(data, "the enrolment statement", limit_bytes=4096)
        body, tag = outer.raw("body", limit=2048), outer.raw("hmac", size=32)
        signature = outer.raw("signature", size=SIGNATURE_BYTES)
        outer.finish()
        fields = Fields(decode(body, limit_bytes=2048), "the enrolment statement")
        fields.version(VERSION)
        claim = cls(
            institution_id=fields.raw("institution", size=16),
            kit_id=fields.raw("kit", size=KIT_ID_BYTES),
            device=fields.whole("device", low=1),
            signing_key=fields.raw("signing_key", size=32),
            recipient=fields.text("recipient", limit=128),
        )
        fields.finish()
        verify(claim.signing_key, signature, "enrol", claim.institution_id, body)
        return claim, body, tag

    @staticmethod
    def is_under(secret: bytes, body: bytes, tag: bytes) -> bool:
        """Whether the statement was made by somebody who had opened the kit."""
        return hmac.compare_digest(hmac.digest(secret, body, hashlib.sha256), tag)


def read_kit(file: Path, code: str) -> Kit:
    """Read and open the kit in ``file``; TrustError IO_ERROR if it cannot be read, else as ``from_file``."""
    try:
        data = file.read_bytes()
    except OSError as fault:
        raise refused("IO_ERROR", str(fault.strerror or fault), where=str(file)) from fault
    return Kit.from_file(data, code)


def tidy_code(code: str) -> str:
    """Bring a code told by telephone to one spelling: no blanks, no hyphens, capitals."""
    return "".join(c for c in unicodedata.normalize("NFC", code) if not c.isspace() and c != "-").upper()


def _reserve(value: Plain) -> Reserve:
    if not isinstance(value, list) or len(value) != len(("device", "secret")):
        raise refused("NON_CANONICAL", "A reserve number has a device and a secret.")
    device, secret = value
    if type(device) is not int or type(secret) is not bytes:
        raise refused("NON_CANONICAL", "A reserve number has a device and a secret.")
    return Reserve(device, secret)


def _books(value: Plain) -> Books:
    fields = Fields(value, "the books of the kit")
    books = Books(
        old_device=fields.whole("device", low=1),
        seq=fields.whole("seq", low=1),
        hash=fields.raw("hash", size=32),
        runs=fields.each("runs", _run, limit=MAX_CHANGESETS),
    )
    fields.finish()
    return books


def _run(value: Plain) -> Run:
    if not isinstance(value, list) or [type(part) for part in value] != [int, int, bytes]:
        raise refused("NON_CANONICAL", "A run of the kit has device, chain and block.")
    device, chain, block = value
    assert isinstance(device, int)
    assert isinstance(chain, int)
    assert isinstance(block, bytes)
    return Run(device, chain, block)


def _signed(value: Plain) -> tuple[int, bytes, bytes]:
    if not isinstance(value, list) or [type(part) for part in value] != [int, bytes, bytes]:
        raise refused("NON_CANONICAL", "A changeset in a kit has chain, bytes and signature.")
    chain, body, signature = value
    assert isinstance(chain, int)
    assert isinstance(body, bytes)
    assert isinstance(signature, bytes)
    return chain, body, signature
