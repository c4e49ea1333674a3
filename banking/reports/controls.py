"""Reports that hold cash to account: tills, bank statements, transfers between offices."""

from sqlalchemy.orm import Session

from banking.bank_report import reconcile
from banking.inter_branch_matching import unmatched
from banking.reports.shape import Found, Question, Row, blank, count, day, money, rows_of, text
from banking.reports.tills import offices_of
from banking.till_sheets import SheetLine, TillSheet, office_sheets
from ledger.errors import N_
from ledger.money import Money, total
from schema.reading import fetch

_SUMS = (
    money("opening", N_("Opening")),
    money("received", N_("Received")),
    money("paid_out", N_("Paid out")),
    money("floats_in", N_("Float in")),
    money("floats_out", N_("Float out")),
    money("from_bank", N_("From bank")),
    money("to_bank", N_("To bank")),
    money("other", N_("Other")),
    money("over_short", N_("Over, short")),
    money("closing", N_("Closing")),
    money("counted", N_("Counted")),
    money("difference", ""),
)
TILLS = (
    text("office", N_("Office"), "office"),
    count("till", N_("Till")),
    text("name", N_("Name")),
    text("kind", ""),
    text("cashiers", N_("Cashier")),
    *_SUMS,
    money("limit", "", added=False),
    blank("initials", N_("Initials"), 8),
)
TILL_LINES = (
    text("office", ""),
    count("till", N_("Till")),
    text("group", N_("Group")),
    text("kind", N_("Kind")),
    text("receipt", N_("Receipt")),
    text("account", N_("Account")),
    text("way", N_("Way")),
    money("amount", N_("Amount"), added=False),
    text("note", N_("Note")),
)


def find_till_report(session: Session, asked: Question) -> Found:
    """Give each drawer's day, tills first and vaults last, and every movement of theirs."""
    codes = {row[0]: row[1] for row in fetch(session, "SELECT id, code FROM office")}
    tills: list[Row] = []
    lines: list[Row] = []
    for office in offices_of(session, asked):
        for sheet in office_sheets(session, office, asked.as_of):
            tills.append(_till_row(codes[office], sheet))
            lines += [_till_line(codes[office], sheet.number, line) for line in sheet.lines]
    opening, closing = (
        sum(value for row in tills if isinstance(value := row[place], int)) for place in (5, 14)
    )
    return Found((opening, closing), (tills, lines))


def _till_row(office: str, sheet: TillSheet) -> Row:
    sums = (getattr(sheet, column.name) for column in _SUMS)
    described = (office, sheet.number, sheet.name, sheet.kind, ", ".join(sheet.cashiers))
    return (*described, *map(_minor, sums), _minor(sheet.limit), None)


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor


def _till_line(office: str, till: int, line: SheetLine) -> Row:
    described = (office, till, line.group, line.kind, line.receipt, line.account, line.way)
    return (*described, line.amount.minor, line.note)


# --- the bank -------------------------------------------------------------------------------------

BANK_ACCOUNTS = (
    text("office", N_("Office"), "office"),
    text("code", N_("Account")),
    text("name", N_("Name")),
    day("on", N_("Statement of")),
    money("book_balance", N_("Books")),
    money("only_bank", N_("+ only the bank has")),
    money("only_books", N_("- only the books have")),
    money("opening_difference", N_("+ since before")),
    money("statement_balance", N_("Bank")),
    money("unexplained", N_("Unexplained")),
)
BANK_LINES = (
    text("office", ""),
    text("code", N_("Account")),
    text("side", N_("Only in")),
    day("on", N_("Day")),
    money("amount", N_("Amount"), added=False),
    text("words", N_("Words")),
)

_RECONCILED = """
SELECT DISTINCT s.origin_office_id, office.code, g.code FROM bank_statement AS s
  JOIN gl_account AS g ON g.id = s.gl_account_id LEFT JOIN office ON office.id = s.origin_office_id
 WHERE s.ends_on <= ? AND {within} ORDER BY office.code, g.code
"""


def find_bank_reconciliation(session: Session, asked: Question) -> Found:
    """Give the way from the books' balance to the bank's, for each bank account with a statement by then."""
    accounts: list[Row] = []
    lines: list[Row] = []
    found = fetch(session, _RECONCILED.format(within=asked.within("s.origin_office_id")), asked.until)
    for office_id, office, code in found:
        if asked.account not in {"", code}:
            continue
        report = reconcile(session, code, office_id, asked.as_of)
        accounts.append(
            (
                office,
                code,
                report.name,
                report.on.isoformat(),
                report.book_balance.minor,
                total(line.amount for line in report.only_bank).minor,
                total(line.amount for line in report.only_books).minor,
                report.opening_difference.minor,
                report.statement_balance.minor,
                report.unexplained.minor,
            )
        )
        for side, own in (("bank", report.only_bank), ("books", report.only_books)):
            lines += [
                (office, code, side, line.on.isoformat(), line.amount.minor, line.words) for line in own
            ]
    unexplained = sum(row[-1] for row in accounts if isinstance(row[-1], int))
    return Found((len(accounts), unexplained), (accounts, lines))


# --- between offices ------------------------------------------------------------------------------

UNMATCHED = (
    text("key", N_("Transfer")),
    text("office", N_("Office"), "office"),
    text("other", N_("With")),
    day("since", N_("Since")),
    count("days", N_("Days")),
    money("booked", N_("Its side")),
    money("answered", N_("Other side")),
    money("open", N_("Still open")),
)


def find_unmatched(session: Session, asked: Question) -> Found:
    """List the transfers between offices of which the two sides do not agree, oldest first."""
    codes = {row[1] for row in fetch(session, "SELECT id, code FROM office") if _is_asked(asked, row[0])}
    rows = [row for row in unmatched(session, asked.as_of) if {row.office, row.other} & codes]
    oldest = max((row.days for row in rows), default=0)
    return Found((len(rows), total(row.open for row in rows).minor, oldest), (rows_of(rows, UNMATCHED),))


def _is_asked(asked: Question, office_id: int) -> bool:
    return asked.offices is None or office_id in asked.offices
