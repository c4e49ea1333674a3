"""Help for the work of headquarters."""

from collections.abc import Mapping
from typing import Final

from ledger.errors import N_
from web.help import Topic

TOPICS: Final[Mapping[str, Topic]] = {
    "inbox": Topic(
        N_("Bring in what branches sent"),
        (
            N_("Choose the folder with the files, whatever their names, and press Enter."),
            N_("Each file is new, known, waiting for an earlier one, or refused with a reason."),
            N_("Bringing the same file twice changes nothing."),
        ),
        ("inbox",),
        (N_("If a number is missing, the page names it: ask the branch for it."),),
    ),
    "branches": Topic(
        N_("Branches and their laptops"),
        (
            N_("The page shows for each branch up to which number its entries are here."),
            N_("Press the key for a new branch to enrol one. Confirm its laptop by telephone."),
            N_("Write the answer for a branch: it carries products, users and what you acknowledge."),
        ),
        ("branches", "devices", "reseeding", "enrolment", "returns"),
    ),
    "books": Topic(
        N_("Trial balance and where its figures come from"),
        (
            N_("Choose the days and the offices, and press Ctrl+Enter."),
            N_("Open a figure to see its entries, an entry to see its receipt and its changeset."),
        ),
        ("books", "changesets", "reports", "inter_branch"),
    ),
    "printed": Topic(
        N_("Find what was printed"),
        (
            N_("Type the check code that stands at the foot of a page, and press Enter."),
            N_("The page shows the report as it was, who printed it and when, and what differs today."),
        ),
        ("printed",),
        (N_("If the code is refused, one of its letters is wrong: read it from the paper once more."),),
    ),
    "exceptions": Topic(
        N_("What needs a person"),
        (
            N_("Read each line: what happened, in which branch, how much money. Its letter opens it."),
            N_("Choose what shall be done, and look at what it would do to the books."),
            N_("Type the reason. Where money is concerned a second person types name and password."),
        ),
        ("exceptions", "cases", "rules"),
        (N_("Everything can be decided anew: the newest decision counts."),),
    ),
    "periods": Topic(
        N_("Months, late entries, manual entries and provisions"),
        (
            N_("Open a month: each office has its checklist, and what is missing leads to its page."),
            N_("Close all offices that are ready at once, or one. From then on no entry has a date in it."),
            N_("What comes later stands under Late entries and counts in the next open month."),
            N_("Closed too early? Two people open it again with a reason, and close it when all is there."),
            N_("Manual entries here take two people: ask for approval, and somebody else approves."),
        ),
        ("periods", "provisions", "approvals"),
        (N_("A month that is closed again holds at least what it held before."),),
    ),
    "payments": Topic(
        N_("Payments that came by a bank or by mobile money"),
        (
            N_("Read the list as the bank or the telephone company gives it. Look at it, then take it."),
            N_("Where a rule finds the account, the payment waits to be sent. Send all of them by one key."),
            N_("Open a payment without an account, find the account, and say why it is the right one."),
        ),
        ("payments", "payment_lists"),
        (N_("A payment that its branch sends back must be taken back; then it waits here again."),),
    ),
    "publishing": Topic(
        N_("Publish to all branches"),
        (
            N_("Choose a subject, then what shall change. See what it does, then ask for approval."),
            N_("The second person sees each field before and after, and approves or refuses."),
            N_("It travels with the next return bundle of each branch; the page shows who has it."),
        ),
        ("publishing",),
        (
            N_("Something wrong was published? Open it and publish the version before again."),
            N_("Loans that were made meanwhile keep the terms under which they were made."),
        ),
    ),
    "audit": Topic(
        N_("What auditors do here"),
        (
            N_("Press 6 and A: each line is a question to the books with its number of cases. Open it."),
            N_("Draw a sample with a seed of your own; the same seed draws it again, also in a year."),
            N_("Print letters for the clients of a sample or a group, and compare what comes back."),
            N_("The log says who logged in, saw, printed and exported what, in every branch."),
        ),
        ("audit",),
        (N_("A case is no verdict: look at the paper, ask the client, then ask the person."),),
    ),
    "proof": Topic(
        N_("Prove the books"),
        (
            N_("Press 6 and V, then Enter: every entry is checked and booked again. The report stays here."),
            N_("Co-signed heads show up to where headquarters has signed each branch's entries."),
            N_("Witnesses are branches that have signed what they saw of headquarters' entries."),
            N_("The audit pack is one file that an auditor proves on another computer, without us."),
        ),
        ("proof",),
        (N_("Something does not hold? Change nothing, make a backup, and telephone who supports you."),),
    ),
    "people": Topic(
        N_("People, passwords and language"),
        (
            N_("Everybody can change the own password and language under People."),
            N_("Five wrong passwords lock a name for five minutes. An administrator can end this."),
            N_("When somebody leaves, end the log-in. What was done stays under the name."),
            N_("Other programs ask with a token. It is shown once; revoke it when the program goes."),
        ),
        ("people", "looks", "tokens", "branch_users"),
    ),
}
"""All topics by name, which is their address."""
