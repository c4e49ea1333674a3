"""What is to be set aside for loans that may be lost, beside what the books have set aside."""

from decimal import Decimal

from sqlalchemy.orm import Session

from banking.closing.provisions import STANDARD, TableInForce, tables_in_force
from banking.reports.ledger_books import movements
from banking.reports.portfolio import by_key
from banking.reports.shape import Found, Question, Row, count, money, percent, text
from banking.reports.standing import Standing, portfolio
from ledger.errors import N_
from ledger.money import Money
from ledger.posting import Role
from ledger.provisions import provisions
from schema.reading import fetch

PROVISIONS = (
    text("office", N_("Office"), "office"),
    text("product", N_("Product")),
    text("table", N_("Table")),
    text("band", N_("Age")),
    count("from_days", N_("From day")),
    percent("percent", "%"),
    count("loans", N_("Loans"), added=True),
    money("balance", N_("Principal")),
    money("provision", N_("To be set aside")),
)

_ALLOWANCES = "SELECT id FROM gl_account WHERE role = ? UNION SELECT gl_allowance_id FROM provision_table"


def find_provisions(session: Session, asked: Question) -> Found:
    """Give what the tables in force ask for, by office, product and age; each age is rounded once."""
    tables = tables_in_force(session, asked.as_of)
    loans = portfolio(session, asked)
    rows: list[Row] = []
    without = set()
    for (office, product, code), own in by_key(loans, _heap).items():
        if code in tables:
            rows += _rows(office, product, tables[code], own)
        else:
            without.add(product)
    balance, wanted = (sum(_amount(row[place]) for row in rows) for place in (7, 8))
    booked = allowance(session, asked)
    notes = (f"No table covers: {', '.join(sorted(without))}.",) if without else ()
    return Found((balance, wanted, booked, wanted - booked), (rows,), notes=notes)


def _heap(loan: Standing) -> tuple[str, str, str]:
    return loan.office, loan.product, loan.provision_table or STANDARD


def _amount(value: object) -> int:
    return value if isinstance(value, int) else 0


def _days(loan: Standing) -> int:
    """How late a loan is: 0 is due today, -1 nothing due."""
    return loan.days_past_due or (0 if loan.due_today else -1)


def _rows(office: str, product: str, table: TableInForce, loans: list[Standing]) -> list[Row]:
    firsts = [rate.first for rate in table.rates.rates]
    ages = [(_days(loan), Money(loan.principal)) for loan in loans]
    counts = [0] * len(firsts)
    for days, _ in ages:
        counts[max((place for place, first in enumerate(firsts) if first <= days), default=0)] += 1
    return [
        (
            office,
            product,
            table.code,
            name,
            row.rate.first,
            row.rate.percent.quantize(Decimal("0.01")),
            loans_of_age,
            row.balance.minor,
            row.provision.minor,
        )
        for name, loans_of_age, row in zip(table.names, counts, provisions(ages, table.rates), strict=True)
    ]


def allowance(session: Session, asked: Question) -> int:
    """Give what the books have set aside at the end of the day, minor units."""
    accounts = {row[0] for row in fetch(session, _ALLOWANCES, Role.LOSS_ALLOWANCE)}
    moved = movements(session, asked, "", asked.until)
    return sum(credit - debit for account in accounts for debit, credit in moved.get(account, {}).values())
