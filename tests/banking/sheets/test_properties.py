"""Whatever is keyed on a sheet: what is posted is what was counted, or nothing is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banking.sheets.errors import ControlTotalError
from banking.sheets.keyed import AS_DUE, EXCEPTION, NOT_KEYED, WRONG
from ledger.money import Money, format_major, total
from schema.reading import fetch
from tests.support.books import Books, copy_of
from tests.support.lending import all_cells, broken
from tests.support.meetings import (
    FINE_SLOT,
    LOAN_SLOT,
    MUST_SLOT,
    PAY_OUT_SLOT,
    SAVE_SLOT,
    TAKE_SLOT,
    Met,
    borrowers,
)

MEMBERS = 3
SLOTS = (LOAN_SLOT, "loan:WEEKLY:2", MUST_SLOT, SAVE_SLOT, TAKE_SLOT, PAY_OUT_SLOT, FINE_SLOT)
amounts = st.one_of(
    st.just(""),
    st.just("0"),
    st.just("due"),
    st.integers(min_value=0, max_value=130_000).map(lambda minor: format_major(Money(minor), 2)),
    st.sampled_from(["4o", "-5", "1e3", "99999999999999", "٣"]),
)
keyed_cells = st.dictionaries(
    st.tuples(st.integers(min_value=1, max_value=MEMBERS), st.sampled_from(SLOTS)), amounts, max_size=20
)


@pytest.fixture(scope="module")
def printed(new_books: Books, tmp_path_factory: pytest.TempPathFactory) -> Met:
    """A printed sheet of three members with everything on it, in a closed file that examples copy."""
    books = copy_of(new_books, tmp_path_factory.mktemp("printed"))
    met = borrowers(books, MEMBERS)
    met.lend(1, "2000.00")
    met.lend(2, "500.00", pay_out=False)
    met.print()
    books.database.close()
    return met


def _copy(printed: Met, folder: Path) -> Met:
    return replace(printed, books=replace(copy_of(printed.books, folder), today=printed.books.today))


def _key(met: Met, wanted: Mapping[tuple[int, str], str]) -> None:
    cells = {(line.line, slot) for line in met.keyed().lines for slot in line.cells}
    for (line, slot), typed in wanted.items():
        if (line, slot) in cells:
            met.key(line, slot, met.typed_due(line, slot) if typed == "due" else typed)


def _in_the_drawer(met: Met) -> Money:
    """What moved in cash by entries of the sheet."""
    statement = (
        "SELECT l.debit - l.credit FROM journal_line AS l "
        "JOIN journal_entry AS e ON e.id = l.journal_entry_id "
        "JOIN till AS t ON t.gl_account_id = l.gl_account_id WHERE e.sheet_id = ?"
    )
    with met.books.look() as session:
        return total(Money(row[0]) for row in fetch(session, statement, met.sheet_id))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=keyed_cells, off=st.integers(min_value=-3, max_value=3))
def test_what_is_posted_is_what_was_counted(
    printed: Met, tmp_path: Path, wanted: Mapping[tuple[int, str], str], off: int
) -> None:
    """Wrong cells are put right to 0, the rest is as due: cash moved equals cash counted, to the cent."""
    met = _copy(printed, tmp_path)
    _key(met, wanted)
    for line, cell in met.keyed().in_state(WRONG):
        met.key(line.line, cell.slot, "0")
    met.accept()
    keyed = met.keyed()
    assert keyed.is_complete
    if off:
        before = all_cells(met.books)
        with pytest.raises(ControlTotalError):
            met.post(keyed.total + Money(off), confirmed=keyed.warned)
        assert all_cells(met.books) == before
    posted = met.post(keyed.total, confirmed=keyed.warned)
    assert _in_the_drawer(met) == keyed.total == posted.cash_in - posted.cash_out
    assert {(one.line, one.slot): one.amount for one in posted.postings} == {
        (line, cell.slot): cell.amount for line, cell in keyed.cells() if cell.amount
    }
    assert broken(met.books) == []
    met.books.database.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=keyed_cells)
def test_every_cell_is_in_one_state_and_keeps_what_was_typed(
    printed: Met, tmp_path: Path, wanted: Mapping[tuple[int, str], str]
) -> None:
    """Blank, as due, an exception or wrong, never two of them; and no text is changed on its way."""
    met = _copy(printed, tmp_path)
    _key(met, wanted)
    keyed = met.keyed()
    for line, cell in keyed.cells():
        typed = wanted.get((line, cell.slot), "")
        assert typed in ("due", cell.typed)
        assert (cell.amount is None) == (cell.state in {NOT_KEYED, WRONG})
        assert (cell.refusal is not None) == (cell.state == WRONG)
        assert (cell.state == AS_DUE) == (cell.amount == cell.printed)
        assert cell.state in {NOT_KEYED, AS_DUE, EXCEPTION, WRONG}
    assert keyed.total == keyed.cash_in - keyed.cash_out
    met.books.database.close()
