"""Transfers between branches on the pages of headquarters, and in the consolidated books."""

import csv
import io
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from banking.inter_branch_matching import older_than
from banking.ledger_export import write_ledger
from hq.application import create_hq_application
from sync.installation import Installation
from tests.hq.conftest import words_of
from tests.support.headquarters import PASSWORD, copy_headquarters
from tests.support.institution import FIRST_DAY, HQ, TestInstitution
from tests.support.transfers import send_and_import


@pytest.fixture(scope="module")
def sent(
    made: TestInstitution, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, str]]:
    """Headquarters with one transfer that has both sides and one that has not, and the key of the latter."""
    institution = copy_headquarters(made, tmp_path_factory.mktemp("sent") / "bank")
    left = send_and_import(institution)
    with institution.open(HQ) as installation:
        yield installation, left


@pytest.fixture(scope="module")
def auditor(sent: tuple[Installation, str]) -> FlaskClient:
    """A browser of the auditor on it."""
    client = create_hq_application(sent[0]).test_client()
    client.post("/login", data={"username": "aisha", "password": PASSWORD})
    return client


def test_what_is_open_stands_by_pair_and_age_with_what_to_do(
    auditor: FlaskClient, sent: tuple[Installation, str]
) -> None:
    """Amount, age and the next step; after a week it is a warning, and a closing can ask for those."""
    installation, left = sent
    page = words_of(auditor.get("/reports/between-branches?as_of=12+1+2026").text)
    assert "ELW \N{EN DASH} KIT 1 45.00 \N{EN DASH} \N{EN DASH} \N{EN DASH} 45.00 7" in page
    assert (
        f"{left} KIT ELW 5 Jan 2026 7 45.00 \N{EN DASH} 45.00 ELW books what it received under this key."
        in page
    )
    assert "older than a week" not in page
    later = words_of(auditor.get("/reports/between-branches?as_of=14+1+2026&pair=ELW-KIT").text)
    assert "1 transfer is older than a week." in later
    assert "ELW \N{EN DASH} KIT 1 \N{EN DASH} 45.00 \N{EN DASH} \N{EN DASH} 45.00 9" in later
    assert left not in words_of(auditor.get("/reports/between-branches?pair=KIT-NAK").text)
    assert "has both sides" in words_of(auditor.get("/reports/between-branches?as_of=4+1+2026").text)
    assert auditor.get("/reports/between-branches?as_of=30+2+2026").status_code == 422
    with installation.database.reading() as session:
        on = FIRST_DAY.replace(day=13)
        assert [row.key for row in older_than(session, on, 7)] == [left]
        assert older_than(session, on, 8) == []


def test_consolidated_equals_the_branches_and_what_is_cut(auditor: FlaskClient) -> None:
    """To the unit, for every account, in the document that other programs read."""
    balance = document(auditor)
    for row in balance["accounts"]:
        offices = Decimal(row["KIT"]) + Decimal(row["ELW"])
        assert offices == Decimal(row["closing"])
        assert offices + Decimal(row["eliminations"]) == Decimal(row["consolidated"])
    between = [row for row in balance["accounts"] if row["code"] == "1400"]
    assert [row["consolidated"] for row in between] == ["0.00", "45.00"]
    assert [(row["office"], row["other"], row["open"]) for row in balance["pairs"]] == [
        ("ELW", "KIT", "45.00")
    ]
    assert not [note for note in balance["notes"] if "no transfer" in note]


def test_other_programs_compute_the_same_consolidated_books(
    auditor: FlaskClient, sent: tuple[Installation, str], tmp_path: Path
) -> None:
    """bean-check and hledger take the export of two branches; every total is ours, of all and of each."""
    files = {form: tmp_path / f"books.{form}" for form in ("beancount", "hledger", "csv")}
    for form, file in files.items():
        with sent[0].database.reading() as session, file.open("w", encoding="utf-8") as out:
            write_ledger(session, form, out)
    with files["csv"].open(encoding="utf-8") as table:
        codes = {row["account"]: row["code"] for row in csv.DictReader(table)}
    run(str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(files["beancount"]))
    query = "SELECT account, number(only('KES', sum(position))) AS n GROUP BY account"
    found = run(
        str(Path(sys.executable).with_name("bean-query")), "-f", "csv", str(files["beancount"]), query
    )
    bean = {codes[row["account"]]: Decimal(row["n"]) for row in csv.DictReader(io.StringIO(found))}
    balance = document(auditor)["accounts"]
    assert not_zero(bean) == by_code(balance, "consolidated")
    assert by_hledger(files["hledger"], codes) == by_code(balance, "consolidated")
    for code in ("KIT", "ELW"):
        assert by_hledger(files["hledger"], codes, f"tag:office={code}") == by_code(balance, code)


def by_code(rows: list[dict[str, str]], column: str) -> dict[str, Decimal]:
    """Add up a column by account; what comes to nothing is left out."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row["code"]] += Decimal(row[column])
    return not_zero(sums)


def not_zero(sums: dict[str, Decimal]) -> dict[str, Decimal]:
    """Leave out what comes to nothing."""
    return {code: amount for code, amount in sums.items() if amount}


def by_hledger(file: Path, codes: dict[str, str], *more: str) -> dict[str, Decimal]:
    """Give hledger's balances by our codes."""
    accounts = json.loads(
        run("hledger", "-f", str(file), "--strict", "bal", "--flat", "-N", "-O", "json", *more)
    )[0]
    quantities = ((name, found[0]["aquantity"]) for name, _, _, found in accounts)
    return {
        codes[name]: Decimal(one["decimalMantissa"]).scaleb(-one["decimalPlaces"]) for name, one in quantities
    }


def run(*command: str) -> str:
    """Run another program; it must have nothing to complain about."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout + answer.stderr
    return answer.stdout


def document(client: FlaskClient) -> dict[str, list[dict[str, str]]]:
    """Give the consolidated trial balance as JSON."""
    answer = client.get("/reports/trial-balance/json?columns=consolidation&as_of=2026-01-12")
    found: dict[str, list[dict[str, str]]] = json.loads(answer.data)
    return found
