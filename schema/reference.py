"""Reference data: made by headquarters in chain 0, read everywhere."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from schema.base import Count, Flag, Id, ReferenceRow, places, reference_to


class Institution(ReferenceRow):
    """The institution itself: one row. ``public_id`` (16 bytes) stands in every signature.

    ``working_days``  the weekdays on which instalments may fall due, 1 Monday to 7
    """

    __tablename__ = "institution"
    public_id: Mapped[bytes]
    name: Mapped[str]
    currency: Mapped[str]
    digits: Mapped[Count]
    working_days: Mapped[str] = mapped_column(default="1234567")


class Office(ReferenceRow):
    """A branch or the head office. ``number`` names its chain at HQ; 1 is the head office.

    ``calendar``  in which its people write dates: gregorian, bikram_sambat or ethiopian; stored are ISO dates
    ``language``  in which its pages speak where a user chose none
    """

    __tablename__ = "office"
    number: Mapped[Count]
    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[Id | None] = reference_to("office.id")
    state: Mapped[str] = mapped_column(default="open")
    calendar: Mapped[str] = mapped_column(default="gregorian")
    language: Mapped[str] = mapped_column(default="en")


class Device(ReferenceRow):
    """The roster: one incarnation of an installation, its keys and its state (protocol, section 1).

    ``state`` is unconfirmed, active, suspended, retired or revoked; the last two are bounded by
    ``bound_seq`` and ``bound_hash``: what is at or before the bound stays good for ever.

    ``scope``     branch or hq: which chains and tables it may write
    ``succeeds``  the device whose books it goes on with (restored, re-seeded, rotated, an adopted arm)
    """

    __tablename__ = "device"
    number: Mapped[Count]
    office_id: Mapped[Id] = reference_to("office.id")
    kit_id: Mapped[bytes | None]
    signing_key: Mapped[bytes | None]
    recipient: Mapped[str | None]
    state: Mapped[str]
    scope: Mapped[str] = mapped_column(default="branch")
    bound_seq: Mapped[Count | None]
    bound_hash: Mapped[bytes | None]
    reserve_of: Mapped[Count | None]
    succeeds: Mapped[Count | None]


class GLAccount(ReferenceRow):
    """An account of the chart. ``role`` names the account that posting rules look for, else empty."""

    __tablename__ = "gl_account"
    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    parent_id: Mapped[Id | None] = reference_to("gl_account.id")
    usage: Mapped[str] = mapped_column(default="detail")
    role: Mapped[str] = mapped_column(default="")
    manual_entries: Mapped[Flag] = mapped_column(default=1)
    active: Mapped[Flag] = mapped_column(default=1)


class Holiday(ReferenceRow):
    """A day on which no instalment falls due."""

    __tablename__ = "holiday"
    on: Mapped[date]
    name: Mapped[str]
    office_id: Mapped[Id | None] = reference_to("office.id")


class Period(ReferenceRow):
    """An accounting period of one office (or of all, without office): HQ closes it by a newer version.

    ``kind`` is month or year; names and days follow the institution's calendar. To open one again takes a
    second person (``approved_by``, a log-in name of headquarters) and a ``reason``.
    """

    __tablename__ = "period"
    office_id: Mapped[Id | None] = reference_to("office.id")
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="month")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    version: Mapped[Count] = mapped_column(default=1)
    cut: Mapped[bytes | None] = mapped_column(info=places())
    closed_at: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class Decision(ReferenceRow):
    """What a person at HQ decided about a case or an exception; the newest decision of a case counts.

    ``members``      canonical CBOR: the sorted list of [device, seq, hash] that it is about
    ``detail``       canonical CBOR, by kind: device numbers of adopted arms, a range, a pair of rows
    ``approved_by``  log-in name of the second person, where money is concerned
    """

    __tablename__ = "decision"
    case_key: Mapped[bytes]
    kind: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    members: Mapped[bytes]
    detail: Mapped[bytes | None]
    approved_by: Mapped[str] = mapped_column(default="")


class Incarnation(ReferenceRow):
    """Headquarters came back from a backup, as a new device: what it knew then.

    ``number``  rises by one; return bundles are numbered within it. ``heads`` is canonical CBOR: the sorted
    list of [device, chain, seq, hash] of every chain, those of its earlier devices included.
    """

    __tablename__ = "incarnation"
    number: Mapped[Count]
    device: Mapped[Count]
    succeeds: Mapped[Count]
    heads: Mapped[bytes] = mapped_column(info=places())
