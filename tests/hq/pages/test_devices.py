"""Devices: confirmed by what is read out, ended, replaced with their books, and what became of each."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sync.installation import Installation
from sync.kit import Kit
from sync.signing import fingerprint20
from tests.hq.conftest import LogIn, import_by_page, tokens, words_of
from tests.support.headquarters import FIRST
from tests.support.institution import TestInstitution

PATH = "/devices/2/confirm"


@pytest.fixture
def admin(log_in: LogIn, sticks: Path) -> FlaskClient:
    """A browser of the administrator, after the first bundles."""
    client = log_in("admin")
    import_by_page(client, sticks / FIRST)
    return client


@pytest.fixture
def digits(institution: TestInstitution) -> str:
    """What the branch KIT reads out."""
    with institution.open("KIT") as branch:
        assert branch.facts.device == 2
        return fingerprint20(branch.signer.key.public, branch.recipient.encode())


def _state(client: FlaskClient) -> str:
    return words_of(client.get("/branches/KIT").text)


def test_the_right_digits_confirm(admin: FlaskClient, digits: str) -> None:
    """Blanks do not matter; the branch shows as confirmed, and the page says what follows."""
    read_out = f"{digits[:5]} {digits[5:10]} {digits[10:15]} {digits[15:]}"
    answer = admin.post(PATH, data={**tokens(admin, PATH), "fingerprint": read_out})
    assert answer.location == "/branches/KIT"
    page = _state(admin)
    assert "The laptop of Branch KIT is confirmed." in page
    assert "not confirmed" not in page


def test_the_digits_are_shown_nowhere(admin: FlaskClient, digits: str) -> None:
    """They have to be heard: no page of headquarters tells what to type."""
    for path in (PATH, "/branches/KIT", "/branches", "/changesets/2/0/1"):
        page = admin.get(path).text
        assert digits not in page
        assert digits[:5] not in words_of(page)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "This must be filled in."),
        ("12345", "These are not twenty digits."),
        ("0" * 20, "These are not the 20 digits of device 2."),
    ],
)
def test_wrong_digits_change_nothing(admin: FlaskClient, typed: str, sentence: str) -> None:
    """The refusal says what to do; the laptop stays unconfirmed."""
    answer = admin.post(PATH, data={**tokens(admin, PATH), "fingerprint": typed})
    assert answer.status_code == 422
    assert sentence in words_of(answer.text)
    assert "The laptop is not confirmed." in _state(admin)


def test_a_laptop_that_never_sent_cannot_be_confirmed(log_in: LogIn) -> None:
    """Before its first bundle there is nothing to compare."""
    admin = log_in("admin")
    answer = admin.post(PATH, data={**tokens(admin, PATH), "fingerprint": "1" * 20})
    assert answer.status_code == 422
    assert "has arrived yet" in words_of(answer.text)


@pytest.mark.parametrize("number", [1, 3, 999])
def test_only_laptops_of_branches_are_asked_for(admin: FlaskClient, number: int) -> None:
    """Headquarters itself, a reserve number and an unknown one have no such page."""
    assert admin.get(f"/devices/{number}/confirm").status_code == 404


REPLACE = "/devices/2/replace"
_CODE = re.compile(r'id="code"[^>]*value="([^"]+)"')


def test_a_laptop_is_replaced_once_by_a_kit_whose_code_is_shown_once(
    admin: FlaskClient, log_in: LogIn, hq: Installation
) -> None:
    """The kit opens with the shown code; the form sent again makes nothing and shows no code; all see it."""
    before = words_of(admin.get(REPLACE).text)
    assert "Laptop 2 is retired after its entry" in before
    form = {**tokens(admin, REPLACE), "reason": "fell into the river"}
    shown = admin.post(REPLACE, data=form)
    found = _CODE.search(shown.text)
    assert found is not None, shown.text
    again = admin.post(REPLACE, data=form)
    assert again.status_code == 303
    path = f"{again.location}/kit"
    kit = Kit.from_file(admin.get(path, buffered=True).data, found[1])
    assert kit.books is not None
    assert (kit.office_code, f"/devices/{kit.device}", kit.books.old_device) == ("KIT", again.location, 2)
    assert list(hq.home.outbox.glob("laptop-*")) == [hq.home.outbox / f"laptop-{kit.device}-kit.satchel"]
    auditor = log_in("aisha")
    for page in (again.location, "/devices/2", "/devices/history?branch=KIT", "/looks"):
        assert found[1] not in auditor.get(page).text
    assert auditor.get(path).status_code == auditor.get(REPLACE).status_code == 403
    told = words_of(auditor.get("/devices/history?branch=KIT").text)
    assert "retired What it wrote up to entry" in told
    assert told.count("fell into the river") == 2
    assert f"Laptop {kit.device} written into a kit for a new laptop" in told
    assert f"kit with the books of a branch made KIT {kit.device}" in words_of(auditor.get("/looks").text)


def test_a_laptop_that_never_sent_has_no_books_to_send_back(log_in: LogIn) -> None:
    """The page says so and shows no form; the form itself is refused, and nothing is retired."""
    admin = log_in("admin")
    assert "no books that a new laptop could take over" in words_of(admin.get(REPLACE).text)
    form = {**tokens(admin, "/devices/2"), "reason": "lost"}
    answer = admin.post(REPLACE, data=form)
    assert answer.status_code == 422
    assert "no books that a new laptop could take over" in words_of(answer.text)
    assert "not confirmed" in words_of(admin.get("/devices/2").text)


def test_what_became_of_laptops_opens_to_the_changeset(admin: FlaskClient, log_in: LogIn) -> None:
    """Ended with a reason: the history says why and who, and its changeset opens, for an auditor too."""
    form = {**tokens(admin, "/devices/2"), "word": "retire", "reason": "left in a bus"}
    assert admin.post("/devices/2", data=form).status_code == 303
    page = log_in("aisha").get("/devices/history").text
    told = words_of(page)
    assert "left in a bus" in told
    assert "opened with the recovery key" not in told
    link = re.search(r'left in a bus.*?href="(/changesets/[^"]+)"', page, re.DOTALL)
    assert link is not None
    assert "device.end" in log_in("aisha").get(link[1]).text
    assert "left in a bus" not in words_of(admin.get("/devices/history?branch=ELW").text)
