"""Rules of groups, meetings and notices that can say no, by name."""

from ledger.errors import N_, RuleError


class OnePlaceError(RuleError):
    """A meeting is of exactly one center or one group. No facts."""

    code = "ONE_PLACE"
    message = N_("A meeting belongs to one center or to one group: choose exactly one of them.")


class CancelledMeetingError(RuleError):
    """Facts: day."""

    code = "CANCELLED_MEETING"
    message = N_("The meeting of {day} is cancelled. Nothing was changed; choose another meeting.")


class NotAMemberError(RuleError):
    """Somebody who does not belong to the group. Facts: client (number)."""

    code = "NOT_A_MEMBER"
    message = N_("{client} is not a member here. Nothing was changed; add the member to the group first.")
