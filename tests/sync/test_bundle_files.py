"""Volumes on a carrier: there whole or not at all; found under any name, among any junk."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import TrustError
from sync import bundle_files
from sync.bundle_files import find_volumes, write_volumes
from sync.volume import PAD_BYTES, Writer, check_volume, read_sealed
from tests.sync.making import BUNDLE, INSTITUTION, KEY, OTHER_KEY

WRITER = Writer(INSTITUTION, 5, KEY)
SEGMENTS = [bytes([number]) * 50_000 for number in range(6)]
TWO_SEGMENTS_EACH = 2 * PAD_BYTES
OTHER_BUNDLE = b"\x99" * 16


def write(folder: Path, bundle: bytes = BUNDLE, writer: Writer = WRITER, count: int = 6) -> list[Path]:
    return write_volumes(folder, bundle, SEGMENTS[:count], writer, TWO_SEGMENTS_EACH)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- writing ----------------------------------------------------------------------------------------


def test_a_bundle_is_written_as_volumes_and_nothing_else_lies_there(tmp_path: Path) -> None:
    files = write(tmp_path)
    assert [path.name for path in files] == ["1A2B3C4D.S01", "1A2B3C4D.S02", "1A2B3C4D.S03"]
    assert names(tmp_path) == [path.name for path in files]
    segments = []
    for path in files:
        with path.open("rb") as file:
            index = check_volume(file, path.stat().st_size)
            segments += [read_sealed(file, entry) for entry in index.segments]
            assert index.volumes == 3
    assert segments == SEGMENTS


def test_a_volume_that_lies_there_already_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "1A2B3C4D.S02").write_bytes(b"another's")
    with pytest.raises(TrustError) as refusal:
        write(tmp_path)
    assert refusal.value.code == "IO_ERROR"
    assert (tmp_path / "1A2B3C4D.S02").read_bytes() == b"another's"
    assert names(tmp_path) == ["1A2B3C4D.S02"]


def failing(error: int, after: int) -> Callable[..., None]:
    """A flush that works ``after`` times, then fails as a medium does that is full or was pulled out."""
    calls = iter(range(100))

    def flush(*_: object, **__: object) -> None:
        if next(calls) >= after:
            raise OSError(error, os.strerror(error))

    return flush


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_full_or_failing_medium_keeps_nothing_of_the_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, error: int
) -> None:
    """At each flush: three volumes, then the folder."""
    (tmp_path / "letter.txt").write_text("kept")
    monkeypatch.setattr(os, "fsync", failing(error, after))
    with pytest.raises(TrustError) as refusal:
        write(tmp_path)
    assert refusal.value.code == "IO_ERROR"
    assert os.strerror(error) in refusal.value.message
    assert "Nothing of this bundle was left there" in refusal.value.message
    assert names(tmp_path) == ["letter.txt"]


def test_what_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick that was pulled out takes no deletion either."""
    monkeypatch.setattr(os, "fsync", failing(errno.EIO, 1))
    monkeypatch.setattr(Path, "unlink", failing(errno.EIO, 0))
    with pytest.raises(TrustError) as refusal:
        write(tmp_path)
    assert "1A2B3C4D.S01, 1A2B3C4D.TMP" in refusal.value.message


def test_a_medium_that_gives_back_other_bytes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_files, "_read_back", lambda _: b"other")
    with pytest.raises(TrustError) as refusal:
        write(tmp_path)
    assert refusal.value.code == "IO_ERROR"
    assert names(tmp_path) == []


def test_a_full_disk_is_met_by_a_real_limit(tmp_path: Path) -> None:
    """The kernel refuses every byte beyond 100,000 of a file, as a full disk would in its middle."""
    program = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from ledger.errors import TrustError\n"
        "from tests.sync.test_bundle_files import write\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: write(Path(sys.argv[1]))\n"
        "except TrustError as refusal: print(refusal.code)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert answer.stdout == "IO_ERROR\n"
    assert names(tmp_path) == []


@pytest.mark.parametrize("place", ["nowhere", "a file"])
def test_a_folder_that_is_none_is_an_error_of_the_medium(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    with pytest.raises(TrustError) as refusal:
        write(tmp_path / place)
    assert refusal.value.code == "IO_ERROR"


# --- finding ----------------------------------------------------------------------------------------


def test_volumes_are_found_under_any_name_in_any_order_and_as_copies(tmp_path: Path) -> None:
    first, second, third = write(tmp_path)
    (tmp_path / "mail").mkdir()
    first.rename(tmp_path / "mail" / "attachment.bin")
    second.rename(tmp_path / "1a2b3c4d (1).s02")
    (tmp_path / "1A2B3C4D(2).S03").write_bytes(third.read_bytes())
    found = find_volumes([tmp_path])
    (bundle,) = found.bundles
    assert [volume.index.volume for volume in bundle.volumes] == [1, 2, 3]
    assert (bundle.code, bundle.missing, bundle.twins, found.faults) == (None, (), (), ())


def test_missing_volumes_are_named(tmp_path: Path) -> None:
    write(tmp_path)[1].unlink()
    (bundle,) = find_volumes([tmp_path]).bundles
    assert (bundle.code, bundle.missing) == ("VOLUME_MISSING", (2,))
    write_volumes(tmp_path, OTHER_BUNDLE, SEGMENTS, WRITER, TWO_SEGMENTS_EACH)[2].unlink()
    assert [bundle.missing for bundle in find_volumes([tmp_path]).bundles] == [(2,), (3,)]


def test_volumes_of_two_bundles_in_one_folder_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, OTHER_BUNDLE)
    found = find_volumes([tmp_path])
    assert [bundle.index.bundle for bundle in found.bundles] == [BUNDLE, OTHER_BUNDLE]
    assert all(bundle.code is None for bundle in found.bundles)


def test_the_same_volume_twice_with_other_bytes_is_a_twin(tmp_path: Path) -> None:
    """One key has signed two different volumes 1 of one bundle: a person must look."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write_volumes(tmp_path / "a", BUNDLE, SEGMENTS[:1], WRITER, TWO_SEGMENTS_EACH)
    (twin,) = write_volumes(tmp_path / "b", BUNDLE, SEGMENTS[1:2], WRITER, TWO_SEGMENTS_EACH)
    (bundle,) = find_volumes([tmp_path]).bundles
    assert (bundle.code, bundle.twins) == ("VOLUME_TWIN", (twin,))


def test_a_stranger_who_borrows_a_bundle_id_spoils_nobodys_bundle(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write(tmp_path / "a")
    write(tmp_path / "b", writer=Writer(INSTITUTION, 5, OTHER_KEY))
    found = find_volumes([tmp_path])
    assert [bundle.code for bundle in found.bundles] == [None, None]
    assert {bundle.index.public for bundle in found.bundles} == {KEY.public, OTHER_KEY.public}


def test_junk_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path)
    outside = tmp_path.parent / "outside"
    outside.mkdir()
    write(outside, OTHER_BUNDLE)
    (tmp_path / "letter.txt").write_text("Dear headquarters")
    (tmp_path / "20261122.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "empty.bin").touch()
    (tmp_path / "..S01").write_bytes(b"")
    (tmp_path / "99999999.S01").symlink_to(outside / "99999999.S01")
    (tmp_path / "linked").symlink_to(outside)
    os.mkfifo(tmp_path / "AAAAAAAA.S01")
    found = find_volumes([tmp_path])
    assert [bundle.index.bundle for bundle in found.bundles] == [BUNDLE]
    assert found.faults == ()


def test_many_junk_files_are_no_trouble(tmp_path: Path) -> None:
    for number in range(5_000):
        (tmp_path / f"{number}.txt").write_bytes(b"x" * (number % 3))
    write(tmp_path)
    found = find_volumes([tmp_path])
    assert (len(found.bundles), found.faults) == (1, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda data: b"", "EMPTY"),
        (lambda data: data[:-1], "TRUNCATED"),
        (lambda data: data[:100], "TRUNCATED"),
        (lambda data: b"X" + data[1:], "NOT_SATCHEL"),
        (lambda data: data[:100] + b"X" + data[101:], "BAD_HASH"),
        (lambda data: data[:-20] + b"X" + data[-19:], "BAD_VOLUME_SIGNATURE"),
        (lambda data: data + b"X", "BAD_HASH"),
    ],
)
def test_a_damaged_volume_is_reported_with_its_place(
    tmp_path: Path, change: Callable[[bytes], bytes], code: str
) -> None:
    """The other two volumes are still there, but a bundle with a damaged part is refused whole.

    Where neither head nor end can be read, the file is told on its own, and its volume is missing.
    """
    damaged = write(tmp_path)[1]
    damaged.write_bytes(change(damaged.read_bytes()))
    found = find_volumes([tmp_path])
    (bundle,) = found.bundles
    (fault,) = found.faults or bundle.damaged
    assert (fault.path, fault.refusal.code, fault.refusal.where) == (damaged, code, str(damaged))
    if code == "EMPTY":
        assert (bundle.code, bundle.missing, bundle.damaged) == ("VOLUME_MISSING", (2,), ())
    else:
        assert (bundle.code, bundle.missing, found.faults) == (code, (), ())


def test_a_damaged_copy_beside_a_whole_one_spoils_nothing(tmp_path: Path) -> None:
    (volume,) = write(tmp_path, count=1)
    (tmp_path / "copy.S01").write_bytes(volume.read_bytes()[:-1])
    found = find_volumes([tmp_path])
    assert [fault.refusal.code for fault in found.faults] == ["TRUNCATED"]
    assert found.bundles[0].code is None


def test_a_damaged_magic_does_not_hide_a_renamed_volume(tmp_path: Path) -> None:
    """By its end it is still one of ours."""
    damaged = write(tmp_path, count=1)[0].rename(tmp_path / "renamed.bin")
    damaged.write_bytes(b"X" + damaged.read_bytes()[1:])
    assert [fault.refusal.code for fault in find_volumes([tmp_path]).faults] == ["NOT_SATCHEL"]


def test_a_file_that_is_named_outright_is_always_judged(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear headquarters")
    (tmp_path / "link").symlink_to(tmp_path / "letter.txt")
    paths = [tmp_path / "letter.txt", tmp_path / "link", tmp_path / "gone"]
    codes = [fault.refusal.code for fault in find_volumes(paths).faults]
    assert codes == ["NOT_SATCHEL", "NOT_SATCHEL", "IO_ERROR"]


def test_one_file_named_twice_is_found_once(tmp_path: Path) -> None:
    (volume,) = write(tmp_path, count=1)
    assert len(find_volumes([volume, tmp_path, volume]).bundles[0].volumes) == 1


def test_reading_errors_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick pulled out while it is read."""
    write(tmp_path, count=1)
    monkeypatch.setattr(bundle_files, "check_volume", failing(errno.EIO, 0))
    (fault,) = find_volumes([tmp_path]).faults
    assert fault.refusal.code == "IO_ERROR"


def test_a_read_only_medium_can_be_read(tmp_path: Path) -> None:
    (volume,) = write(tmp_path, count=1)
    volume.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert find_volumes([tmp_path]).bundles[0].code is None
    finally:
        tmp_path.chmod(0o755)
