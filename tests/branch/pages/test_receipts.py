"""Receipts as papers: counted, original and copies, printed by the printer of the house or the browser."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from banking.prints import copies_of, unprinted_receipts
from banking.savings import balance
from branch.printing.kinds import ESCPOS, RECEIPT, TEXT80
from branch.printing.printers import Printer, set_printer
from ledger.money import Money
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.branch.printing.escpos_reader import read_escpos
from tests.support.branch_home import TODAY, Known


def _set(branch: Installation, printer: Printer) -> None:
    with branch.database.writing() as session:
        set_printer(session, RECEIPT, printer)


def _deposit(clerk: FlaskClient, known: Known, amount: str = "300") -> str:
    path = f"/savings/{known.savings}/deposit"
    return str(clerk.post(path, data=tokens(clerk, path) | {"amount": amount}).location)


def _print_form(page: str) -> dict[str, str]:
    return hidden(page.partition('class="print-form"')[2]) | {"paper": "strip"}


def _copies(branch: Installation, number: str = "KIT-1-000001") -> int:
    with branch.database.reading() as session:
        return copies_of(session, "receipt", number)


def test_looking_is_no_print(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The page says that there is no paper yet; it stays so however often it is seen."""
    clara = log_in("clara")
    receipt = _deposit(clara, known)
    for _time in range(2):
        page = clara.get(receipt).text
        assert "It is not printed yet" in page
        assert "No receipt: only looked at." in page
        assert "data-print-now" not in page
    assert _copies(branch) == 0
    with branch.database.reading() as session:
        waiting = unprinted_receipts(session, branch.place.office_id, TODAY)
    assert [row.receipt for row in waiting] == ["KIT-1-000001"]


def test_the_browser_prints_an_original_once_and_then_copies(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """P twice by one hand (double click) is one original; the next P is COPY 2; a reload prints nothing."""
    clara = log_in("clara")
    receipt = _deposit(clara, known)
    form = _print_form(clara.get(receipt).text)
    for _time in range(2):
        assert clara.post(f"{receipt}/print", data=form).location == receipt
    shown = clara.get(receipt).text
    assert "ORIGINAL" in shown
    assert "data-print-now" in shown
    assert _copies(branch) == 1
    again = clara.get(receipt).text
    assert "ORIGINAL" not in again
    assert "data-print-now" not in again
    clara.post(f"{receipt}/print", data=_print_form(again))
    shown = clara.get(receipt).text
    assert "COPY 2" in shown
    assert "printed 2 times" in shown


def test_a_receipt_printer_prints_without_a_dialog(
    log_in: LogIn, branch: Installation, known: Known, tmp_path: Path
) -> None:
    """Read back as the printer reads it: the original, then COPY 2; the browser is not asked."""
    target = tmp_path / "printer.bin"
    _set(branch, Printer(ESCPOS, str(target), 58))
    clara = log_in("clara")
    receipt = _deposit(clara, known, "1250.50")
    assert not target.exists()
    page = clara.get(receipt).text
    assert "Print on printer" in page
    clara.post(f"{receipt}/print", data=_print_form(page))
    first = target.read_bytes()
    whole = "\n".join(read_escpos(first).lines)
    for said in ("KIT-1-000001", "1,250.50", "ORIGINAL", "Wanjiru Okoth", "Clara Wanyama"):
        assert said in whole, said
    page = clara.get(receipt).text
    assert "data-print-now" not in page
    clara.post(f"{receipt}/print", data=_print_form(page))
    assert "COPY 2" in "\n".join(read_escpos(target.read_bytes()[len(first) :]).lines)


def test_at_once_the_paper_follows_the_posting(
    log_in: LogIn, branch: Installation, known: Known, tmp_path: Path
) -> None:
    """No key is needed, and the same form sent again prints nothing more."""
    target = tmp_path / "printer.txt"
    _set(branch, Printer(TEXT80, str(target), at_once=True))
    clara = log_in("clara")
    path = f"/savings/{known.savings}/deposit"
    form = tokens(clara, path) | {"amount": "300"}
    for _time in range(3):
        clara.post(path, data=form)
    assert target.read_text().count("ORIGINAL") == 1
    assert "COPY" not in target.read_text()
    assert _copies(branch) == 1


@pytest.mark.parametrize("target", ["/dev/usb/lp-not-there", "/dev/full"])
def test_a_broken_printer_keeps_the_posting(
    log_in: LogIn, branch: Installation, known: Known, target: str
) -> None:
    """Posted once, not printed, told in words; the paper that comes later is still the original."""
    _set(branch, Printer(ESCPOS, target, at_once=True))
    clara = log_in("clara")
    receipt = _deposit(clara, known)
    page = clara.get(receipt).text
    assert "did not take the paper" in page
    assert "press P to print again" in page
    assert "It is not printed yet" in page
    with branch.database.reading() as session:
        assert balance(session, known.savings) == Money(280_000)
    assert _copies(branch) == 0
    _set(branch, Printer())
    clara.post(f"{receipt}/print", data=_print_form(page))
    assert "ORIGINAL" in clara.get(receipt).text


def test_void_stands_on_a_reprint_of_what_was_taken_back(
    log_in: LogIn, branch: Installation, known: Known, tmp_path: Path
) -> None:
    """The receipt that was reversed says VOID on every later paper, and is a copy."""
    target = tmp_path / "printer.txt"
    moses = log_in("moses")
    receipt = _deposit(moses, known)
    moses.post(f"{receipt}/print", data=_print_form(moses.get(receipt).text))
    path = f"{receipt}/reverse"
    moses.post(path, data=tokens(moses, path) | {"reason": "typed twice"})
    page = moses.get(receipt).text
    assert "VOID" in page
    _set(branch, Printer(TEXT80, str(target)))
    moses.post(f"{receipt}/print", data=_print_form(page))
    paper = target.read_text()
    assert "VOID" in paper
    assert "COPY 2" in paper


def test_a_pdf_is_a_paper_too(log_in: LogIn, branch: Installation, known: Known) -> None:
    """It is counted as it leaves; the same form again gives no second one."""
    clara = log_in("clara")
    receipt = _deposit(clara, known)
    form = hidden(clara.get(receipt).text.partition("/pdf")[2]) | {"paper": "a4"}
    first = clara.post(f"{receipt}/pdf", data=form)
    assert first.data.startswith(b"%PDF-")
    assert "KIT-1-000001.pdf" in first.headers["Content-Disposition"]
    assert clara.post(f"{receipt}/pdf", data=form).status_code == 303
    assert _copies(branch) == 1


def test_an_auditor_may_print_a_copy(log_in: LogIn, branch: Installation, known: Known) -> None:
    """It is written down who printed; the original is for who takes the money, so that the client gets it."""
    clara, aisha = log_in("clara"), log_in("aisha")
    receipt = _deposit(clara, known)
    form = _print_form(aisha.get(receipt).text)
    assert aisha.post(f"{receipt}/print", data=form).status_code == 403
    assert _copies(branch) == 0
    clara.post(f"{receipt}/print", data=_print_form(clara.get(receipt).text))
    aisha.post(f"{receipt}/print", data=form)
    assert _copies(branch) == 2
