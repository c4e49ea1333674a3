"""A branch of the source into our books, by the services, every row as it stands."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking import clients, groups, loans, repayments, savings
from banking.cash import cash_leg
from banking.loading.mifos.payments import Paid, payments_of
from banking.loading.mifos.reading import PAID_OUT
from banking.loading.mifos.source import (
    CENTER_LEVEL,
    CLIENT_LEVEL,
    GROUP_LEVEL,
    Branch,
    Customer,
    Loan,
    Savings,
)
from banking.loading.report import Mapped
from banking.loading.rows import RowWriter
from banking.loan_books import (
    read_book,
    split_of,
)
from banking.loan_movements import Movement, write
from ledger.allocation import Due, Share
from ledger.errors import N_, NotFoundError, RuleError
from ledger.money import ZERO
from ledger.posting import Role, repayment_entry
from ledger.terms import Amortization, InterestType, RepayUnit
from schema.accounts import Installment
from schema.people import Center, Client, Group
from schema.products import LoanProduct, SavingsProduct
from schema.writing import act, update

FLAT, EQUAL_PRINCIPAL = "1", "4"
_STANDARD: Final = {RepayUnit.WEEKS: "WEEKLY", RepayUnit.MONTHS: "MONTHLY"}
_SAVE, _MUST = "SAVE", "MUST"
_WRITTEN_OFF: Final = "written_off"


class NoOwnerError(RuleError):
    """An account of a customer who is not in our books. Facts: account."""

    code = "UNKNOWN_CLIENT"
    message = N_("The customer of {account} was not taken over, or is a center.")


@dataclass(slots=True)
class BranchWriter:
    """Writes a branch; ids by the source's customer ids, mapping of products as it comes about."""

    writer: RowWriter
    branch: Branch
    ids: dict[str, int] = field(default_factory=dict)
    mapped: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def session(self) -> Session:
        """The session that is written to."""
        return self.writer.session

    def write(self) -> None:
        """Write customers, loans and savings, in this order."""
        for customer in self.branch.of_level(CENTER_LEVEL):
            self._write_center(customer)
        for customer in self.branch.of_level(GROUP_LEVEL):
            self._write_group(customer)
        for customer in self.branch.of_level(CLIENT_LEVEL):
            self._write_client(customer)
        self.writer.changesets.cut("customers")
        for loan in self.branch.loans:
            self._write_loan(loan)
        self.writer.changesets.cut("loans")
        for account in self.branch.savings:
            self._write_savings(account)

    def mapping(self) -> list[Mapped]:
        """List the source's products, ours that their accounts stand under, and how many those are."""
        return [Mapped(source, ours, count) for (source, ours), count in sorted(self.mapped.items())]

    # --- customers -------------------------------------------------------------------------------

    def _write_center(self, customer: Customer) -> None:
        with self.writer.row("customer.csv", customer.where):
            meeting = customer.meeting
            center = groups.create_center(
                self.session,
                number=customer.number,
                name=customer.name,
                meeting_weekday=meeting.weekday if meeting else None,
                meeting_every_weeks=meeting.every_weeks if meeting else None,
                first_meeting_on=meeting.first_on if meeting else None,
            )
            self._keep(customer, center, "centers")

    def _write_group(self, customer: Customer) -> None:
        with self.writer.row("customer.csv", customer.where):
            meeting = customer.meeting
            group = groups.create_group(
                self.session,
                number=customer.number,
                name=customer.name,
                center_id=self._parent_id(customer, CENTER_LEVEL),
                meeting_weekday=meeting.weekday if meeting else None,
                meeting_every_weeks=meeting.every_weeks if meeting else None,
                first_meeting_on=meeting.first_on if meeting else None,
            )
            self._keep(customer, group, "groups")

    def _write_client(self, customer: Customer) -> None:
        with self.writer.row("customer.csv", customer.where):
            client = clients.register_client(
                self.session,
                number=customer.number,
                name=customer.name,
                given_name=customer.given_name,
                born_on=customer.born_on,
                group_id=self._parent_id(customer, GROUP_LEVEL),
                joined_on=customer.joined_on,
            )
            if customer.blacklisted:
                update(self.session, client, blacklisted=1)
            self._keep(customer, client, "clients")

    def _parent_id(self, customer: Customer, level: str) -> int | None:
        parent = self.branch.customers.get(customer.parent_id)
        return self.ids.get(parent.id) if parent is not None and parent.level == level else None

    def _keep(self, customer: Customer, row: Center | Group | Client, kind: str) -> None:
        if row.state != customer.state:
            update(self.session, row, state=customer.state)
        self.ids[customer.id] = row.id
        self.writer.count(kind)

    def _owner(self, owner_id: str, account: str) -> dict[str, int]:
        customer = self.branch.customers[owner_id]
        column = {CLIENT_LEVEL: "client_id", GROUP_LEVEL: "group_id"}.get(customer.level)
        if column is None or customer.id not in self.ids:
            raise NoOwnerError(account=account)
        return {column: self.ids[customer.id]}

    # --- loans -----------------------------------------------------------------------------------

    def _write_loan(self, loan: Loan) -> None:
        with self.writer.row("loan_account.csv", loan.where):
            product = self._loan_product(loan.repay_unit)
            owner = self._owner(loan.owner_id, loan.number)
            taken = loans.take_over(self.session, self._taken(loan, product, owner), _planned(loan))
            if loan.state in PAID_OUT:
                self._write_payments(loan, taken.id)
            if loan.state == _WRITTEN_OFF and loans.outstanding(self.session, taken.id).total:
                repayments.write_off(self.session, taken.id, None, self._last_day(loan))
            self.mapped[self.branch.products.get(loan.product_id, loan.product_id), product.code] += 1
            self.writer.count("loans")
            self.writer.created["installments"] = self.writer.created.get("installments", 0) + len(loan.rows)

    def _taken(self, loan: Loan, product: LoanProduct, owner: dict[str, int]) -> loans.TakenLoan:
        paid_out = loan.state in PAID_OUT
        equal_principal = loan.interest_type == EQUAL_PRINCIPAL
        return loans.TakenLoan(
            number=loan.number,
            product_id=product.id,
            client_id=owner.get("client_id"),
            group_id=owner.get("group_id"),
            principal=loan.principal,
            annual_rate=loan.annual_rate,
            interest_type=InterestType.FLAT if loan.interest_type == FLAT else InterestType.DECLINING,
            amortization=Amortization.EQUAL_PRINCIPAL if equal_principal else Amortization.EQUAL_INSTALLMENTS,
            installments=len(loan.rows),
            repay_every=loan.repay_every,
            repay_unit=loan.repay_unit,
            status="active" if paid_out else loan.state,
            applied_on=loan.applied_on,
            disbursed_on=loan.disbursed_on if paid_out else None,
        )

    def _write_payments(self, loan: Loan, loan_id: int) -> None:
        paid = payments_of(loan, self.branch.known_on)
        if not paid:
            return
        stored = self.session.execute(
            select(Installment.number, Installment.id).where(Installment.loan_account_id == loan_id)
        )
        ids = {row[0]: row[1] for row in stored}
        dues = {row.number: Due(ids[row.number], row.number, row.due_on) for row in loan.rows}
        for payment in paid:
            _write_payment(self.session, loan_id, payment, dues)
            self.writer.count("transactions")

    def _last_day(self, loan: Loan) -> date:
        days = (self.branch.known_on, loan.changed_on, loan.disbursed_on)
        return max(day for day in days if day is not None)

    def _loan_product(self, unit: RepayUnit) -> LoanProduct:
        offered = self.session.scalars(
            select(LoanProduct).where(LoanProduct.active == 1).order_by(LoanProduct.code)
        )
        fitting = [product for product in offered if product.repay_unit == unit]
        if not fitting:
            raise NotFoundError(kind="loan product repaid in", key=unit)
        standard = (product for product in fitting if product.code == _STANDARD.get(unit))
        return next(standard, fitting[0])

    # --- savings ---------------------------------------------------------------------------------

    def _write_savings(self, account: Savings) -> None:
        with self.writer.row("savings_account.csv", account.where):
            code = _MUST if account.mandatory else _SAVE
            product = self.session.scalars(
                select(SavingsProduct).where(SavingsProduct.code == code, SavingsProduct.active == 1)
            ).first()
            if product is None:
                raise NotFoundError(kind="savings product", key=code)
            owner = self._owner(account.owner_id, account.number)
            opened = savings.open_account(
                self.session,
                client_id=owner.get("client_id"),
                group_id=owner.get("group_id"),
                product_id=product.id,
                opened_on=account.opened_on,
                number=account.number,
                annual_rate=account.annual_rate,
            )
            if account.balance > ZERO:
                on = self.branch.known_on or account.opened_on or act(self.session).business_date
                savings.deposit(
                    self.session, opened.id, account.balance, on, note="Balance of the older books"
                )
                self.writer.count("transactions")
            if account.state != opened.status:
                update(self.session, opened, status=account.state)
            self.mapped[self.branch.products.get(account.product_id, account.product_id), product.code] += 1
            self.writer.count("savings")


def _planned(loan: Loan) -> list[loans.PlannedRow]:
    return [
        loans.PlannedRow(
            row.number, row.due_on, row.due.principal, row.due.interest, row.due.fee, row.due.penalty
        )
        for row in loan.rows
    ]


def _write_payment(session: Session, loan_id: int, payment: Paid, dues: dict[int, Due]) -> None:
    """Book a payment on exactly the rows and components that the source says, against "Books brought in"."""
    shares = [
        Share(
            dues[number],
            principal=parts.principal,
            interest=parts.interest,
            fee=parts.fee,
            penalty=parts.penalty,
        )
        for number, parts in payment.shares.items()
    ]
    split = split_of(shares)
    movement = Movement(
        kind="repayment",
        amount=split.total,
        value_date=payment.on,
        split=split,
        shares=shares,
        entry=repayment_entry(split, cash=Role.CASH),
        leg=cash_leg(session, None),
        note=payment.note,
    )
    write(session, read_book(session, loan_id), movement)
