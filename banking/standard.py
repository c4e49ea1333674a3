"""What a new institution begins with: its row, head office, chart of accounts and standard products."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from banking.errors import BadValueError, NumberTakenError
from banking.text import require
from ledger.money import MAX_DIGITS, Money
from ledger.posting import Role
from ledger.terms import InterestType, RepayUnit
from schema.products import LoanProduct, SavingsProduct
from schema.reference import GLAccount, Institution, Office
from schema.writing import act, insert

HEAD_OFFICE_NUMBER = 1
HEAD_OFFICE_CODE = "HQ"
ACCOUNT_TYPES = ("asset", "liability", "equity", "income", "expense")
DETAIL, HEADER = "detail", "header"
_MANDATORY_SAVINGS = "mandatory savings"


@dataclass(frozen=True, slots=True)
class ChartRow:
    """An account of a chart as a file gives it; ``parent`` is a code or empty, ``usage`` header or detail."""

    code: str
    name: str
    type: str
    parent: str = ""
    usage: str = DETAIL


@dataclass(frozen=True, slots=True)
class _Standard:
    """An account of the standard chart; ``control`` accounts take no manual entries."""

    row: ChartRow
    role: Role | None = None
    control: bool = False


def _header(code: str, name: str, kind: str, parent: str = "") -> _Standard:
    return _Standard(ChartRow(code, name, kind, parent, HEADER))


def _detail(
    code: str, name: str, parent: str, kind: str, role: Role | None = None, *, control: bool = False
) -> _Standard:
    return _Standard(ChartRow(code, name, kind, parent, DETAIL), role, control)


STANDARD_CHART: tuple[_Standard, ...] = (
    _header("1000", "Assets", "asset"),
    _header("1100", "Cash and bank", "asset", "1000"),
    _detail("1110", "Cash in hand", "1100", "asset", Role.CASH),
    _detail("1120", "Vault", "1100", "asset", Role.VAULT),
    _detail("1130", "Bank", "1100", "asset"),
    _header("1200", "Loans to clients", "asset", "1000"),
    _detail("1210", "Loan portfolio", "1200", "asset", Role.LOAN_PORTFOLIO, control=True),
    _detail("1220", "Overdrafts of clients", "1200", "asset", Role.SAVINGS_OVERDRAFT, control=True),
    _detail("1290", "Allowance for loan losses", "1200", "asset", Role.LOSS_ALLOWANCE),
    _header("1300", "Receivables", "asset", "1000"),
    _detail("1310", "Interest receivable", "1300", "asset", Role.INTEREST_RECEIVABLE),
    _detail("1320", "Fees receivable", "1300", "asset", Role.FEE_RECEIVABLE),
    _detail("1330", "Penalties receivable", "1300", "asset", Role.PENALTY_RECEIVABLE),
    _detail("1400", "Inter-branch account", "1000", "asset", Role.INTER_BRANCH, control=True),
    _detail("1500", "Furniture and equipment", "1000", "asset"),
    _header("2000", "Liabilities", "liability"),
    _header("2100", "Savings of clients", "liability", "2000"),
    _detail("2110", "Voluntary savings", "2100", "liability", Role.SAVINGS_DEPOSITS, control=True),
    _detail("2120", "Mandatory savings", "2100", "liability", control=True),
    _detail("2130", "Unclaimed savings", "2100", "liability", Role.UNCLAIMED_SAVINGS, control=True),
    _detail("2200", "Overpayments of clients", "2000", "liability", Role.OVERPAYMENT, control=True),
    _detail("2300", "Borrowings", "2000", "liability"),
    _detail("2410", "Interest payable on savings", "2000", "liability", Role.SAVINGS_INTEREST_PAYABLE),
    _detail("2420", "Tax withheld on savings interest", "2000", "liability", Role.SAVINGS_TAX),
    _detail("2500", "Receipts not yet allocated", "2000", "liability", Role.UNALLOCATED, control=True),
    _header("3000", "Equity", "equity"),
    _detail("3100", "Share capital", "3000", "equity"),
    _detail("3200", "Retained earnings", "3000", "equity", Role.RETAINED_EARNINGS),
    _detail("3900", "Books brought in", "3000", "equity", Role.BROUGHT_IN),
    _header("4000", "Income", "income"),
    _detail("4110", "Interest on loans", "4000", "income", Role.INTEREST_INCOME),
    _detail("4120", "Fees on loans", "4000", "income", Role.FEE_INCOME),
    _detail("4130", "Penalties on loans", "4000", "income", Role.PENALTY_INCOME),
    _detail("4140", "Recovered loans", "4000", "income", Role.RECOVERY_INCOME),
    _detail("4150", "Rounding", "4000", "income", Role.ROUNDING_INCOME),
    _detail("4160", "Interest on overdrafts", "4000", "income", Role.OVERDRAFT_INTEREST_INCOME),
    _detail("4210", "Fees on savings", "4000", "income", Role.SAVINGS_FEE_INCOME),
    _header("5000", "Expenses", "expense"),
    _detail("5110", "Interest on savings", "5000", "expense", Role.SAVINGS_INTEREST_EXPENSE),
    _detail("5210", "Loans written off", "5000", "expense", Role.WRITE_OFF_EXPENSE),
    _detail("5220", "Loans charged off", "5000", "expense", Role.CHARGE_OFF_EXPENSE),
    _detail("5230", "Provision for loan losses", "5000", "expense", Role.PROVISION_EXPENSE),
    _detail("5310", "Salaries", "5000", "expense"),
    _detail("5320", "Rent", "5000", "expense"),
    _detail("5330", "Transport", "5000", "expense"),
    _detail("5340", "Office expenses", "5000", "expense"),
    _detail("5410", "Cash over and short", "5000", "expense", Role.OVER_SHORT),
)


def create_standard_reference(
    session: Session,
    *,
    institution_public_id: bytes,
    name: str,
    currency: str,
    digits: int,
    chart: Sequence[ChartRow] | None = None,
) -> None:
    """Write the institution, its head office, a chart of accounts and the standard products.

    digits   decimals of the currency in this institution's books, 0 to 6
    chart    accounts of the institution's own; what posting rules need and it lacks is added
    raises   BadValueError for a currency or a chart that cannot be used; nothing is written then
    """
    accounts = _chart_accounts(chart)
    code = require(currency, "currency").upper()
    if len(code) != len("KES") or not code.isalpha() or not code.isascii():
        raise BadValueError(field="currency", given=currency)
    if not 0 <= digits <= MAX_DIGITS:
        raise BadValueError(field="digits", given=digits)
    institution = Institution(
        public_id=institution_public_id, name=require(name, "name"), currency=code, digits=digits
    )
    head_office = Office(number=HEAD_OFFICE_NUMBER, code=HEAD_OFFICE_CODE, name="Head office")
    insert(session, institution, head_office)
    ids = _insert_chart(session, accounts)
    insert(session, *_loan_products(ids), *_savings_products(ids, accounts, digits))


def add_office(session: Session, number: int, code: str, name: str) -> Office:
    """Register a branch under the head office.

    code     2 to 8 letters and digits; stands in every number of the branch
    raises   BadValueError, NumberTakenError
    """
    wanted = require(code, "code").upper()
    if not (wanted.isascii() and wanted.isalnum() and 2 <= len(wanted) <= 8):  # noqa: PLR2004 - as documented
        raise BadValueError(field="code", given=code)
    known = session.scalars(select(Office)).all()
    if any(office.code == wanted for office in known):
        raise NumberTakenError(number=wanted)
    if any(office.number == number for office in known):
        raise NumberTakenError(number=number)
    head = next((office.id for office in known if office.number == HEAD_OFFICE_NUMBER), None)
    office = Office(number=number, code=wanted, name=require(name, "name"), parent_id=head)
    insert(session, office)
    return office


def _chart_accounts(chart: Sequence[ChartRow] | None) -> list[_Standard]:
    """Give the accounts to write: the standard chart, or the given one and what it lacks."""
    if chart is None:
        return list(STANDARD_CHART)
    _check_chart(chart)
    wanted = {(s.row.name.casefold(), s.row.type): s for s in STANDARD_CHART if s.role is not None}
    found: list[_Standard] = []
    for row in chart:
        alike = wanted.pop((row.name.casefold(), row.type), None) if row.usage == DETAIL else None
        found.append(_Standard(row, alike.role, alike.control) if alike else _Standard(row))
    taken = {row.code for row in chart}
    for missing in wanted.values():
        code = missing.row.code if missing.row.code not in taken else f"S{missing.row.code}"
        row = ChartRow(code, missing.row.name, missing.row.type)
        found.append(_Standard(row, missing.role, missing.control))
    return found


def _check_chart(chart: Sequence[ChartRow]) -> None:
    by_code: dict[str, ChartRow] = {}
    for row in chart:
        require(row.name, "name")
        if row.type not in ACCOUNT_TYPES:
            raise BadValueError(field="type", given=f"{row.code} {row.type}")
        if row.usage not in {HEADER, DETAIL}:
            raise BadValueError(field="usage", given=f"{row.code} {row.usage}")
        if by_code.setdefault(require(row.code, "code"), row) is not row:
            raise NumberTakenError(number=row.code)
    for row in chart:
        above = by_code.get(row.parent)
        if row.parent and (above is None or above.usage != HEADER or above.type != row.type):
            raise BadValueError(field="parent", given=f"{row.code} {row.parent}")
        seen = {row.code}
        while above is not None:
            if above.code in seen:
                raise BadValueError(field="parent", given=f"{row.code} {row.parent}")
            seen.add(above.code)
            above = by_code.get(above.parent)


def _insert_chart(session: Session, accounts: Sequence[_Standard]) -> dict[Role | str, int]:
    """Write the accounts; gives their ids by role, and by code."""
    take = act(session).ids.take
    by_code = {standard.row.code: take() for standard in accounts}
    ids: dict[Role | str, int] = dict(by_code)
    for standard in accounts:
        row = standard.row
        if standard.role is not None:
            ids[standard.role] = by_code[row.code]
        insert(
            session,
            GLAccount(
                id=by_code[row.code],
                code=row.code,
                name=row.name,
                type=row.type,
                parent_id=by_code[row.parent] if row.parent else None,
                usage=row.usage,
                role=standard.role or "",
                manual_entries=int(row.usage == DETAIL and not standard.control),
            ),
        )
    return ids


def _loan_products(ids: dict[Role | str, int]) -> list[LoanProduct]:
    accounts = {
        "gl_portfolio_id": ids[Role.LOAN_PORTFOLIO],
        "gl_interest_id": ids[Role.INTEREST_INCOME],
        "gl_fee_id": ids[Role.FEE_INCOME],
        "gl_penalty_id": ids[Role.PENALTY_INCOME],
        "gl_write_off_id": ids[Role.WRITE_OFF_EXPENSE],
        "gl_recovery_id": ids[Role.RECOVERY_INCOME],
        "gl_overpayment_id": ids[Role.OVERPAYMENT],
    }
    weekly = LoanProduct(
        code="WEEKLY",
        name="Weekly loan",
        interest_type=InterestType.FLAT,
        annual_rate=Decimal(20),
        installments=25,
        repay_unit=RepayUnit.WEEKS,
        **accounts,
    )
    monthly = LoanProduct(
        code="MONTHLY",
        name="Monthly loan",
        interest_type=InterestType.DECLINING,
        annual_rate=Decimal(24),
        installments=12,
        repay_unit=RepayUnit.MONTHS,
        **accounts,
    )
    return [weekly, monthly]


def _savings_products(
    ids: dict[Role | str, int], accounts: Sequence[_Standard], digits: int
) -> list[SavingsProduct]:
    rows = (s.row for s in accounts if s.row.usage == DETAIL and s.row.type == "liability")
    mandatory = next(
        (ids[row.code] for row in rows if row.name.casefold() == _MANDATORY_SAVINGS),
        ids[Role.SAVINGS_DEPOSITS],
    )
    interest = ids[Role.SAVINGS_INTEREST_EXPENSE]
    return [
        SavingsProduct(
            code="SAVE",
            name="Voluntary savings",
            kind="voluntary",
            annual_rate=Decimal(4),
            gl_deposits_id=ids[Role.SAVINGS_DEPOSITS],
            gl_interest_id=interest,
        ),
        SavingsProduct(
            code="MUST",
            name="Mandatory savings",
            kind="mandatory",
            annual_rate=Decimal(0),
            expected_deposit=Money(50 * 10**digits),
            gl_deposits_id=mandatory,
            gl_interest_id=interest,
        ),
    ]
