"""Help for the work of a branch: every sentence is translated, and short enough to be read standing."""

from collections.abc import Mapping
from typing import Final

from branch.help_sheets import SHEETS
from ledger.errors import N_
from web.help import Topic

_MONEY: Final[Mapping[str, Topic]] = {
    "find": Topic(
        N_("Find a client"),
        (
            N_("Press / on any page."),
            N_("Type the first letters of the names, in any order and without accents."),
            N_("A number also finds: client, account, telephone or receipt."),
            N_("Press Enter. If there are several, press the letter beside the name."),
        ),
        ("clients", "profiles", "scans", "surveys"),
    ),
    "deposit": Topic(
        N_("Take a deposit or pay out savings"),
        (
            N_("Find the client and open the savings account with its letter."),
            N_("Press D for a deposit or W for a withdrawal."),
            N_("Type the amount and press Ctrl+Enter."),
            N_("Give the receipt to the client before the client leaves."),
        ),
        ("savings", "passbooks", "statements"),
        (N_("A withdrawal above the limit asks a second person to type name and password."),),
    ),
    "repay": Topic(
        N_("Take a repayment"),
        (
            N_("Find the client and open the loan with its letter."),
            N_("Press R, type the amount, and press Ctrl+Enter."),
            N_("Read how the amount is shared. Nothing is posted yet."),
            N_("Press Enter to post it, or Esc to go back. Give the receipt."),
        ),
        ("repayments", "loans", "payoffs", "refunds", "fees"),
        (N_("To close the loan today, look at the pay-off amount on the loan's page."),),
    ),
    "undo": Topic(
        N_("Put a wrong entry right"),
        (
            N_("Open the receipt by its number: press / and type it."),
            N_("Press V, type the reason, and press Ctrl+Enter."),
            N_("Then post the right entry."),
        ),
        ("reversals", "receipts"),
        (
            N_("Nothing is deleted. Both entries stay in the books, and the receipt numbers have no gap."),
            N_("Above a limit a second person must confirm with name and password."),
        ),
    ),
    "printing": Topic(
        N_("Print, and print again"),
        (
            N_("Press P on any page with a print button."),
            N_("A receipt that is printed again says COPY and a number."),
            N_("If the printer fails, the receipt keeps its number: print it again later."),
        ),
        ("printers",),
    ),
    "lending": Topic(
        N_("Apply for a loan, and pay it out"),
        (
            N_("Open the client and apply for a loan: product, amount, number of installments."),
            N_("A second person approves it. Who applied cannot approve."),
            N_(
                "To pay it out, open the loan, read the net amount in cash, and have a second person confirm."
            ),
            N_("Print the voucher and the schedule, and let the client sign."),
        ),
        ("lending", "applications", "disbursements", "loan_changes"),
    ),
    "approve": Topic(
        N_("Approve or refuse"),
        (
            N_("Open Approvals: press 0 and then 2."),
            N_("Open a line with its letter, and read who asks for what."),
            N_("Approve or refuse it with its key. A refusal needs a reason."),
        ),
        ("approvals",),
        (N_("Nobody can approve what he or she entered."),),
    ),
    "arrears": Topic(
        N_("See who is late"),
        (
            N_("Open the list of arrears. It shows days late, amount, telephone and village."),
            N_("Choose an officer to see only that officer's loans."),
            N_("Press P to print the list for the field."),
        ),
        ("arrears",),
    ),
}

_FIELD: Final[Mapping[str, Topic]] = {
    "sheet-print": Topic(
        N_("Print collection sheets"),
        (
            N_("Press 9, then choose the officer and the meeting days, up to a week ahead."),
            N_("Press Enter to print. Each sheet has a number and the time when it was made."),
        ),
        ("sheet_printing",),
        (N_("A payment after printing changes what is due. The page marks such rows."),),
    ),
    "sheet": Topic(
        N_("Key a collection sheet"),
        (
            N_("Press 9 and open the sheet by its number or from the meetings of today."),
            N_("Accept all as due with one key. Then key only the rows that differ."),
            N_("Row number, Enter, amount, Enter. 0 means: did not pay. Empty means: not keyed yet."),
            N_("A or L on a row: absent or on leave; L and then P: late."),
            N_("Count the money and type the total before you see the program's total."),
            N_("If the totals agree, post. All rows are posted together, or none."),
        ),
        ("sheets",),
        (
            N_("If the totals differ, nothing is posted. The page shows rows that may be wrong."),
            N_("After a power cut the sheet is there as you left it."),
        ),
    ),
    "groups": Topic(
        N_("Groups, centers and meetings"),
        (
            N_("Press 0 and then 3 for groups and centers."),
            N_("Open a group to see its members, its meetings and its notice board."),
            N_("Before a meeting or a holiday is moved, read which installments move with it."),
        ),
        ("groups", "centers", "meetings", "notices", "holidays"),
    ),
    "register": Topic(
        N_("Register a client"),
        (
            N_("Press 2, look for the name first, and then press the key for a new client."),
            N_("One name is enough. Everything else can be filled in later."),
            N_("If somebody alike is there already, the page says so: look before you go on."),
        ),
        ("clients.new", "clients.create"),
    ),
}

_DAY: Final[Mapping[str, Topic]] = {
    "open": Topic(
        N_("Open and close the day"),
        (
            N_("Press 4. To open: count the cash of each till by notes and coins."),
            N_("To close: count each till, say why cash is over or short, and settle what the page lists."),
            N_("Each line that blocks the close has a key that leads to it."),
            N_("Then press 5 and send the day to headquarters."),
        ),
        ("days",),
        (N_("A closed day stays closed. Corrections are posted on the open day."),),
    ),
    "till": Topic(
        N_("Cash, tills and vault"),
        (
            N_("Press 3 to see the cash, or 0 and then 6 for tills and the vault."),
            N_("Cash that moves between vault and till needs two people."),
            N_("Count by notes and coins: type how many of each, Enter after each."),
            N_("A difference is posted to its own account, with your reason."),
        ),
        ("cash", "tills", "cash_moves"),
    ),
    "send": Topic(
        N_("Send to headquarters"),
        (
            N_("Press 5, choose the stick or folder, and press Enter."),
            N_("Copy the label onto the stick or disc, word for word. Print the cover note."),
            N_("When it has left your hands, say how: mail, stick or disc."),
        ),
        ("send", "status"),
        (N_("Only the answer of headquarters counts. If a disc is lost, the next one has all."),),
    ),
    "bring": Topic(
        N_("Bring in what came from headquarters"),
        (
            N_("Press 6, choose the stick or folder, and press Enter."),
            N_("The page says what is new. Bringing the same file twice changes nothing."),
        ),
        ("bring",),
    ),
    "reports": Topic(
        N_("Reports and the month"),
        (
            N_("Press 8 and choose a report. Type the day, and press Ctrl+Enter."),
            N_("PDF, XLSX and CSV are at the end of the page."),
            N_("At the end of a month, go through the checklist before you close it."),
        ),
        ("reports", "pictures", "today"),
    ),
    "people": Topic(
        N_("People, passwords and language"),
        (
            N_("Press 0 and then 7. Everybody can change the own password and language there."),
            N_("Five wrong passwords lock a name for five minutes. An administrator can end this."),
            N_("When somebody leaves, end the log-in. What was done stays under the name."),
        ),
        ("people", "looks"),
    ),
    "practice": Topic(
        N_("Practise without risk"),
        (
            N_("In practice mode the clients and the money are made up. Nothing reaches the books."),
            N_("Every page says that you practise."),
        ),
        ("practice",),
    ),
    "dates": Topic(
        N_("Dates and amounts"),
        (
            N_("Type a date as three numbers: day, month, year. What it means stands beside the field."),
            N_("The keys + and - move a date by a day."),
            N_("Type amounts with or without a sign between the thousands."),
        ),
    ),
    "acts": Topic(
        N_("Everything else"),
        (
            N_("Press 0 and then 8. There is a form for each act that has no page of its own."),
            N_("Look at what will be done before you send it."),
        ),
        ("acts", "more"),
    ),
}

TOPICS: Final[Mapping[str, Topic]] = {**_MONEY, **_FIELD, **_DAY, **SHEETS}
"""All topics by name, which is their address: ``/help/deposit``."""
