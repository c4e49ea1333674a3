"""The manifest: what a segment says about itself, signed by who wrote it.

It binds the sender, the reader, the run of the chain that follows, and the control totals of that chain, so
that a segment can be checked, admitted and asked for again on its own.  Money is in minor units, balances
are debit-positive; instants are hlc numbers; dates are ISO text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Self

from sync.canonical import INT_MAX, INT_MIN, Plain, encode
from sync.changeset import DEVICE_MAX, HASH_BYTES, Place
from sync.fields import Fields
from sync.reasons import refused
from sync.seal import MAX_RECIPIENTS, RECIPIENT_ID_BYTES
from sync.signing import INSTITUTION_ID_BYTES, KEY_ID_BYTES

VERSION: Final = 1
BUNDLE_ID_BYTES: Final = 16
MAX_MANIFEST_BYTES: Final = 2 << 20
"""Room for the totals of 100,000 accounts; a hostile one takes 70 times as much memory to read."""
MAX_ENROL_BYTES: Final = 4096

PURPOSES: Final = ("branch", "return", "tail", "heal")
"""Up to HQ; down to a branch; a found tail of a chain; changesets that the reader lost."""
LEVELS: Final = ("received", "merged", "durable")
"""How safe the other side's changesets are with the sender: kept, in the books, in a verified backup."""

_MAX_ENTRIES: Final = 1_000_000
_MAX_LIST: Final = 100_000
_SHA256_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Ack:
    """The sender has the chain (device, chain) up to ``place``, as safely as ``level`` says."""

    device: int
    chain: int
    place: Place
    level: str


@dataclass(frozen=True, slots=True)
class Want:
    """The sender lacks ``first`` to ``last`` of a chain; ``last`` None means from there on."""

    device: int
    chain: int
    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of one chain alone, from its sequence 1 to the segment's last.

    accounts  GL account code: balance, debit-positive
    loans     loan number: outstanding principal
    savings   savings number: balance
    """

    accounts: Mapping[str, int] = field(default_factory=dict)
    loans: Mapping[str, int] = field(default_factory=dict)
    savings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels after the changesets (none is sent yet)."""

    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """What follows the manifest.

    first, last     places of the first and last changeset; None where there is none
    kinds, tables   changesets by kind, row changes by table
    dates           the business dates covered, in order
    packing         what a reader must know to unpack
    packed_bytes    the block of changesets; ``unpacked_bytes`` the changesets and signatures in it
    filler_bytes    random bytes at the end, where the rest packs more than 64 times
    sha256          of everything after the manifest's signature
    """

    first: Place | None
    last: Place | None
    kinds: Mapping[str, int]
    tables: Mapping[str, int]
    dates: tuple[str, ...]
    packing: int
    packed_bytes: int
    unpacked_bytes: int
    attachments: tuple[Attachment, ...]
    filler_bytes: int
    sha256: bytes


UNWRITTEN: Final = Content(None, None, {}, {}, (), 0, 0, 0, (), 0, bytes(_SHA256_BYTES))
"""The content of a manifest before its segment is sealed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that the sender signs about one segment.

    sender            device number of who wrote and signed it
    purpose           one of ``PURPOSES``
    device, chain     whose chain the changesets belong to
    bundle, segment   random id of this writing, and number from 1
    schema, reads     revision of the row images; the oldest and newest that the sender can read
    root              version of the institution's keys that the sender knows
    beacon            newest instant of HQ that the sender has seen; 0 for none
    acks, wants       what the sender has of the other side, and lacks
    totals            None where the content is not the sender's own chain of money
    enrol             enrolment statements (canonical bytes) until a return bundle has confirmed them
    number            return bundles: HQ's incarnation, and count within it; bundles of branches: the device,
                      and the number on the bundle's label; None from programs that wrote none
    key, recipients, content   filled in when the segment is sealed: the signer's key id, the readers'
                      ids (``seal.recipient_id``, as many as the encryption has), and what follows
    """

    institution: bytes
    sender: int
    purpose: str
    device: int
    chain: int
    bundle: bytes
    segment: int
    schema: int
    reads: tuple[int, int]
    root: int
    beacon: int
    acks: tuple[Ack, ...] = ()
    wants: tuple[Want, ...] = ()
    totals: Totals | None = None
    enrol: tuple[bytes, ...] = ()
    number: tuple[int, int] | None = None
    key: bytes = bytes(KEY_ID_BYTES)
    recipients: tuple[bytes, ...] = ()
    content: Content = UNWRITTEN

    def to_bytes(self) -> bytes:
        """The canonical bytes to sign."""
        plain: dict[str, object] = {
            "v": VERSION,
            "institution": self.institution,
            "sender": self.sender,
            "key": self.key,
            "purpose": self.purpose,
            "device": self.device,
            "chain": self.chain,
            "recipients": self.recipients,
            "bundle": self.bundle,
            "segment": self.segment,
            "content": _content_as_plain(self.content),
            "schema": self.schema,
            "reads": self.reads,
            "root": self.root,
            "beacon": self.beacon,
            "acks": [
                {"device": ack.device, "chain": ack.chain, "place": tuple(ack.place), "level": ack.level}
                for ack in self.acks
            ],
            "wants": [
                {"device": want.device, "chain": want.chain, "first": want.first, "last": want.last}
                for want in self.wants
            ],
            "totals": None if self.totals is None else _totals_as_plain(self.totals),
            "enrol": self.enrol,
            "number": self.number,
        }
        data = encode(plain)
        read_back = Manifest.from_bytes(data)
        assert read_back == self, "a manifest reads back as it was written"
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read and check the form; the signature is checked by the caller first.

        raises  TrustError NON_CANONICAL, UNKNOWN_VERSION, LIMIT_…
        """
        fields = Fields.of_bytes(data, "the manifest", limit_bytes=MAX_MANIFEST_BYTES)
        fields.version(VERSION)
        manifest = cls(
            institution=fields.raw("institution", size=INSTITUTION_ID_BYTES),
            sender=fields.whole("sender", high=DEVICE_MAX),
            key=fields.raw("key", size=KEY_ID_BYTES),
            purpose=fields.choice("purpose", PURPOSES),
            device=fields.whole("device", high=DEVICE_MAX),
            chain=fields.whole("chain"),
            recipients=fields.each("recipients", _recipient, limit=MAX_RECIPIENTS),
            bundle=fields.raw("bundle", size=BUNDLE_ID_BYTES),
            segment=fields.whole("segment", low=1),
            content=fields.one("content", _content),
            schema=fields.whole("schema"),
            reads=fields.one("reads", _pair),
            root=fields.whole("root"),
            beacon=fields.whole("beacon"),
            acks=fields.each("acks", _ack, limit=_MAX_LIST),
            wants=fields.each("wants", _want, limit=_MAX_LIST),
            totals=fields.optional("totals", _totals),
            enrol=fields.each("enrol", _statement, limit=8),
            number=fields.optional("number", _pair),
        )
        fields.finish()
        return manifest


def _content_as_plain(content: Content) -> dict[str, object]:
    return {
        "first": content.first and tuple(content.first),
        "last": content.last and tuple(content.last),
        "kinds": dict(content.kinds),
        "tables": dict(content.tables),
        "dates": content.dates,
        "packing": content.packing,
        "packed_bytes": content.packed_bytes,
        "unpacked_bytes": content.unpacked_bytes,
        "attachments": [
            {"sha256": part.sha256, "size_bytes": part.size_bytes} for part in content.attachments
        ],
        "filler_bytes": content.filler_bytes,
        "sha256": content.sha256,
    }


def _totals_as_plain(totals: Totals) -> dict[str, object]:
    return {
        "accounts": dict(totals.accounts),
        "loans": dict(totals.loans),
        "savings": dict(totals.savings),
    }


def _content(value: Plain) -> Content:
    fields = Fields(value, "the content of the manifest")
    content = Content(
        first=fields.optional("first", _place),
        last=fields.optional("last", _place),
        kinds=fields.mapping("kinds", _count, limit=_MAX_LIST),
        tables=fields.mapping("tables", _count, limit=_MAX_LIST),
        dates=fields.each("dates", _day, limit=_MAX_LIST),
        packing=fields.whole("packing"),
        packed_bytes=fields.whole("packed_bytes"),
        unpacked_bytes=fields.whole("unpacked_bytes"),
        attachments=fields.each("attachments", _attachment, limit=_MAX_LIST),
        filler_bytes=fields.whole("filler_bytes"),
        sha256=fields.raw("sha256", size=_SHA256_BYTES),
    )
    fields.finish()
    if (content.first is None) != (content.last is None):
        raise refused("NON_CANONICAL", "The manifest names a first changeset without a last, or the reverse.")
    return content


def _ack(value: Plain) -> Ack:
    fields = Fields(value, "an acknowledgement")
    ack = Ack(
        fields.whole("device", high=DEVICE_MAX),
        fields.whole("chain"),
        fields.one("place", _place),
        fields.choice("level", LEVELS),
    )
    fields.finish()
    return ack


def _want(value: Plain) -> Want:
    fields = Fields(value, "a wanted range")
    want = Want(
        fields.whole("device", high=DEVICE_MAX),
        fields.whole("chain"),
        fields.whole("first", low=1),
        fields.optional("last", _count),
    )
    fields.finish()
    return want


def _totals(value: Plain) -> Totals:
    fields = Fields(value, "the control totals")
    totals = Totals(
        accounts=fields.mapping("accounts", _amount, limit=_MAX_ENTRIES),
        loans=fields.mapping("loans", _amount, limit=_MAX_ENTRIES),
        savings=fields.mapping("savings", _amount, limit=_MAX_ENTRIES),
    )
    fields.finish()
    return totals


def _attachment(value: Plain) -> Attachment:
    fields = Fields(value, "an attachment")
    attachment = Attachment(fields.raw("sha256", size=_SHA256_BYTES), fields.whole("size_bytes"))
    fields.finish()
    return attachment


def _place(value: Plain) -> Place:
    if type(value) is list and len(value) == len(Place._fields):
        seq, name = value
        if type(seq) is int and 0 <= seq <= INT_MAX and type(name) is bytes and len(name) == HASH_BYTES:
            return Place(seq, name)
    raise refused("NON_CANONICAL", "A place in a chain is a sequence number and a hash.")


def _pair(value: Plain) -> tuple[int, int]:
    if type(value) is list and len(value) == 2:  # noqa: PLR2004 - a pair
        return _count(value[0]), _count(value[1])
    raise refused("NON_CANONICAL", "Two whole numbers were expected in the manifest.")


def _count(value: Plain) -> int:
    if type(value) is int and 0 <= value <= INT_MAX:
        return value
    raise refused("NON_CANONICAL", "A count in the manifest is not a whole number from 0 up.")


def _amount(value: Plain) -> int:
    if type(value) is int and INT_MIN <= value <= INT_MAX:
        return value
    raise refused("NON_CANONICAL", "An amount in the manifest is not a whole number.")


def _day(value: Plain) -> str:
    try:
        if type(value) is str and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise refused("NON_CANONICAL", "A business date in the manifest is not a day as YYYY-MM-DD.")


def _recipient(value: Plain) -> bytes:
    if type(value) is bytes and len(value) == RECIPIENT_ID_BYTES:
        return value
    raise refused("NON_CANONICAL", "A reader's id is not 8 bytes.")


def _statement(value: Plain) -> bytes:
    if type(value) is bytes and len(value) <= MAX_ENROL_BYTES:
        return value
    raise refused("NON_CANONICAL", "An enrolment statement is not bytes, or too long.")
