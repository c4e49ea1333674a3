"""What headquarters publishes: versions of the reference data, rights of roles, orders about users."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from schema.base import Count, Flag, Id, ReferenceRow, reference_to


class Publication(ReferenceRow):
    """A published change of the reference data: written in the changeset of the rows that it publishes.

    ``number``   rises by one; a branch has a version as soon as it has acknowledged that changeset
    ``act``      the act of ``banking.acts`` that was done; ``subject`` says in a line what it was about
    ``made_by``  and ``approved_by``: log-in names of headquarters; the second is empty where nobody else
                 was there to review
    """

    __tablename__ = "publication"
    number: Mapped[Count]
    act: Mapped[str]
    subject: Mapped[str]
    made_by: Mapped[str]
    approved_by: Mapped[str] = mapped_column(default="")
    on: Mapped[date]
    note: Mapped[str] = mapped_column(default="")


class RoleRight(ReferenceRow):
    """Whether a role may do something, where the institution decided otherwise than the program's own table.

    Of several rows about one role and permission the newest counts (the greatest ``version``).
    """

    __tablename__ = "role_right"
    role: Mapped[str]
    permission: Mapped[str]
    allowed: Mapped[Flag]
    version: Mapped[Count] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(default="")


class UserOrder(ReferenceRow):
    """What headquarters orders about a user of a branch; it stands in the chain of that branch.

    ``kind`` is disable, enable or role (then ``role`` says which). The newest order of each user and subject
    (log-in, role) counts from the moment in which the branch has it, whatever the branch's own row says.
    """

    __tablename__ = "user_order"
    office_id: Mapped[Id] = reference_to("office.id", index=True)
    username: Mapped[str]
    kind: Mapped[str]
    role: Mapped[str] = mapped_column(default="")
    version: Mapped[Count] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(default="")
    approved_by: Mapped[str] = mapped_column(default="")
