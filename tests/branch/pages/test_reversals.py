"""Reversals: with a reason, once, both entries stay."""

from banking.loans import outstanding
from banking.receipts import loan_movements
from ledger.money import Money
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Known


def _repayment(branch: Installation, known: Known) -> int:
    with branch.database.reading() as session:
        return next(m.id for m in loan_movements(session, known.loan) if m.kind == "repayment")


def test_a_manager_takes_an_entry_back(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The loan owes what it owed; both entries are on its page, and lead to each other."""
    moses = log_in("moses")
    path = f"/receipts/loan/{_repayment(branch, known)}/reverse"
    form = tokens(moses, path) | {"reason": "typed on the wrong loan"}
    first, second = moses.post(path, data=form), moses.post(path, data=form)
    assert first.location == second.location
    with branch.database.reading() as session:
        assert outstanding(session, known.loan).total == Money(1_096_154)
        assert len(loan_movements(session, known.loan)) == 3
    page = moses.get(f"/loans/{known.loan}").text
    assert "reversed" in page
    assert "(440.00)" in page
    assert "typed on the wrong loan" in page
    assert "See the entry that this takes back" in moses.get(first.location).text


def test_no_reversal_without_a_reason_or_a_second_time(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """An auditor will read why; and what is taken back is taken back once."""
    moses = log_in("moses")
    path = f"/receipts/loan/{_repayment(branch, known)}/reverse"
    assert moses.post(path, data=tokens(moses, path) | {"reason": " "}).status_code == 422
    assert moses.post(path, data=tokens(moses, path) | {"reason": "wrong"}).status_code == 303
    again = moses.post(path, data=tokens(moses, path) | {"reason": "again"})
    assert again.status_code == 422
    assert "OLD-1 was reversed before." in again.text


def test_an_auditor_reverses_nothing(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Reading is all that this role may."""
    aisha = log_in("aisha")
    path = f"/receipts/loan/{_repayment(branch, known)}/reverse"
    assert aisha.get(path).status_code == 403
    assert "Reverse" not in aisha.get(path.removesuffix("/reverse")).text.partition("<main")[2]
