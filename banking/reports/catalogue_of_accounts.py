"""Catalogue: reports of savings, of people, and of single accounts."""

from banking.reports import accounts, people, statements
from banking.reports.shape import Definition, Table, count, day, money, text
from ledger.errors import N_

_OWNER = (
    text("number", N_("Account")),
    text("owner", N_("Client")),
    text("owner_number", N_("Number")),
    text("product", N_("Product")),
    text("status", N_("Status")),
)

ACCOUNT_REPORTS = (
    Definition(
        name="savings-balances",
        title=N_("Savings balances"),
        room="savings",
        rule="Accounts opened by `as_of` and not closed by then, by number, each with its `status` (active, "
        "dormant, unclaimed, matured): what is not active is not shown as such. A balance is what the "
        "client has: above zero is the client's money; `held` is what of it may not be withdrawn.",
        find=accounts.find_savings_balances,
        figures=(count("count", N_("Accounts")), money("balance", N_("Balance"))),
        tables=(Table("savings", "", accounts.SAVINGS),),
        asks=("product", "late"),
    ),
    Definition(
        name="dormant-accounts",
        title=N_("Dormant accounts"),
        room="savings",
        rule="Savings accounts that are dormant or unclaimed, or on which the client has moved nothing for "
        "as many days as the product allows (365 where it says nothing), the longest first. Interest "
        "and fees are no movement of the client's; an account on which nothing ever moved counts from "
        "its opening.",
        find=accounts.find_dormant_accounts,
        figures=(count("count", N_("Accounts")), money("balance", N_("Balance"))),
        tables=(Table("dormant", "", accounts.DORMANT),),
        asks=("product", "late"),
    ),
    Definition(
        name="client-listing",
        title=N_("Clients"),
        room="people",
        rule="Clients who had joined by `as_of`, by number, with what they owe and have saved then. Group, "
        "telephone and state are today's.",
        find=people.find_client_listing,
        figures=(count("count", N_("Clients")), count("active", N_("Active"))),
        tables=(Table("clients", "", people.CLIENTS),),
        asks=("group", "late"),
    ),
    Definition(
        name="group-listing",
        title=N_("Groups"),
        room="people",
        rule="Groups by number, with the loans and savings of the group itself and of its members, who are "
        "today's. `meeting_weekday` is 1 on Monday; without one of its own a group meets with its "
        "center.",
        find=people.find_group_listing,
        figures=(count("count", N_("Groups")),),
        tables=(Table("groups", "", people.GROUPS),),
        asks=("late",),
    ),
    Definition(
        name="client-statement",
        title=N_("Statement of a client"),
        room="people",
        rule="All accounts of one client (`--client`, the number), and what moved on them from `start` on, "
        "oldest first; `balance` is that of the account after it, of a loan its principal.",
        find=people.find_client_statement,
        figures=(
            text("name", N_("Client")),
            text("number", N_("Number")),
            money("outstanding", N_("Owed")),
            money("saved", N_("Saved")),
        ),
        tables=(
            Table("loans", N_("Loans"), people.CLIENT_LOANS),
            Table("savings", N_("Savings"), people.CLIENT_SAVINGS),
            Table("movements", N_("Movements"), people.CLIENT_MOVEMENTS),
        ),
        asks=("start", "client", "late"),
        needs=("client",),
    ),
    Definition(
        name="loan-statement",
        title=N_("Statement of a loan"),
        room="people",
        rule="One loan (`--account`, the number) with everything that happened on it, oldest first, and its "
        "schedule. `balance` and `principal` are principal outstanding.",
        find=statements.find_loan_statement,
        figures=(
            *_OWNER,
            day("disbursed_on", N_("Paid out")),
            money("disbursed", N_("Amount")),
            money("principal", N_("Principal")),
            money("outstanding", N_("Outstanding")),
            money("overpaid", N_("Overpaid")),
        ),
        tables=(
            Table("transactions", N_("Movements"), statements.LOAN_MOVEMENTS),
            Table("schedule", N_("Schedule"), statements.SCHEDULE),
        ),
        asks=("account", "late"),
        needs=("account",),
    ),
    Definition(
        name="savings-statement",
        title=N_("Statement of savings"),
        room="people",
        rule="One savings account (`--account`, the number) with everything that happened on it from `start` "
        "on, oldest first; money out is below zero.",
        find=statements.find_savings_statement,
        figures=(
            *_OWNER,
            money("opening", N_("Opening")),
            money("balance", N_("Balance")),
            money("interest_accrued", N_("Interest not posted yet")),
        ),
        tables=(Table("transactions", "", statements.SAVINGS_MOVEMENTS),),
        asks=("start", "account", "late"),
        needs=("account",),
    ),
)
