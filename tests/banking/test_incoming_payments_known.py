"""The same money on another list is recognised, whatever its layout and the account that it is read into."""

from datetime import date

import pytest

from banking.errors import MissingError
from banking.incoming_payments import ListFile, Read, read_file
from banking.incoming_payments_errors import PaymentStateError
from banking.incoming_payments_files import BANK, Layout
from ledger.money import Money
from schema.reading import fetch
from tests.support.books import Books
from tests.support.payments import mobile_list

FULL = Layout(kind=BANK, day="Value Date", credit="Credit", debit="Debit", text="Narrative")
FULL_LIST = """\
Equator Bank,,,,
Transaction Date,Value Date,Narrative,Debit,Credit
2026-01-05,2026-01-05,CASH DEP JANE WANJIKU KIT-S-000001,,"1,500.00"
2026-01-05,2026-01-05,CASH DEP JANE WANJIKU KIT-S-000001,,"1,500.00"
2026-01-05,2026-01-05,CHQ 000123 OTIENO STORES,,"1,500.00"
2026-01-05,2026-01-05,LEDGER FEE,20.00,
2026-01-06,2026-01-06,EFT SALARY AKINYI,,"22,000.00"
"""
SHORT = Layout(
    kind=BANK,
    day="Val. date",
    amount="Movement",
    payer="Name",
    text="Words",
    receipt="Bank ref",
    form="DD/MM/YYYY",
    decimal=",",
)
SHORT_LIST = """\
Name;Words;Movement;Val. date;Bank ref
Jane Wanjiku;cash dep;1.500,00;05/01/2026;T881
JANE WANJIKU;cash dep;1.500,00;05/01/2026;T882
Jane Wanjiku;cash dep;1.500,00;05/01/2026;T885
Otieno Stores;chq 000123;1.500,00;05/01/2026;T883
Akinyi;EFT salary;22.000,00;06/01/2026;T884
Akinyi;EFT salary;22.000,00;05/01/2026;T880
"""


def read(
    books: Books,
    content: str | bytes,
    layout: Layout,
    gl_code: str = "1130",
    another: tuple[int, ...] = (),
    reason: str = "",
) -> Read:
    """Take a list at headquarters, on 7 January."""
    books.today = date(2026, 1, 7)
    with books.hq_work() as session:
        given = content if isinstance(content, bytes) else content.encode()
        wanted = ListFile(
            name=f"{gl_code}.csv",
            content=given,
            layout=layout,
            gl_code=gl_code,
            another=another,
            reason=reason,
        )
        return read_file(session, wanted)


def repeated(done: Read) -> dict[int, int]:
    """Give the row there of each row that came before."""
    return {one.line.row: one.before.row for one in done.before if one.before is not None}


def test_the_same_days_laid_out_otherwise_are_the_same_payments(any_books: Books) -> None:
    """Two equal payments of one list are two; a third of the next list is new, and so is another day's."""
    first = read(any_books, FULL_LIST, FULL)
    assert (len(first.payments), first.known) == (4, 0), "two equal payments on one day are two"
    second = read(any_books, SHORT_LIST, SHORT)
    assert repeated(second) == {2: 3, 3: 4, 5: 5, 6: 7}
    assert [(one.row, one.amount, one.key) for one in second.payments] == [
        (4, Money(150_000), "1130-T885"),
        (7, Money(2_200_000), "1130-T880"),
    ]
    again = read(any_books, SHORT_LIST + "\n", SHORT)
    assert (again.payments, again.known) == ([], 6), "what came before with a number of its own, too"


def test_a_list_read_into_a_second_account_books_nothing_twice(books: Books) -> None:
    """By the list's own numbers; equal amounts of one day under other numbers are other payments."""
    rows = [("R1", "440.00", "254712345678", "loan"), ("R2", "440.00", "254712345678", "loan")]
    assert len(read(books, mobile_list(rows), Layout()).payments) == 2
    more = [("R3", "440.00", "254712345678", "loan"), *rows]
    there = read(books, mobile_list(more), Layout(), "1120")
    assert [one.key for one in there.payments] == ["1120-R3"]
    assert {one.before.key for one in there.before if one.before} == {"1130-R1", "1130-R2"}


def test_only_a_person_with_a_reason_makes_another_payment_of_it(books: Books) -> None:
    """It gets its own key, and its entry says which payment it is not; a bank's own number is believed."""
    read(books, FULL_LIST, FULL)
    short = "Value Date,Narrative,Debit,Credit\n2026-01-05,CASH DEP JANE WANJIKU KIT-S-000001,,1500\n"
    for rows, error in (((2,), MissingError), ((3,), PaymentStateError)):
        with pytest.raises(error):
            read(books, short, FULL, another=rows, reason="" if error is MissingError else "seen")
    done = read(books, short, FULL, another=(2,), reason="the teller's slip shows a third one")
    [payment] = done.payments
    with books.look() as session:
        keys = [row[0] for row in fetch(session, "SELECT key FROM incoming_payment")]
        note = fetch(session, "SELECT note FROM journal_entry WHERE id = ?", payment.journal_entry_id)[0][0]
    assert len(set(keys)) == len(keys) == 5
    assert note.startswith(f"{payment.key}, not 1130-")
    assert note.endswith("the teller's slip shows a third one")
    receipt = mobile_list([("R1", "5.00", "", "x")])
    read(books, receipt, Layout())
    with pytest.raises(PaymentStateError, match="its own number came before"):
        read(books, receipt + b"\n", Layout(), another=(2,), reason="seen")
