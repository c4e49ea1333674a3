"""The words in which pages name kinds, states and reasons that the books keep as codes."""

from banking.acts import ACTS
from ledger.errors import N_

LOAN_STATES = {
    "applied": (N_("applied"), "plain"),
    "approved": (N_("approved"), "plain"),
    "rejected": (N_("rejected"), "plain"),
    "withdrawn": (N_("withdrawn"), "plain"),
    "active": (N_("active"), "plain"),
    "closed": (N_("repaid"), "good"),
    "written_off": (N_("written off"), "refused"),
}
NOTE_KINDS = {
    "terms": N_("terms changed"),
    "moved": N_("one row moved"),
    "officer": N_("officer"),
}
COLLATERAL_STATES = {
    "held": N_("kept by us"),
    "released": N_("given back"),
    "sold": N_("sold"),
}
ROW_STATES = {
    "paid": (N_("paid"), "good"),
    "overdue": (N_("overdue"), "waiting"),
    "due": (N_("due today"), "plain"),
    "coming": ("", "plain"),
    "planned": (N_("planned"), "plain"),
}
KINDS = {
    "disbursement": N_("Paid out"),
    "repayment": N_("Repayment"),
    "fee": N_("Fee"),
    "waiver": N_("Waiver"),
    "write_off": N_("Write-off"),
    "recovery": N_("Recovery"),
    "refund": N_("Refund"),
    "adjustment": N_("Shared anew"),
    "charge_off": N_("Charge-off"),
    "reversal": N_("Reversal"),
    "deposit": N_("Deposit"),
    "withdrawal": N_("Withdrawal"),
    "float": N_("Float"),
    "settle": N_("To the vault"),
    "handover": N_("Handed over"),
    "to_bank": N_("To the bank"),
    "from_bank": N_("From the bank"),
    "pay": N_("Expense"),
    "receive": N_("Other money"),
    "opening": N_("Opening count"),
    "closing": N_("Closing count"),
    "check": N_("Count"),
}
COMPONENTS = (
    ("principal", N_("Principal")),
    ("interest", N_("Interest")),
    ("fee", N_("Fees")),
    ("penalty", N_("Penalties")),
)
HANDED = {
    "stick": N_("on a stick"),
    "disc": N_("on a disc"),
    "mail": N_("by e-mail"),
    "line": N_("by the line"),
}
VERDICTS = {
    "ADMIT": (N_("new"), "good"),
    "NOOP": (N_("known already"), "plain"),
    "HOLD": (N_("waits for an earlier one"), "waiting"),
    "QUARANTINE": (N_("set aside"), "refused"),
    "REJECT": (N_("refused"), "refused"),
}
ENTRY_KINDS = {
    "savings.deposit": N_("Deposit"),
    "savings.withdraw": N_("Withdrawal"),
    "savings.reverse": N_("Reversal"),
    "loan.repay": N_("Repayment"),
    "loan.fee": N_("Fee"),
    "loan.disburse": N_("Paid out"),
    "loan.reverse": N_("Reversal"),
    "loan.apply": N_("New application"),
    "day.open": N_("Open the day"),
    "day.close": N_("Close the day"),
}
"""What changesets are for, in a word; of other kinds the sentence of the act of that name is shown."""


def name_entry_kind(kind: str) -> str:
    """Give the sentence or word for a kind of changeset, to be translated; the code where there is none."""
    act = ACTS.get(kind)
    return ENTRY_KINDS.get(kind) or (act.meaning if act else kind)
