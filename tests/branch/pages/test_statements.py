"""Statements and passbooks: what they say, what is printed, what is printed again."""

from pathlib import Path

from branch.printing.kinds import PASSBOOK, STATEMENT, TEXT80
from branch.printing.printers import Printer, set_printer
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import Known


def _set(branch: Installation, purpose: str, target: Path) -> None:
    with branch.database.writing() as session:
        set_printer(session, purpose, Printer(TEXT80, str(target)))


def _deposit(clerk: object, known: Known, amount: str) -> None:
    path = f"/savings/{known.savings}/deposit"
    form = tokens(clerk, path) | {"amount": amount}  # type: ignore[arg-type]  # a browser
    clerk.post(path, data=form)  # type: ignore[attr-defined]  # as above


def test_a_statement_opens_moves_and_closes(log_in: LogIn, known: Known) -> None:
    """From a day on: what there was before, each movement with its balance, what there is."""
    clara = log_in("clara")
    _deposit(clara, known, "300")
    page = clara.get(f"/statements/savings/{known.savings}?start=1+11+2026&until=22+11+2026").text
    table = page.partition("<table")[2].partition("</table>")[0]
    assert "Balance before" in table
    assert table.count("2,500.00") == 1
    assert table.count("2,800.00") == 2
    assert "KIT-1-000001" in table
    whole = clara.get(f"/statements/loan/{known.loan}").text
    assert "10,000.00" in whole
    assert "9,600.00" in whole


def test_a_wrong_period_is_told_and_shows_everything(log_in: LogIn, known: Known) -> None:
    """A date that is none, or an end before the beginning: beside the field."""
    clara = log_in("clara")
    for query in ("start=31+2+2026", "start=22+11+2026&until=1+11+2026"):
        answer = clara.get(f"/statements/savings/{known.savings}?{query}")
        assert answer.status_code == 422
        assert 'id="start-complaint"' in answer.text
    assert clara.get(f"/statements/shares/{known.savings}").status_code == 404
    assert clara.get("/statements/savings/99").status_code in {404, 422}


def test_a_statement_goes_to_its_printer_the_browser_and_a_file(
    log_in: LogIn, branch: Installation, known: Known, tmp_path: Path
) -> None:
    """80 columns at most; the browser prints where no printer is set up; PDF on A4."""
    clara = log_in("clara")
    path = f"/statements/savings/{known.savings}"
    page = clara.get(path).text
    form = hidden(page.partition('class="print-form"')[2]) | {"until": "22 11 2026"}
    assert "data-print-now" in clara.post(path, data=form).text
    target = tmp_path / "statement.txt"
    _set(branch, STATEMENT, target)
    form = hidden(clara.get(path).text.partition('class="print-form"')[2]) | {"until": "22 11 2026"}
    assert clara.post(path, data=form).status_code == 303
    lines = target.read_text().splitlines()
    assert max(len(line) for line in lines) <= 80
    assert any("Deposit" in line and "2,500.00" in line for line in lines)
    form = hidden(clara.get(path).text.partition('class="print-form"')[2])
    made = clara.post(path, data=form | {"until": "22 11 2026", "form": "pdf"})
    assert made.data.startswith(b"%PDF-")


def test_a_passbook_gets_each_line_once(
    log_in: LogIn, branch: Installation, known: Known, tmp_path: Path
) -> None:
    """The first line, then only the new one below it; the last ones can be printed again."""
    target = tmp_path / "book.txt"
    _set(branch, PASSBOOK, target)
    clara = log_in("clara")
    path = f"/savings/{known.savings}/passbook"
    clara.post(path, data=tokens(clara, path) | {"line": "3"})
    first = target.read_text()
    assert first.splitlines()[2].split()[-2:] == ["2,500.00", "2,500.00"]
    assert "Everything is in the book." in clara.get(path).text
    _deposit(clara, known, "300")
    clara.post(path, data=tokens(clara, path) | {"line": "4"})
    second = target.read_text()[len(first) :]
    assert "2,800.00" in second.splitlines()[3]
    assert second.count("Deposit") == 1
    clara.post(path, data=tokens(clara, path) | {"again": "yes"})
    assert target.read_text().count("2,800.00") == 2


def test_a_book_whose_printer_fails_stays_where_it_was(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """The line is still to be printed."""
    _set(branch, PASSBOOK, Path("/dev/full"))
    clara = log_in("clara")
    path = f"/savings/{known.savings}/passbook"
    clara.post(path, data=tokens(clara, path) | {"line": "1"})
    assert "1 line is not in the book yet" in clara.get(path).text


def test_a_line_that_the_page_does_not_have_is_refused(log_in: LogIn, known: Known) -> None:
    """0, 25 and words: told beside the field."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/passbook"
    for line in ("0", "25", "x", "²"):
        answer = clara.post(path, data=tokens(clara, path) | {"line": line})
        assert answer.status_code == 422
        assert 'id="line-complaint"' in answer.text


def test_without_a_printer_the_browser_prints_the_lines(log_in: LogIn, known: Known) -> None:
    """The page that is printed has empty lines above the new one."""
    clara = log_in("clara")
    path = f"/savings/{known.savings}/passbook"
    page = clara.post(path, data=tokens(clara, path) | {"line": "3"}).text
    assert "data-print-now" in page
    assert page.count('<tr aria-hidden="true">') == 2
