"""An auditor proves the books on a page, and takes them along as one file that needs nothing of ours."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from hq.audit_pack import verifier_bytes
from tests.e2e.hq.conftest import log_in
from tests.support.browser import go, settle, take_picture
from tests.support.headquarters import FIRST, LATER
from tests.support.institution import TestInstitution


def test_an_auditor_checks_everything_and_reads_the_report(page: Page, institution: TestInstitution) -> None:
    """From the reports by keys alone: begin, look again until it is through, read, print."""
    institution.receive(institution.root / FIRST, institution.root / LATER)
    log_in(page, "aisha")
    go(page, "6")
    go(page, "v")
    expect(page.get_by_role("heading", level=1)).to_have_text("Proving the books")
    expect(page.get_by_role("button", name="Check everything")).to_be_focused()
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Proof of the books")
    while page.get_by_role("link", name="Look again").count():
        go(page, "r")
    expect(page.get_by_role("status")).to_contain_text("Everything holds.")
    expect(page.get_by_role("row").filter(has_text="debit is equal to credit")).to_contain_text("holds")
    take_picture(page, "hq-proof")
    go(page, "Escape")
    expect(page.get_by_role("row").filter(has_text="Aisha Wanyama")).to_contain_text("everything holds")
    take_picture(page, "hq-proofs")


def test_the_audit_pack_is_fetched_and_proves_itself(
    page: Page, institution: TestInstitution, tmp_path: Path
) -> None:
    """Of one branch, by keys; the program from the pack says PROVED without a line of ours."""
    institution.receive(institution.root / FIRST, institution.root / LATER)
    log_in(page, "aisha")
    page.goto("/proof")
    settle(page)
    go(page, "p")
    expect(page.locator("#branch")).to_be_focused()
    take_picture(page, "hq-audit-pack")
    page.keyboard.type("KIT")
    with page.expect_download() as fetched:
        page.keyboard.press("Control+Enter")
    fetched.value.save_as(tmp_path / "pack.zip")
    assert fetched.value.suggested_filename == "audit-pack-KIT.zip"
    (tmp_path / "satchel-verify.py").write_bytes(verifier_bytes())
    proved = subprocess.run(
        [sys.executable, "-I", "satchel-verify.py", "pack.zip"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert proved.stdout.splitlines()[-1].startswith("PROVED: ")
