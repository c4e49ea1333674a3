"""What the institution offers: products, charges, ways to pay, provisions; made by headquarters."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Mapped, mapped_column

from ledger.money import Money
from schema.base import Count, Flag, Id, ReferenceRow, reference_to


class LoanProduct(ReferenceRow):
    """One version of the terms on offer for loans. A row never changes once a loan was made under it.

    New terms are a new row with the same ``code`` and the next ``version``; the older one stops being
    ``active``, and the loans made under it keep pointing at it, terms, limits, GL mapping and all.

    ``*_minimum``, ``*_maximum``    what an application may ask for; None: no limit
    ``days_in_year``, ``days_in_month``  a number, or ``actual``
    ``rounding_*``       convention "mifos": a multiple in minor units and a mode, ``100 ROUND_HALF_UP``;
                         empty: whole units
    ``allocation_order`` the free order of twelve, ``DUE penalty, DUE fee, …``; empty: as ``strategy`` says
    ``future_rules``     which rows to come early money goes to, ``DEFAULT NEXT_INSTALLMENT, …``
    ``schedule_kind``    cumulative or progressive
    ``recalculation``    none, or what early money does to the rows left (``AfterExcess``);
                         ``_rest`` and ``_compounding`` are its ``Rest`` and ``Compounding``, ``_day`` the day
                         of month from which overdue interest bears interest (None: its due date)
    ``payoff_interest``  up to when a payoff pays interest (``PayoffInterest``), where it is recalculated
    ``due_from``         disbursement, or meeting: rows fall due when the client's group meets
    ``shift_rule``       what a row does that falls due on a holiday: ``ledger.due_dates`` explains each
    ``accrual``          cash, periodic or upfront
    ``kind``             loan, or credit_line (drawn and repaid up to its limit, without rows)
    """

    __tablename__ = "loan_product"
    code: Mapped[str]
    name: Mapped[str]
    version: Mapped[Count] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(default="loan")
    convention: Mapped[str] = mapped_column(default="fineract")
    interest_type: Mapped[str]
    amortization: Mapped[str] = mapped_column(default="EQUAL_INSTALLMENTS")
    annual_rate: Mapped[Decimal]
    rate_minimum: Mapped[Decimal | None]
    rate_maximum: Mapped[Decimal | None]
    installments: Mapped[Count]
    installments_minimum: Mapped[Count | None]
    installments_maximum: Mapped[Count | None]
    repay_every: Mapped[Count] = mapped_column(default=1)
    repay_unit: Mapped[str]
    days_in_year: Mapped[str] = mapped_column(default="365")
    days_in_month: Mapped[str] = mapped_column(default="actual")
    interest_period: Mapped[str] = mapped_column(default="SAME_AS_REPAYMENT_PERIOD")
    partial_periods: Mapped[Flag] = mapped_column(default=0)
    grace_principal: Mapped[Count] = mapped_column(default=0)
    grace_interest_payment: Mapped[Count] = mapped_column(default=0)
    grace_interest_charged: Mapped[Count] = mapped_column(default=0)
    currency_multiple: Mapped[Count] = mapped_column(default=0)
    installment_multiple: Mapped[Count] = mapped_column(default=0)
    rounding_currency: Mapped[str] = mapped_column(default="")
    rounding_initial: Mapped[str] = mapped_column(default="")
    rounding_final: Mapped[str] = mapped_column(default="")
    fixed_principal_percent: Mapped[Decimal | None]
    down_payment_percent: Mapped[Decimal | None]
    auto_down_payment: Mapped[Flag] = mapped_column(default=0)
    most_tranches: Mapped[Count] = mapped_column(default=0)
    schedule_kind: Mapped[str] = mapped_column(default="cumulative")
    recalculation: Mapped[str] = mapped_column(default="none")
    recalculation_rest: Mapped[str] = mapped_column(default="DAILY")
    recalculation_compounding: Mapped[str] = mapped_column(default="NONE")
    recalculation_day: Mapped[Count | None]
    payoff_interest: Mapped[str] = mapped_column(default="TILL_PRE_CLOSE_DATE")
    due_from: Mapped[str] = mapped_column(default="disbursement")
    strategy: Mapped[str] = mapped_column(default="mifos-standard-strategy")
    allocation_order: Mapped[str] = mapped_column(default="")
    future_rules: Mapped[str] = mapped_column(default="")
    shift_rule: Mapped[str] = mapped_column(default="same_day")
    installment_fee: Mapped[Money | None]
    principal_default: Mapped[Money | None]
    principal_minimum: Mapped[Money | None]
    principal_maximum: Mapped[Money | None]
    overpayment: Mapped[str] = mapped_column(default="keep")
    accrual: Mapped[str] = mapped_column(default="cash")
    non_performing_after_days: Mapped[Count | None]
    charge_off_after_days: Mapped[Count | None]
    arrears_tolerance: Mapped[Money | None]
    guarantors_needed: Mapped[Count] = mapped_column(default=0)
    guarantee_percent: Mapped[Decimal | None]
    provision_table: Mapped[str] = mapped_column(default="")
    gl_portfolio_id: Mapped[Id] = reference_to("gl_account.id")
    gl_interest_id: Mapped[Id] = reference_to("gl_account.id")
    gl_fee_id: Mapped[Id] = reference_to("gl_account.id")
    gl_penalty_id: Mapped[Id] = reference_to("gl_account.id")
    gl_write_off_id: Mapped[Id] = reference_to("gl_account.id")
    gl_recovery_id: Mapped[Id] = reference_to("gl_account.id")
    gl_overpayment_id: Mapped[Id] = reference_to("gl_account.id")
    gl_interest_receivable_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_fee_receivable_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_penalty_receivable_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_charge_off_id: Mapped[Id | None] = reference_to("gl_account.id")
    active: Mapped[Flag] = mapped_column(default=1)


class SavingsProduct(ReferenceRow):
    """One version of the terms on offer for savings; as with loans, a new version is a new row.

    ``kind``             voluntary, mandatory, fixed or recurring
    ``balance_method``   daily (each day's balance) or average (of the days of a posting period)
    ``compounding``      daily, monthly, quarterly or annually: when interest begins to earn interest
    ``posting``          monthly, quarterly, half_yearly or annually: when interest is posted
    ``interest_minimum`` the balance below which a day earns nothing
    ``early_rate``       percent a year off the rate when a fixed or recurring account ends before its term
    ``term_days``        of fixed and recurring accounts; ``lock_in_days`` of the others
    """

    __tablename__ = "savings_product"
    code: Mapped[str]
    name: Mapped[str]
    version: Mapped[Count] = mapped_column(default=1)
    kind: Mapped[str]
    annual_rate: Mapped[Decimal]
    rate_minimum: Mapped[Decimal | None]
    rate_maximum: Mapped[Decimal | None]
    balance_method: Mapped[str] = mapped_column(default="daily")
    compounding: Mapped[str] = mapped_column(default="daily")
    posting: Mapped[str] = mapped_column(default="monthly")
    days_in_year: Mapped[str] = mapped_column(default="365")
    interest_minimum: Mapped[Money | None]
    expected_deposit: Mapped[Money | None]
    deposit_every: Mapped[Count] = mapped_column(default=1)
    deposit_unit: Mapped[str] = mapped_column(default="MONTHS")
    opening_minimum: Mapped[Money | None]
    minimum_balance: Mapped[Money | None]
    overdraft_limit: Mapped[Money | None]
    overdraft_rate: Mapped[Decimal | None]
    tax_percent: Mapped[Decimal | None]
    term_days: Mapped[Count | None]
    term_days_minimum: Mapped[Count | None]
    term_days_maximum: Mapped[Count | None]
    early_rate: Mapped[Decimal | None]
    lock_in_days: Mapped[Count] = mapped_column(default=0)
    dormant_after_days: Mapped[Count | None]
    unclaimed_after_days: Mapped[Count | None]
    gl_deposits_id: Mapped[Id] = reference_to("gl_account.id")
    gl_interest_id: Mapped[Id] = reference_to("gl_account.id")
    gl_fee_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_tax_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_overdraft_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_overdraft_interest_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_interest_payable_id: Mapped[Id | None] = reference_to("gl_account.id")
    gl_unclaimed_id: Mapped[Id | None] = reference_to("gl_account.id")
    active: Mapped[Flag] = mapped_column(default=1)


class ProductCycle(ReferenceRow):
    """What a client may ask for from the ``cycle``-th loan of a product on; None: as the product says."""

    __tablename__ = "product_cycle"
    loan_product_id: Mapped[Id] = reference_to("loan_product.id", index=True)
    cycle: Mapped[Count]
    principal_minimum: Mapped[Money | None]
    principal_maximum: Mapped[Money | None]
    rate_minimum: Mapped[Decimal | None]
    rate_maximum: Mapped[Decimal | None]
    installments_minimum: Mapped[Count | None]
    installments_maximum: Mapped[Count | None]


class PaymentType(ReferenceRow):
    """A way to pay beside cash in a till (bank, mobile money, cheque) and the GL account behind it."""

    __tablename__ = "payment_type"
    code: Mapped[str]
    name: Mapped[str]
    gl_account_id: Mapped[Id] = reference_to("gl_account.id")
    active: Mapped[Flag] = mapped_column(default=1)


class PaymentAccount(ReferenceRow):
    """The GL account behind a way to pay where one product's money goes elsewhere than all other money."""

    __tablename__ = "payment_account"
    payment_type_id: Mapped[Id] = reference_to("payment_type.id")
    loan_product_id: Mapped[Id | None] = reference_to("loan_product.id", index=True)
    savings_product_id: Mapped[Id | None] = reference_to("savings_product.id", index=True)
    gl_account_id: Mapped[Id] = reference_to("gl_account.id")


class ChargeDefinition(ReferenceRow):
    """A fee or penalty on offer; ``amount`` (minor units) or ``percent`` of ``base``, within its caps.

    ``applies_to``  loan or savings
    ``due``         for loans: disbursement, date, installment, overdue; for savings: opening, withdrawal,
                    monthly, annually, closing, dormant
    ``base``        principal, principal+interest, interest; for savings the amount that moves
    ``wait_days``   of an overdue penalty: days after the due date before it is made
    ``repeat_days`` of an overdue penalty: made again so often while the row is unpaid; None: once
    """

    __tablename__ = "charge_definition"
    code: Mapped[str]
    name: Mapped[str]
    version: Mapped[Count] = mapped_column(default=1)
    applies_to: Mapped[str] = mapped_column(default="loan")
    due: Mapped[str]
    penalty: Mapped[Flag] = mapped_column(default=0)
    amount: Mapped[Money | None]
    percent: Mapped[Decimal | None]
    base: Mapped[str] = mapped_column(default="principal+interest")
    least: Mapped[Money | None]
    most: Mapped[Money | None]
    wait_days: Mapped[Count] = mapped_column(default=0)
    repeat_days: Mapped[Count | None]
    gl_income_id: Mapped[Id | None] = reference_to("gl_account.id")
    active: Mapped[Flag] = mapped_column(default=1)


class ProductCharge(ReferenceRow):
    """A charge that every account under a product's version bears."""

    __tablename__ = "product_charge"
    charge_id: Mapped[Id] = reference_to("charge_definition.id")
    loan_product_id: Mapped[Id | None] = reference_to("loan_product.id", index=True)
    savings_product_id: Mapped[Id | None] = reference_to("savings_product.id", index=True)


class SavingsRateStep(ReferenceRow):
    """The rate of a savings product from a term and an amount on; the highest step counts."""

    __tablename__ = "savings_rate_step"
    savings_product_id: Mapped[Id] = reference_to("savings_product.id", index=True)
    from_days: Mapped[Count] = mapped_column(default=0)
    from_amount: Mapped[Money | None]
    annual_rate: Mapped[Decimal]


class LoanPurpose(ReferenceRow):
    """A purpose that loans may be taken for; once one is listed, an application names one of them."""

    __tablename__ = "loan_purpose"
    code: Mapped[str]
    name: Mapped[str]
    active: Mapped[Flag] = mapped_column(default=1)


class ProvisionTable(ReferenceRow):
    """What is set aside for loans by their age, from a day on; products without a table use ``standard``."""

    __tablename__ = "provision_table"
    code: Mapped[str]
    name: Mapped[str]
    starts_on: Mapped[date]
    gl_allowance_id: Mapped[Id] = reference_to("gl_account.id")
    gl_expense_id: Mapped[Id] = reference_to("gl_account.id")


class ProvisionBand(ReferenceRow):
    """One age of a provision table: loans from so many days overdue on, up to the next band."""

    __tablename__ = "provision_band"
    provision_table_id: Mapped[Id] = reference_to("provision_table.id", index=True)
    name: Mapped[str]
    from_days: Mapped[Count]
    percent: Mapped[Decimal]


class FrequentPosting(ReferenceRow):
    """A manual entry that is made often: its two accounts and its words, so that only the amount is typed."""

    __tablename__ = "frequent_posting"
    code: Mapped[str]
    name: Mapped[str]
    gl_debit_id: Mapped[Id] = reference_to("gl_account.id")
    gl_credit_id: Mapped[Id] = reference_to("gl_account.id")
    active: Mapped[Flag] = mapped_column(default=1)


class Limit(ReferenceRow):
    """An amount (minor units) of an office, or of all: ``name`` says which.

    ``till_cash`` is what a till may hold; ``second_person`` the amount from which a second person confirms a
    cash payment, a reversal or a manual entry; ``branch_approval`` the amount up to which a branch approves
    applications without headquarters.
    """

    __tablename__ = "money_limit"
    office_id: Mapped[Id | None] = reference_to("office.id")
    name: Mapped[str]
    amount: Mapped[Money]


class ClientTransfer(ReferenceRow):
    """Headquarters' decision that a client and all accounts move to another branch.

    ``state`` is decided or withdrawn. What moves is what headquarters held of the client when it decided:
    ``digest`` is the SHA-256 of it. The old branch holds the same rows, and hands over only while they still
    give that digest; the new branch gets the content (``ClientTransferPart``), and nobody else does.
    """

    __tablename__ = "client_transfer"
    client_id: Mapped[Id]
    from_office_id: Mapped[Id] = reference_to("office.id")
    to_office_id: Mapped[Id] = reference_to("office.id")
    decided_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="decided")
    reason: Mapped[str] = mapped_column(default="")
    digest: Mapped[bytes]


class ClientTransferPart(ReferenceRow):
    """A piece of what moves with a client: its profile and accounts, as JSON in pieces numbered from 1.

    Written into headquarters' chain for the new branch, so that personal data goes to that branch alone.
    ``digest`` names the decision; its row comes in another chain, so it is not pointed at by its id.
    """

    __tablename__ = "client_transfer_part"
    digest: Mapped[bytes]
    number: Mapped[Count]
    content: Mapped[str]
