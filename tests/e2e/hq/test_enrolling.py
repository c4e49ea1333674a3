"""A branch joins: kit, first bundle, digits by telephone, answer. A lost laptop is replaced by another."""

from pathlib import Path

from playwright.sync_api import Page, expect

from branch.founding import create_branch
from sync.kit import Kit
from sync.signing import fingerprint20
from tests.e2e.hq.conftest import HqCommandLine, log_in, press, type_at, type_folder
from tests.support.browser import go, take_picture
from tests.support.headquarters import FIRST
from tests.support.institution import TestInstitution, passphrase_of, register_savers


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


def test_a_lost_laptop_is_replaced_and_the_branch_goes_on(
    page: Page, institution: TestInstitution, satchel_hq: HqCommandLine, tmp_path: Path
) -> None:
    """The kit made on the page sets up a laptop that works, is confirmed and agrees to the last row."""
    institution.receive(institution.root / FIRST)
    institution.confirm("KIT")
    log_in(page, "admin")
    page.goto("/devices/2")
    go(page, "n")
    take_picture(page, "hq-replace")
    type_at(page, "reason", "fell into the river")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("is written")
    take_picture(page, "hq-replaced")
    code = page.locator("#code").input_value()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Fetch the kit").click()
    kit = Kit.from_file(Path(fetched.value.path()).read_bytes(), code)
    (institution.root / "KIT").rename(tmp_path / "river")
    home, passphrase = institution.root / "KIT", passphrase_of("KIT")
    create_branch(home, kit, admin="admin", passphrase=passphrase, clock=institution.clock)
    with institution.open("KIT") as branch:
        register_savers(branch, ["Baraka"])
    institution.receive(institution.send("KIT")[0])
    institution.confirm("KIT")
    here, there = institution.digests("KIT")
    assert here.sha256 == there.sha256
    known = satchel_hq.branch("KIT")
    assert (known["device"], known["state"], known["certified"]) == (kit.device, "active", True)
    page.goto("/devices/history?branch=KIT")
    expect(page.locator("main")).to_contain_text("It goes on with the books of laptop 2 after entry")
    take_picture(page, "hq-device-history")
