"""What the checks of verify ask, in sentences for people who do not program."""

from typing import Final

from flask_babel import gettext as _

from ledger.errors import N_

_TABLES: Final = "table "

SENTENCES: Final = {
    "chains": N_("Every laptop's entries follow each other without a gap, and none was changed."),
    "signatures": N_(
        "Every entry was signed by the laptop that it names, and can be booked again from nothing."
    ),
    "admission": N_("What counts and what waits follows from the signed entries alone."),
    "daily totals": N_("The sums of each day are the sums of the entries."),
    "control totals": N_("The balances that branches signed are what their entries add up to."),
    "bundle order": N_("What each bundle brought is here, and bundles were written in order."),
    "second copy": N_("Every entry of this computer stands in its second copy too."),
    "entries_balance": N_("In every entry debit is equal to credit."),
    "lines_have_entries": N_("No line stands without its entry, and no entry without lines."),
    "receipts_are_gapless": N_("The receipts of each till run without a hole and without a double."),
    "numbers_are_unique": N_("No number of an account was given twice in a branch."),
    "reversals_are_exact": N_("What was taken back was taken back once, to the last cent."),
    "savings_not_below_zero": N_("No savings account is below zero."),
    "one_open_day": N_("No laptop has two business days open at once."),
}
"""By the name of the check; those that are not here are told by their own words."""


def sentence_of(name: str) -> str:
    """Say what a check asks."""
    if name in SENTENCES:
        return str(_(SENTENCES[name]))
    if name.startswith(_TABLES):
        return str(
            _("The table %(name)s follows from the signed entries, row by row.", name=name[len(_TABLES) :])
        )
    return str(_("The books keep the rule %(name)s.", name=name.replace("_", " ")))
