"""The page of carriers, and the ways of a bundle that it opens."""

from pathlib import Path

from sync.carriers.settings import Carriers, change
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens


def test_settings_are_asked_once_and_a_password_is_never_shown(log_in: LogIn, branch: Installation) -> None:
    """What is left empty of a password stays; what cannot be is refused, and nothing is kept of it."""
    admin = log_in("admin")
    form = tokens(admin, "/carriers")
    given = {
        "smtp.server": "127.0.0.1",
        "smtp.port": "1",
        "smtp.tls": "none",
        "smtp.password": "four secret words",
    }
    shape = {name: value for name, value, spec in Carriers.read(branch).shown(is_hq=False) if not spec.secret}
    assert admin.post("/carriers", data=form | shape | given).status_code == 303
    page = admin.get("/carriers").text
    assert "127.0.0.1" in page
    assert "four secret words" not in page
    assert "There is one; empty keeps it." in page
    wrong = admin.post("/carriers", data=tokens(admin, "/carriers") | shape | given | {"smtp.port": "many"})
    assert wrong.status_code == 422
    assert "“smtp.port” cannot be “many”" in wrong.text
    assert Carriers.read(branch).password("smtp.password") == "four secret words"
    tried = admin.post("/carriers/try", data=tokens(admin, "/carriers")).text
    assert "does not work" in tried
    assert "Connection refused" in tried


def test_a_clerk_sees_the_carriers_and_changes_nothing(log_in: LogIn) -> None:
    clara = log_in("clara")
    page = clara.get("/carriers")
    assert page.status_code == 200
    assert "Keep it" not in page.text
    assert clara.post("/carriers", data=tokens(clara, "/send")).status_code == 403


def test_a_bundle_is_written_as_a_disc_or_a_mail_with_a_repair_file(log_in: LogIn, tmp_path: Path) -> None:
    """The page names the file; the buttons for lines are there only where there is one."""
    moses = log_in("moses")
    page = moses.get("/send").text
    for there in ("To the stick", "CD image", "Mail file"):
        assert there in page
    assert "Mail now" not in page
    assert "Line now" not in page
    for how in ("iso", "eml"):
        folder = tmp_path / how
        folder.mkdir()
        form = tokens(moses, "/send") | {"folder": str(folder), "how": how, "parity": "yes"}
        answer = moses.post("/send", data=form)
        written = sorted(path.name for path in folder.iterdir())
        assert {Path(name).suffix for name in written} == {f".{how}"}
        assert written[0] in moses.get(answer.location).text


def test_a_line_that_is_down_is_told_and_nothing_is_said_to_have_left(
    log_in: LogIn, branch: Installation
) -> None:

    change(branch, {"line.url": "http://127.0.0.1:1"})
    moses = log_in("moses")
    assert "Line now" in moses.get("/send").text
    refused = moses.post("/send", data=tokens(moses, "/send") | {"how": "https"})
    assert refused.status_code == 422
    assert "The server cannot be reached" in refused.text
    assert "by the line" not in moses.get("/status").text


def test_what_lies_in_the_shared_folder_is_fetched_by_a_person(
    log_in: LogIn, branch: Installation, tmp_path: Path
) -> None:
    moses = log_in("moses")
    assert "Import from the shared folder" not in moses.get("/bring").text
    change(branch, {"folder.path": str(tmp_path)})
    assert "Import from the shared folder" in moses.get("/bring").text
    answer = moses.post("/bring/fetch", data=tokens(moses, "/bring") | {"via": "folder"})
    assert answer.status_code == 303
    assert "Nothing new is there." in moses.get(answer.location).text
    assert moses.post("/bring/fetch", data=tokens(moses, "/bring") | {"via": "imap"}).status_code == 422
