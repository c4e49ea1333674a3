"""Sheets for the wall: the day's beginning and end, and what to do when the computer dies."""

from collections.abc import Mapping
from typing import Final

from ledger.errors import N_
from web.help import Topic

SHEETS: Final[Mapping[str, Topic]] = {
    "sheet-of-opening": Topic(
        N_("Checklist: open the day"),
        (
            N_("Yesterday is closed."),
            N_("The date of the computer is right."),
            N_("The cash of each till is counted by notes and coins, and the counts are typed in."),
            N_("The day is open."),
            N_("What came from headquarters is brought in."),
            N_("Today's meetings are looked at, and each officer has the printed sheets."),
            N_("The float for payments in the field is given out, with two signatures."),
        ),
        sheet=True,
    ),
    "sheet-of-closing": Topic(
        N_("Checklist: close the day"),
        (
            N_("Every collection sheet is posted, or marked as not held."),
            N_("Every receipt is printed or written down as spoiled."),
            N_("Each till is counted by two people, and over or short has a reason."),
            N_("The cash is in the vault, and the cash confirmation is signed."),
            N_("The arrears of today are looked at, and tomorrow's sheets are printed."),
            N_("The day is closed."),
            N_("The bundle is written and labelled. The copy on the stick is in the other house."),
        ),
        sheet=True,
    ),
    "sheet-of-a-dead-computer": Topic(
        N_("When the computer dies"),
        (
            N_("Do not try to repair it. Switch it off."),
            N_("Go on with paper: the pre-printed receipts and the printed sheets. Keep every number."),
            N_("Telephone headquarters and say: the last day closed, the last bundle sent."),
            N_("Headquarters marks the old computer as gone and allows a new one."),
            N_("On the new computer: plug in the last copy and type the recovery phrase."),
            N_("Look at the last receipts: compare them with the paper."),
            N_("Key what was written on paper since the last copy, with the numbers from the paper."),
            N_("Do not use the old computer for the books again, even if it runs."),
        ),
        notes=(N_("Numbers go on under a new letter. No number is used twice."),),
        sheet=True,
    ),
}
