"""Statements follow from account totals, balance, and show each side as accountants read it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import UnbalancedEntryError
from ledger.money import ZERO, Money
from ledger.statements import AccountTotal, AccountType, balance_sheet, income_statement, trial_balance

BOOK = [
    AccountTotal("4100", "Interest", AccountType.INCOME, ZERO, Money(300)),
    AccountTotal("1110", "Till", AccountType.ASSET, Money(1500), Money(900), Money(1000)),
    AccountTotal("5100", "Write-off", AccountType.EXPENSE, Money(100), ZERO),
    AccountTotal("1210", "Loans", AccountType.ASSET, Money(900), Money(1000)),
    AccountTotal("2100", "Deposits", AccountType.LIABILITY, ZERO, Money(300)),
    AccountTotal("3100", "Capital", AccountType.EQUITY, ZERO, ZERO, Money(-1000)),
]


def test_a_trial_balance_lists_accounts_by_code_with_opening_and_closing() -> None:
    book = trial_balance(BOOK)
    assert [account.code for account in book.accounts] == ["1110", "1210", "2100", "3100", "4100", "5100"]
    assert (book.debit, book.credit) == (Money(2500), Money(2500))
    assert book.accounts[0].closing == Money(1600)
    assert book.accounts[4].closing == Money(-300)


def test_an_unbalanced_book_has_no_trial_balance() -> None:
    with pytest.raises(UnbalancedEntryError):
        trial_balance(BOOK[1:])
    with pytest.raises(UnbalancedEntryError):
        trial_balance([AccountTotal("1", "Till", AccountType.ASSET, ZERO, ZERO, Money(1))])


def test_the_income_statement_shows_income_and_expense_above_zero() -> None:
    statement = income_statement(trial_balance(BOOK))
    assert statement.income.total == Money(300)
    assert statement.expense.total == Money(100)
    assert statement.result == Money(200)


def test_the_balance_sheet_balances_with_the_result_not_yet_closed() -> None:
    sheet = balance_sheet(trial_balance(BOOK))
    assert [(figure.code, figure.amount) for figure in sheet.assets.figures] == [
        ("1110", Money(1600)),
        ("1210", Money(-100)),
    ]
    assert (sheet.liabilities.total, sheet.equity.total, sheet.result) == (
        Money(300),
        Money(1000),
        Money(200),
    )
    assert sheet.assets.total == sheet.funding == Money(1500)


transfers = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=1, max_value=10**9),
    ),
    max_size=30,
)


@given(transfers)
def test_whatever_is_posted_the_sheet_balances(posted: list[tuple[int, int, int]]) -> None:
    kinds = list(AccountType)
    debits, credits_ = [0] * 10, [0] * 10
    for to, come_from, amount in posted:
        debits[to] += amount
        credits_[come_from] += amount
    book = trial_balance(
        AccountTotal(str(code), "", kinds[code % 5], Money(debits[code]), Money(credits_[code]))
        for code in range(10)
    )
    assert balance_sheet(book).result == income_statement(book).result
