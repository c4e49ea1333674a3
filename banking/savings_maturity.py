"""Terms of fixed and recurring deposits: they mature, and go on for another term or are paid out."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.savings_book import ACTIVE, DORMANT, MATURED, balance, read_savings, require_status
from banking.savings_interest import post_interest
from banking.savings_opening import LONGEST_TERM_DAYS
from banking.savings_terms import rate_for
from ledger.money import ZERO
from schema.accounts import SavingsAccount
from schema.products import SavingsProduct
from schema.reading import fetch
from schema.writing import act, cut_when_full, update

_DUE = """
SELECT id FROM savings_account
 WHERE origin_office_id = ? AND status IN (?, ?) AND matures_on IS NOT NULL AND matures_on <= ? ORDER BY id
"""


def mature_terms(session: Session, on: date) -> int:
    """End every term whose day has come, for the close of ``on``: its interest is posted, it earns no more.

    The money waits to be withdrawn or renewed. Gives how many matured; none the second time.
    """
    due = fetch(session, _DUE, act(session).office_id, ACTIVE, DORMANT, on.isoformat())
    for (account_id,) in due:
        account = session.get_one(SavingsAccount, account_id)
        assert account.matures_on is not None, "the statement asked for it"
        post_interest(session, account_id, account.matures_on - timedelta(days=1), to_the_day=True)
        update(session, account, status=MATURED)
        cut_when_full(session)
    return len(due)


def renew_term(
    session: Session, account_id: int, on: date, *, term_days: int | None = None
) -> SavingsAccount:
    """Let a matured deposit run for another term, at the rate of its balance and that term.

    on         the first day of the new term; days between stay without interest
    term_days  default: as long as before
    raises     StatusError for one that has not matured; BadValueError for a term that cannot be, for a day
               before it matured, and for an account without money
    """
    book = read_savings(session, account_id, on)
    require_status(book, "renewal", MATURED)
    account = session.get_one(SavingsAccount, account_id)
    days = term_days or account.term_days
    if days is None or not 1 <= days <= LONGEST_TERM_DAYS:
        raise BadValueError(field="term_days", given=days)
    if account.matures_on is None or on < account.matures_on:
        raise BadValueError(field="on", given=on)
    amount = balance(session, account_id, on)
    if amount <= ZERO:
        raise BadValueError(field="amount", given=amount)
    product = session.get_one(SavingsProduct, account.product_id)
    update(
        session,
        account,
        status=ACTIVE,
        term_days=days,
        matures_on=on + timedelta(days=days),
        annual_rate=rate_for(session, product, days, amount),
        earns_from=on,
        interest_to=on - timedelta(days=1),
    )
    return account
