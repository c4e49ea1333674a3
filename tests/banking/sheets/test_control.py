"""Hints that a clerk reads when the cash is not what the rows come to."""

from banking.sheets.control import NINE, NOTHING, Hint, explain_difference
from ledger.control_totals import Reason
from ledger.money import Money
from tests.support.books import Books
from tests.support.meetings import LOAN_SLOT, MUST_SLOT, Met, borrowers


def hints(met: Met, difference: int) -> list[Hint]:
    """Count so much more or less than was keyed."""
    keyed = met.keyed()
    return explain_difference(keyed, keyed.total + Money(difference))


def accepted(books: Books) -> Met:
    """A sheet of three who paid as due, but for the third."""
    met = borrowers(books, 3)
    met.print()
    met.key(3, LOAN_SLOT, "0")
    met.accept()
    return met


def test_the_row_that_could_explain_a_difference_is_named(books: Books) -> None:
    """Who it is, what is keyed and what would be right."""
    met = accepted(books)
    (hint,) = hints(met, 4385)
    assert (hint.reason, hint.line, hint.slot, hint.name) == (Reason.SKIPPED, 3, LOAN_SLOT, "Member 03")
    assert hint.told() == "Row 3, Member 03: nothing is keyed, and 4385 is due."
    assert [(one.line, one.slot) for one in hints(met, -5000)] == [(line, MUST_SLOT) for line in (1, 2, 3)]


def test_exchanged_digits_are_named_in_the_row_that_explains_them(books: Books) -> None:
    """43.58 instead of 43.85 is 0.27 too little, which can be divided by nine."""
    met = accepted(books)
    met.key(2, LOAN_SLOT, "43.58")
    (hint,) = [one for one in hints(met, 27) if one.line == 2]
    assert (hint.reason, hint.facts["right"]) == (Reason.TRANSPOSED, Money(4385))


def test_a_difference_by_nine_without_its_row_is_told_too(books: Books) -> None:
    """Somewhere two digits may be exchanged, though not neighbours of one amount alone."""
    assert [hint.reason for hint in hints(accepted(books), 18)] == [NINE]


def test_there_is_always_an_answer_where_there_is_a_difference(books: Books) -> None:
    """And none where there is none."""
    met = accepted(books)
    assert [hint.reason for hint in hints(met, 1)] == [NOTHING]
    assert hints(met, 0) == []
    assert hints(met, 1)[0].told().startswith("No single row")
