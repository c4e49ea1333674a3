"""The words in which pages name verdicts, states and families that the books keep as codes."""

from ledger.errors import N_

VERDICTS = {
    "ADMIT": (N_("new"), "good"),
    "NOOP": (N_("known already"), "plain"),
    "HOLD": (N_("waits"), "waiting"),
    "QUARANTINE": (N_("quarantine"), "refused"),
    "REJECT": (N_("refused"), "refused"),
}
JOB_STATES = {
    "waiting": (N_("waits for its turn"), "waiting"),
    "running": (N_("goes on"), "waiting"),
    "stopped": (N_("goes on at the next start"), "waiting"),
    "done": (N_("done"), "good"),
    "failed": (N_("broken off"), "refused"),
}
DEVICE_STATES = {
    "unconfirmed": (N_("not confirmed"), "waiting"),
    "active": (N_("confirmed"), "good"),
    "suspended": (N_("suspended"), "refused"),
    "retired": (N_("retired"), "plain"),
    "revoked": (N_("revoked"), "refused"),
    "reserve": (N_("in reserve"), "plain"),
}
CHANGESET_STATES = {
    "accepted": (N_("in the books"), "good"),
    "held": (N_("waits for what is missing"), "waiting"),
    "quarantined": (N_("not trusted"), "refused"),
}
SIGNATURES = {
    "good": (N_("signature holds"), "good"),
    "wrong": (N_("signature does not hold"), "refused"),
    "unknown": (N_("no key known"), "waiting"),
}
ENTRY_KINDS = {
    "disbursement": N_("Loan paid out"),
    "repayment": N_("Repayment"),
    "fee": N_("Fee"),
    "recovery": N_("Recovery"),
    "write_off": N_("Write-off"),
    "overpayment_refund": N_("Overpayment paid back"),
    "deposit": N_("Deposit"),
    "withdrawal": N_("Withdrawal"),
    "savings_interest": N_("Interest on savings"),
    "over_short": N_("Cash over or short"),
    "manual": N_("Manual entry"),
    "reversal": N_("Reversal"),
    "incoming_payment": N_("Payment from outside"),
    "incoming_payment_return": N_("Payment from outside, given back"),
    "waiver": N_("Waiver"),
    "refund": N_("Overpayment paid back"),
    "inter_branch": N_("Between branches"),
    "charge_off": N_("Charge-off"),
    "savings_fee": N_("Fee on savings"),
    "opening_balance": N_("Opening balance"),
    "year_end": N_("Close of the year"),
}
"""Kinds of journal entries and of the movements behind them."""

SIGNS = {"+": N_("made"), "~": N_("changed"), "-": N_("removed")}
FAMILIES = {
    "fork": N_("Two histories of one laptop"),
    "gap": N_("Entries that are missing"),
    "quarantine": N_("Not trusted"),
    "exception": N_("Breaks a rule"),
    "identity": N_("One number, two clients"),
    "profile": N_("One client, two values"),
    "totals": N_("Totals differ"),
    "part": N_("Part of a bundle that is not trusted"),
}
"""Families of what waits for a person."""
DECISION_KINDS = {
    "fork": N_("two histories"),
    "gap": N_("missing entries"),
    "release": N_("entries beyond a bound"),
    "tail": N_("entries that are not believed"),
    "exception": N_("an entry against a rule"),
    "pair": N_("two clients"),
    "profile": N_("two values"),
    "void": N_("an entry to take back"),
    "device": N_("a laptop"),
}
"""What decisions are about."""
