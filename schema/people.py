"""Who the branch works with and who works there."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from schema.base import BranchRow, Count, Id, Merge, merged, reference_to


def is_marked(value: int) -> bool:
    """Tell whether a one-way column holds: its value is 2 * epoch + state, and headquarters opens epochs."""
    return value % 2 == 1


class Staff(BranchRow):
    """A loan officer or clerk, known by name."""

    __tablename__ = "staff"
    __merge__ = Merge.OWNED
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")


class User(BranchRow):
    """Somebody who logs in. The password's hash stands in ``credential``, which never travels.

    ``language``  in which the pages speak to this person; empty: the office's
    """

    __tablename__ = "user_account"
    __merge__ = Merge.OWNED
    username: Mapped[str]
    full_name: Mapped[str]
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="active")
    staff_id: Mapped[Id | None] = reference_to("staff.id")
    language: Mapped[str] = mapped_column(default="")


class Center(BranchRow):
    """A place and time where several groups meet."""

    __tablename__ = "center"
    __merge__ = Merge.OWNED
    number: Mapped[str]
    name: Mapped[str]
    officer_id: Mapped[Id | None] = reference_to("staff.id")
    meeting_weekday: Mapped[Count | None]
    meeting_every_weeks: Mapped[Count | None]
    first_meeting_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="active")


class Group(BranchRow):
    """Members who guarantee each other and meet together. ``meeting_weekday``: 1 Monday to 7."""

    __tablename__ = "lending_group"
    __merge__ = Merge.OWNED
    number: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    center_id: Mapped[Id | None] = reference_to("center.id", index=True)
    officer_id: Mapped[Id | None] = reference_to("staff.id")
    meeting_weekday: Mapped[Count | None]
    meeting_every_weeks: Mapped[Count | None]
    first_meeting_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="active")


class Client(BranchRow):
    """A person that the institution serves. Profile columns are shared between branches, by groups."""

    __tablename__ = "client"
    __merge__ = Merge.SHARED
    number: Mapped[str] = mapped_column(info=merged(Merge.OWNED), index=True)
    name: Mapped[str] = mapped_column(info=merged(Merge.SHARED, "name"))
    given_name: Mapped[str] = mapped_column(default="", info=merged(Merge.SHARED, "name"))
    gender: Mapped[str] = mapped_column(default="", info=merged(Merge.SHARED, "person"))
    born_on: Mapped[date | None] = mapped_column(info=merged(Merge.SHARED, "person"))
    national_id: Mapped[str] = mapped_column(default="", info=merged(Merge.UNIQUE, "identity"), index=True)
    phone: Mapped[str] = mapped_column(default="", info=merged(Merge.SHARED, "telephone"))
    address: Mapped[str] = mapped_column(default="", info=merged(Merge.SHARED, "address"))
    village: Mapped[str] = mapped_column(default="", info=merged(Merge.SHARED, "address"))
    group_id: Mapped[Id | None] = reference_to("lending_group.id", index=True, info=merged(Merge.OWNED))
    joined_on: Mapped[date | None] = mapped_column(info=merged(Merge.OWNED))
    state: Mapped[str] = mapped_column(default="active", info=merged(Merge.OWNED))
    deceased: Mapped[Count] = mapped_column(default=0, info=merged(Merge.ONE_WAY))
    blacklisted: Mapped[Count] = mapped_column(default=0, info=merged(Merge.ONE_WAY))

    @property
    def is_deceased(self) -> bool:
        """Whether the client is known to have died."""
        return is_marked(self.deceased)

    @property
    def is_blacklisted(self) -> bool:
        """Whether the client gets no new loan."""
        return is_marked(self.blacklisted)


class ClientMove(BranchRow):
    """What a branch did about headquarters' decision to move a client.

    ``direction`` is out (handed over), in (taken over), or refused (something had moved since: headquarters
    decides again). Out and in happen once for each decision.
    """

    __tablename__ = "client_move"
    __merge__ = Merge.FACT
    transfer_id: Mapped[Id] = reference_to("client_transfer.id", index=True)
    client_id: Mapped[Id] = reference_to("client.id", index=True)
    direction: Mapped[str]
    on: Mapped[date]
    note: Mapped[str] = mapped_column(default="")
