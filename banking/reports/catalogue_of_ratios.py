"""Catalogue: the ratios."""

from banking.reports import ratios
from banking.reports.shape import Definition, Table, day, money, percent
from ledger.errors import N_

RATIO_REPORTS = (
    Definition(
        name="ratios",
        title=N_("Ratios"),
        room="institution",
        rule="Every ratio with its numerator and denominator. The time is from `start` (without it: the "
        "twelve months to `as_of`) to `as_of`; `average_portfolio` is the portfolio account on average "
        "over the day before it, the ends of the months in it and its last day, and what moved is made "
        "a figure of a year (times 12 over `months`) where it stands over an average. `par_…`, "
        "`arrears_rate` over the gross portfolio; `repayment_rate` (principal received less "
        "prepayments, over principal that fell due), `on_time_rate`, `loss_estimate` ((1 - repayment "
        "rate) x 2 over the average term in years); `write_off_ratio`, `risk_coverage`, "
        "`uncovered_capital`; `portfolio_yield` (received, not accrued), `operating_expense_ratio`, "
        "`total_cost_ratio`, `impairment_ratio`, `self_sufficiency`; `cost_per_borrower`, "
        "`borrowers_per_officer`, `average_balance`, `drop_out`; the PEARLS minimum set. Funds cost "
        "what the interest accounts of savings products say, losses what the accounts of provisions, "
        "write-offs and charge-offs say; every other expense is operating. Equity is all of it with the "
        "result: the chart does not tell members' shares. Banks are the accounts behind ways to pay and "
        "bank statements. `financial_self_sufficiency` stands there when `--adjustments` says what "
        "subsidies and inflation would have cost, which no books hold.",
        find=ratios.find_ratios,
        figures=(
            day("from_day", N_("From")),
            money("gross_portfolio", N_("Gross portfolio")),
            money("average_portfolio", N_("Average portfolio")),
            percent("months", N_("Months")),
        ),
        tables=(Table("ratios", "", ratios.RATIOS),),
        without_start=N_("empty: the twelve months to the day"),
        asks=("start", "adjustments"),
    ),
)
