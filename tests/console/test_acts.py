"""Everything by name from the command line: fields, files, rights, rehearsals."""

import json
from pathlib import Path

import pytest

from banking.loans import get_loan
from banking.users import create_user
from satchel import cli
from schema.accounts import SavingsAccount
from schema.people import Client
from sync.installation import Installation
from tests.support.acts import ActsRunner
from tests.support.branch_home import PASSPHRASE, PASSWORD, Clock, Known, copy_homes, make_homes, opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    """A branch that each test gets a copy of."""
    folder = tmp_path_factory.mktemp("homes")
    return folder, make_homes(folder)


@pytest.fixture
def homes(made: tuple[Path, Known], tmp_path: Path) -> Path:
    return copy_homes(made[0], tmp_path / "homes")


@pytest.fixture
def acts(homes: Path, capsys: pytest.CaptureFixture[str]) -> ActsRunner:
    return ActsRunner("branch", homes / "branch", PASSPHRASE, capsys)


def opened_branch(homes: Path) -> Installation:
    return Installation.open(str(homes / "branch"), PASSPHRASE, clock=Clock())


def client_number(homes: Path, made: tuple[Path, Known]) -> str:
    with opened_branch(homes) as branch, branch.database.reading() as session:
        return session.get_one(Client, made[1].client).number


def test_a_loan_goes_from_application_to_money_by_name(
    made: tuple[Path, Known], homes: Path, acts: ActsRunner
) -> None:
    """Applied, approved, paid out from the till; each is a changeset of its own name."""
    applied = acts.do(
        "loan.apply",
        client=client_number(homes, made),
        product="WEEKLY",
        principal="1000.00",
        on="2026-11-20",
        purpose="Maize",
    )
    assert (applied["status"], applied["principal"]) == ("applied", "1000.00")
    assert acts.do("loan.approve", loan=applied["loan"], on="2026-11-21")["status"] == "approved"
    paid = acts.do("loan.disburse", loan=applied["loan"], on="2026-11-22", till=1)
    assert (paid["status"], paid["first_due_on"]) == ("active", "2026-11-29")
    assert paid["receipt"].startswith("KIT-1-")
    with opened_branch(homes) as branch, branch.database.reading() as session:
        assert get_loan(session, applied["loan"]).purpose == "Maize"


def test_a_file_is_done_whole_or_not_at_all(
    made: tuple[Path, Known], homes: Path, acts: ActsRunner, tmp_path: Path
) -> None:
    """Two applications in one file; with a third one that is wrong in two fields nothing is kept."""
    client = client_number(homes, made)
    rows = [
        {"act": "loan.apply", "client": client, "product": "WEEKLY", "principal": "100", "number": "N1"},
        {"act": "loan.approve", "loan": "N1"},
    ]
    wrong = {"act": "loan.apply", "client": "nobody", "product": "WEEKLY", "principal": "ten"}
    lines = tmp_path / "acts.jsonl"
    lines.write_text("\n".join(map(json.dumps, [*rows, wrong])), encoding="utf-8")
    status, document = acts.run("--file", str(lines))
    assert status == 1
    assert [(one["act"], one["field"], one["code"]) for one in document["errors"]] == [
        (3, "client", "NOT_FOUND"),
        (3, "principal", "AMOUNT_NOT_A_NUMBER"),
    ]
    lines.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    status, document = acts.run("--file", str(lines))
    assert (status, [one["result"]["status"] for one in document["acts"]]) == (0, ["applied", "approved"])


def test_toml_reads_the_same_acts(
    made: tuple[Path, Known], homes: Path, acts: ActsRunner, tmp_path: Path
) -> None:
    """Numbers stay exact: a rate of 12.5 and an amount of 100.10 are what the file says."""
    toml = tmp_path / "acts.toml"
    toml.write_text(
        f'[[act]]\nact = "loan.apply"\nclient = "{client_number(homes, made)}"\nproduct = "MONTHLY"\n'
        "principal = 100.10\nannual_rate = 12.5\non = 2026-11-20\n",
        encoding="utf-8",
    )
    status, document = acts.run("--file", str(toml))
    assert (status, document["acts"][0]["result"]["principal"]) == (0, "100.10")


def test_a_rehearsal_keeps_nothing(made: tuple[Path, Known], homes: Path, acts: ActsRunner) -> None:
    """``--dry-run`` answers as in earnest; the number that it gave is given again."""
    fields = {"client": client_number(homes, made), "product": "WEEKLY", "principal": "10.00"}
    status, document = acts.run("--dry-run", "loan.apply", *(f"{k}={v}" for k, v in fields.items()))
    assert (status, document["dry_run"]) == (0, True)
    assert acts.do("loan.apply", **fields)["loan"] == document["acts"][0]["result"]["loan"]


@pytest.mark.parametrize(
    ("name", "fields", "reasons"),
    [
        ("loan.appply", {}, [("", "UNKNOWN_ACT")]),
        ("loan_product.define", {"code": "FARM"}, [("", "WRONG_PLACE")]),
        ("loan.reject", {"loan": "KIT-L-000001"}, [("reason", "MISSING")]),
        (
            "loan.apply",
            {"product": "NONE", "colour": "red", "on": "yesterday"},
            [
                ("colour", "UNKNOWN_FIELD"),
                ("product", "NOT_FOUND"),
                ("on", "BAD_VALUE"),
            ],
        ),
        ("loan.approve", {"loan": "KIT-L-999999"}, [("loan", "NOT_FOUND")]),
    ],
)
def test_every_reason_is_told_at_once(
    acts: ActsRunner, name: str, fields: dict[str, str], reasons: list[tuple[str, str]]
) -> None:
    """Unknown, missing and unreadable fields; and acts that are not there, or not here."""
    assert acts.refused(name, **fields) == reasons


def test_a_role_does_what_it_may(
    made: tuple[Path, Known], homes: Path, acts: ActsRunner, tmp_path: Path
) -> None:
    """A clerk writes applications down and approves none; without the password nobody is anybody."""
    word = tmp_path / "word"
    word.write_text(PASSWORD, encoding="utf-8")
    with opened(homes / "branch", Clock()) as branch, branch.unit_of_work("user.create", 1) as session:
        create_user(session, "amina", "Amina Clerk", "clerk", PASSWORD)
    clerk = ("--as", "amina", "--as-password-file", str(word))
    client = f"client={client_number(homes, made)}"
    status, document = acts.run(*clerk, "loan.apply", client, "product=WEEKLY", "principal=10.00")
    assert status == 0
    loan = document["acts"][0]["result"]["loan"]
    status, document = acts.run(*clerk, "loan.approve", f"loan={loan}")
    assert (status, document["error"]["code"]) == (1, "NOT_PERMITTED")
    assert acts.run("--as", "amina", "loan.approve", f"loan={loan}")[1]["error"]["code"] == "NO_PASSPHRASE"
    word.write_text("guessed", encoding="utf-8")
    assert acts.run(*clerk, "loan.approve", f"loan={loan}")[1]["error"]["code"] == "WRONG_PASSWORD"


def test_money_that_no_drawer_bears_asks_for_one_who_writes_the_journal(
    made: tuple[Path, Known], homes: Path, acts: ActsRunner, tmp_path: Path
) -> None:
    """A clerk pays in over a till, and brings nothing in from “older books”."""
    word = tmp_path / "word"
    word.write_text(PASSWORD, encoding="utf-8")
    clerk = ("--as", "clara", "--as-password-file", str(word))
    with opened(homes / "branch", Clock()) as branch, branch.database.reading() as session:
        account = session.get_one(SavingsAccount, made[1].savings).number
    paid_in = ("savings.deposit", f"account={account}", "amount=5.00")
    status, document = acts.run(*clerk, *paid_in)
    assert (status, document["error"]["code"]) == (1, "NOT_PERMITTED")
    assert acts.run(*clerk, *paid_in, "till=1")[0] == 0
    assert acts.run(*paid_in)[0] == 0


def test_the_list_shows_the_acts_of_an_edition(capsys: pytest.CaptureFixture[str]) -> None:
    """``--list`` needs no home; each edition lists its own."""
    assert cli.main(["branch", "act", "--list"]) == 0
    shown = capsys.readouterr().out
    assert "loan.apply: " in shown
    assert "  product* (code of a loan product): code of the product" in shown
