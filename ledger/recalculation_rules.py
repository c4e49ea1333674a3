"""How a product recalculates interest when money comes early or late."""

from dataclasses import dataclass
from enum import StrEnum


class Rest(StrEnum):
    """When a payment begins to count for interest."""

    DAILY = "DAILY"
    SAME_AS_REPAYMENT = "SAME_AS_REPAYMENT"


class AfterExcess(StrEnum):
    """What money beyond the schedule does to the rows left.

    REDUCE_INSTALLMENT  the installment is solved anew over the rows left
    REDUCE_NUMBER       the installment stays and the schedule ends earlier
    LOWER_NEXT          the installment stays, and the next rows pay less principal by the excess
    ADJUST_LAST         the installment stays, and the last rows have less to pay
    """

    REDUCE_INSTALLMENT = "REDUCE_EMI_AMOUNT"
    REDUCE_NUMBER = "REDUCE_NUMBER_OF_INSTALLMENTS"
    LOWER_NEXT = "RESCHEDULE_NEXT_REPAYMENTS"
    ADJUST_LAST = "ADJUST_LAST_UNPAID_PERIOD"


class Compounding(StrEnum):
    """Whether overdue interest and charges bear interest."""

    NONE = "NONE"
    INTEREST = "INTEREST"
    CHARGES = "FEE"
    BOTH = "INTEREST_AND_FEE"

    @property
    def interest(self) -> bool:
        """Tell whether overdue interest does."""
        return self in {Compounding.INTEREST, Compounding.BOTH}

    @property
    def charges(self) -> bool:
        """Tell whether overdue fees and penalties do."""
        return self in {Compounding.CHARGES, Compounding.BOTH}


class PayoffInterest(StrEnum):
    """Up to when a payoff pays interest."""

    TILL_DAY = "TILL_PRE_CLOSE_DATE"
    TILL_REST = "TILL_REST_FREQUENCY_DATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    """How a product recalculates.

    compounding_day  the day of month from which overdue interest and charges bear it; None: their due date
    daily_job        every day is recalculated, not only those on which something happens
    """

    rest: Rest = Rest.DAILY
    after_excess: AfterExcess = AfterExcess.REDUCE_INSTALLMENT
    compounding: Compounding = Compounding.NONE
    compounding_day: int | None = None
    payoff: PayoffInterest = PayoffInterest.TILL_DAY
    daily_job: bool = False
