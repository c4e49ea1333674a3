"""Enrolment: a kit that opens with its code, for one branch."""

import pytest
from flask.testing import FlaskClient

from hq.pages.enrolment import CODE_LETTERS, propose_code
from sync.installation import Installation
from sync.kit import Kit
from tests.hq.conftest import LogIn, tokens, words_of
from tests.support.headquarters import IDLE


@pytest.fixture
def admin(log_in: LogIn) -> FlaskClient:
    """A browser of the administrator."""
    return log_in("admin")


def test_a_new_branch_gets_a_kit_to_carry(admin: FlaskClient, hq: Installation) -> None:
    """The file that the browser fetches opens with the code that was typed, and with no other."""
    form = {**tokens(admin, "/enrol"), "code": "mba", "name": "Mombasa", "kit_code": "WXYZ-1234"}
    answer = admin.post("/enrol", data=form)
    assert answer.location == "/enrol/MBA"
    page = words_of(admin.get(answer.location).text)
    assert "Kit of Mombasa" in page
    assert "WXYZ" not in page
    fetched = admin.get("/enrol/MBA/kit", buffered=True)
    assert "mba-kit.satchel" in fetched.headers["Content-Disposition"]
    kit = Kit.from_file(fetched.data, "wxyz 1234")
    assert (kit.office_code, kit.institution_id) == ("MBA", hq.facts.institution_id)
    assert b"Mombasa" not in fetched.data
    assert "MBA Mombasa" in words_of(admin.get("/branches").text)


def test_the_form_sent_twice_enrols_once(admin: FlaskClient) -> None:
    """Double click: one branch, one device, the same page."""
    form = {**tokens(admin, "/enrol"), "code": "MBA", "name": "Mombasa", "kit_code": "WXYZ-1234"}
    assert admin.post("/enrol", data=form).location == admin.post("/enrol", data=form).location
    assert words_of(admin.get("/branches").text).count("MBA Mombasa") == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("code", "", "This must be filled in."),
        ("code", "K!T", "K!T"),
        ("name", "", "This must be filled in."),
        ("kit_code", "A-1-2", "fewer than 6 characters"),
    ],
)
def test_what_cannot_be_is_refused_and_kept(
    admin: FlaskClient, field: str, typed: str, sentence: str
) -> None:
    """The sentence says what is wrong; nothing is registered, and the other fields stand as typed."""
    form = {
        **tokens(admin, "/enrol"),
        "code": "MBA",
        "name": "Mombasa",
        "kit_code": "WXYZ-1234",
        field: typed,
    }
    answer = admin.post("/enrol", data=form)
    assert answer.status_code == 422
    assert sentence in words_of(answer.text)
    kept = "Mombasa" if field != "name" else "MBA"
    assert f'value="{kept}"' in answer.text
    assert "MBA" not in words_of(admin.get("/branches").text)


def test_an_unused_kit_is_written_again_for_the_same_device(admin: FlaskClient) -> None:
    """A lost kit costs no device number: same device, same secret, another code."""
    before = words_of(admin.get(f"/enrol/{IDLE}").text)
    device = before.partition("Device ")[2].partition(" ")[0]
    form = {**tokens(admin, "/enrol"), "code": IDLE, "name": "Nakuru", "kit_code": "OTHER-CODE"}
    assert admin.post("/enrol", data=form).location == f"/enrol/{IDLE}"
    kit = Kit.from_file(admin.get(f"/enrol/{IDLE}/kit", buffered=True).data, "OTHER-CODE")
    assert kit.device == int(device)


def test_no_other_file_is_given_away(admin: FlaskClient, hq: Installation) -> None:
    """Only the kit of a branch that the books know; a code is not a path."""
    (hq.home.outbox / "other-kit.satchel").write_bytes(b"x")
    for code in ("OTHER", "..%2Fhome", "XYZ", "KIT"):
        assert admin.get(f"/enrol/{code}/kit").status_code == 404


def test_proposed_codes_are_long_and_told_easily() -> None:
    """Twelve letters and digits that are not mistaken for each other, new each time."""
    codes = {propose_code() for _ in range(50)}
    assert len(codes) == 50
    assert {len(code) for code in codes} == {14}
    assert set("".join(codes)) <= set(CODE_LETTERS) | {"-"}
    assert not set("01IO") & set(CODE_LETTERS)
