"""Discs and mails: written, read by other programs, and read back from hostile ones."""

import base64
import shutil
import subprocess
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from ledger.errors import TrustError
from sync.bundle_files import Found, find_volumes
from sync.carriers import disc, letter
from sync.carriers.slip import Slip
from sync.carriers.writing import Way, write_bundle
from sync.volume import PAD_BYTES
from tests.sync.carrying import BYTES, SEGMENTS, SLIP, WRITER, whole, write
from tests.sync.making import BUNDLE

LETTER = "From: clerk@kit.example\nSubject: lunch\n\nWhere do we meet?\n"


# --- discs ------------------------------------------------------------------------------------------


def test_the_image_of_a_disc_is_read_by_other_programs_byte_for_byte(tmp_path: Path) -> None:
    """``bsdtar`` and ``xorriso`` give the volumes and the slip; the name of the disc is the label."""
    (image,) = write(tmp_path / "disc", "iso")
    volumes = write(tmp_path / "files")
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["bsdtar", "-xf", image, "-C", out], check=True)
    assert sorted(path.name for path in out.iterdir()) == [*(path.name for path in volumes), "1A2B3C4D.TXT"]
    for path in volumes:
        assert (out / path.name).read_bytes() == path.read_bytes()
    told = subprocess.run(["xorriso", "-indev", image, "-toc"], check=True, capture_output=True, text=True)
    assert "KIT_0042_7HXK" in told.stdout + told.stderr


def test_volumes_are_found_in_an_image_without_mounting_it(tmp_path: Path) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    image.rename(tmp_path / "disc" / "backup.bin")
    found = find_volumes([tmp_path / "disc"])
    assert whole(found) == [1, 2]
    assert found.bundles[0].carrier == "iso"
    assert "backup.bin (1A2B3C4D.S01)" in found.bundles[0].volumes[0].origin


def test_what_was_unpacked_is_gone_when_nobody_looks_any_more(tmp_path: Path) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    below = tmp_path / "below"
    below.mkdir()
    found = find_volumes([image], below)
    assert list(below.iterdir())
    del found
    assert list(below.iterdir()) == []


def test_a_bundle_that_fills_more_than_a_disc_goes_onto_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disc, "ROOM_FOR_VOLUMES", BYTES)
    first, second = write(tmp_path / "disc", "iso")
    assert (first.name, second.name) == ("1A2B3C4D.iso", "1A2B3C4D-2.iso")
    assert whole(find_volumes([tmp_path / "disc"])) == [1, 2]
    assert find_volumes([second]).bundles[0].missing == (1,)


@pytest.mark.parametrize("at", [16 * 2048 + 130, 16 * 2048 + 158, 18 * 2048, 23 * 2048 + 3])
def test_a_damaged_image_is_refused_or_gives_whole_volumes_only(tmp_path: Path, at: int) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    data = bytearray(image.read_bytes())
    data[at] ^= 0xFF
    image.write_bytes(data)
    found = find_volumes([image])
    assert all(not bundle.twins for bundle in found.bundles)
    assert found.faults or found.bundles


def test_an_image_that_is_cut_gives_what_is_whole_and_names_the_rest(tmp_path: Path) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    image.write_bytes(image.read_bytes()[: -2 * PAD_BYTES])
    found = find_volumes([image])
    assert found.bundles[0].code == "TRUNCATED"


def _put(image: Path, at: int, new: bytes) -> None:
    with image.open("r+b") as file:
        file.seek(at)
        file.write(new)


def test_names_in_an_image_name_no_path(tmp_path: Path) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    data = image.read_bytes()
    image.write_bytes(data.replace(b"1A2B3C4D.S01;1", b"../../../A;1\0\0"))
    assert whole(find_volumes([image])) == [1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disc"]


def test_directories_that_lead_in_circles_end(tmp_path: Path) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    data = bytearray(image.read_bytes())
    root = int.from_bytes(data[16 * 2048 + 158 : 16 * 2048 + 162], "little") * 2048
    entry = root + data[root] + data[root + data[root]]  # behind the two that name itself
    data[entry + 25] |= 0x02
    data[entry + 2 : entry + 6] = (root // 2048).to_bytes(4, "little")
    image.write_bytes(data)
    assert find_volumes([image]).bundles


def test_files_that_claim_more_than_the_image_are_refused(tmp_path: Path) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    data = bytearray(image.read_bytes())
    at = data.find(b"1A2B3C4D.S01;1") - 33
    data[at + 10 : at + 14] = (0xFFFFF000).to_bytes(4, "little")
    image.write_bytes(data)
    assert [fault.refusal.code for fault in find_volumes([image]).faults] == ["LIMIT_SIZE"]


# --- mails ------------------------------------------------------------------------------------------


def test_a_mail_is_what_any_mail_program_sends(tmp_path: Path) -> None:
    """One mail for each volume; outside stand number, files and check letters, nothing else."""
    first, second = write(tmp_path / "mail", "eml")
    volumes = write(tmp_path / "files")
    assert (first.name, second.name) == ("1A2B3C4D.eml", "1A2B3C4D-2.eml")
    for mail_file, volume in zip((first, second), volumes, strict=True):
        mail = message_from_bytes(mail_file.read_bytes(), policy=policy.default)
        (attachment,) = mail.iter_attachments()
        assert attachment.get_content_type() == "application/octet-stream"
        assert attachment.get_filename() == volume.name
        assert attachment.get_content() == volume.read_bytes()
        body = mail.get_body()
        assert body is not None
        assert "KIT-0042" in body.get_content()
        assert "7HXK" in body.get_content()
        assert mail["To"] == "hq@bank.example"


def test_volumes_are_found_in_mails_whatever_they_are_called(tmp_path: Path) -> None:
    for path in write(tmp_path / "mail", "eml"):
        text = path.read_bytes().replace(b"1A2B3C4D.S0", b"winmail.da").replace(b"octet-stream", b"x-photo")
        path.write_bytes(text)
    found = find_volumes([tmp_path / "mail"])
    assert whole(found) == [1, 2]
    assert found.bundles[0].carrier == "eml"


def forwarded(path: Path) -> bytes:
    return (
        b'From: a@b.example\r\nSubject: Fwd\r\nContent-Type: multipart/mixed; boundary="x y"\r\n\r\n'
        b"--x y\r\nContent-Type: text/html\r\n\r\n<p>-- see below</p>\r\n--x y\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + path.read_bytes() + b"\r\n--x y--\r\ngoodbye\r\n"
    )


def test_forwarded_mails_and_a_file_of_many_are_looked_through(tmp_path: Path) -> None:
    first, second = write(tmp_path / "mail", "eml")
    box = b"From MAILER Mon Jan  5\r\n" + forwarded(first)
    box += b"\r\nFrom MAILER Mon Jan  5\r\n" + LETTER.encode() + b"\r\nFrom MAILER\r\n" + second.read_bytes()
    (tmp_path / "inbox").write_bytes(box)
    assert whole(find_volumes([tmp_path / "inbox"])) == [1, 2]


def test_a_mail_in_one_long_line_and_one_in_quoted_signs_are_read(tmp_path: Path) -> None:
    first, second = write(tmp_path / "files")
    (tmp_path / "long.eml").write_bytes(
        b"Subject: x\nContent-Transfer-Encoding: BASE64\n\n" + base64.b64encode(first.read_bytes())
    )
    quoted = b"".join(b"=%02X" % byte for byte in second.read_bytes())
    lines = b"=\n".join(quoted[at : at + 72] for at in range(0, len(quoted), 72))
    (tmp_path / "quoted.eml").write_bytes(
        b"Subject: y\nContent-Transfer-Encoding: quoted-printable\n\n" + lines + b"\n"
    )
    shutil.rmtree(tmp_path / "files")
    assert whole(find_volumes([tmp_path])) == [1, 2]


def test_other_mails_in_a_folder_are_no_concern_of_ours(tmp_path: Path) -> None:
    (tmp_path / "lunch.eml").write_text(LETTER)
    assert find_volumes([tmp_path]) == Found((), ())
    (fault,) = find_volumes([tmp_path / "lunch.eml"]).faults
    assert fault.refusal.code == "NOT_SATCHEL"


@pytest.mark.parametrize(
    ("mail", "code"),
    [
        (b"Subject: deep\n" + b"Content-Type: message/rfc822\n\n" * 50, "LIMIT_NESTING"),
        (b"Subject: " + b"long\n " * 60_000 + b"\n\n", "LIMIT_SIZE"),
        (b'Content-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n\n" * 1_100, "LIMIT_SIZE"),
    ],
)
def test_mails_beyond_all_measure_are_refused(tmp_path: Path, mail: bytes, code: str) -> None:
    (tmp_path / "bad.eml").write_bytes(mail)
    (fault,) = find_volumes([tmp_path / "bad.eml"]).faults
    assert fault.refusal.code == code


def test_a_huge_mail_is_read_a_line_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that is not ours is never kept, however long it is."""
    big = tmp_path / "big.eml"
    with big.open("wb") as file:
        file.write(b"Subject: film\nContent-Transfer-Encoding: base64\n\n")
        for _ in range(200):
            file.write(base64.b64encode(b"x" * 90_000) + b"\n")
    kept: list[int] = []
    monkeypatch.setattr(letter._Part, "_decide", _counting(letter._Part._decide, kept))
    assert find_volumes([tmp_path]) == Found((), ())
    assert kept == [letter.FIRST_BYTES]


def _counting(decide, kept: list[int]):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - wraps a method
    def counted(part: letter._Part) -> None:
        decide(part)
        kept.append(min(len(part._start), letter.FIRST_BYTES))

    return counted


# --- the slip, and media that fail ------------------------------------------------------------------


def test_the_slip_tells_nothing_that_a_finder_may_not_know(tmp_path: Path) -> None:
    write(tmp_path)
    slip = (tmp_path / "1A2B3C4D.TXT").read_text()
    for line in ("KIT-0042", "7HXK", "1A2B3C4D.S01, 1A2B3C4D.S02"):
        assert line in slip
    assert len(slip) < 300


@pytest.mark.parametrize("form", ["files", "iso", "eml"])
def test_a_medium_that_has_been_taken_out_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def gone(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("sync.carriers.writing.sync_folder", gone)
    with pytest.raises(TrustError) as refusal:
        write(tmp_path / "stick", form)
    assert refusal.value.code == "IO_ERROR"
    assert list((tmp_path / "stick").iterdir()) == []


def test_no_room_to_unpack_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (image,) = write(tmp_path / "disc", "iso")
    below = tmp_path / "a file"
    below.write_bytes(b"")
    (fault,) = find_volumes([image], below).faults
    assert fault.refusal.code == "IO_ERROR"


def test_volumes_of_two_bundles_and_copies_among_junk_are_told_apart(tmp_path: Path) -> None:
    """A disc of one bundle, mails of another, a second copy, links, a file still being copied."""
    write(tmp_path / "mail", "eml")
    other = bytes(16)
    stick = tmp_path / "stick"
    stick.mkdir()
    write_bundle(
        stick,
        other,
        SEGMENTS,
        WRITER,
        BYTES,
        way=Way("iso"),
        slip=Slip("KIT-0043", "00000000", "AAAA"),
        workshop=tmp_path,
    )
    shutil.copy(tmp_path / "mail" / "1A2B3C4D.eml", stick / "copy (1).eml")
    (stick / "loop").symlink_to(stick)
    (stick / "passwd.eml").symlink_to("/etc/passwd")
    for number in range(300):
        (stick / f"junk{number}.eml").write_text(LETTER)
    found = find_volumes([tmp_path])
    assert [bundle.index.bundle for bundle in found.bundles] == [other, BUNDLE]
    assert [bundle.code for bundle in found.bundles] == [None, None]
    assert found.faults == ()


def test_a_mail_that_is_still_being_copied_waits(tmp_path: Path) -> None:
    """Its volume lacks the end, and is held by that; once it is whole, it is taken."""
    first, second = write(tmp_path / "mail", "eml")
    whole_mail = first.read_bytes()
    first.write_bytes(whole_mail[: len(whole_mail) // 2])
    (bundle,) = find_volumes([tmp_path]).bundles
    assert (bundle.code, [volume.index.volume for volume in bundle.volumes]) == ("TRUNCATED", [2])
    first.write_bytes(whole_mail)
    assert whole(find_volumes([tmp_path])) == [1, 2]
    assert second.exists()


def test_a_slip_that_is_named_outright_is_no_bundle(tmp_path: Path) -> None:
    volumes = write(tmp_path)
    assert whole(find_volumes([*volumes, tmp_path / "1A2B3C4D.TXT"])) == [1, 2]


def test_a_medium_that_cannot_be_written_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    """A CD in the drive, or a folder that is a file: for every form the same answer."""
    (tmp_path / "disc").write_bytes(b"")
    for form in ("files", "iso", "eml"):
        with pytest.raises(TrustError) as refusal:
            write_bundle(
                tmp_path / "disc",
                BUNDLE,
                SEGMENTS,
                WRITER,
                BYTES,
                way=Way(form),
                slip=SLIP,
                workshop=tmp_path,
            )
        assert refusal.value.code == "IO_ERROR"
    assert [path.name for path in tmp_path.iterdir()] == ["disc"]
