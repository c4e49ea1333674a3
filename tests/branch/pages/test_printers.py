"""Setting up printers: on a page and from the command line; a test print; bad input told."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from branch.cli import branch as commands
from branch.printing.printers import RECEIPT, Printer, get_printer
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import PASSPHRASE


def test_a_printer_is_set_up_and_tried(log_in: LogIn, branch: Installation, tmp_path: Path) -> None:
    """Kept on this computer; the test says the house's name and fills the line."""
    moses = log_in("moses")
    target = tmp_path / "strip.bin"
    form = {"kind": "escpos", "target": str(target), "width": "58", "encoding": "cp850", "at_once": "yes"}
    path = "/printers/receipt"
    assert moses.post(path, data=tokens(moses, path) | form).status_code == 303
    with branch.database.reading() as session:
        assert get_printer(session, RECEIPT) == Printer("escpos", str(target), 58, "cp850", at_once=True)
    page = moses.get("/printers").text
    assert str(target) in page
    moses.post("/printers/receipt/test", data=hidden(page.partition('class="print-form"')[2]))
    assert b"Jamii Savings and Credit" in target.read_bytes()
    assert b"12345678901234567890123456789012\n" in target.read_bytes()
    assert "Printed." in moses.get("/printers").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"target": ""}, "target"),
        ({"target": "/no/such/folder/x"}, "target"),
        ({"target": "tcp://8.8.8.8:9100"}, "target"),
    ],
)
def test_a_wrong_target_is_told_beside_its_field(
    log_in: LogIn, branch: Installation, fields: dict[str, str], field: str
) -> None:
    """Nothing is kept, nothing that was typed is lost."""
    moses = log_in("moses")
    path = "/printers/receipt"
    form = {"kind": "text80", "target": "/dev/usb/lp0", "width": "80", "encoding": "utf-8", "at_once": "no"}
    answer = moses.post(path, data=tokens(moses, path) | form | fields)
    assert answer.status_code == 422
    assert f'id="{field}-complaint"' in answer.text
    with branch.database.reading() as session:
        assert get_printer(session, RECEIPT) == Printer()


def test_papers_overwrite_no_file_of_somebody_else(
    log_in: LogIn, branch: Installation, tmp_path: Path
) -> None:
    """The books, a file that was there before, a link, what a computer would start: none of them is taken."""
    moses = log_in("moses")
    path = "/printers/receipt"
    form = {"kind": "text80", "width": "80", "encoding": "utf-8", "at_once": "no"}
    (tmp_path / "letter.txt").write_text("Dear Amina")
    (tmp_path / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    database = str(branch.home.database_location(branch.facts))
    for target in (
        database,
        str(branch.home.outbox / "new.txt"),
        str(tmp_path / "letter.txt"),
        str(tmp_path / "link.txt"),
        str(tmp_path / "start.sh"),
        "/dev/../etc/passwd",
    ):
        answer = moses.post(path, data=tokens(moses, path) | form | {"target": target})
        assert answer.status_code == 422, target
        assert 'id="target-complaint"' in answer.text
    for _again in range(2):  # the file that printing made stays the printer's own
        own = {"target": str(tmp_path / "strip.txt")}
        assert moses.post(path, data=tokens(moses, path) | form | own).status_code == 303
        page = moses.get("/printers").text
        moses.post("/printers/receipt/test", data=hidden(page.partition('class="print-form"')[2]))
    assert (tmp_path / "strip.txt").read_text().count("Jamii") >= 2


def test_utf_8_is_refused_for_a_receipt_printer(log_in: LogIn) -> None:
    """ESC/POS has code pages; the sentence names them."""
    moses = log_in("moses")
    path = "/printers/receipt"
    form = {"kind": "escpos", "target": "/dev/usb/lp0", "width": "80", "encoding": "utf-8", "at_once": "no"}
    answer = moses.post(path, data=tokens(moses, path) | form)
    assert answer.status_code == 422
    assert "cp437" in answer.text


def test_a_clerk_sees_and_tries_but_does_not_change(log_in: LogIn) -> None:
    """Who answers for the cash sets printers up."""
    clara = log_in("clara")
    assert clara.get("/printers").status_code == 200
    assert clara.get("/printers/receipt").status_code == 403
    assert clara.get("/printers/till").status_code in {403, 404}


def test_printers_from_the_command_line(homes: Path, tmp_path: Path) -> None:
    """Set, listed, tried, and taken away again; a wrong target is refused."""
    home, target = str(homes / "branch"), str(tmp_path / "out.txt")
    runner = CliRunner(env={"SATCHEL_PASSPHRASE": PASSPHRASE})

    def run(*words: str) -> str:
        done = runner.invoke(commands, ["printer", *words, "--home", home])
        assert done.exit_code == 0, done.output
        return done.output

    said = run("set", "receipt", "--kind", "text80", "--to", target, "--letters", "utf-8", "--at-once")
    assert said.startswith(f"receipt: text80 to {target}, 80 columns, utf-8, at once")
    run("test", "receipt")
    assert "Test of the printer" in Path(target).read_text()
    assert "statement: the browser prints" in run("list")
    assert "receipt: the browser prints" in run("set", "receipt", "--kind", "none")
    refused = runner.invoke(commands, ["printer", "set", "receipt", "--kind", "escpos", "--home", home])
    assert refused.exit_code != 0
