"""What is keyed is kept as it was typed, cell by cell, before anything is posted."""

import pytest

from banking.errors import TextNotAllowedError, TextTooLongError
from banking.sheets import drafts
from banking.sheets.errors import BadMarkError, NoSuchCellError, SheetClosedError
from ledger.errors import NotFoundError
from tests.support.books import Books
from tests.support.meetings import (
    FINE_SLOT,
    LOAN_SLOT,
    MUST_SLOT,
    PAY_OUT_SLOT,
    SAVE_SLOT,
    TAKE_SLOT,
    borrowers,
    meet,
)


def test_a_cell_is_kept_as_it_was_typed(any_books: Books) -> None:
    """Even what is no amount stays, with the reason beside it; the newest text counts."""
    met = borrowers(any_books, 1)
    met.print()
    met.key(1, LOAN_SLOT, "4o")
    cell = met.keyed().lines[0].cells[LOAN_SLOT]
    assert (cell.typed, cell.state, cell.amount) == ("4o", "wrong", None)
    assert cell.refusal is not None
    assert cell.refusal.code == "AMOUNT_NOT_A_NUMBER"
    met.key(1, LOAN_SLOT, " 40 ")
    assert met.keyed().lines[0].cells[LOAN_SLOT].typed == "40"


def test_nothing_typed_clears_a_cell(any_books: Books) -> None:
    """Blank is "not keyed", not zero."""
    met = borrowers(any_books, 1)
    met.print()
    for empty in ("40", ""):
        met.key(1, LOAN_SLOT, empty)
    assert met.keyed().lines[0].cells[LOAN_SLOT].state == "not_keyed"


def test_cells_that_are_not_on_the_sheet_are_refused(books: Books) -> None:
    """Rows, columns and sheets that are not there; a member without accounts has attendance only."""
    met = meet(books, 2)
    met.lend(1)
    met.print()
    for line, slot in ((3, LOAN_SLOT), (2, LOAN_SLOT), (1, "loan:WEEKLY:2"), (2, ""), (3, "attendance")):
        with pytest.raises(NoSuchCellError):
            met.key(line, slot, "0" if slot != "attendance" else "P")
    met.mark(2, "P")
    with pytest.raises(NotFoundError), books.database.writing() as session:
        drafts.key_cell(session, 12345, 1, LOAN_SLOT, "0", 1, books.now)


def test_text_that_no_cell_can_hold_is_refused(books: Books) -> None:
    """Forty characters, and none that cannot be seen."""
    met = borrowers(books, 1)
    met.print()
    met.key(1, LOAN_SLOT, "1" * 40)
    with pytest.raises(TextTooLongError):
        met.key(1, LOAN_SLOT, "1" * 41)
    with pytest.raises(TextNotAllowedError):
        met.key(1, LOAN_SLOT, "1\0")
    assert met.keyed().lines[0].cells[LOAN_SLOT].typed == "1" * 40


def test_attendance_takes_the_marks_of_the_paper(books: Books) -> None:
    """P, LP, A and L in any case; anything else is refused and nothing is kept."""
    met = borrowers(books, 1)
    met.print()
    for typed in ("P", "lp", "a", "L", ""):
        met.mark(1, typed)
        assert met.keyed().lines[0].attendance_typed == typed.upper()
    with pytest.raises(BadMarkError):
        met.mark(1, "X")


def test_accepting_all_as_due_leaves_what_was_keyed(any_books: Books) -> None:
    """Exceptions that were keyed before stay; the rest is as printed; columns without dues stay blank."""
    met = borrowers(any_books, 2)
    met.lend(2, pay_out=False)
    met.print()
    met.key(1, LOAN_SLOT, "10")
    met.key(2, MUST_SLOT, "0")
    assert met.accept() == 5
    first, second = (line.cells for line in met.keyed().lines)
    assert [first[slot].typed for slot in (LOAN_SLOT, MUST_SLOT, SAVE_SLOT)] == ["10", "50.00", "0.00"]
    assert [second[slot].typed for slot in (LOAN_SLOT, MUST_SLOT)] == ["43.85", "0"]
    assert second[PAY_OUT_SLOT].typed == "1000.00"
    assert [first[slot].typed for slot in (TAKE_SLOT, FINE_SLOT)] == ["", ""]
    assert met.accept() == 0


def test_a_posted_sheet_takes_nothing_any_more(books: Books) -> None:
    """Neither a cell, nor all as due."""
    met = borrowers(books, 1)
    met.print()
    met.accept()
    met.post()
    for refused in (lambda: met.key(1, LOAN_SLOT, "1"), met.accept):
        with pytest.raises(SheetClosedError):
            refused()
