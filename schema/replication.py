"""What the satchel itself keeps: changesets, bundles, watermarks, and all that waits for something."""

from datetime import date, datetime

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from schema.base import Count, Id, LocalRow


class StoredChangeset(LocalRow):
    """A rightly signed changeset, byte for byte. The received set: rows are only added.

    ``state`` is held (something earlier is missing), accepted, or quarantined; ``code`` says why it is not
    effective, else it is empty. ``key_time`` is the time of the one order (protocol, section 6).
    ``as_device`` is the number under which an adopted arm of a fork is folded; None on the main line.
    """

    __tablename__ = "changeset"
    __table_args__ = (
        PrimaryKeyConstraint("device", "chain", "seq", "hash"),
        Index("ix_changeset_state", "state"),
        Index("ix_changeset_hlc", "device", "hlc"),
    )
    device: Mapped[Count]
    chain: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]
    prev: Mapped[bytes]
    hlc: Mapped[Count]
    key_time: Mapped[Count]
    beacon: Mapped[Count]
    business_date: Mapped[date]
    kind: Mapped[str]
    body: Mapped[bytes]
    signature: Mapped[bytes]
    state: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    bundle_id: Mapped[bytes | None]
    as_device: Mapped[Count | None]


class Watermark(LocalRow):
    """How far a chain is known. ``stage`` is head, acked (the other side has it) or seen (told to others)."""

    __tablename__ = "watermark"
    __table_args__ = (PrimaryKeyConstraint("device", "chain", "stage"),)
    device: Mapped[Count]
    chain: Mapped[Count]
    stage: Mapped[str]
    seq: Mapped[Count]
    hash: Mapped[bytes]


class BundleRecord(LocalRow):
    """A bundle that was written here or came in: ``direction`` is out or in.

    ``carrier``  how it was written or came: folder, iso, eml, smtp, imap, https; empty where nobody said
    ``handed_at`` and ``handed_how``  when somebody said that it left the house, and how (stick, disc, mail)
    """

    __tablename__ = "bundle"
    __table_args__ = (Index("ix_bundle_bundle_id", "bundle_id"),)
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    direction: Mapped[str]
    bundle_id: Mapped[bytes]
    device: Mapped[Count | None]
    chain: Mapped[Count | None]
    office_id: Mapped[Id | None]
    number: Mapped[Count | None]
    first_seq: Mapped[Count | None]
    last_seq: Mapped[Count | None]
    last_hash: Mapped[bytes | None]
    size_bytes: Mapped[Count]
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")
    handed_at: Mapped[datetime | None]
    handed_how: Mapped[str] = mapped_column(default="")
    carrier: Mapped[str] = mapped_column(default="")


class ControlTotal(LocalRow):
    """What a manifest claims about its chain at a sequence, and whether HQ's own running totals agree.

    ``manifest`` and ``signature``  the claim as its sender signed it (zlib); None for what came in
                                    before they were kept
    """

    __tablename__ = "control_total"
    __table_args__ = (PrimaryKeyConstraint("device", "chain", "seq", "hash", "digest"),)
    device: Mapped[Count]
    chain: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]
    digest: Mapped[bytes]
    totals: Mapped[bytes]
    agree: Mapped[Count | None]
    difference: Mapped[str] = mapped_column(default="")
    manifest: Mapped[bytes | None]
    signature: Mapped[bytes | None]


class Quarantined(LocalRow):
    """A part of a bundle that cannot be trusted, kept as it came, with its reason."""

    __tablename__ = "quarantine"
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    bundle_id: Mapped[bytes | None]
    device: Mapped[Count | None]
    chain: Mapped[Count | None]
    seq: Mapped[Count | None]
    hash: Mapped[bytes | None]
    code: Mapped[str]
    detail: Mapped[str]
    body: Mapped[bytes | None]
    at: Mapped[datetime]


class ExceptionItem(LocalRow):
    """A trusted changeset that breaks a rule and waits for a person. ``key`` follows from its content.

    ``state`` is open or decided; ``outcome`` is that of the newest decision on it.
    """

    __tablename__ = "exception"
    key: Mapped[bytes] = mapped_column(primary_key=True)
    code: Mapped[str]
    device: Mapped[Count]
    chain: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]
    office_id: Mapped[Id | None]
    what: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    outcome: Mapped[str] = mapped_column(default="")


class Case(LocalRow):
    """Two or more rows or writes that a person must judge together. ``key`` = hash of kind and members.

    ``kind``     fork, gap, identity (one number at two clients) or profile (one client, two values)
    ``members``  canonical CBOR: the sorted list of [device, seq, hash] of the changesets
    ``subject``  canonical CBOR: what the pages need to show it (rows, columns, values), by kind
    ``state``    open or decided; ``outcome`` is that of the newest decision on it
    """

    __tablename__ = "conflict_case"
    key: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str]
    members: Mapped[bytes]
    what: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    office_id: Mapped[Id | None]
    subject: Mapped[bytes | None]
    outcome: Mapped[str] = mapped_column(default="")


class ProfileWrite(LocalRow):
    """A write of one group of shared columns of one row, as an accepted changeset made it.

    ``seq`` 0 (device and chain 0) keeps the values from before the first such write. ``new`` and ``bases``
    are canonical CBOR: {column: value}, and the sorted list of [device, chain, seq] that it replaces, or null
    where the writer named none: then it replaces what its own chain wrote before.
    """

    __tablename__ = "profile_write"
    __table_args__ = (
        PrimaryKeyConstraint("table_name", "row_id", "column_group", "device", "chain", "seq", "hash"),
    )
    table_name: Mapped[str]
    row_id: Mapped[Id]
    column_group: Mapped[str]
    device: Mapped[Count]
    chain: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]
    key_time: Mapped[Count]
    new: Mapped[bytes]
    bases: Mapped[bytes | None]


class UniqueKey(LocalRow):
    """Which rows carry a number that should be one person's: an index from the tidied number to rows.

    ``device`` to ``hash`` name the changeset that wrote the number.
    """

    __tablename__ = "unique_key"
    __table_args__ = (
        PrimaryKeyConstraint("kind", "value", "row_id"),
        Index("ix_unique_key_row_id", "row_id"),
    )
    kind: Mapped[str]
    value: Mapped[str]
    row_id: Mapped[Id]
    device: Mapped[Count]
    chain: Mapped[Count]
    seq: Mapped[Count]
    hash: Mapped[bytes]


class LateEntry(LocalRow):
    """A journal entry that lies in a closed period and in none of its cuts: where it is posted instead.

    ``posted_on`` is the first day of the first later period that is open, or whose cut holds the entry; the
    entry keeps its own dates.
    """

    __tablename__ = "late_entry"
    __table_args__ = (Index("ix_late_entry_origin_office_id", "origin_office_id"),)
    journal_entry_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    origin_office_id: Mapped[Id]
    booked_on: Mapped[date]
    posted_on: Mapped[date]
    period_name: Mapped[str]


class ProgramUpdate(LocalRow):
    """A newer program that came in a return bundle, signed by the institution's release key.

    ``state`` is coming, arrived, confirmed or installed; the file lies in the home under its SHA-256.
    """

    __tablename__ = "program_update"
    version: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[bytes]
    size_bytes: Mapped[Count]
    statement: Mapped[bytes]
    state: Mapped[str] = mapped_column(default="arrived")
    at: Mapped[datetime]


class EnrolmentKit(LocalRow):
    """What HQ remembers of a kit that it wrote, until its device is confirmed.

    ``purpose`` is enrol, reserve (a number kept in the branch's safe) or reseed (a replacement laptop).
    """

    __tablename__ = "enrolment_kit"
    kit_id: Mapped[bytes] = mapped_column(primary_key=True)
    device: Mapped[Count]
    office_id: Mapped[Id]
    secret: Mapped[bytes]
    expires_on: Mapped[date]
    claim: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(default="written")
    purpose: Mapped[str] = mapped_column(default="enrol")


class Setting(LocalRow):
    """A small fact about this installation (edition, office, device)."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Credential(LocalRow):
    """A user's password hash (Argon2id, PHC string) and the lock-out that follows wrong tries."""

    __tablename__ = "credential"
    user_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    password_hash: Mapped[str]
    failures: Mapped[Count] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class WebSession(LocalRow):
    """A log-in. Kept are the hash of its token and what was typed when it ran out (``kept``)."""

    __tablename__ = "web_session"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    kept: Mapped[str] = mapped_column(default="")


class FormToken(LocalRow):
    """A form that was posted once: posting it again (a reload) changes nothing and shows the same answer."""

    __tablename__ = "form_token"
    token: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[Id]
    used_at: Mapped[datetime]
    answer: Mapped[str]


class AuditLog(LocalRow):
    """Who logged in, saw, printed or exported what; sealed into the chain when the day closes.

    ``subject`` is found quickly: the number of copies of a receipt is how often it was printed.
    """

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject", "subject"),)
    id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    user_id: Mapped[Id | None]
    what: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    sealed: Mapped[Count] = mapped_column(default=0)
