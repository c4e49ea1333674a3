"""The papers that a printer is set up for, and the kinds of printers."""

from typing import Final

from ledger.errors import N_

RECEIPT, PASSBOOK, STATEMENT = "receipt", "passbook", "statement"
PURPOSES: Final = {
    RECEIPT: N_("Receipts"),
    PASSBOOK: N_("Passbook lines"),
    STATEMENT: N_("Statements"),
}
"""The papers that a printer is set up for, and what pages call them."""

NONE, ESCPOS, TEXT80 = "none", "escpos", "text80"
KINDS: Final = {
    NONE: N_("the browser's print dialog"),
    ESCPOS: N_("receipt printer (ESC/POS)"),
    TEXT80: N_("80 columns (dot matrix)"),
}
