"""The inbox: looked at first, imported once, by folder or by files of the browser."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schema.replication import BundleRecord, StoredChangeset
from sync.installation import Installation
from tests.hq.conftest import import_by_page, tokens, words_of
from tests.support.headquarters import FIRST, LATER, LOST


def _count(hq: Installation, table: type[BundleRecord] | type[StoredChangeset]) -> int:
    with hq.database.reading() as session:
        return session.query(table).count()


def _send(client: FlaskClient, paths: list[Path]) -> TestResponse:
    files = [(io.BytesIO(path.read_bytes()), path.name) for path in paths]
    return client.post("/", data={**tokens(client, "/"), "from": "files", "files": files})


def _kept(hq: Installation) -> list[Path]:
    return [path for path in hq.home.inbox.rglob("*") if path.is_file()]


def test_a_folder_is_in_the_books_after_three_actions(
    amina: FlaskClient, hq: Installation, sticks: Path
) -> None:
    """Choose, look, import: each bundle is named with its branch, days, entries and totals."""
    chosen = amina.post("/", data={**tokens(amina, "/"), "folder": str(sticks / FIRST), "from": "folder"})
    look = words_of(amina.get(chosen.location).text)
    assert "Import these bundles?" in look
    assert _count(hq, StoredChangeset) == _count_own(hq)
    for code in ("KIT", "ELW"):
        assert f"{code} new 5 Jan 2026 1\N{EN DASH}6 6 0 0 0 0 agree" in look
        assert f"{code}-0001" in look
    form = {**tokens(amina, chosen.location), "folder": str(sticks / FIRST)}
    taken = amina.post("/inbox/look", data=form)
    came = words_of(amina.get(taken.location).text)
    assert "Everything is in the books" in came
    assert _count(hq, BundleRecord) == 2
    assert "KIT" in words_of(amina.get("/").text)


def _count_own(hq: Installation) -> int:
    with hq.database.reading() as session:
        return session.query(StoredChangeset).where(StoredChangeset.device == hq.facts.device).count()


def test_the_preview_counts_what_the_import_counts(amina: FlaskClient, sticks: Path) -> None:
    """Looked at and imported, the same rows stand on both pages."""
    look = words_of(amina.get(f"/inbox/look?folder={sticks / LATER}").text)
    came = words_of(import_by_page(amina, sticks / LATER))
    row = "waits 5 Jan 2026 8 0 0 1 0 0 pending Something earlier is missing. It needs entries 1 to 7"
    assert row in look
    assert row in came


def test_a_form_sent_twice_imports_once(amina: FlaskClient, hq: Installation, sticks: Path) -> None:
    """Double click, or back and again: the same answer, and no second line in the list."""
    path = f"/inbox/look?folder={sticks / FIRST}"
    form = {**tokens(amina, path), "folder": str(sticks / FIRST)}
    first, again = (amina.post("/inbox/look", data=form) for _ in range(2))
    assert (first.status_code, first.location) == (again.status_code, again.location)
    assert _count(hq, BundleRecord) == 2
    assert words_of(amina.get(first.location).text) == words_of(amina.get(first.location).text)


def test_importing_again_changes_nothing_and_says_so(
    amina: FlaskClient, hq: Installation, sticks: Path
) -> None:
    """A stick that comes a second time is known, and nothing of it is counted twice."""
    import_by_page(amina, sticks / FIRST)
    before = _count(hq, StoredChangeset)
    came = words_of(import_by_page(amina, sticks / FIRST))
    assert "known already" in came
    assert _count(hq, StoredChangeset) == before


def test_what_is_missing_is_named_in_the_inbox(amina: FlaskClient, sticks: Path) -> None:
    """The branch and the range of entries to ask for; when they come, the line goes."""
    import_by_page(amina, sticks / FIRST)
    import_by_page(amina, sticks / LATER)
    assert "Missing ELW Branch ELW : entry 7" in words_of(amina.get("/").text)
    import_by_page(amina, sticks / LOST)
    assert "entry 7" not in words_of(amina.get("/").text)


def test_files_of_the_browser_are_looked_at_and_imported(
    amina: FlaskClient, hq: Installation, sticks: Path
) -> None:
    """Sent, judged by what is in them, imported, and not kept when the books have them."""
    answer = _send(amina, sorted((sticks / FIRST).glob("*.S*")))
    assert len(_kept(hq)) == 2
    look = words_of(amina.get(answer.location).text)
    assert "agree" in look
    upload = answer.location.rpartition("=")[2]
    form = {**tokens(amina, answer.location), "upload": upload}
    taken = amina.post("/inbox/look", data=form)
    assert "Everything is in the books" in words_of(amina.get(taken.location).text)
    assert _kept(hq) == []
    assert "Sent by a browser" not in words_of(amina.get("/").text)


def test_files_that_were_refused_are_kept_until_thrown_away(
    amina: FlaskClient, hq: Installation, sticks: Path
) -> None:
    """A damaged file is named with its reason; it lies in the inbox until a person throws it away."""
    whole = min((sticks / FIRST).iterdir())
    damaged = sticks / "damaged.s01"
    content = bytearray(whole.read_bytes())
    content[5000] ^= 1
    damaged.write_bytes(content)
    answer = _send(amina, [damaged])
    look = words_of(amina.get(answer.location).text)
    assert "refused" in look
    assert "Import Enter" not in look
    assert len(_kept(hq)) == 1
    page = amina.get("/").text
    token = page.partition("/inbox/drop/")[2][:16]
    form = {**tokens(amina, "/"), "once": page.partition('name="once" value="')[2].partition('"')[0]}
    assert amina.post(f"/inbox/drop/{token}", data=form).location == "/"
    assert _kept(hq) == []


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("", "This must be filled in."),
        ("sticks/first", "Type the whole name"),
        ("/no/such/stick", "There is no such folder."),
        ("/tmp\0x", "cannot be printed"),
        ("~nobody-of-this-name/x", "This folder cannot be looked at."),
        ("/" + "x" * 900, "This folder cannot be looked at."),
    ],
)
def test_a_folder_that_cannot_be_is_refused(amina: FlaskClient, folder: str, sentence: str) -> None:
    """The complaint stands beside the field, with what was typed."""
    answer = amina.post("/", data={**tokens(amina, "/"), "folder": folder, "from": "folder"})
    assert answer.status_code == 422
    assert sentence in words_of(answer.text)


def test_no_file_is_shown_by_naming_it(amina: FlaskClient, tmp_path: Path) -> None:
    """A file that is no volume is judged, and nothing of its contents appears."""
    secret = tmp_path / "letter.txt"
    secret.write_text("the password of the safe is 4711-SECRET")
    page = amina.get(f"/inbox/look?folder={secret}").text
    assert "This is not a Satchel volume." in page
    assert "4711-SECRET" not in page


def test_an_empty_folder_says_how_to_begin(amina: FlaskClient, tmp_path: Path) -> None:
    """Nothing to import is no error: it asks whether it is the right stick."""
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "letter.txt").write_text("dear all")
    page = amina.get(f"/inbox/look?folder={tmp_path / 'stick'}").text
    assert "Is it the right stick or folder?" in words_of(page)


def test_an_import_is_found_again_in_the_inbox(amina: FlaskClient, sticks: Path) -> None:
    """What came of each bundle stays in the books' database; a number that never was is a plain page."""
    came = words_of(import_by_page(amina, sticks / FIRST))
    link = amina.get("/").text.partition('href="/inbox/imports/')[2].partition('"')[0]
    assert words_of(amina.get(f"/inbox/imports/{link}").text) == came
    assert amina.get("/inbox/imports/4711").status_code == 404


def test_wrong_totals_are_shown_side_by_side(amina: FlaskClient, hq: Installation, sticks: Path) -> None:
    """The preview lists what the branch says beside what its entries add up to."""
    page = words_of(amina.get(f"/inbox/look?folder={sticks / FIRST}").text)
    assert "Account The branch says Its entries add up to" in page
    assert "2110 (500.00) (500.00)" in page


def test_what_is_too_large_is_refused_in_plain_words(
    amina: FlaskClient, hq: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither text without end nor more files than the page takes; nothing of it is kept."""
    form = {**tokens(amina, "/"), "from": "files"}
    text = amina.post("/", data={**form, "folder": "x" * (2 << 20)})
    assert (text.status_code, _kept(hq)) == (413, [])
    monkeypatch.setitem(amina.application.config, "MAX_CONTENT_LENGTH", 100_000)
    sent = amina.post("/", data={**form, "files": [(io.BytesIO(bytes(200_000)), "a.s01")]})
    assert (sent.status_code, _kept(hq)) == (413, [])
    assert "put it into a folder" in words_of(sent.text)
