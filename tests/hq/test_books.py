"""From a figure to what stands behind it."""

from datetime import date

import pytest

from banking.reports import trial_balance
from hq import books
from hq.account_lines import AccountLine
from hq.books import Scope, account_sheet, entry_sheet, get_office
from ledger.errors import NotFoundError
from ledger.money import Money
from sync.installation import Installation
from tests.support.institution import FIRST_DAY


def test_an_account_is_the_sum_of_its_branches(full_hq: Installation) -> None:
    """Each account of the trial balance equals its branches together, and each of its lines together."""
    with full_hq.database.reading() as session:
        balance = trial_balance(session)
        assert {row.code for row in balance.accounts} >= {"1110", "1210", "2110", "4110"}
        for row in balance.accounts:
            sheet = account_sheet(session, row.code, Scope())
            assert (sheet.debit, sheet.credit, sheet.closing) == (row.debit, row.credit, row.closing)
            lines = (
                sum(line.debit.minor for line in sheet.lines),
                sum(line.credit.minor for line in sheet.lines),
            )
            assert lines == (row.debit.minor, row.credit.minor)
            assert {office.code for office in sheet.offices} == {"KIT", "ELW"}


def test_a_branch_s_part_is_its_own(full_hq: Installation) -> None:
    """Asked for one branch, an account shows that branch's figures and lines only."""
    with full_hq.database.reading() as session:
        kit = get_office(session, "kit")
        sheet = account_sheet(session, "2110", Scope(kit))
        assert [row.code for row in sheet.offices] == ["KIT"]
        assert sheet.closing == Money(-200_000)
        assert [line.credit.minor for line in sheet.lines] == [80_000, 70_000, 50_000]
        assert {line.office for line in sheet.lines} == {"KIT"}


@pytest.mark.parametrize(
    ("start", "as_of", "opening", "credit"),
    [
        (None, date(2026, 1, 4), 0, 0),
        (FIRST_DAY, FIRST_DAY, 0, 170_000 + 80_000),
        (date(2026, 1, 6), None, -250_000, 0),
    ],
)
def test_days_bound_the_columns(
    full_hq: Installation, start: date | None, as_of: date | None, opening: int, credit: int
) -> None:
    """Before the first day it opens with what came earlier; between both it moves."""
    with full_hq.database.reading() as session:
        sheet = account_sheet(session, "2110", Scope(None, start, as_of))
    assert sheet.credit == Money(credit)
    assert sheet.opening == Money(opening)
    assert sum(line.credit.minor for line in sheet.lines) == credit


def test_long_accounts_come_by_pages(full_hq: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line stands on exactly one page, newest first, and the last page says so."""
    with full_hq.database.reading() as session:
        whole = account_sheet(session, "2110", Scope()).lines
        monkeypatch.setattr(books, "LINES_A_PAGE", 2)
        found: list[AccountLine] = []
        page = 1
        while True:
            sheet = account_sheet(session, "2110", Scope(), page)
            found += sheet.lines
            if sheet.next_page is None:
                break
            page = sheet.next_page
    assert found == list(whole)
    assert page == 2


def test_an_entry_opens_to_receipt_and_changeset(full_hq: Installation) -> None:
    """A repayment's entry names loan, owner, receipt, and the changeset that brought it."""
    with full_hq.database.reading() as session:
        lines = account_sheet(session, "1110", Scope(get_office(session, "KIT"))).lines
        repayment = next(line for line in lines if line.kind == "repayment")
        sheet = entry_sheet(session, repayment.entry_id)
    assert sheet.amount == Money(44_000)
    assert {line.account for line in sheet.lines} >= {"1110", "4110"}
    assert sheet.origin is not None
    assert sheet.origin.kind == "loan.repay"
    assert sheet.source is not None
    assert (sheet.source.account_kind, sheet.source.account_number) == ("loan", "KIT-L-000001")
    assert sheet.source.receipt == "KIT-1-000001"
    assert sheet.source.owner.name == "Kamau"


def test_what_is_not_there_is_refused(full_hq: Installation) -> None:
    """An unknown account, branch or entry is named in the refusal."""
    with full_hq.database.reading() as session:
        with pytest.raises(NotFoundError, match="9999"):
            account_sheet(session, "9999", Scope())
        with pytest.raises(NotFoundError, match="XYZ"):
            get_office(session, "XYZ")
        with pytest.raises(NotFoundError, match="77"):
            entry_sheet(session, 77)
