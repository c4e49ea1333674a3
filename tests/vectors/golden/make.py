"""Freeze what this program writes: kit, bundles up and down, the recovery key that opens them.

    python tests/vectors/golden/make.py FOLDER

FOLDER gets the name of the schema revision. Only the command line is used, so that the same script serves any
release. What is frozen is never made again: later versions must read it as it is (``test_golden.py``), and
the digest that they give it is added to ``digests.json`` under their own schema and rules.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copyfile

_SATCHEL = (sys.executable, "-m", "satchel")
CODE, PASSPHRASE = "GOLDENCODE234567", "a golden passphrase"

CLIENTS = """number,name,given_name,gender,born_on,national_id,phone,address,village,group,joined_on
KIT-C-000001,Wanjiku,Grace,f,1985-03-02,22446688,0712000001,P.O. Box 7,Kitale,,2025-01-06
KIT-C-000002,नेपाल,सीता,f,,,0712000002,,Moi's Bridge,,2025-01-06
KIT-C-000003,Otieno,,m,1990-12-31,,,,,,2025-02-03
"""
LOANS = """number,client,product,principal,annual_rate,installments,disbursed_on,first_due_on,officer,purpose
KIT-L-000001,KIT-C-000001,WEEKLY,10000.00,,,2025-03-03,,Achieng,Maize
KIT-L-000002,KIT-C-000003,MONTHLY,50000.00,24,6,2025-03-03,2025-04-03,Achieng,Shop
"""
SAVINGS = """number,client,product,opened_on
KIT-S-000001,KIT-C-000001,SAVE,2025-01-06
KIT-S-000002,KIT-C-000002,SAVE,2025-01-06
"""
TRANSACTIONS = """on,kind,account,amount,receipt,note,reverses
2025-01-06,deposit,KIT-S-000001,1500.00,A-1,,
2025-01-07,deposit,KIT-S-000002,20.50,A-2,,
2025-03-10,repay,KIT-L-000001,440.00,A-3,,
2025-03-17,repay,KIT-L-000001,440.00,A-4,twice,
2025-03-17,reverse,KIT-L-000001,,A-5,taken back,A-4
2025-04-03,repay,KIT-L-000002,9000.00,A-6,,
2025-04-04,withdraw,KIT-S-000001,300.00,A-7,,
"""
LATER = """on,kind,account,amount,receipt,note,reverses
2025-05-03,repay,KIT-L-000002,9000.00,A-8,,
2025-05-05,deposit,KIT-S-000002,79.50,A-9,,
"""


def main() -> None:
    """Work a little at a branch and at headquarters, and keep what travelled."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        _work(Path(name), target)


def _work(root: Path, target: Path) -> None:
    (root / "books").mkdir()
    for file, text in {
        "books/clients.csv": CLIENTS,
        "books/loans.csv": LOANS,
        "books/savings.csv": SAVINGS,
        "books/transactions.csv": TRANSACTIONS,
        "later.csv": LATER,
        "code": CODE,
        "passphrase": PASSPHRASE,
    }.items():
        (root / file).write_text(text, encoding="utf-8")
    hq, branch = ["hq", "--home", str(root / "hq")], ["branch", "--home", str(root / "branch")]
    code = ["--code-file", str(root / "code")]
    recovery = ["--recovery-out", str(target / "recovery.age")]
    _run(root, hq, "init", "--name", "Golden", "--currency", "KES", *recovery)
    _run(
        root, hq, "enrol", "--branch", "KIT", "--name", "Kitale", "--out", str(target / "kit.satchel"), *code
    )
    made = _run(root, branch, "init", "--kit", str(target / "kit.satchel"), *code)
    _run(root, branch, "load", str(root / "books"))
    _carry(root, branch, hq, target / "up-1")
    keys = ["--device", str(made["device"]), "--fingerprint", str(made["fingerprint"])]
    _run(root, hq, "confirm", *keys)
    _run(root, branch, "post", str(root / "later.csv"))
    _carry(root, branch, hq, target / "up-2")
    _carry(root, [*hq, "--branch", "KIT"], branch, target / "down-1", importer=branch)
    digest = _run(root, hq, "digest", "--branch", "KIT")
    assert digest["digest"] == _run(root, branch, "digest", "--branch", "KIT")["digest"]
    totals = _run(root, hq, "trial-balance", "--branch", "KIT")
    (target / "trial-balance.json").write_text(json.dumps(totals, indent=1, ensure_ascii=False) + "\n")
    copyfile(root / "code", target / "code")
    print(digest["digest"])  # noqa: T201 - what belongs into digests.json


def _carry(
    root: Path, sender: list[str], receiver: list[str], folder: Path, importer: list[str] | None = None
) -> None:
    folder.mkdir()
    _run(root, sender, "export", "--to", str(folder))
    _run(root, importer or receiver, "import", str(folder))


def _run(root: Path, edition: list[str], command: str, *words: str) -> dict[str, object]:
    name, *options = edition
    done = subprocess.run(
        [*_SATCHEL, name, command, *options, *words, "--json", "--passphrase-file", root / "passphrase"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout.decode(), done.stderr.decode())
    document = json.loads(done.stdout)
    assert isinstance(document, dict)
    return document


if __name__ == "__main__":
    main()
