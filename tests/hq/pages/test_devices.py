"""Devices: confirmed by what is read out, and by nothing that the page shows."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

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
