"""Provisions seen from the head office: what branches lack is set aside there, and taken back."""

import pytest

from banking.closing.provision_review import loans_behind, post_review, review_provisions
from banking.closing.provisions import post_provisions
from banking.closing.targets import moved_in_all
from ledger.errors import NotFoundError
from ledger.money import ZERO, Money
from tests.banking.closing.test_provisions import ON, SA_DHAN, define, lend_late
from tests.support.books import Books
from tests.support.lending import broken


def _missing(books: Books) -> Money:
    with books.look() as session:
        return Money(sum(one.missing.minor for one in review_provisions(session, ON).offices))


def _post(books: Books) -> Money:
    with books.hq_work("provisions.correct") as session:
        return moved_in_all(post_review(session, ON, None))


def test_the_head_office_sets_aside_what_branches_lack_and_no_more(books: Books) -> None:
    """Asked twice it posts once; when the branch books it itself, the head office takes its own back."""
    define(books, "sa-dhan")
    lend_late(books, SA_DHAN)
    wanted = _missing(books)
    assert wanted > ZERO
    assert _post(books) == wanted
    assert _post(books) == ZERO
    with books.look() as session:
        assert review_provisions(session, ON).journal == ()
    with books.work("provisions.post") as session:
        post_provisions(session, ON)
    assert _missing(books) == ZERO
    assert _post(books) == wanted
    assert _post(books) == ZERO
    assert broken(books) == []


def test_a_loan_that_is_corrected_after_the_branch_booked_moves_the_difference_alone(books: Books) -> None:
    """Only what has come since is set aside at the head office."""
    define(books, "sa-dhan")
    lend_late(books, SA_DHAN[:3])
    with books.work("provisions.post") as session:
        post_provisions(session, ON)
    assert _post(books) == ZERO
    lend_late(books, [(45, 10_000)])
    assert _post(books) == Money(2_500)
    assert _post(books) == ZERO


def test_each_figure_opens_to_its_loans(books: Books) -> None:
    """The principal of the loans of an age is the base of that age; an age that no table has is refused."""
    define(books, "sa-dhan")
    lend_late(books, SA_DHAN)
    with books.look() as session:
        (office,) = review_provisions(session, ON).offices
        for row in office.rows:
            found = loans_behind(session, ON, office.office_id, row.product, row.from_days)
            assert len(found) == row.loans
            assert sum(loan.principal.minor for loan in found) == row.balance.minor
        with pytest.raises(NotFoundError):
            loans_behind(session, ON, office.office_id, "WEEKLY", 7)
