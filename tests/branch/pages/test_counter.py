"""At the counter: questions asked once, other ways to pay, fees, pay-off, refunds."""

from datetime import timedelta

from flask.testing import FlaskClient

from banking.books import account_with_role
from banking.loans import outstanding
from banking.receipts import loan_movements, savings_movements
from ledger.money import Money
from ledger.posting import Role
from schema.products import PaymentType
from schema.writing import insert
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import Clock, Known


def _main(page: str) -> dict[str, str]:
    return hidden(page.partition("<main")[2])


def _field(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def _post(clerk: FlaskClient, path: str, **fields: str) -> str:
    answer = clerk.post(path, data=tokens(clerk, path) | fields)
    assert answer.status_code == 303, answer.text.partition("<main")[2]
    return str(answer.location)


def _movements(branch: Installation, known: Known) -> int:
    with branch.database.reading() as session:
        return len(savings_movements(session, known.savings))


def test_the_same_client_twice_within_a_minute_is_asked_about_once(
    log_in: LogIn, branch: Installation, known: Known, clock: Clock
) -> None:
    """The second deposit names the first one's receipt; Enter posts it; a minute later nobody is asked."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    _post(clara, path, amount="300")
    asked = clara.post(path, data=tokens(clara, path) | {"amount": "300"})
    assert asked.status_code == 200
    assert "KES 300.00, KIT-1-000001" in asked.text
    assert _movements(branch, known) == 2
    form = _main(asked.text) | {"amount": "300", "asked": _field(asked.text, "asked"), "step": "post"}
    assert clara.post(path, data=form).status_code == 303
    assert _movements(branch, known) == 3
    clock.move(timedelta(minutes=2))
    _post(clara, path, amount="300")
    assert _movements(branch, known) == 4


def test_a_question_is_about_one_amount(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Going back keeps what was typed; another amount is asked about anew."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    fields = {"amount": "300", "value_date": "20 11 2026", "note": "from the school"}
    page = clara.post(path, data=tokens(clara, path) | fields).text
    assert "It will count on 20 Nov 2026. The open day is 22 Nov 2026." in page
    asked = _field(page, "asked")
    back = clara.post(path, data=_main(page) | fields | {"asked": asked, "step": "change"}).text
    assert 'value="from the school"' in back
    other = _main(back) | fields | {"asked": asked, "amount": "900"}
    assert "Is this right?" in clara.post(path, data=other).text
    assert _movements(branch, known) == 1


def test_three_times_the_due_is_named_in_the_preview(log_in: LogIn, known: Known) -> None:
    """The repayment is shown before it is posted anyway: the question stands there, with the numbers."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    page = clara.post(path, data=tokens(clara, path) | {"amount": "5000", "step": "look"}).text
    assert "KES 5,000.00 is more than three times what is due (KES 875.38)." in page
    quiet = clara.post(path, data=tokens(clara, path) | {"amount": "800", "step": "look"}).text
    assert "Is this right?" not in quiet


def test_the_preview_says_what_is_overdue_due_and_ahead(log_in: LogIn, known: Known) -> None:
    """Interest and principal by age, before anything is posted."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    page = clara.post(path, data=tokens(clara, path) | {"amount": "950.50", "step": "look"}).text
    table = page.partition("What it pays")[2].partition("</table>")[0]
    cells = [part.partition("</td>")[0].rpartition(">")[2] for part in table.split("<td")[1:]]
    assert cells[:4] == ["36.92", "38.46", "38.46", "113.84"]
    assert cells[4:8] == ["400.00", "400.00", "36.66", "836.66"]


def test_a_fee_is_paid_at_once_or_put_on_the_schedule(
    log_in: LogIn, branch: Installation, known: Known, clock: Clock
) -> None:
    """Paid now: a receipt, and the loan owes what it owed. Later: the loan owes more."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/fee"
    before = 1_052_154
    receipt = _post(clara, path, amount="50", note="Copy of the contract", when="now")
    page = clara.get(receipt).text
    assert "Copy of the contract" in page
    assert "50.00" in page
    clock.move(timedelta(minutes=2))
    with branch.database.reading() as session:
        assert outstanding(session, known.loan).total == Money(before)
    assert _post(clara, path, amount="75", note="Visit", when="later") == f"/loans/{known.loan}"
    with branch.database.reading() as session:
        assert outstanding(session, known.loan).total == Money(before + 7_500)


def test_a_fee_without_a_name_or_amount_is_refused_beside_its_field(log_in: LogIn, known: Known) -> None:
    """Nothing of what was typed is lost."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/fee"
    answer = clara.post(path, data=tokens(clara, path) | {"amount": "0", "when": "now"})
    assert answer.status_code == 422
    assert 'id="amount-complaint"' in answer.text
    assert 'id="note-complaint"' in answer.text


def test_a_loan_is_paid_off_with_what_was_shown(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The quote by component; a payment in between is noticed; then the loan is repaid."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/payoff"
    page = clara.get(path).text
    assert "10,521.54" in page
    form = hidden(page.partition("What closes the loan")[2]) | {
        "on": "22 11 2026",
        "shown": _field(page, "shown"),
    }
    other = clara.post(path, data=form | {"shown": "1"})
    assert other.status_code == 422
    assert "KES 10,521.54" in other.text
    done = clara.post(path, data=form)
    assert done.status_code == 303
    assert clara.post(path, data=form).location == done.location
    with branch.database.reading() as session:
        assert outstanding(session, known.loan).total == Money(0)
        assert len(loan_movements(session, known.loan)) == 3


def test_a_quote_for_a_day_to_come_is_shown_and_not_paid(log_in: LogIn, known: Known) -> None:
    """What it will take then, without a button to pay it today."""
    clara = log_in("clara")
    page = clara.get(f"/loans/{known.loan}/payoff?on=24+12+2026").text
    assert "on 24 Dec 2026" in page
    assert "Pay off with" not in page
    assert clara.get(f"/loans/{known.loan}/payoff?on=31+2+2026").status_code == 422


def test_an_overpayment_is_given_back(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The page offers all of it; more is refused; then nothing is left to give back."""
    clara = log_in("clara")
    path = f"/loans/{known.loan}/repay"
    page = clara.post(path, data=tokens(clara, path) | {"amount": "11000", "step": "look"}).text
    clara.post(path, data=_main(page) | {"amount": "11000", "step": "post"})
    path = f"/loans/{known.loan}/refund"
    assert 'value="478.46"' in clara.get(path).text
    assert clara.post(path, data=tokens(clara, path) | {"amount": "478.47"}).status_code == 422
    receipt = _post(clara, path, amount="478.46")
    assert "478.46" in clara.get(receipt).text
    assert "Nothing was paid too much on this loan." in clara.get(path).text


def test_an_auditor_charges_and_refunds_nothing(log_in: LogIn, known: Known) -> None:
    """Pages that move money are closed to those who only look."""
    aisha = log_in("aisha")
    for page in ("fee", "payoff", "refund"):
        assert aisha.get(f"/loans/{known.loan}/{page}").status_code == 403


def test_money_may_come_by_another_way_than_cash(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Where headquarters listed a way to pay, it is offered beside cash; the receipt names it."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    assert "Paid by" not in clara.get(path).text
    with branch.unit_of_work("payment_type.define", known.admin) as session:
        account = account_with_role(session, Role.BROUGHT_IN)
        insert(session, PaymentType(code="MPESA", name="M-Pesa", gl_account_id=account))
    page = clara.get(path).text
    assert "M-Pesa" in page
    way = page.partition("M-Pesa")[0].rpartition('value="')[2].partition('"')[0]
    wrong = clara.post(path, data=tokens(clara, path) | {"amount": "300", "way": "99"})
    assert wrong.status_code == 422
    receipt = clara.get(_post(clara, path, amount="300", way=way)).text
    assert "Receipt KIT-1-000001" in receipt
    assert "M-Pesa" in receipt
    preview = f"/loans/{known.loan}/repay"
    form = tokens(clara, preview) | {"amount": "100", "way": way, "step": "look"}
    assert f'name="way" value="{way}"' in clara.post(preview, data=form).text
