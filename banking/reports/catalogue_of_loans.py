"""Catalogue: reports of loans."""

from banking.reports import collections, lending, losses, portfolio
from banking.reports.shape import Definition, Table, count, money, percent
from ledger.errors import N_

_FILTERS = ("officer", "product", "late")

LOAN_REPORTS = (
    Definition(
        name="active-loans",
        title=N_("Active loans"),
        room="loans",
        rule="Loans that were paid out by `as_of` and have something owed at its end, by number. "
        "`outstanding` is the sum of the components; `overdue` is of rows due before `as_of`.",
        find=portfolio.find_active_loans,
        figures=(
            count("count", N_("Loans")),
            money("principal", N_("Principal")),
            money("interest", N_("Interest")),
            money("fees", N_("Fees")),
            money("penalties", N_("Penalties")),
            money("outstanding", N_("Outstanding")),
            money("overdue", N_("Overdue")),
        ),
        tables=(Table("loans", "", portfolio.ACTIVE),),
        asks=_FILTERS,
    ),
    Definition(
        name="portfolio-at-risk",
        title=N_("Portfolio at risk"),
        room="loans",
        rule="By the balance definition: a loan is late the day after a payment was missed, and its whole "
        "principal outstanding counts. Days past due are `as_of` less the due date of the oldest "
        "instalment with more than the product's tolerance unpaid, of any component. `gross_portfolio` "
        "is the principal outstanding of all loans that are not written off; interest does not count. "
        "Rows: `over_days` (0, 1, 30, 60, 90, 180), `loans`, `principal`, `percent` of "
        "`gross_portfolio`; loans whose terms were changed and that are not so late stand apart "
        "(`renegotiated`), `with_renegotiated` is the percentage with them. Each loan stands in one of "
        "the `ages` (`to_days` null: no end); `offices` has the principal of each office that is more than "
        "0, 30 and 90 days late.",
        find=portfolio.find_portfolio_at_risk,
        figures=(money("gross_portfolio", N_("Gross portfolio")), count("loans", N_("Loans"))),
        tables=(
            Table("at_risk", N_("At risk"), portfolio.AT_RISK),
            Table("ages", N_("By age"), portfolio.AGES),
            Table("offices", N_("By office"), portfolio.RISK_BY_OFFICE),
        ),
        asks=_FILTERS,
    ),
    Definition(
        name="ageing",
        title=N_("Ageing of the portfolio"),
        room="loans",
        rule="The principal outstanding by days past due (as in portfolio-at-risk): for each office, each "
        "product and each officer. The ages of a row add up to its `principal`.",
        find=portfolio.find_ageing,
        figures=(money("principal", N_("Principal")), money("overdue", N_("Overdue"))),
        tables=(
            Table("offices", N_("By office"), portfolio.AGEING_OFFICES),
            Table("products", N_("By product"), portfolio.AGEING_PRODUCTS),
            Table("officers", N_("By officer"), portfolio.AGEING_OFFICERS),
        ),
        asks=_FILTERS,
    ),
    Definition(
        name="arrears",
        title=N_("Arrears"),
        room="loans",
        rule="The loans with days past due, by officer and then the oldest first: a list to walk with. "
        "`paid_on` is when the client last paid.",
        find=portfolio.find_arrears,
        figures=(
            count("loans", N_("Loans")),
            money("overdue", N_("Overdue")),
            money("principal", N_("Principal outstanding")),
        ),
        tables=(Table("arrears", "", portfolio.ARREARS),),
        asks=_FILTERS,
    ),
    Definition(
        name="officer-portfolio",
        title=N_("Portfolio by officer"),
        room="loans",
        rule="What each officer looks after as at the day: the officer that the loan had then, not today's. "
        "Borrowers are people and groups, counted once.",
        find=portfolio.find_officer_portfolio,
        figures=(
            money("gross_portfolio", N_("Gross portfolio")),
            count("borrowers", N_("Borrowers")),
            count("officers", N_("Officers")),
        ),
        tables=(Table("by_officer", "", portfolio.OFFICERS),),
        asks=_FILTERS,
    ),
    Definition(
        name="loan-cycle",
        title=N_("Loans by cycle"),
        room="loans",
        rule="The running loans by how many their borrowers have had, this one included.",
        find=portfolio.find_loan_cycle,
        figures=(count("loans", N_("Loans")), money("principal", N_("Principal"))),
        tables=(Table("cycles", "", portfolio.CYCLES),),
        asks=_FILTERS,
    ),
    Definition(
        name="provisions",
        title=N_("Provisions"),
        room="loans",
        rule="What the provision tables in force on the day ask to be set aside, by office, product and age; "
        "products without a table of their own use `standard`, and each age is rounded once. The base "
        "is the whole principal of loans that are not charged off. `allowance` is what the books have "
        "set aside, `to_post` what is missing (below zero: too much).",
        find=losses.find_provisions,
        figures=(
            money("balance", N_("Principal")),
            money("provision", N_("To be set aside")),
            money("allowance", N_("Set aside in the books")),
            money("to_post", N_("Missing")),
        ),
        tables=(Table("provisions", "", losses.PROVISIONS),),
        asks=_FILTERS,
    ),
    Definition(
        name="disbursements",
        title=N_("Disbursements"),
        room="loans",
        rule="What was paid out from `start` to `as_of` in the order of booking. A disbursement taken back "
        "is a row of its own below zero, so that the sum is what the portfolio account was debited; "
        "`loans` counts it off.",
        find=lending.find_disbursements,
        figures=(count("loans", N_("Loans")), money("amount", N_("Paid out"))),
        tables=(Table("disbursements", "", lending.DISBURSEMENTS),),
        asks=("start", *_FILTERS),
    ),
    Definition(
        name="written-off",
        title=N_("Written off"),
        room="loans",
        rule="Loans that were written off or charged off (`kind`) from `start` to `as_of`: what was given "
        "up, net of what was taken back, and what came in on them later (`recovered`, up to `as_of`).",
        find=lending.find_written_off,
        figures=(
            count("loans", N_("Loans")),
            money("principal", N_("Principal")),
            money("recovered", N_("Recovered")),
        ),
        tables=(Table("loans_lost", "", lending.WRITTEN_OFF),),
        asks=("start", "late"),
    ),
    Definition(
        name="collections-due",
        title=N_("Collections due"),
        room="loans",
        rule="Loans with a row due on `as_of` or earlier and not paid, in the order of a walk: center, "
        "group, client.",
        find=collections.find_collections_due,
        figures=(
            money("overdue", N_("Overdue")),
            money("due_today", N_("Due today")),
            money("to_collect", N_("To collect")),
        ),
        tables=(Table("collections", "", collections.DUE),),
        asks=_FILTERS,
    ),
    Definition(
        name="collection-sheet",
        title=N_("Collection sheet"),
        room="loans",
        rule="The sheets to take to the meetings of `as_of`: one for each center, or group without center, "
        "that meets on that day, or for the group or center asked for (`--group`, its number or name). "
        "A member has a line for each loan, two loans of one product are two lines, and one line "
        "without any; expected and saved savings stand on the first. The number of a `sheet` ends in "
        "four letters that change with any figure on it: a sheet printed earlier is told from today's. "
        "On paper thirty lines a page, with columns for what was paid, attendance (P present, A absent, "
        "L late) and signature.",
        find=collections.find_collection_sheet,
        figures=(
            count("sheets", N_("Sheets")),
            money("to_collect", N_("To collect")),
            money("savings_due", N_("Savings due")),
        ),
        tables=(Table("lines", "", collections.SHEET),),
        asks=("group",),
        kept=False,
    ),
    Definition(
        name="demand-against-collection",
        title=N_("Demand against collection"),
        room="loans",
        rule="By office and officer, all components: `overdue_before` was due before `start` and unpaid "
        "then; `due` fell due from `start` to `as_of`, of which `paid_before` came before `start`. What "
        "was received in that time is `collected` (of what fell due in it), `overdue_recovered` (of "
        "older rows) and `prepaid` (of rows due after `as_of`). `overdue_after` = `overdue_before` + "
        "`due` - `paid_before` - `collected` - `overdue_recovered` - `waived`. `percent` is "
        "`paid_before` + `collected` of `due`. The last columns are principal alone, for the current "
        "repayment rate. Rows count as they stand today.",
        find=collections.find_demand,
        figures=(
            money("due", N_("Due")),
            money("collected", N_("Collected of it")),
            percent("percent", N_("% of due")),
        ),
        tables=(Table("demand", "", collections.DEMAND),),
        asks=("start", "late"),
    ),
)
