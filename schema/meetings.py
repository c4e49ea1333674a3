"""Meetings, who came, the sheets that are carried to them, and what is written on the notice board."""

from datetime import date, datetime

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import ZERO, Money
from schema.base import BranchRow, Count, Id, LocalRow, Merge, ReferenceRow, reference_to


class Meeting(BranchRow):
    """A meeting of a group or a center about which something is written: moved, held, minuted, cancelled.

    Meetings follow from the schedule of their group or center; a row is made when one differs or was held.
    Exactly one of ``group_id`` and ``center_id`` is set. ``planned_on`` is the day by the schedule, ``on``
    the day on which it meets. ``state`` is planned, held or cancelled.
    """

    __tablename__ = "meeting"
    __merge__ = Merge.OWNED
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    center_id: Mapped[Id | None] = reference_to("center.id", index=True)
    planned_on: Mapped[date]
    on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default="planned")
    reason: Mapped[str] = mapped_column(default="")
    agenda: Mapped[str] = mapped_column(default="")
    minutes: Mapped[str] = mapped_column(default="")


class Attendance(BranchRow):
    """How a member was at a meeting: P present, LP late, A absent, L on leave. The newest row counts."""

    __tablename__ = "attendance"
    __merge__ = Merge.FACT
    meeting_id: Mapped[Id] = reference_to("meeting.id", index=True)
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    mark: Mapped[str]


class GroupRole(BranchRow):
    """An office that a member holds in the group (leader, secretary, treasurer), until ``until``."""

    __tablename__ = "group_role"
    __merge__ = Merge.OWNED
    group_id: Mapped[Id] = reference_to("lending_group.id", index=True)
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    role: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]


class GroupMessage(BranchRow):
    """A line on the notice board of a group (None: of the branch), written here; read at headquarters too."""

    __tablename__ = "group_message"
    __merge__ = Merge.FACT
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    user_id: Mapped[Id] = reference_to("user_account.id")
    at: Mapped[datetime]
    text: Mapped[str]
    until: Mapped[date | None]


class Announcement(ReferenceRow):
    """What headquarters tells the branches: all, one office, or one of its groups (its branch row's id)."""

    __tablename__ = "announcement"
    office_id: Mapped[Id | None] = reference_to("office.id")
    group_id: Mapped[Id | None]
    on: Mapped[date]
    until: Mapped[date | None]
    text: Mapped[str]
    written_by: Mapped[str]


class CollectionSheet(BranchRow):
    """A numbered sheet that is carried to a meeting and keyed back.

    It is of one center or of one group. ``as_at`` is the instant of its figures. ``state`` is printed, posted
    or void (with a reason; its number is never used again). ``cash_counted`` is the control total that the
    clerk typed before the system's was shown; ``posted_on`` the business day.
    """

    __tablename__ = "collection_sheet"
    __merge__ = Merge.OWNED
    number: Mapped[str] = mapped_column(index=True)
    center_id: Mapped[Id | None] = reference_to("center.id", index=True)
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True)
    officer_id: Mapped[Id | None] = reference_to("staff.id")
    meeting_on: Mapped[date] = mapped_column(index=True)
    as_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="printed", index=True)
    lines: Mapped[Count]
    cash_counted: Mapped[Money | None]
    posted_on: Mapped[date | None]
    posted_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")


class SheetLine(LocalRow):
    """A cell of a sheet as it was printed: ``line`` is the member's number on paper, ``slot`` the column.

    ``slot`` names the column of the sheet (two loans of one product are two slots); ``kind`` is loan,
    savings, withdrawal, charge or disbursement, with the account or charge that it stands for; ``due`` and
    ``balance`` are minor units at the sheet's ``as_at``. A member without any
    account has one line with an empty slot.
    """

    __tablename__ = "sheet_line"
    __table_args__ = (PrimaryKeyConstraint("sheet_id", "line", "slot"),)
    sheet_id: Mapped[Id]
    line: Mapped[Count]
    slot: Mapped[str]
    client_id: Mapped[Id]
    kind: Mapped[str] = mapped_column(default="")
    account_id: Mapped[Id | None]
    due: Mapped[Money] = mapped_column(default=ZERO)
    balance: Mapped[Money] = mapped_column(default=ZERO)


class SheetCell(LocalRow):
    """What a clerk has keyed into a cell of a sheet and not yet posted: kept at once, cell by cell."""

    __tablename__ = "sheet_cell"
    __table_args__ = (PrimaryKeyConstraint("sheet_id", "line", "slot"),)
    sheet_id: Mapped[Id]
    line: Mapped[Count]
    slot: Mapped[str]
    typed: Mapped[str]
    user_id: Mapped[Id]
    at: Mapped[datetime]
