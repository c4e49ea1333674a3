"""What an export does not have, or what of it is not taken over: one line each, for the report."""

from collections.abc import Iterator

from banking.loading.mifos.source import Branch
from banking.loading.mifos.tables import Tables
from ledger.money import Money, format_major, total


def lines(tables: Tables, branch: Branch, *, currency: str, digits: int) -> list[str]:
    """List what is not taken over of this export."""
    return [*_not_in_export(tables, currency), *_left_out(tables, branch, digits)]


def _not_in_export(tables: Tables, currency: str) -> Iterator[str]:
    yield "personnel: the export has numbers of officers and users but no names; officers stay empty"
    yield "addresses, villages, telephones and national ids: not in the export; empty"
    yield "gender of clients: not in the export; empty"
    yield f"names of the {len(tables['gl_code'])} GL accounts: not in the export; our own chart is used"
    yield f"currency: not named in the export; all amounts are the institution's, {currency}"
    yield "days of approval: not in the export; empty"
    yield "receipt numbers of payments: not in the export; empty"
    yield "purposes of loans: not in the export; empty"
    yield "which meeting a customer has: not in the export; day and weeks are read from the planned dates"


def _left_out(tables: Tables, branch: Branch, digits: int) -> Iterator[str]:
    yield f"offices: {len(tables['office'])} in the export, all loaded as this one branch; names left out"
    yield "terms of products: loans keep their own on the account, under the products that the mapping lists"
    yield "names of the single fees of a row: their sum is the fee of the instalment"
    yield "raw_amount_total: amounts before the rounding of the source; the rounded rows are taken over"
    yield (
        f"journal ({len(tables['financial_trxn'])} postings): not copied; what was paid out and in is booked "
        "against “Books brought in”"
    )
    planned = [record for record in tables["customer_schedule"] if record.amount("misc_fees")]
    if planned:
        fees = total(record.amount("misc_fees") for record in planned)
        yield f"fees of customers at meetings: {len(planned)} planned, {_major(fees, digits)}; not taken over"
    yield f"planned deposits ({len(tables['saving_schedule'])} rows): not taken over"
    yield "limits, posting dates and interest periods of savings products: not taken over"
    yield "reports on arrears (batch_loan_arrears tables): not taken over; they are computed anew"
    applications = [loan for loan in branch.loans if loan.state in {"applied", "approved"}]
    for loan in applications:
        yield (
            f"balance of {loan.number} ({loan.state}, not paid out): {_major(loan.loan_balance, digits)} "
            "in the source; nothing is outstanding on an application"
        )


def _major(money: Money, digits: int) -> str:
    return format_major(money, digits)
