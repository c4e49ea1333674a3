"""What can be wrong with a decision of headquarters."""

from ledger.errors import N_, RuleError


class UnknownCaseError(RuleError):
    """Facts: key, possible (names of what waits)."""

    code = "UNKNOWN_CASE"
    message = N_("Nothing that waits is called {key}. Nothing was decided. What waits: {possible}.")


class UnknownDecisionError(RuleError):
    """Facts: given, key, possible (words)."""

    code = "UNKNOWN_DECISION"
    message = N_("“{given}” cannot be decided about {key}. Nothing was decided. Possible: {possible}.")


class CannotBeHeldError(RuleError):
    """Facts: what."""

    code = "CANNOT_BE_HELD"
    message = N_(
        "The books cannot hold this changeset: {what}. It can only be left out. Nothing was decided."
    )


class SecondPersonForDecisionError(RuleError):
    """The same code as where an amount asks for it, so that pages ask alike. No facts."""

    code = "SECOND_PERSON_NEEDED"
    message = N_("This decision concerns money: a second person has to confirm it. Nothing was decided.")


class UnknownPlaceError(RuleError):
    """Facts: device, place."""

    code = "UNKNOWN_PLACE"
    message = N_("Device {device} has no changeset {place} here. Nothing was changed.")


class BoundBehindError(RuleError):
    """Facts: device, bound, given."""

    code = "BOUND_BEHIND"
    message = N_(
        "What device {device} wrote up to {bound} stays good for ever; it cannot end at {given}. "
        "Nothing was changed."
    )


class DeviceStateError(RuleError):
    """Facts: device, state."""

    code = "DEVICE_STATE"
    message = N_("Device {device} is {state}; this cannot be done with it. Nothing was changed.")


class NothingToVoidError(RuleError):
    """Facts: number."""

    code = "NOTHING_TO_VOID"
    message = N_(
        "No entry of a branch's account has the receipt number {number}, or it is taken back already. "
        "Nothing was asked of the branch."
    )


class NotCarriedOnError(RuleError):
    """Facts: device."""

    code = "NOT_CARRIED_ON"
    message = N_(
        "There are no books that a new laptop could take over from laptop {device}: nothing has come from it "
        "yet, or another one goes on with them. Nothing was changed. Look at the laptops of the branch."
    )
