"""Payments in a Mifos 2 export: each lands on exactly the rows and parts that the source says.

The real export holds no repayment. Each test adds some to a copy, in all the tables that Mifos keeps them in.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.loading.mifos.payments import payments_of
from banking.loading.mifos.source import Loan, Parts, Payment, ScheduleRow
from ledger.dates import RepayUnit
from ledger.money import Money
from tests.banking.loading.conftest import Branch, Export

FEES, NO_FEES, MORE, GROUP = "166", "13", "14", "205"
NUMBERS = MappingProxyType({key: f"000100000000{int(key):03d}" for key in (FEES, NO_FEES, MORE, GROUP)})
_PAID = MappingProxyType(
    {"principal": "principal_paid", "interest": "interest_paid", "fee": "", "penalty": "penalty_paid"}
)


@dataclass
class Till:
    """Adds payments to an export as Mifos writes them."""

    export: Export

    def due(self, account: str, row: int) -> dict[str, Decimal]:
        """Give what a row asks for, by component."""
        found = next(
            r
            for r in self.export.rows("loan_schedule")
            if r["account_id"] == account and int(r["installment_id"]) == row
        )
        fees = [Decimal(f["amount"]) for f in self.export.rows("loan_fee_schedule") if f["id"] == found["id"]]
        return {
            "principal": Decimal(found["principal"]),
            "interest": Decimal(found["interest"]),
            "fee": sum(fees, Decimal(0)),
            "penalty": Decimal(0),
        }

    def pay(
        self, account: str, on: str, paid: dict[int, dict[str, Decimal]], *, written: str = "by row"
    ) -> None:
        """Pay parts of rows; ``written``: by row, at once (in one transaction), or not (balances only)."""
        for row, parts in paid.items():
            self._on_schedule(account, row, parts)
        sums = {
            name: sum((parts.get(name, Decimal(0)) for parts in paid.values()), Decimal(0)) for name in _PAID
        }
        self._add_to(
            "loan_summary",
            account,
            {
                "principal_paid": sums["principal"],
                "interest_paid": sums["interest"],
                "fees_paid": sums["fee"],
                "penalty_paid": sums["penalty"],
            },
        )
        self._add_to("loan_account", account, {"loan_balance": -sums["principal"]})
        if written == "not":
            return
        payment = str(len(self.export.rows("account_payment")) + 1)
        total = sum(sums.values(), Decimal(0))
        self.export.add(
            "account_payment", payment_id=payment, account_id=account, amount=f"{total}", payment_date=on
        )
        if written == "at once":
            self._transaction(account, payment, on, 0, sums)
        else:
            for row, parts in paid.items():
                self._transaction(account, payment, on, row, parts)

    def _on_schedule(self, account: str, row: int, parts: dict[str, Decimal]) -> None:
        key = {"account_id": account, "installment_id": str(row)}
        rows = self.export.rows("loan_schedule")
        found = next(r for r in rows if all(r[name] == value for name, value in key.items()))
        cells = {
            _PAID[name]: f"{Decimal(found[_PAID[name]]) + amount}"
            for name, amount in parts.items()
            if _PAID[name]
        }
        self.export.change("loan_schedule", key, **cells)
        left = parts.get("fee", Decimal(0))
        for fee in self.export.rows("loan_fee_schedule"):
            if fee["id"] == found["id"] and left:
                part = min(left, Decimal(fee["amount"]) - Decimal(fee["amount_paid"]))
                left -= part
                paid = f"{Decimal(fee['amount_paid']) + part}"
                self.export.change(
                    "loan_fee_schedule",
                    {"account_fees_detail_id": fee["account_fees_detail_id"]},
                    amount_paid=paid,
                )
        assert not left

    def _add_to(self, table: str, account: str, amounts: dict[str, Decimal]) -> None:
        found = next(row for row in self.export.rows(table) if row["account_id"] == account)
        cells = {name: f"{Decimal(found[name]) + amount}" for name, amount in amounts.items()}
        self.export.change(table, {"account_id": account}, **cells)

    def _transaction(self, account: str, payment: str, on: str, row: int, parts: dict[str, Decimal]) -> None:
        number = str(len(self.export.rows("account_trxn")) + 1)
        self.export.add(
            "account_trxn",
            account_trxn_id=number,
            account_id=account,
            payment_id=payment,
            account_action_id="1",
            amount=f"{sum(parts.values(), Decimal(0))}",
            action_date=on,
            installment_id=str(row),
        )
        self.export.add(
            "loan_trxn_detail",
            account_trxn_id=number,
            principal_amount=f"{parts.get('principal', 0)}",
            interest_amount=f"{parts.get('interest', 0)}",
            penalty_amount=f"{parts.get('penalty', 0)}",
            misc_fee_amount="0.0000",
            misc_penalty_amount="0.0000",
        )


def shares(branch: Branch, account: str) -> list[str]:
    """Give the stored shares of a loan: day, row, principal, interest, fee; in the order of booking."""
    statement = (
        "SELECT t.value_date || ' ' || i.number || ': ' || s.principal || ' ' || s.interest || ' ' || s.fee "
        "FROM loan_transaction_share AS s JOIN loan_transaction AS t ON t.id = s.loan_transaction_id "
        "JOIN installment AS i ON i.id = s.installment_id JOIN loan_account AS l ON l.id = t.loan_account_id "
        "WHERE l.number = ? AND t.kind = 'repayment' ORDER BY t.id, i.number"
    )
    return [str(row) for row in branch.column(statement, NUMBERS[account])]


@pytest.fixture
def till(export: Export) -> Till:
    """Somebody who takes payments in the older books."""
    return Till(export)


def test_payments_land_on_the_rows_that_the_source_says(branch: Branch, till: Till) -> None:
    """Whole, partial, over several rows, with fees, on one day and on several: all in one branch."""
    whole = {row: till.due(NO_FEES, row) for row in range(1, 12)}
    till.pay(NO_FEES, "2009-02-05", whole)
    till.pay(FEES, "2009-02-05", {1: {"fee": Decimal(500)}})
    till.pay(FEES, "2009-02-12", {1: {**till.due(FEES, 1), "fee": Decimal(490)}, 2: {"interest": Decimal(1)}})
    till.pay(
        MORE,
        "2009-02-05",
        {1: till.due(MORE, 1), 2: till.due(MORE, 2), 3: {"interest": Decimal(1)}},
        written="at once",
    )
    till.pay(GROUP, "2009-02-19", {1: {"fee": Decimal(8)}}, written="not")
    report = branch.load_mifos(till.export.folder)
    assert report.errors == []
    assert {told.account for told in report.reconciliation}.isdisjoint(NUMBERS.values())
    assert len(shares(branch, NO_FEES)) == 11
    assert branch.owed(NUMBERS[NO_FEES]) == Money(0)
    first, second = shares(branch, FEES)[0], shares(branch, FEES)[1:]
    assert first == "2009-02-05 1: 0 0 50000"
    assert second == ["2009-02-12 1: 18180 120 49000", "2009-02-12 2: 0 100 0"]
    assert shares(branch, MORE) == [
        "2009-02-05 1: 18180 120 0",
        "2009-02-05 2: 18180 120 0",
        "2009-02-05 3: 0 100 0",
    ]
    assert shares(branch, GROUP) == ["2009-02-12 1: 0 0 800"]
    assert report.created["transactions"] == 5


def test_sums_of_what_was_paid_are_those_of_the_source(branch: Branch, till: Till) -> None:
    """What the database holds as paid and as owed adds up to the source's own summaries, to the cent."""
    till.pay(NO_FEES, "2009-02-05", {1: till.due(NO_FEES, 1)})
    till.pay(FEES, "2009-02-05", {1: {"fee": Decimal("123.45"), "interest": Decimal("0.55")}})
    report = branch.load_mifos(till.export.folder)
    loans = report.totals["disbursed_loans"]
    assert (loans["principal_paid"], loans["interest_paid"], loans["fees_paid"]) == (
        "181.80",
        "1.75",
        "123.45",
    )
    assert loans["outstanding_principal"] == "226073.20"
    assert loans["outstanding_fees"] == "39892.55"
    assert branch.scalar("SELECT sum(debit) - sum(credit) FROM journal_line") == 0
    held = "SELECT sum(debit) - sum(credit) FROM journal_line WHERE gl_account_id = ?"
    assert branch.scalar(held, branch.books.gl_account("Loan portfolio").id) == 22_607_320
    assert branch.scalar(held, branch.books.gl_account("Fees on loans").id) == -12_345
    assert branch.scalar(held, branch.books.gl_account("Interest on loans").id) == -175


def test_a_row_paid_out_of_order_stays_so(branch: Branch, till: Till) -> None:
    """The fifth row was paid and the first was not: no rule of ours moves the money."""
    till.pay(NO_FEES, "2009-02-05", {5: till.due(NO_FEES, 5)})
    report = branch.load_mifos(till.export.folder)
    assert shares(branch, NO_FEES) == ["2009-02-05 5: 18180 120 0"]
    assert NUMBERS[NO_FEES] not in {told.account for told in report.reconciliation}


def test_a_payment_whose_sums_disagree_gives_only_its_rows(branch: Branch, till: Till) -> None:
    """Where transactions contradict the schedule, the schedule is right, dated at the last known day."""
    till.pay(NO_FEES, "2009-02-05", {1: till.due(NO_FEES, 1)})
    payment = till.export.rows("account_trxn")[-1]
    till.export.change("account_trxn", {"account_trxn_id": payment["account_trxn_id"]}, amount="1.0000")
    branch.load_mifos(till.export.folder)
    assert shares(branch, NO_FEES) == ["2009-02-05 1: 18180 120 0"]
    notes = branch.column("SELECT note FROM loan_transaction WHERE kind = 'repayment'")
    assert notes == ["Paid in the older books"]


def test_a_balance_that_payments_do_not_explain_is_told(branch: Branch, till: Till) -> None:
    """A payment that is in the schedule but not in the account's balance is one difference."""
    till.pay(NO_FEES, "2009-02-05", {1: till.due(NO_FEES, 1)})
    till.export.change("loan_account", {"account_id": NO_FEES}, loan_balance="2000.0000")
    report = branch.load_mifos(till.export.folder)
    told = [told.to_json() for told in report.reconciliation if told.account == NUMBERS[NO_FEES]]
    assert told == [
        {
            "account": NUMBERS[NO_FEES],
            "field": "outstanding_principal",
            "source": "2000.00",
            "ours": "1818.20",
        }
    ]


AMOUNTS = st.integers(min_value=0, max_value=500)
ROWS = st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=6)
PAYMENTS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 7), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), max_size=5
)


@given(ROWS, PAYMENTS)
def test_whatever_the_payments_say_the_rows_are_paid_as_they_are(
    rows: list[tuple[int, int, int, int]], payments: list[tuple[int, int, int, int, int, int]]
) -> None:
    """Right, wrong or missing payments: the shares add up to what the schedule has as paid, row by row."""
    start = date(2009, 2, 1)
    paid = [Parts(*(Money(amount) for amount in row)) for row in rows]
    loan = Loan(
        id="1",
        where=2,
        number="1",
        owner_id="1",
        state="active",
        product_id="1",
        loan_amount=Money(1),
        loan_balance=Money(1),
        interest_type="1",
        offered_interest_type="1",
        annual_rate=Decimal(3),
        installments=len(rows),
        repay_every=1,
        repay_unit=RepayUnit.WEEKS,
        applied_on=None,
        disbursement_date=start,
        changed_on=None,
        rows=[ScheduleRow(number, start, "1", parts, parts) for number, parts in enumerate(paid, start=1)],
        summary_due=Parts(),
        summary_paid=Parts(),
        disbursal=None,
        payments=[
            Payment(str(n), start + timedelta(days=days), total.total, [(row, total)])
            for n, (days, row, *amounts) in enumerate(sorted(payments))
            for total in [Parts(*(Money(amount) for amount in amounts))]
        ],
    )
    booked = payments_of(loan, start + timedelta(days=99))
    summed: dict[int, Parts] = {}
    for payment in booked:
        assert payment.shares
        for number, parts in payment.shares.items():
            summed[number] = summed.get(number, Parts()) + parts
    wanted = {number: parts for number, parts in enumerate(paid, start=1) if parts.total}
    assert summed == wanted
