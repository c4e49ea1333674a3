"""Clients from the keyboard: registered (C18), found in six letters (C7), a photo kept, a survey answered."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from banking.clients import register_client
from banking.custom_fields import define_field
from banking.surveys import NewBand, NewQuestion, define_survey
from sync.installation import Installation
from tests.e2e.conftest import log_in
from tests.support.branch_home import Known
from tests.support.browser import go, settle, take_picture
from tests.support.pictures import a_picture


class Keys:
    """Presses keys and counts them; what is typed into fields is counted apart."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        """Press keys that stay on the page."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def go(self, key: str) -> None:
        """Press a key that leads to another page."""
        go(self.page, key)
        self.pressed += 1

    def fill(self, text: str) -> None:
        """Type what stands on the paper."""
        self.page.keyboard.type(text)


@pytest.fixture
def villages(branch: Installation, known: Known) -> None:
    """Give the branch sixty clients more, many of whom share their names."""
    given = ("Amina", "Achieng", "Zawadi", "Naliaka", "Chebet")
    family = ("Kamau", "Wekesa", "Barasa", "Kiprop")
    with branch.unit_of_work("client.register", known.admin) as session:
        for place in range(60):
            register_client(
                session,
                given_name=given[place % 5],
                name=family[place % 4],
                village=f"Village {place % 7}",
                group_id=known.group,
            )


def test_a_client_is_registered_in_twenty_five_keys(page: Page, known: Known) -> None:
    """C18: name, gender, birth, telephone, village, identity document and group; a likeness asks once."""
    log_in(page, "clara")
    keys = Keys(page)
    keys.go("2")
    keys.fill("Zuhura Nekesa")
    keys.go("Enter")  # nobody is called so: the next Enter registers her under this name
    take_picture(page, "client-not-found")
    keys.go("Enter")
    take_picture(page, "client-new")
    keys.press("Enter")
    keys.press("Space", "Enter")  # woman is the first choice
    keys.fill("34")
    keys.press("Enter")
    keys.fill("0722 333 444")
    keys.press("Enter")
    keys.fill("Kwanza")
    keys.press("Enter")
    keys.fill("12345678")
    keys.press("Enter")
    keys.fill("Tum")
    keys.go("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zuhura Nekesa")
    assert keys.pressed <= 25
    print(f"C18: {keys.pressed} keys and the data")  # noqa: T201 - the figure that the story is about
    for shown in ("1 Jan 1992", "0722 333 444", "12345678", "Kwanza", "Tumaini Group"):
        expect(page.locator("main")).to_contain_text(shown)
    take_picture(page, "client-registered")
    page.goto("/clients/new")
    settle(page)
    page.keyboard.type("Zuhura N.")
    page.locator("#phone").fill("+254722333444")
    go(page, "Control+Enter")
    expect(page.get_by_role("alert").first).to_contain_text("has the same telephone")
    take_picture(page, "client-alike")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Zuhura N.")


@pytest.mark.usefixtures("villages")
def test_anybody_is_found_in_six_letters(page: Page) -> None:
    """C7: names in any order and without accents; namesakes told apart; a letter opens one."""
    log_in(page, "clara")
    go(page, "2")
    page.keyboard.type("ok wan")
    go(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Wanjirũ Ōkoth")
    go(page, "2")
    page.keyboard.type("kam am")
    go(page)
    expect(page.locator("caption")).to_contain_text("clients found")
    expect(page.locator("tbody tr").first).to_contain_text("Village")
    take_picture(page, "clients-found")
    go(page, "b")
    expect(page.get_by_role("heading", level=1)).to_have_text("Amina Kamau")


def test_a_client_s_page_leads_everywhere_by_one_key(page: Page, known: Known) -> None:
    """Deposit, withdraw, repay, change, timeline, family, papers, pictures, all that is known; Esc back."""
    log_in(page, "clara")
    page.goto(f"/clients/{known.client}")
    take_picture(page, "client", whole=True)
    pages = {"d": "deposit", "w": "withdraw", "r": "repay", "e": "edit", "t": "timeline", "f": "family"}
    for key, path in {**pages, "i": "papers", "h": "scans", "x": "everything", "o": "savings/new"}.items():
        go(page, key)
        assert path in page.url, key
        take_picture(page, f"client-{path.replace('/', '-')}")
        page.goto(f"/clients/{known.client}")


def test_a_photo_is_kept_from_the_keyboard(page: Page, known: Known, tmp_path: Path) -> None:
    """H, a file, Control+Enter: it stands on the client's page; a PDF is refused in words."""
    (tmp_path / "photo.png").write_bytes(a_picture((640, 800), "PNG"))
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    log_in(page, "clara")
    page.goto(f"/clients/{known.client}")
    go(page, "h")
    page.locator("#picture").set_input_files(tmp_path / "paper.pdf")
    go(page, "Control+Enter")
    expect(page.locator("#picture-complaint")).to_contain_text("This is a PDF.")
    page.locator("#picture").set_input_files(tmp_path / "photo.png")
    go(page, "Control+Enter")
    expect(page.get_by_role("status")).to_contain_text("The picture is kept.")
    take_picture(page, "client-pictures")
    go(page, "Escape")
    photo = page.locator("img.photo")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.complete && image.naturalWidth") == 320
    take_picture(page, "client-with-photo")


def test_a_survey_is_answered_with_digits(page: Page, branch: Installation, known: Known) -> None:
    """A digit and Enter for each question; the score and what it means at once."""
    questions = tuple(
        NewQuestion(f"Question {place} of a made-up house?", options=(("No", 0), ("A little", 2), ("Yes", 5)))
        for place in range(1, 6)
    )
    with branch.unit_of_work("reference", known.admin) as session:
        define_survey(
            session,
            code="HOME",
            version=1,
            name="The house",
            questions=questions,
            bands=(NewBand(0, 12, "very likely poor"), NewBand(13, 25, "less likely poor")),
        )
        define_field(session, code="HOUSE", label="House", kind="choice", choices=("mud", "brick"))
    log_in(page, "clara")
    page.goto(f"/clients/{known.client}")
    go(page, "q")
    go(page, "1")
    for digit in "3323":
        page.keyboard.press(digit)
        page.keyboard.press("Enter")
    page.keyboard.press("1")
    take_picture(page, "survey")
    go(page)
    expect(page.locator(".big")).to_have_text("Score 17")
    expect(page.locator("main")).to_contain_text("less likely poor")
    take_picture(page, "survey-score")
    assert re.search(r"/surveys/\d+$", page.url)
