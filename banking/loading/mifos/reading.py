"""From tables of an export to the branch that they describe; what does not fit together is told by row."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from banking.loading.mifos.source import (
    CENTER_LEVEL,
    CLIENT_LEVEL,
    DISBURSED,
    GROUP_LEVEL,
    LOAN_ACCOUNT,
    REPAID,
    SAVINGS_ACCOUNT,
    Branch,
    Customer,
    Disbursal,
    Loan,
    Meeting,
    Parts,
    Payment,
    Savings,
    ScheduleRow,
)
from banking.loading.mifos.tables import Record, Tables
from ledger.money import ZERO, total
from ledger.terms import MAX_INSTALLMENTS, RepayUnit

CUSTOMER_STATES: Final = {
    **dict.fromkeys(("1", "2", "7", "8"), "applied"),
    **dict.fromkeys(("3", "9", "13"), "active"),
    **dict.fromkeys(("4", "10"), "on_hold"),
    **dict.fromkeys(("5", "6", "11", "12", "14"), "closed"),
}
LOAN_STATES: Final = {
    "1": "applied",
    "2": "applied",
    "3": "approved",
    "5": "active",
    "6": "active",
    "7": "written_off",
    "9": "active",
    "10": "withdrawn",
}
SAVINGS_STATES: Final = {
    "13": "applied",
    "14": "applied",
    "15": "closed",
    "16": "active",
    "17": "closed",
    "18": "inactive",
}
PAID_OUT: Final = frozenset({"active", "written_off"})
_UNITS: Final = {"1": RepayUnit.WEEKS, "2": RepayUnit.MONTHS, "3": RepayUnit.DAYS}
_MANDATORY: Final = "1"
_WEEK: Final = timedelta(days=7)


def read_branch(tables: Tables) -> Branch:
    """Read the branch; everything that cannot be taken over goes to ``tables.errors``."""
    branch = Branch()
    customers = tables.by("customer", "customer_id")
    meetings = _meetings(tables)
    for record in customers.values():
        customer = _customer(record, meetings.get(record.key("customer_id")))
        branch.customers[customer.id] = customer
    for customer in branch.customers.values():
        if customer.parent_id and customer.parent_id not in branch.customers:
            message = f"There is no customer {customer.parent_id} to stand under."
            customers[customer.id].tell("parent_customer_id", "UNKNOWN_PARENT", message)
    for record in tables["prd_offering"]:
        names = (record.text("prd_offering_name"), record.text("global_prd_offering_num"))
        branch.products[record.key("prd_offering_id")] = "{} ({})".format(*names)
    days = [record.day("action_date") for record in tables["account_trxn"]]
    branch.known_on = max((day for day in days if day is not None), default=None)
    _Accounts(tables, branch).read()
    return branch


def _customer(record: Record, meeting: Meeting | None) -> Customer:
    level = record.key("customer_level_id")
    if level not in {CLIENT_LEVEL, GROUP_LEVEL, CENTER_LEVEL}:
        record.tell("customer_level_id", "UNKNOWN_LEVEL", f"“{level}” is not 1 client, 2 group or 3 center.")
    status = record.key("status_id")
    if status not in CUSTOMER_STATES:
        record.tell("status_id", "UNKNOWN_STATE", f"The state “{status}” of a customer is not known.")
    last, first = record.text("last_name"), record.text("first_name")
    return Customer(
        id=record.key("customer_id"),
        where=record.number,
        level=level,
        number=record.text("global_cust_num"),
        name=last or record.text("display_name"),
        given_name=first if last else "",
        state=CUSTOMER_STATES.get(status, ""),
        parent_id=record.key("parent_customer_id"),
        joined_on=record.day("mfi_joining_date") or record.day("customer_activation_date"),
        born_on=record.day("date_of_birth"),
        blacklisted=record.key("blacklisted") == "1",
        meeting=meeting,
    )


def _meetings(tables: Tables) -> dict[str, Meeting]:
    """Read from the dates planned for each customer when they meet, where these are whole weeks apart."""
    found: dict[str, Meeting] = {}
    for customer_id, records in tables.grouped("customer_schedule", "customer_id").items():
        planned = {record.day("action_date") for record in records}
        days = sorted(day for day in planned if day is not None)
        gaps = {later - earlier for earlier, later in pairwise(days)}
        if len(gaps) == 1 and not (gap := gaps.pop()) % _WEEK:
            found[customer_id] = Meeting(days[0].isoweekday(), gap // _WEEK, days[0])
    return found


class _Accounts:
    """Reads the accounts: joins each with what other tables know of it."""

    def __init__(self, tables: Tables, branch: Branch) -> None:
        self.tables, self.branch = tables, branch
        self.loans = tables.by("loan_account", "account_id")
        self.savings = tables.by("savings_account", "account_id")
        self.summaries = tables.by("loan_summary", "account_id")
        self.rows = tables.grouped("loan_schedule", "account_id")
        self.fees = tables.grouped("loan_fee_schedule", "id")
        self.meetings = tables.by("recurrence_detail", "meeting_id")
        self.offers = tables.by("loan_offering", "prd_offering_id")
        self.savings_offers = tables.by("savings_offering", "prd_offering_id")
        self.transactions = tables.grouped("account_trxn", "account_id")
        self.details = tables.by("loan_trxn_detail", "account_trxn_id")
        self.payments = tables.by("account_payment", "payment_id")

    def read(self) -> None:
        """Read every account of the source into the branch."""
        seen: set[str] = set()
        for record in self.tables.by("account", "account_id").values():
            account_id, kind = record.key("account_id"), record.key("account_type_id")
            if kind not in {LOAN_ACCOUNT, SAVINGS_ACCOUNT}:
                continue
            seen.add(account_id)
            if record.key("customer_id") not in self.branch.customers:
                message = f"There is no customer {record.key('customer_id')}."
                record.tell("customer_id", "UNKNOWN_CLIENT", message)
            elif kind == LOAN_ACCOUNT:
                self._read_loan(record, account_id)
            else:
                self._read_savings(record, account_id)
        for account_id, terms in {**self.loans, **self.savings}.items():
            if account_id not in seen:
                terms.tell("account_id", "UNKNOWN_ACCOUNT", f"account.csv has no account {account_id}.")

    def _read_savings(self, record: Record, account_id: str) -> None:
        terms = self.savings.get(account_id)
        state = SAVINGS_STATES.get(record.key("account_state_id"))
        if terms is None or state is None:
            self._incomplete(record, "savings_account.csv" if terms is None else None)
            return
        offer = self.savings_offers.get(terms.key("prd_offering_id"))
        self.branch.savings.append(
            Savings(
                id=account_id,
                where=terms.number,
                number=record.text("global_account_num"),
                owner_id=record.key("customer_id"),
                state=state,
                product_id=terms.key("prd_offering_id"),
                mandatory=offer is not None and offer.key("savings_type_id") == _MANDATORY,
                annual_rate=terms.rate("interest_rate"),
                opened_on=terms.day("activation_date"),
                balance=terms.amount("savings_balance"),
            )
        )

    def _read_loan(self, record: Record, account_id: str) -> None:
        terms, summary = self.loans.get(account_id), self.summaries.get(account_id)
        state = LOAN_STATES.get(record.key("account_state_id"))
        if terms is None or summary is None or state is None:
            missing = "loan_account.csv" if terms is None else "loan_summary.csv" if summary is None else None
            self._incomplete(record, missing)
            return
        rows = self._schedule(account_id)
        if not 1 <= len(rows) <= MAX_INSTALLMENTS or len({row.number for row in rows}) != len(rows):
            message = f"Loan {account_id} has {len(rows)} rows in loan_schedule.csv, or two of one number."
            terms.tell("account_id", "BAD_SCHEDULE", message)
            return
        every, unit = self._repays(terms)
        offer = self.offers.get(terms.key("prd_offering_id"))
        loan = Loan(
            id=account_id,
            where=terms.number,
            number=record.text("global_account_num"),
            owner_id=record.key("customer_id"),
            state=state,
            product_id=terms.key("prd_offering_id"),
            loan_amount=terms.amount("loan_amount"),
            loan_balance=terms.amount("loan_balance"),
            interest_type=terms.key("interest_type_id"),
            offered_interest_type=offer.key("interest_type_id") if offer else "",
            annual_rate=terms.rate("interest_rate"),
            installments=terms.whole("no_of_installments"),
            repay_every=every,
            repay_unit=unit,
            applied_on=record.day("created_date"),
            disbursement_date=terms.day("disbursement_date"),
            changed_on=record.day("updated_date"),
            rows=rows,
            summary_due=_summary(summary, "orig_principal", "orig_interest", "orig_fees", "orig_penalty"),
            summary_paid=_summary(summary, "principal_paid", "interest_paid", "fees_paid", "penalty_paid"),
            disbursal=self._disbursal(account_id),
            payments=self._payments(account_id),
        )
        if state in PAID_OUT and loan.disbursed_on is None:
            terms.tell("disbursement_date", "MISSING", "This loan was paid out, but on no date.")
        self.branch.loans.append(loan)

    def _incomplete(self, record: Record, missing: str | None) -> None:
        if missing is None:
            message = f"The state {record.key('account_state_id')} of an account is not taken over."
            record.tell("account_state_id", "UNKNOWN_STATE", message)
        else:
            message = f"Account {record.key('account_id')} has no row in {missing}."
            record.tell("account_id", "UNKNOWN_ACCOUNT", message)

    def _repays(self, terms: Record) -> tuple[int, RepayUnit]:
        meeting = self.meetings.get(terms.key("meeting_id"))
        unit = _UNITS.get(meeting.key("recurrence_id")) if meeting else None
        every = meeting.whole("recur_after") if meeting else 0
        if unit is None or not every:
            message = f"recurrence_detail.csv does not say how often meeting {terms.key('meeting_id')} is."
            terms.tell("meeting_id", "UNKNOWN_MEETING", message)
            return 1, RepayUnit.WEEKS
        return every, unit

    def _schedule(self, account_id: str) -> list[ScheduleRow]:
        rows = [self._schedule_row(record) for record in self.rows.get(account_id, [])]
        return sorted((row for row in rows if row is not None), key=lambda row: row.number)

    def _schedule_row(self, record: Record) -> ScheduleRow | None:
        due_on = record.day("action_date")
        if due_on is None:
            record.tell("action_date", "MISSING", "A row of a schedule needs its date.")
            return None
        fees = self.fees.get(record.key("id"), [])
        return ScheduleRow(
            number=record.whole("installment_id"),
            due_on=due_on,
            owner_id=record.key("customer_id"),
            due=Parts(
                principal=record.amount("principal"),
                interest=record.amount("interest"),
                fee=record.amount("misc_fees") + total(fee.amount("amount") for fee in fees),
                penalty=record.amount("penalty") + record.amount("misc_penalty"),
            ),
            paid=Parts(
                principal=record.amount("principal_paid"),
                interest=record.amount("interest_paid"),
                fee=record.amount("misc_fees_paid") + total(fee.amount("amount_paid") for fee in fees),
                penalty=record.amount("penalty_paid") + record.amount("misc_penalty_paid"),
            ),
        )

    def _disbursal(self, account_id: str) -> Disbursal | None:
        records = self._of_action(account_id, DISBURSED)
        if not records:
            return None
        days = [record.day("action_date") for record in records]
        amounts = {"account_trxn": total(record.amount("amount") for record in records)}
        paid = [self.payments.get(record.key("payment_id")) for record in records]
        if all(payment is not None for payment in paid):
            amounts["account_payment"] = total(payment.amount("amount") for payment in paid if payment)
        details = [self.details.get(record.key("account_trxn_id")) for record in records]
        if all(detail is not None for detail in details):
            parts = total(detail.amount("principal_amount") for detail in details if detail)
            amounts["loan_trxn_detail"] = parts
        return Disbursal(min((day for day in days if day), default=None), amounts)

    def _of_action(self, account_id: str, action: str) -> list[Record]:
        records = self.transactions.get(account_id, [])
        return [record for record in records if record.key("account_action_id") == action]

    def _payments(self, account_id: str) -> list[Payment]:
        """Read the repayments, oldest first; one that was taken back (negative) leaves none of them known."""
        by_payment: dict[str, list[Record]] = {}
        for record in self._of_action(account_id, REPAID):
            if record.key("amount").startswith("-"):
                return []
            by_payment.setdefault(record.key("payment_id"), []).append(record)
        payments = [self._payment(payment_id, records) for payment_id, records in by_payment.items()]
        return sorted((payment for payment in payments if payment is not None), key=_in_order)

    def _payment(self, payment_id: str, records: Sequence[Record]) -> Payment | None:
        days = [record.day("action_date") for record in records]
        on = max((day for day in days if day is not None), default=None)
        if on is None:
            return None
        parts = [(record.whole("installment_id"), self._parts(record)) for record in records]
        return Payment(payment_id, on, total(record.amount("amount") for record in records), parts)

    def _parts(self, record: Record) -> Parts:
        """Read what one transaction paid; what its detail does not name are fees of the schedule."""
        amount, detail = record.amount("amount"), self.details.get(record.key("account_trxn_id"))
        if detail is None:
            return Parts()
        principal, interest = detail.amount("principal_amount"), detail.amount("interest_amount")
        penalty = detail.amount("penalty_amount") + detail.amount("misc_penalty_amount")
        return Parts(principal, interest, max(amount - principal - interest - penalty, ZERO), penalty)


def _summary(record: Record, principal: str, interest: str, fee: str, penalty: str) -> Parts:
    return Parts(
        record.amount(principal), record.amount(interest), record.amount(fee), record.amount(penalty)
    )


def _in_order(payment: Payment) -> tuple[date, int, str]:
    return payment.on, len(payment.id), payment.id
