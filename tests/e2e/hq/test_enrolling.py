"""A branch joins: kit, first bundle, digits by telephone, answer."""

from pathlib import Path

from playwright.sync_api import Page, expect

from sync.kit import Kit
from sync.signing import fingerprint20
from tests.e2e.hq.conftest import HqCommandLine, log_in, press, type_at, type_folder
from tests.support.browser import go, take_picture
from tests.support.headquarters import FIRST
from tests.support.institution import TestInstitution


def test_a_branch_gets_its_kit(page: Page, satchel_hq: HqCommandLine) -> None:
    """A branch code that is none is refused; the kit that the browser fetches opens with the shown code."""
    log_in(page, "admin")
    go(page, "2")
    go(page, "n")
    type_at(page, "code", "M-")
    page.locator("#name").fill("Mombasa")
    kit_code = page.locator("#kit_code").input_value()
    go(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("M-")
    expect(page.locator("#kit_code")).to_have_value(kit_code)
    take_picture(page, "hq-enrol-refused")
    page.locator("#code").fill("mba")
    go(page, "Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kit of Mombasa")
    page.reload()
    take_picture(page, "hq-kit")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Fetch the kit").click()
    kit = Kit.from_file(Path(fetched.value.path()).read_bytes(), kit_code)
    assert (kit.office_code, kit.device) == ("MBA", satchel_hq.branch("MBA")["device"])


def test_a_laptop_is_confirmed_and_answered(
    page: Page, institution: TestInstitution, satchel_hq: HqCommandLine, tmp_path: Path
) -> None:
    """Wrong digits change nothing; the right ones certify the books; the return bundle lies on the stick."""
    with institution.open("KIT") as branch:
        digits = fingerprint20(branch.signer.key.public, branch.recipient.encode())
    log_in(page, "admin")
    type_folder(page, institution.root / FIRST)
    go(page)
    press(page, "Import")
    page.goto("/branches/KIT")
    go(page, "c")
    type_at(page, "fingerprint", "12345 12345 12345 12345")
    go(page)
    expect(page.get_by_role("alert")).to_contain_text("These are not the 20 digits")
    take_picture(page, "hq-confirm-refused")
    assert satchel_hq.branch("KIT")["state"] == "unconfirmed"
    page.locator("#fingerprint").fill(f"{digits[:10]} {digits[10:]}")
    go(page)
    expect(page.locator("main")).to_contain_text("is confirmed")
    page.reload()
    take_picture(page, "hq-branch")
    assert satchel_hq.branch("KIT")["certified"] is True
    stick = tmp_path / "back"
    stick.mkdir()
    go(page, "w")
    page.locator("#folder").fill(str(stick))
    go(page)
    expect(page.locator(".label")).to_contain_text("KIT")
    page.reload()
    take_picture(page, "hq-return")
    assert len(list(stick.glob("*.S*"))) == 1
