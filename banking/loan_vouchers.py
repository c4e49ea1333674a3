"""The paper of a loan that was paid out: what was lent, kept back and handed over, and the schedule."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.counter import LoanSheet, Owner, get_owner
from banking.errors import StatusError
from banking.reports.shape import Column, Kind, Question, Report, Table
from banking.rows import get_row
from ledger.errors import N_
from ledger.money import Money, total
from schema.accounts import LoanAccount, LoanTransaction
from schema.people import User
from schema.products import LoanProduct


@dataclass(frozen=True, slots=True)
class Voucher:
    """What was paid out of one loan; amounts in minor units.

    kept_back  charges that were taken out of the money
    net        what the client got
    """

    loan_id: int
    number: str
    owner: Owner
    product: str
    annual_rate: str
    on: date
    receipts: tuple[str, ...]
    lent: Money
    kept_back: Money
    net: Money
    approved_by: str
    note: str


def read_voucher(session: Session, loan_id: int) -> Voucher:
    """Give the voucher of a loan.

    raises   NotFoundError; StatusError where nothing was paid out
    """
    loan = get_row(session, LoanAccount, loan_id, "loan")
    live = _disbursements(session, loan_id)
    if loan.disbursed_on is None or not live:
        raise StatusError(number=loan.number, status=loan.status, wanted="voucher")
    lent = total(one.principal for one in live)
    kept = total(one.fee + one.penalty for one in live)
    second = next((one.approved_by_id for one in live if one.approved_by_id is not None), None)
    by = session.get(User, second) if second is not None else None
    return Voucher(
        loan_id=loan_id,
        number=loan.number,
        owner=get_owner(session, loan.client_id, loan.group_id),
        product=session.get_one(LoanProduct, loan.product_id).name,
        annual_rate=f"{loan.annual_rate:f}",
        on=loan.disbursed_on,
        receipts=tuple(one.receipt for one in live if one.receipt),
        lent=lent,
        kept_back=kept,
        net=lent - kept,
        approved_by=by.full_name if by is not None else "",
        note=" ".join(one.note for one in live if one.note),
    )


def _disbursements(session: Session, loan_id: int) -> list[LoanTransaction]:
    """List the disbursements that were not taken back."""
    rows = session.scalars(
        select(LoanTransaction).where(LoanTransaction.loan_account_id == loan_id).order_by(LoanTransaction.id)
    ).all()
    reversed_ids = {row.reverses_id for row in rows if row.reverses_id is not None}
    return [row for row in rows if row.kind == "disbursement" and row.id not in reversed_ids]


def voucher_report(voucher: Voucher, sheet: LoanSheet, today: date, signatures: str) -> Report:
    """Give voucher and schedule as a report, for paper; ``signatures`` is the line to sign on."""
    figures = (
        (Column("owner", N_("Client or group")), f"{voucher.owner.name} ({voucher.owner.number})"),
        (Column("loan", N_("Loan")), voucher.number),
        (Column("product", N_("Product")), f"{voucher.product}, {voucher.annual_rate} %"),
        (Column("on", N_("Paid out on"), Kind.DAY), voucher.on.isoformat()),
        (Column("receipt", N_("Receipt")), ", ".join(voucher.receipts)),
        (Column("lent", N_("Lent"), Kind.MONEY), voucher.lent.minor),
        (Column("kept", N_("Kept back for charges"), Kind.MONEY), voucher.kept_back.minor),
        (Column("net", N_("Paid to the client"), Kind.MONEY), voucher.net.minor),
        (Column("second", N_("Confirmed by")), voucher.approved_by),
    )
    columns = (
        Column("number", N_("No."), Kind.COUNT),
        Column("due_on", N_("Due on"), Kind.DAY),
        Column("principal", N_("Principal"), Kind.MONEY, added=True),
        Column("interest", N_("Interest"), Kind.MONEY, added=True),
        Column("fee", N_("Fees"), Kind.MONEY, added=True),
        Column("due", N_("Due"), Kind.MONEY, added=True),
        Column("paid", N_("Paid (signature)"), Kind.BLANK, share=18),
    )
    rows = [
        (
            row.number,
            row.due_on.isoformat(),
            row.due.principal.minor,
            row.due.interest.minor,
            (row.due.fee + row.due.penalty).minor,
            row.due.total.minor,
            "",
        )
        for row in sheet.schedule.rows
    ]
    return Report(
        "voucher",
        N_("Loan voucher and schedule"),
        Question(as_of=today),
        figures,
        (Table("schedule", N_("Schedule"), columns, rows),),
        (signatures,),
    )
