"""Files that a browser sent."""

import io
from pathlib import Path

import pytest

from hq import inbox
from hq.inbox import (
    NoFileError,
    NoRoomError,
    TooManyFilesError,
    drop_upload,
    get_upload,
    keep_upload,
    list_uploads,
    tidy_name,
)
from ledger.errors import NotFoundError
from sync.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an empty inbox."""
    home = Home.at(tmp_path / "home")
    home.inbox.mkdir(parents=True)
    return home


def _files(*names: str) -> list[tuple[str, io.BytesIO]]:
    return [(name, io.BytesIO(name.encode())) for name in names]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "C:\\Windows\\a.s01", "..", ".", "/", "a\0b", "-rf", "con\u202etxt", "x" * 500],
)
def test_no_name_leads_out_of_the_inbox(home: Home, name: str) -> None:
    """Whatever a browser calls a file, it lies in a folder of ours under a name that is only a name."""
    upload = keep_upload(home, _files(name))
    (path,) = upload.files
    assert path.parent.parent == home.inbox / "sent"
    assert path.read_bytes() == name.encode()
    assert [p for p in home.root.parent.rglob("*") if p.is_file()] == [path]
    assert len(path.name) < 80


def test_two_files_of_one_name_are_both_kept(home: Home) -> None:
    """Volumes of two mails may be called alike."""
    upload = keep_upload(home, _files("AB.S01", "AB.S01"))
    assert [path.name for path in upload.files] == ["001-AB.S01", "002-AB.S01"]
    assert upload.size_bytes == 12


def test_names_keep_what_people_recognise() -> None:
    """The name of a volume stays as it is; blanks and brackets of copies become underlines."""
    assert tidy_name("3BE3FF2F.S01") == "3BE3FF2F.S01"
    assert tidy_name("3be3ff2f (1).s01") == "3be3ff2f_1_.s01"


def test_a_form_without_files_is_refused(home: Home) -> None:
    """An empty field leaves nothing behind."""
    with pytest.raises(NoFileError):
        keep_upload(home, [("", io.BytesIO())])
    assert list_uploads(home) == []


def test_too_many_files_are_refused_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One above the limit, and none is kept."""
    monkeypatch.setattr(inbox, "MAX_FILES", 2)
    with pytest.raises(TooManyFilesError):
        keep_upload(home, _files("a", "b", "c"))
    assert list_uploads(home) == []


def test_a_full_disk_is_refused_and_leaves_nothing(home: Home) -> None:
    """What came is removed, and the sentence says so."""

    class FullDisk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(NoRoomError, match="No space left"):
        keep_upload(home, [("a", io.BytesIO(b"x")), ("b", FullDisk())])
    assert list_uploads(home) == []


@pytest.mark.parametrize("token", ["", "..", "../inbox", "0" * 15, "0" * 16, "ABCDEF0123456789"])
def test_only_tokens_of_ours_name_an_upload(home: Home, token: str) -> None:
    """A token is sixteen hex digits of a folder that is there; nothing else is opened or thrown away."""
    with pytest.raises(NotFoundError):
        get_upload(home, token)
    with pytest.raises(NotFoundError):
        drop_upload(home, token)
    assert home.inbox.is_dir()


def test_an_upload_can_be_thrown_away(home: Home) -> None:
    """It is listed until then, and gone afterwards."""
    kept = keep_upload(home, _files("a"))
    assert [upload.token for upload in list_uploads(home)] == [kept.token]
    drop_upload(home, kept.token)
    assert list_uploads(home) == []
