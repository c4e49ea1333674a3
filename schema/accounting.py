"""The books: journal, tills, business days, and the daily totals that reports read."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import ZERO, Money
from schema.base import BranchRow, Count, Flag, Id, LocalRow, Merge, reference_to


class JournalEntry(BranchRow):
    """A balanced entry. Its lines are inserted first; the database refuses an entry that does not balance.

    ``sheet_id``  the collection sheet that it was keyed from
    """

    __tablename__ = "journal_entry"
    __merge__ = Merge.FACT
    __table_args__ = (Index("ix_journal_entry_day", "booked_on", "origin_office_id"),)
    kind: Mapped[str]
    value_date: Mapped[date]
    booked_on: Mapped[date]
    recorded_at: Mapped[datetime]
    reverses_id: Mapped[Id | None] = reference_to("journal_entry.id", index=True)
    approved_by_id: Mapped[Id | None] = reference_to("user_account.id")
    note: Mapped[str] = mapped_column(default="")
    sheet_id: Mapped[Id | None] = reference_to("collection_sheet.id")


class JournalLine(BranchRow):
    """One side of an entry: exactly one of ``debit`` and ``credit`` is above zero."""

    __tablename__ = "journal_line"
    __merge__ = Merge.FACT
    __table_args__ = (
        CheckConstraint("debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", name="one_side"),
    )
    journal_entry_id: Mapped[Id] = reference_to("journal_entry.id", index=True)
    gl_account_id: Mapped[Id] = reference_to("gl_account.id")
    currency: Mapped[str]
    debit: Mapped[Money] = mapped_column(default=ZERO)
    credit: Mapped[Money] = mapped_column(default=ZERO)


class Till(BranchRow):
    """A cash drawer with its own GL account; number 0 is what came in from older books, without a drawer.

    ``kind`` is till or vault; ``cash_limit`` (minor units) is what it may hold, None: the office's limit.
    """

    __tablename__ = "till"
    __merge__ = Merge.OWNED
    number: Mapped[Count]
    name: Mapped[str]
    gl_account_id: Mapped[Id] = reference_to("gl_account.id")
    state: Mapped[str] = mapped_column(default="active")
    kind: Mapped[str] = mapped_column(default="till")
    cash_limit: Mapped[Money | None]


class BusinessDay(BranchRow):
    """A day of the branch: open or closed. Once closed it stays closed."""

    __tablename__ = "business_day"
    __merge__ = Merge.OWNED
    on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    opening_cash: Mapped[Money | None]
    closing_cash: Mapped[Money | None]
    cash_difference: Mapped[Money | None]


class AuditEvent(BranchRow):
    """Log-ins, views, prints and exports of a day, sealed into the chain when the day closes."""

    __tablename__ = "audit_event"
    __merge__ = Merge.FACT
    at: Mapped[datetime]
    user_id: Mapped[Id | None]
    what: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")


class GLDayTotal(LocalRow):
    """What was posted to an account on a day, by office: kept as lines arrive, so that reports are short."""

    __tablename__ = "gl_day_total"
    __table_args__ = (
        PrimaryKeyConstraint("origin_office_id", "gl_account_id", "booked_on"),
        Index("ix_gl_day_total_booked_on", "booked_on"),
    )
    origin_office_id: Mapped[Id]
    gl_account_id: Mapped[Id]
    booked_on: Mapped[date]
    debit: Mapped[Money]
    credit: Mapped[Money]


class GLMonthTotal(LocalRow):
    """What was posted to an account in a month of the Gregorian calendar, by office: sums of the days.

    ``month``  its first day. Reports over years read these, and the days of the months that are cut.
    """

    __tablename__ = "gl_month_total"
    __table_args__ = (
        PrimaryKeyConstraint("origin_office_id", "gl_account_id", "month"),
        Index("ix_gl_month_total_month", "month"),
        Index("ix_gl_month_total_gl_account_id", "gl_account_id", "month"),
    )
    origin_office_id: Mapped[Id]
    gl_account_id: Mapped[Id]
    month: Mapped[date]
    debit: Mapped[Money]
    credit: Mapped[Money]


class LoanStanding(LocalRow):
    """Where a loan stands after everything that is known of it: what reports about all loans read.

    ``principal``     outstanding (minor units), ``owed`` all components together
    ``overdue_from``  due date of its oldest row with more than the product's tolerance unpaid; None: no such
    ``arrears``       unpaid of the rows due before ``counted_until``, ``due_then`` of those due on it
    ``prepaid``       whether something was paid on later ones
    ``charged_off``   what was taken out of the portfolio account; ``renegotiated``: its terms were changed
    ``counted_until`` the newest day that anything of it is booked or counts on: asked for an earlier day, or
                      for a loan without such a row, the loan is worked out from its rows
    """

    __tablename__ = "loan_standing"
    __table_args__ = (Index("ix_loan_standing_origin_office_id", "origin_office_id"),)
    loan_account_id: Mapped[Id] = mapped_column(primary_key=True, autoincrement=False)
    origin_office_id: Mapped[Id]
    principal: Mapped[Money]
    owed: Mapped[Money]
    overdue_from: Mapped[date | None]
    arrears: Mapped[Money]
    due_then: Mapped[Money]
    prepaid: Mapped[Flag]
    charged_off: Mapped[Money]
    renegotiated: Mapped[Flag]
    counted_until: Mapped[date]


class ReportSnapshot(LocalRow):
    """A report as it was when its period was closed; later entries show as a difference, never in it.

    ``office_id`` 0 stands for all offices; ``content`` is the report's JSON, ``digest`` its SHA-256.
    """

    __tablename__ = "report_snapshot"
    __table_args__ = (PrimaryKeyConstraint("name", "office_id", "as_of"),)
    name: Mapped[str]
    office_id: Mapped[Id]
    as_of: Mapped[date]
    taken_at: Mapped[datetime]
    content: Mapped[str]
    digest: Mapped[bytes]
