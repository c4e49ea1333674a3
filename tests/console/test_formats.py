"""What a command cannot write: refused by name, with what it can, and no file is left."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from banking.clients import register_client
from banking.closing.snapshots import take_snapshots
from banking.loans import apply, approve, disburse
from banking.repayments import post_repayment
from ledger.money import Money
from satchel.cli import main
from schema.products import LoanProduct
from tests.support.institution import TestInstitution, passphrase_of


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A branch's home that nothing here changes, beside the file with its passphrase."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("formats") / "bank")
    (bank.root / "passphrase").write_text(passphrase_of("KIT"), encoding="utf-8")
    return bank.root / "KIT"


def _refusal(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> dict[str, str]:
    opening = ["--home", str(home), "--passphrase-file", str(home.parent / "passphrase"), "--json"]
    assert main(["branch", *words, *opening]) == 1
    refusal: dict[str, str] = json.loads(capsys.readouterr().out)["error"]
    return refusal


def test_the_journal_is_written_for_analysts(home: Path, tmp_path: Path) -> None:
    """Empty books too; a file that was there before is replaced."""
    opening = ["--home", str(home), "--passphrase-file", str(home.parent / "passphrase")]
    for form, beginning in (("parquet", b"PAR1"), ("duckdb", b"")):
        out = tmp_path / f"books.{form}"
        words = ["branch", "export-ledger", *opening, "--format", form, "--private", "--out", str(out)]
        assert [main(words), main(words)] == [0, 0]
        assert out.read_bytes().startswith(beginning)
        out.unlink()


def test_an_unknown_report_is_refused_with_the_names_of_all(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = _refusal(capsys, home, "report", "horoscope")
    assert refusal["code"] == "NOT_FOUND"
    assert "horoscope" in refusal["message"]
    assert "active-loans, ageing, " in refusal["message"]


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "pdf"])
def test_a_report_is_written_in_every_form(form: str, home: Path, tmp_path: Path) -> None:
    """At a branch for itself; an office, its sub-tree and a time may be asked for."""
    opening = ["--home", str(home), "--passphrase-file", str(home.parent / "passphrase")]
    asked = ["--office", "kit", "--sub-tree", "--from", "2026-01-01", "--as-of", "2026-01-31"]
    out = tmp_path / f"report.{form}"
    words = ["branch", "report", "trial-balance", *opening, *asked, "--format", form, "--out", str(out)]
    assert main(words) == 0
    beginnings = {"json": b'{"report": "trial-balance"', "csv": b"code,name", "xlsx": b"PK", "pdf": b"%PDF"}
    assert out.read_bytes().startswith(beginnings[form])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("client-statement",), "MISSING_OPTION"),
        (("balance-sheet", "--client", "7"), "UNSUPPORTED_OPTION"),
        (("active-loans", "--office", "XYZ"), "NOT_FOUND"),
        (("loan-statement", "--account", "7"), "NOT_FOUND"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_by_name(
    words: tuple[str, ...], code: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _refusal(capsys, home, "report", *words)["code"] == code


def _run(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> str:
    opening = ["--home", str(home), "--passphrase-file", str(home.parent / "passphrase")]
    assert main(["branch", "report", *words, *opening]) == 0
    return capsys.readouterr().out


def test_a_closed_report_stays_and_the_difference_names_what_came_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A payment dated back after the close: the kept report has it not, in any form; the difference has."""
    bank = TestInstitution.create(tmp_path / "bank")
    (bank.root / "passphrase").write_text(passphrase_of("KIT"), encoding="utf-8")
    january, day = date(2026, 1, 31), date(2026, 1, 5)
    with bank.open("KIT") as branch:
        office = branch.place.office_id
        with branch.unit_of_work("loan.disburse", 1) as session:
            client = register_client(session, name="Amani")
            product = session.scalars(select(LoanProduct.id).where(LoanProduct.code == "WEEKLY")).one()
            loan = apply(
                session, client_id=client.id, product_id=product, principal=Money(100_000), applied_on=day
            )
            approve(session, loan.id, day)
            disburse(session, loan.id, day)
        with branch.unit_of_work("month.close", 1) as session:
            take_snapshots(session, january, office)
        with branch.unit_of_work("loan.repay", 1) as session:
            post_repayment(session, loan.id, Money(4385), date(2026, 1, 12))
    asked = ("active-loans", "--as-of", january.isoformat())
    home = bank.root / "KIT"
    now, closed = (json.loads(_run(capsys, home, *asked, *more)) for more in ((), ("--closed",)))
    assert (now["principal"], closed["principal"]) == ("960.00", "1000.00")
    assert closed["loans"][0]["outstanding"] == "1096.15"
    assert "differ today" in closed["notes"][-1]
    differing = json.loads(_run(capsys, home, *asked, "--difference"))["differences"]
    row = next(row for row in differing if (row["table"], row["field"]) == ("loans", "principal"))
    assert (row["key"], row["stored"], row["today"]) == ("KIT-L-000001", "1000.00", "960.00")
    assert row["difference"] == "-40.00"
    _run(capsys, home, *asked, "--closed", "--format", "pdf", "--out", str(tmp_path / "closed.pdf"))
    assert (tmp_path / "closed.pdf").read_bytes().startswith(b"%PDF")


def test_what_was_written_is_found_by_its_check_code(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With columns and a day to compare with; the document once more, and a wrong letter is refused."""
    opening = ["--home", str(home), "--passphrase-file", str(home.parent / "passphrase")]
    asked = ["trial-balance", "--by", "consolidation", "--compare", "month", "--as-of", "2026-01-31"]
    out, again = tmp_path / "first.xlsx", tmp_path / "again.xlsx"
    assert main(["branch", "report", *asked, *opening, "--format", "xlsx", "--out", str(out)]) == 0
    code = capsys.readouterr().err.removeprefix("Check code: ").strip()
    found = ["branch", "report", "--printed", code.lower(), *opening]
    assert main([*found, "--format", "xlsx", "--out", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()
    assert main([*found, "--out", str(tmp_path / "found.json")]) == 0
    document = json.loads((tmp_path / "found.json").read_text())
    assert document["check_code"] == code
    assert document["question"]["compare"] == "2025-12-31"
    assert document["differences"] == []
    wrong = code[1] + code[0] + code[2:] if code[0] != code[1] else "3" + code[1:]
    assert _refusal(capsys, home, "report", "--printed", wrong)["code"] == "MISTYPED"
    assert main(["branch", "report", *opening]) != 0
