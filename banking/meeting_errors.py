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


class HeldMeetingError(RuleError):
    """Facts: day."""

    code = "HELD_MEETING"
    message = N_("The meeting of {day} was held already. It cannot be moved or cancelled any more.")


class NoMeetingThatDayError(RuleError):
    """Facts: name, day."""

    code = "NO_MEETING_THAT_DAY"
    message = N_("{name} has no meeting on {day}. Choose one of its meetings.")


class MeetingDayError(RuleError):
    """A day to which a meeting cannot be moved. Facts: day."""

    code = "MEETING_DAY"
    message = N_("The meeting cannot be moved to {day}. Nothing was changed; choose another day.")


class MeetingDayPassedError(MeetingDayError):
    """A day before the open business day. Facts: day."""

    code = "MEETING_DAY_PASSED"
    message = N_("{day} has passed. Nothing was changed; choose today or a later day.")


class SameMeetingDayError(MeetingDayError):
    """The day on which the meeting is held anyway. Facts: day."""

    code = "SAME_MEETING_DAY"
    message = N_("The meeting is held on {day} already. Choose another day.")


class MeetingDayFarError(MeetingDayError):
    """More days away than a meeting is moved. Facts: day."""

    code = "MEETING_DAY_FAR"
    message = N_("{day} is too far away for this meeting. Nothing was changed; choose a day nearer to it.")


class MeetingOnHolidayError(MeetingDayError):
    """A holiday. Facts: day."""

    code = "MEETING_ON_HOLIDAY"
    message = N_("{day} is a holiday. Nothing was changed; choose another day.")


class OtherMeetingError(MeetingDayError):
    """Another meeting of the place is on that day or in between. Facts: day."""

    code = "OTHER_MEETING"
    message = N_(
        "The next meeting is not later than {day}, or the last one not earlier. Choose a day between them."
    )


class RowsCollideError(MeetingDayError):
    """Two rows of a loan would fall due on one day or out of order. Facts: day."""

    code = "ROWS_COLLIDE"
    message = N_("On {day} the rows of a loan would not follow each other any more. Choose another day.")


class MovesChangedError(RuleError):
    """What was shown is not what would be done any more. No facts."""

    code = "MOVES_CHANGED"
    message = N_("Something was posted since this was shown. Nothing was changed; look at it again.")


class NothingToFineError(RuleError):
    """A member with neither a running loan nor savings. Facts: client (number)."""

    code = "NOTHING_TO_FINE"
    message = N_(
        "{client} has no running loan and no savings account, so a fine cannot be charged. "
        "Nothing was changed; open a savings account first."
    )
