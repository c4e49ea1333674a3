"""What must be refused whole, through the real commands in real processes: nothing changed, all said."""

import hashlib
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.institution import HQ, TestInstitution, passphrase_of, till_of

ROOT = Path(__file__).resolve().parents[2]
START = "from satchel.cli import run; run()"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> TestInstitution:
    """A branch with the books of a real one loaded into it."""
    bank = TestInstitution.create(tmp_path_factory.mktemp("bad input") / "bank")
    document = _satchel(bank, "KIT", "load", "--format", "mifos2", str(shared_data / "mifos-branch"))
    assert document["errors"] == []
    with bank.open("KIT") as branch:
        till_of(branch)
    return bank


@pytest.fixture
def bank(made_once: TestInstitution, tmp_path: Path) -> TestInstitution:
    """A copy for one test."""
    return made_once.copy_to(tmp_path / "bank")


def _run(
    bank: TestInstitution, name: str, *arguments: str, file_limit: int | None = None
) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        if file_limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    group, (verb, *rest) = ("hq" if name == HQ else "branch"), arguments
    return subprocess.run(
        [sys.executable, "-c", START, group, verb, "--home", str(bank.root / name), "--json", *rest],
        cwd=ROOT,
        env={**os.environ, "SATCHEL_PASSPHRASE": passphrase_of(name)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


def _satchel(bank: TestInstitution, name: str, *arguments: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(_run(bank, name, *arguments).stdout)
    return document


def _refused(bank: TestInstitution, name: str, *arguments: str) -> dict[str, str]:
    done = _run(bank, name, *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    error: dict[str, str] = json.loads(done.stdout)["error"]
    return error


def _last_seq(bank: TestInstitution) -> object:
    return _satchel(bank, "KIT", "status")["last_seq"]


def test_a_wrong_passphrase_is_refused_by_name(bank: TestInstitution) -> None:
    """The command says what is wrong and what to do; it does not say more."""
    wrong = bank.root / "wrong"
    wrong.write_text("not this one\n", encoding="utf-8")
    error = _refused(bank, "KIT", "status", "--passphrase-file", str(wrong))
    assert error["code"] == "WRONG_PASSPHRASE"
    assert error["next"]


def test_a_command_for_the_other_edition_is_refused(bank: TestInstitution) -> None:
    """A branch's home is not headquarters'."""
    done = subprocess.run(
        [sys.executable, "-c", START, "hq", "status", "--home", str(bank.root / "KIT"), "--json"],
        cwd=ROOT,
        env={**os.environ, "SATCHEL_PASSPHRASE": passphrase_of("KIT")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "WRONG_EDITION"


def test_wrong_usage_is_one_json_document_too(bank: TestInstitution) -> None:
    """Exit 2, and a program that reads standard output still gets a document."""
    done = _run(bank, "KIT", "export", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "USAGE"


def test_a_stick_without_room_is_told_and_left_clean(bank: TestInstitution, tmp_path: Path) -> None:
    """The medium takes less than a volume: IO_ERROR, no half bundle left, the next export has it all."""
    stick = tmp_path / "stick"
    stick.mkdir()
    before = _satchel(bank, "KIT", "status")
    done = _run(bank, "KIT", "export", "--to", str(stick), file_limit=40_000)
    assert done.returncode == 1, done.stdout
    assert list(stick.iterdir()) == []
    assert _satchel(bank, "KIT", "status")["exported"] == before["exported"]
    written = _satchel(bank, "KIT", "export", "--to", str(stick))
    assert written["last_seq"] == before["last_seq"]


def test_a_full_disk_loses_nothing_that_was_answered(bank: TestInstitution, tmp_path: Path) -> None:
    """The branch's own disk is full: the post is refused by name; with room again the books go on."""
    post = tmp_path / "post.csv"
    lines = ["on,kind,account,amount,receipt"]
    lines += [f"2009-03-0{day},repay,000100000000014,1.00,R{day}" for day in range(1, 9)]
    post.write_text("\n".join(lines), encoding="utf-8")
    before = _last_seq(bank)
    largest = max(path.stat().st_size for path in (bank.root / "KIT").rglob("*") if path.is_file())
    refused = 0
    for limit in (4096, 40_000, largest // 2, largest - 1):
        done = _run(bank, "KIT", "post", str(post), file_limit=limit)
        assert "Traceback" not in done.stderr, done.stderr
        assert json.loads(done.stdout), "one document, also on refusal"
        if done.returncode == 0:
            break
        refused += 1
        assert _last_seq(bank) == before
    assert refused, "no limit was small enough to be met"
    if done.returncode:
        assert _satchel(bank, "KIT", "post", str(post))["posted"] == 8
    assert _satchel(bank, "KIT", "verify")["ok"] is True


def test_a_full_disk_at_headquarters_refuses_the_bundle_whole(bank: TestInstitution, tmp_path: Path) -> None:
    """The import finds no room: refused by name, nothing of it is there; with room again all of it."""
    stick = tmp_path / "stick"
    stick.mkdir()
    _satchel(bank, "KIT", "export", "--to", str(stick))
    before = _satchel(bank, HQ, "status")
    room = (bank.root / HQ / "satchel.db").stat().st_size // 2
    done = _run(bank, HQ, "import", str(stick), file_limit=room)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr, done.stderr
    assert json.loads(done.stdout)
    assert _satchel(bank, HQ, "status") == before
    rows = _satchel(bank, HQ, "import", str(stick))["bundles"]
    assert isinstance(rows, list)
    assert [(row["verdict"], row["totals_agree"]) for row in rows] == [("ADMIT", True)]


def test_amounts_that_cannot_be_are_each_refused_and_nothing_is_posted(
    bank: TestInstitution, tmp_path: Path
) -> None:
    """Zero, negative, beyond 2^63, too many digits, no number: every row is listed, nothing is written."""
    amounts = ["0", "-5.00", "92233720368547758.08", "1.001", "1e3", "", "12,50", "NaN"]
    post = tmp_path / "post.csv"
    rows = [f'2009-03-01,repay,000100000000014,"{amount}",X{n}' for n, amount in enumerate(amounts)]
    post.write_text("\n".join(["on,kind,account,amount,receipt", *rows]), encoding="utf-8")
    before = _last_seq(bank)
    done = _run(bank, "KIT", "post", str(post))
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["posted"] == 0
    assert {error["row"] for error in document["errors"]} == set(range(2, 2 + len(amounts)))
    assert _last_seq(bank) == before


@pytest.mark.parametrize("form", ["utf-16", "latin-1"])
def test_a_csv_in_a_wrong_encoding_is_refused_whole(bank: TestInstitution, tmp_path: Path, form: str) -> None:
    """Not UTF-8: one plain error that names the file, nothing loaded."""
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "clients.csv").write_bytes("number,name\nC9,Agnès Müller\n".encode(form))
    before = _last_seq(bank)
    done = _run(bank, "KIT", "load", str(folder))
    assert done.returncode == 1
    errors = json.loads(done.stdout)["errors"]
    assert [error["file"] for error in errors] == ["clients.csv"]
    assert _last_seq(bank) == before


def test_no_byte_that_was_written_shows_a_client(
    bank: TestInstitution, tmp_path: Path, shared_data: Path
) -> None:
    """Twenty names of the loaded branch: in no file of home or stick, also after a kill in mid-work."""
    names = _names(shared_data / "mifos-branch" / "customer.csv")
    stick = tmp_path / "stick"
    stick.mkdir()
    _satchel(bank, "KIT", "export", "--to", str(stick))
    _satchel(bank, HQ, "import", str(stick))
    group = subprocess.Popen(
        [
            sys.executable,
            "-c",
            START,
            "branch",
            "load",
            "--home",
            str(bank.root / "KIT"),
            "--dry-run",
            "--format",
            "mifos2",
            str(shared_data / "mifos-branch"),
        ],
        cwd=ROOT,
        env={**os.environ, "SATCHEL_PASSPHRASE": passphrase_of("KIT")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(random.Random(3).uniform(1.0, 2.0))
    group.kill()
    group.wait()
    written = [path for root in (bank.root, stick) for path in root.rglob("*") if path.is_file()]
    assert len(written) > 10
    for path in written:
        data = path.read_bytes()
        for name in names:
            for spelled in (name.encode(), name.encode("utf-16-le"), name.encode().hex().encode()):
                assert spelled not in data, f"{name} stands in {path.name}"


def _names(customers: Path) -> list[str]:
    import csv  # noqa: PLC0415 - one use

    with customers.open(encoding="utf-8", newline="") as file:
        found = [row["display_name"] for row in csv.DictReader(file)]
    parts = sorted({part for name in found for part in re.split(r"\s+", name) if len(part) >= 8})
    assert len(parts) >= 20
    return parts[:: max(1, len(parts) // 20)][:20]


def test_a_stick_that_goes_away_in_the_middle_is_told(bank: TestInstitution, tmp_path: Path) -> None:
    """The folder vanishes: IO_ERROR by name, nothing is counted as written."""
    error = _refused(bank, "KIT", "export", "--to", str(tmp_path / "not there"))
    assert error["code"] == "IO_ERROR"
    assert _satchel(bank, "KIT", "status")["exported"] == 0


def test_a_home_that_is_copied_is_the_same_home(bank: TestInstitution, tmp_path: Path) -> None:
    """Copied while nothing runs, it gives the same digest."""
    copy = bank.copy_to(tmp_path / "copied")
    assert _satchel(copy, "KIT", "digest")["digest"] == _satchel(bank, "KIT", "digest")["digest"]
    assert hashlib.sha256((copy.root / "KIT" / "home.json").read_bytes()).digest()
