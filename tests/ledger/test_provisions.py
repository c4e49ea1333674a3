"""Provisions and ratios: the published examples, to the unit and to the hundredth of a percent."""

import csv
import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.arrears import LoanStanding, Ratio, portfolio_at_risk
from ledger.errors import BadTermError
from ledger.money import Money, total
from ledger.provisions import AgeRate, ProvisionTable, provision_total, provisions
from ledger.ratios import (
    annualized,
    average,
    cost_ratio,
    portfolio_yield,
    repayment_rate,
    risk_coverage,
    self_sufficiency,
    write_off_ratio,
)
from tests.conftest import SHARED

with (SHARED / "cases" / "ratios.csv").open(encoding="utf-8", newline="") as file:
    PUBLISHED = {row["metric"]: row for row in csv.DictReader(file)}

YEAR = date(2003, 1, 1)
SA_DHAN_AGES = [
    (0, 0, 128_000),
    (1, 10, 17_500),
    (31, 25, 10_000),
    (61, 50, 5_000),
    (91, 75, 3_500),
    (181, 90, 2_500),
    (366, 100, 1_500),
]
"""First day, percent, balance."""


def table(ages: list[tuple[int, int, int]], valid_from: date = YEAR) -> ProvisionTable:
    return ProvisionTable(valid_from, tuple(AgeRate(first, Decimal(rate)) for first, rate, _ in ages))


def percent(ratio: Ratio) -> Decimal:
    return (ratio.value * 100).quantize(Decimal("0.01"))


def published(metric: str) -> Decimal:
    """Give the percentage at the beginning of what is expected."""
    found = re.match(r"([0-9.]+)%", PUBLISHED[metric]["expected"])
    assert found
    return Decimal(found[1])


def inputs(metric: str) -> dict[str, list[Money]]:
    """Give the named inputs; sums such as 1+2+3 as lists."""
    pairs = (part.split("=") for part in PUBLISHED[metric]["inputs"].split(";"))
    return {name.strip(): [Money(int(text)) for text in figures.split("+")] for name, figures in pairs}


def test_the_published_ages_give_the_published_portfolio_at_risk() -> None:
    loans = [LoanStanding(Money(balance), first) for first, _, balance in SA_DHAN_AGES]
    for metric, days in (("par_ge_1", 0), ("par_gt_30", 30), ("par_gt_60", 60)):
        assert percent(portfolio_at_risk(loans, days).ratio) == published(metric)


def test_the_published_provisions_by_age_come_out_to_the_unit() -> None:
    rows = provisions([(first, Money(balance)) for first, _, balance in SA_DHAN_AGES], table(SA_DHAN_AGES))
    *_, expected = PUBLISHED["provision_by_age"]["expected"].split("=")
    assert provision_total(rows) == Money(int(expected))
    assert [row.provision.minor for row in rows] == [0, 1750, 2500, 2500, 2625, 2250, 1500]


def test_a_table_may_tell_due_today_from_not_due_yet() -> None:
    ages = [
        (-1, 0, 109_500_000),
        (0, 1, 12_700_000),
        (1, 5, 11_250_000),
        (31, 20, 2_340_000),
        (61, 50, 14_850_000),
        (91, 100, 2_360_000),
    ]
    rows = provisions([(first, Money(balance)) for first, _, balance in ages], table(ages))
    expected = PUBLISHED["provision_by_age_mfb"]["expected"]
    assert expected.endswith(f"={provision_total(rows).minor}")
    assert total(row.balance for row in rows) == Money(153_000_000)


def test_the_published_repayment_rate() -> None:
    given_ = inputs("current_repayment_rate")
    rate = repayment_rate(
        given_["principal_received"][0], given_["prepayments"][0], given_["principal_due"][0]
    )
    assert percent(rate) == published("current_repayment_rate")


@pytest.mark.parametrize("year", [2001, 2002, 2003])
def test_the_published_self_sufficiency(year: int) -> None:
    given_ = inputs(f"operational_self_sufficiency_{year}")
    income = given_.pop("operating_income")[0]
    costs = [cost for figures in given_.values() for cost in figures]
    assert percent(self_sufficiency(income, costs)) == published(f"operational_self_sufficiency_{year}")


@pytest.mark.parametrize(
    "metric",
    [
        "operating_cost_ratio_2001",
        "operating_cost_ratio_2002",
        "operating_cost_ratio_2003",
        "total_cost_ratio_2001",
    ],
)
def test_the_published_cost_ratios(metric: str) -> None:
    given_ = inputs(metric)
    portfolio = given_.pop("average_portfolio")[0]
    (costs,) = given_.values()
    assert percent(cost_ratio(costs, portfolio)) == published(metric)


def test_averages_count_the_opening_balance_and_short_periods_are_made_a_year() -> None:
    assert average([Money(10), Money(20), Money(40), Money(20), Money(10)]) == 20
    assert annualized(portfolio_yield(Money(6), Money(100)), 3) == Decimal("0.24")
    assert write_off_ratio(Money(1), Money(0)).value == 0
    assert risk_coverage(Money(3), Money(4)).value == Decimal("0.75")
    with pytest.raises(BadTermError):
        average([])
    with pytest.raises(BadTermError):
        annualized(Ratio(Money(1), Money(1)), 0)


def test_tables_that_leave_an_age_open_are_refused() -> None:
    for ages in ([], [(1, 5, 0), (1, 6, 0)], [(31, 5, 0), (1, 6, 0)], [(0, 101, 0)], [(0, -1, 0)]):
        with pytest.raises(BadTermError):
            table(ages)


@given(
    st.lists(
        st.tuples(st.integers(min_value=-1, max_value=999), st.integers(0, 10**12).map(Money)), max_size=30
    )
)
def test_every_balance_counts_once_and_provisions_stay_within_it(loans: list[tuple[int, Money]]) -> None:
    rows = provisions(loans, table(SA_DHAN_AGES))
    assert total(row.balance for row in rows) == total(balance for _, balance in loans)
    assert all(Money(0) <= row.provision <= row.balance for row in rows)
