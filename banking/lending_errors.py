"""Rules beside a loan that can say no: security, members, officers, credit lines, moving a client."""

from ledger.errors import N_, RuleError

# --- security ------------------------------------------------------------------------------------


class SecurityNeededError(RuleError):
    """A product that asks for guarantors, and a loan that has fewer. Facts: number, needed, found."""

    code = "GUARANTORS_NEEDED"
    message = N_("{number} needs {needed} guarantor(s) and has {found}. Write them down first.")


class GuaranteeNeededError(RuleError):
    """Less guaranteed than the product's part of the principal. Facts: number, needed, found (amounts)."""

    code = "GUARANTEE_NEEDED"
    message = N_(
        "{number} must be guaranteed for {needed}; its guarantors answer for {found}. Add one first."
    )


class OwnGuaranteeError(RuleError):
    """A borrower who guarantees without savings held. Facts: number."""

    code = "OWN_GUARANTEE"
    message = N_("Who owes {number} guarantees it only with own savings that are held. Name the account.")


class ReleasedError(RuleError):
    """Security that was given back before. Facts: what, state."""

    code = "RELEASED"
    message = N_("{what} is {state} already. Nothing was changed.")


# --- members and officers ------------------------------------------------------------------------


class MemberSharesError(RuleError):
    """Shares that do not add up to the loan. Facts: total, principal."""

    code = "MEMBER_SHARES"
    message = N_("The members' shares come to {total}, the loan is {principal}. Correct the shares.")


class NotMemberError(RuleError):
    """Somebody outside the group. Facts: number (of the client), group."""

    code = "NOT_MEMBER"
    message = N_("{number} is no member of {group}. Only members share in its loans.")


class NothingToAssignError(RuleError):
    """An officer is given exactly one loan, group, center or savings account. No facts."""

    code = "ONE_ASSIGNMENT"
    message = N_("Name exactly one loan, savings account, group or center. Nothing was changed.")


class LaterOfficerError(RuleError):
    """An assignment that would begin after today. Facts: day, today."""

    code = "OFFICER_FROM"
    message = N_("An officer cannot begin on {day}: today is {today}. Assign on the day itself.")


# --- credit lines --------------------------------------------------------------------------------


class CreditLimitError(RuleError):
    """A draw beyond the limit. Facts: amount, available, limit."""

    code = "CREDIT_LIMIT"
    message = N_("{amount} is more than the {available} left of the limit of {limit}. Nothing was paid out.")


class NoCreditLineError(RuleError):
    """Drawing on a loan that is none, or paying a line out as a loan. Facts: number, reason."""

    code = "CREDIT_LINE"
    message = N_("{number}: {reason}. Nothing was changed.")


class LineEndedError(RuleError):
    """A draw after the line's last day. Facts: number, ends_on."""

    code = "LINE_ENDED"
    message = N_("The credit line {number} ended on {ends_on}: nothing is drawn on it any more.")


class LineOwedError(RuleError):
    """A line that is closed while something is owed on it. Facts: number, owed."""

    code = "LINE_OWED"
    message = N_("{owed} is still owed on {number}. Have it paid, then close the line.")


# --- moving a client -----------------------------------------------------------------------------


class MoveBlockedError(RuleError):
    """A client who cannot move as things stand. Facts: number, reason."""

    code = "MOVE_BLOCKED"
    message = N_("{number} cannot move to another branch: {reason}. Settle that first.")


class MoveStateError(RuleError):
    """A decision that was withdrawn, or is not for this branch. Facts: transfer, reason."""

    code = "MOVE_STATE"
    message = N_("Decision {transfer} cannot be carried out here: {reason}. Nothing was changed.")


class MoveDoneError(RuleError):
    """A side that did its part before. Facts: transfer, day."""

    code = "MOVE_DONE"
    message = N_("Decision {transfer} was carried out here on {day}. Nothing was done twice.")


class MovedSinceError(RuleError):
    """Accounts that are not what headquarters saw. Facts: number."""

    code = "MOVED_SINCE"
    message = N_(
        "Something of {number} changed since headquarters decided. Nothing was handed over: "
        "send a bundle, so that headquarters decides again."
    )


class MovePartsError(RuleError):
    """Content that is not whole yet. Facts: transfer."""

    code = "MOVE_CONTENT"
    message = N_(
        "What moves by decision {transfer} has not arrived whole. Import the next return bundle first."
    )
