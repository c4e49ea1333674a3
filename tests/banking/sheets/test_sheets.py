"""Numbered sheets: gap-free, kept as printed, found again, voided."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from banking import groups
from banking.errors import MissingError
from banking.sheets import sheets
from banking.sheets.errors import NobodyToMeetError, SheetClosedError
from banking.sheets.plan import plan_sheet
from tests.support.books import Books
from tests.support.lending import broken
from tests.support.meetings import LOAN_SLOT, MEETING, Met, borrowers, meet


def _print_and_void(session: Session, met: Met, reason: str) -> None:
    plan = plan_sheet(session, center_id=met.center_id, meeting_on=MEETING)
    made = sheets.print_sheet(session, plan, met.books.now)
    sheets.void_sheet(session, made.id, reason)


def test_sheets_are_numbered_without_gaps(any_books: Books) -> None:
    """A refusal after the number was taken leaves no gap, and a void number is not used again."""
    met = borrowers(any_books, 1)
    first = met.print()
    with pytest.raises(MissingError), any_books.work() as session:
        _print_and_void(session, met, reason="")
    with any_books.work() as session:
        sheets.void_sheet(session, first, "spoiled in the printer")
    second = met.print()
    with any_books.look() as session:
        numbers = [sheets.get_sheet(session, sheet_id).number for sheet_id in (first, second)]
    assert numbers == ["KIT-SH-000001", "KIT-SH-000002"]
    assert broken(any_books) == []


def test_a_sheet_is_kept_as_it_was_printed(any_books: Books) -> None:
    """Read again, it has the same columns, rows and figures."""
    met = borrowers(any_books, 2)
    with any_books.look() as session:
        plan = plan_sheet(session, center_id=met.center_id, meeting_on=MEETING)
    sheet_id = met.print()
    with any_books.look() as session:
        again = sheets.printed_plan(session, sheet_id)
    assert again.columns == plan.columns
    assert [list(line.cells) for line in again.lines] == [list(line.cells) for line in plan.lines]
    for then, now in zip(plan.lines, again.lines, strict=True):
        assert (now.line, now.client_id, now.name, now.group) == (
            then.line,
            then.client_id,
            then.name,
            then.group,
        )
        assert [(cell.due, cell.balance, cell.number) for cell in now.cells.values()] == [
            (cell.due, cell.balance, cell.number) for cell in then.cells.values()
        ]


def test_a_sheet_is_found_by_its_number_or_its_last_digits(books: Books) -> None:
    """As it stands on the paper, in small letters, or only the figure at its end."""
    sheet_id = borrowers(books, 1).print()
    with books.look() as session:
        found = [
            sheets.find_sheet(session, typed) for typed in (" kit-sh-000001", "1", "000001", "2", "²", "%")
        ]
    assert [sheet.id if sheet else None for sheet in found] == [sheet_id] * 3 + [None] * 3


def test_the_newest_open_sheet_of_a_meeting_is_found(books: Books) -> None:
    """Void ones are passed over, those of other days too."""
    met = borrowers(books, 1)
    first, second = met.print(), met.print()
    later = met.print(MEETING + timedelta(days=7))
    with books.work() as session:
        sheets.void_sheet(session, second, "twice")
    with books.look() as session:
        found = sheets.latest_sheet_for(session, center_id=met.center_id, meeting_on=MEETING)
        of_day = sheets.sheets_of_day(session, books.office_id, MEETING)
        everything = sheets.list_sheets(session, books.office_id)
        void = sheets.list_sheets(session, books.office_id, state="void")
    assert found is not None
    assert found.id == first
    assert [sheet.id for sheet in of_day] == [first]
    assert [sheet.id for sheet in everything] == [later, second, first]
    assert [sheet.id for sheet in void] == [second]


def test_a_void_sheet_has_its_reason_and_takes_nothing_any_more(books: Books) -> None:
    """No reason, no voiding; afterwards neither keys nor a second voiding; its draft is gone."""
    met = borrowers(books, 1)
    sheet_id = met.print()
    met.key(1, LOAN_SLOT, "10")
    with books.look() as session:
        assert [draft.cells for draft in sheets.open_drafts(session, books.office_id)] == [1]
    with pytest.raises(MissingError), books.work() as session:
        sheets.void_sheet(session, sheet_id, " ")
    with books.work() as session:
        sheets.void_sheet(session, sheet_id, "the meeting was not held")
    with pytest.raises(SheetClosedError), books.work() as session:
        sheets.void_sheet(session, sheet_id, "again")
    with pytest.raises(SheetClosedError):
        met.key(1, LOAN_SLOT, "20")
    with books.look() as session:
        assert sheets.get_sheet(session, sheet_id).reason == "the meeting was not held"
        assert sheets.open_drafts(session, books.office_id) == []


def test_drafts_that_wait_are_listed_for_the_end_of_the_day(books: Books) -> None:
    """Only sheets on which something is keyed: one that was only printed blocks nothing."""
    met = borrowers(books, 2)
    met.print()
    keyed = met.print()
    met.key(1, LOAN_SLOT, "10")
    met.key(2, LOAN_SLOT, "20")
    with books.look() as session:
        (draft,) = sheets.open_drafts(session, books.office_id)
        assert sheets.open_drafts(session, books.head_office_id) == []
    assert (draft.sheet.id, draft.place, draft.cells) == (keyed, "Kibera", 2)
    assert draft.keyed_at == books.now


def test_a_place_without_members_has_no_sheet(books: Books) -> None:
    """There is nobody to meet, and no number is taken."""
    met = meet(books, 1)
    with books.work() as session:
        groups.join_group(session, met.client_ids[0], None)
    with pytest.raises(NobodyToMeetError):
        met.print()
