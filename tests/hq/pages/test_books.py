"""The trial balance and its ways down."""

import html
import re

import pytest
from flask.testing import FlaskClient

from banking.reports import trial_balance
from ledger.money import Money
from sync.installation import Installation
from tests.hq.conftest import words_of


def test_the_figures_are_the_services(reader: FlaskClient, full_hq: Installation) -> None:
    """Every account with debit, credit and closing as the report gives them, and equal totals."""
    with full_hq.database.reading() as session:
        balance = trial_balance(session)
    page = words_of(reader.get("/books").text)
    for row in balance.accounts:
        closing = f"{abs(row.closing.minor) / 100:,.2f}"
        shown = f"({closing})" if row.closing < Money(0) else closing
        assert re.search(rf"{row.code} {re.escape(row.name)} \S+ \S+ {re.escape(shown)}", page), row
    assert "Debit and credit are equal." in page
    assert f"Total {balance.debit.minor / 100:,.2f} {balance.credit.minor / 100:,.2f}" in page


def test_the_figures_say_what_they_rest_on(reader: FlaskClient) -> None:
    """Up to which entry of each branch, what is missing, and what is not certified."""
    page = words_of(reader.get("/books").text)
    assert "KIT up to 0002, entry 8 (5 Jan 2026), 1 week behind , not certified" in page
    assert "ELW up to 0001, entry 6 (5 Jan 2026), 1 week behind , entries missing , not certified" in page


def test_a_figure_opens_to_its_changeset_in_four_steps(reader: FlaskClient) -> None:
    """Trial balance, account, branch, entry, changeset: each page leads to the next."""
    path = "/books"
    for link in (r"/books/2110", r"/books/2110\?branch=KIT", r"/entries/\d+[^\"]*", r"/changesets/2/0/\d+"):
        found = re.search(rf'href="({link})"', reader.get(path).text)
        assert found, f"{path} does not lead to {link}"
        path = found[1]
    page = words_of(reader.get(path).text)
    assert "savings.deposit" in page
    assert "signature holds" in page
    assert "800.00" in page


def test_the_question_stands_in_the_address(reader: FlaskClient) -> None:
    """One branch, from and until a day: links carry it on, and dates are shown as people type them."""
    page = reader.get("/books?branch=kit&start=2026-01-05&as_of=5+1+2026").text
    assert 'value="5 1 2026"' in page
    assert "KIT Branch KIT · from 5 Jan 2026 until 5 Jan 2026" in words_of(page)
    assert "/books/2110?branch=KIT&amp;start=2026-01-05&amp;as_of=2026-01-05" in page
    assert "2110 Voluntary savings \N{EN DASH} \N{EN DASH} 2,000.00 (2,000.00)" in words_of(page)


def test_a_wrong_date_is_refused_beside_its_field(reader: FlaskClient) -> None:
    """30 February is no day; what was typed is still there."""
    answer = reader.get("/books?as_of=30+2+2026")
    assert answer.status_code == 422
    assert "This is not a date." in words_of(answer.text)
    assert 'value="30 2 2026"' in answer.text


@pytest.mark.parametrize(
    "path", ["/books/9999", "/books?branch=XYZ", "/entries/5", "/entries/99999999999999999999"]
)
def test_what_is_not_there_is_a_plain_page(reader: FlaskClient, path: str) -> None:
    """Nothing internal is shown for an account, branch or entry that does not exist."""
    answer = reader.get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("page", ["0", "-5", "x", "99999999999999999999", ""])
def test_any_number_of_a_page_is_answered(reader: FlaskClient, page: str) -> None:
    """A page that does not exist shows no lines, or the first ones; never a fault."""
    assert reader.get(f"/books/2110?page={page}").status_code == 200


def test_notes_are_shown_as_typed(reader: FlaskClient) -> None:
    """Markup in a note is text."""
    page = reader.get("/books/2110").text
    assert "market day &lt;b&gt;&amp;amp; =1+1" in page
    assert "market day <b>" not in page


def test_empty_books_say_how_to_begin(amina: FlaskClient) -> None:
    """Before the first bundle the page leads to the inbox."""
    assert "Import a branch's bundle in the inbox." in words_of(amina.get("/books").text)


def test_a_figure_of_a_statement_opens_to_bundle_and_leads_back(reader: FlaskClient) -> None:
    """Balance sheet, account of one office, entry with receipt, changeset and bundle, and up again."""
    report = "/reports/balance-sheet?as_of=2026-01-05&columns=consolidation"
    page = reader.get(report).text
    steps = [r"/books/2110\?[^\"]*branch=KIT[^\"]*", r"/entries/\d+[^\"]*"]
    for link in steps:
        found = re.search(rf'href="({link})"', page)
        assert found, link
        page = reader.get(html.unescape(found[1])).text
    words = words_of(page)
    assert re.search(r"Came with bundle KIT-0002 · [0-9A-Z]{4} B", words)
    assert "Receipt KIT-1-00000" in words
    assert "Changeset 2\N{EN DASH}" in words
    up = re.search(r'href="(/books/2110[^"]*)" data-key="Escape"', page)
    assert up
    account = reader.get(html.unescape(up[1])).text
    assert f'href="{html.escape(report)}" data-key="Escape"' in account


def test_no_address_leads_up_to_another_machine(reader: FlaskClient) -> None:
    """What stands in the address is a page of reports or books, or nothing."""
    page = reader.get("/books/2110?up=//evil.example/reports/").text
    assert 'href="/books" data-key="Escape"' in page
    assert 'href="//' not in page


def test_a_heading_opens_to_the_accounts_below(reader: FlaskClient) -> None:
    """With what each of them has, for an office and all below it too."""
    page = words_of(reader.get("/books/1000?branch=KIT&sub_tree=1").text)
    assert "KIT Branch KIT and all below it" in page
    assert "Accounts below" in page
    assert "1200 Loans to clients 9,600.00" in page


def test_rows_of_reports_lead_to_what_they_are_about(reader: FlaskClient) -> None:
    """A loan to its statement, an entry to the books, an office to its branch, a ratio to its parts."""
    for path, link in (
        ("/reports/active-loans", "/reports/loan-statement?as_of=2026-01-12&amp;account=KIT-L-000001"),
        ("/reports/savings-balances", "/reports/savings-statement?as_of=2026-01-12&amp;account=KIT-S-000001"),
        ("/reports/client-listing", "/reports/client-statement?as_of=2026-01-12&amp;client=KIT-C-000001"),
        ("/reports/general-ledger?account=2110", "/entries/"),
        ("/reports/cash-book", "/books/1110?"),
        ("/reports/ageing", "/branches/KIT"),
        ("/reports/ratios", "/reports/portfolio-at-risk?as_of=2026-01-12"),
    ):
        found = re.findall(r'href="([^"]*)"', reader.get(path).text.partition("<main")[2])
        assert any(one.startswith(link) for one in found), (path, found[:40])
