"""To headquarters and back: the pages, the files, and the line that tells a clerk where the entries are."""

import errno
import os
import re
from pathlib import Path

import pytest

from banking.acts import ACTS
from banking.acts.registry import Place
from banking.acts.running import Who, run_act
from branch.standing import find_written, written_bundles
from hq.branches import bundle_lines
from hq.founding import confirm
from hq.sending import export_to_branch
from sync import bundle_files
from sync.bundle_files import find_volumes
from sync.inbox import import_paths
from sync.installation import Installation
from sync.signing import fingerprint20
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Clock, opened

HOLIDAY = {"on": "2026-12-12", "name": "Jamhuri Day"}


def _line(page: str) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition('<dl class="status"')[2].partition("</dl>")[0])
    )


def test_a_trip_to_headquarters_and_back(
    log_in: LogIn, homes: Path, branch: Installation, clock: Clock, tmp_path: Path
) -> None:
    """To send, written, acknowledged: each state only when it is true."""
    moses = log_in("moses")
    stick = tmp_path / "stick"
    stick.mkdir()
    assert re.search(r"To send \d+ days?, 9 entries", _line(moses.get("/day").text))

    form = tokens(moses, "/send") | {"folder": str(stick)}
    answers = {moses.post("/send", data=form).location for _ in range(2)}
    assert len(answers) == 1, "a reload writes no second bundle"
    (answer,) = answers
    page = moses.get(answer).text
    files = list(stick.glob("*.S*"))
    assert len(files) == 1
    name = files[0].name.partition(".")[0]
    with branch.database.reading() as session:
        row = find_written(session, 2, name)
    assert row is not None
    assert f"part 1/1 · check {row.check}" in page
    assert "KIT-0001 · " in page
    assert files[0].name in page
    line = _line(page)
    assert "To send nothing" in line
    assert "Written KIT-0001, 22 Nov 2026" in line
    assert "Handed over nothing" in line
    assert "HQ has it nothing" in line

    note = moses.get(f"/send/{name}/note").text
    for shown in ("Control totals", "Repayment", "1\N{EN DASH}9", row.check, "Received by"):
        assert shown in note, shown
    path = f"/send/{name}"
    handed = {moses.post(f"{path}/handed", data=tokens(moses, path) | {"how": "stick"}).status_code}
    assert handed == {303}
    line = _line(moses.get("/day").text)
    assert "Written nothing" in line
    assert "Handed over KIT-0001, on a stick, 22 Nov 2026" in line
    assert "HQ has it nothing" in line, "only headquarters' signature says so"
    assert moses.post(f"{path}/handed", data=tokens(moses, path) | {"how": "pigeon"}).status_code == 404

    back = answer_of_headquarters(homes, stick, clock, tmp_path)
    look = tokens(moses, "/bring") | {"folder": str(back)}
    preview = moses.post("/bring", data=look)
    assert preview.status_code == 200
    assert "nothing is imported yet" in preview.text
    assert "HQ has it nothing" in _line(moses.get("/day").text)
    token = {"once": preview.text.partition('name="once" value="')[2].partition('"')[0]}
    done = moses.post("/bring", data=look | token | {"step": "import"})
    assert done.status_code == 303
    came = moses.get(done.location).text
    assert "Headquarters published number 1: " in came
    assert "What headquarters published" in came
    line = _line(came)
    assert "HQ has it up to 9, 22 Nov 2026" in line
    assert "Handed over nothing" in line
    assert "HQ has it" in moses.get("/status").text.partition("Bundles written here")[2]


def answer_of_headquarters(homes: Path, stick: Path, clock: Clock, folder: Path) -> Path:
    """Import what is on the stick at HQ, confirm the device, and write the return bundle."""
    back = folder / "back"
    back.mkdir()
    with opened(homes / "hq", clock) as hq:
        (result,) = import_paths(hq, [stick])
        assert result.verdict == "ADMIT", result
        with opened(homes / "branch", clock) as branch:
            digits = fingerprint20(branch.signer.key.public, branch.recipient.encode())
            with branch.database.reading() as session:
                (written,) = written_bundles(session, 2)
        with hq.database.reading() as session:
            (line,) = bundle_lines(session, "in")
        assert result.check == line.check == written.check, "both sides read out the same letters"
        confirm(hq, 2, digits, 0)
        with hq.unit_of_work("holiday.declare", 0) as session:
            run_act(session, ACTS["holiday.declare"], HOLIDAY, Who("admin", (Place.HQ,)))
        export_to_branch(hq, "KIT", back, volume_bytes=7 << 20)
    return back


def test_a_folder_that_is_not_there_is_refused(log_in: LogIn, tmp_path: Path) -> None:
    """A stick that was pulled out, a name without a drive, a place that is no folder."""
    moses = log_in("moses")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for folder in (str(tmp_path / "gone"), "stick", "", str(tmp_path / "file")):
        answer = moses.post("/send", data=tokens(moses, "/send") | {"folder": folder})
        assert answer.status_code == 422, folder
        assert 'id="folder-complaint"' in answer.text


def test_a_stick_pulled_out_while_writing_leaves_nothing_and_says_what_to_do(
    log_in: LogIn, branch: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The medium fails in the middle, and then it is there again: the same page writes a whole bundle."""
    moses = log_in("moses")
    stick = tmp_path / "stick"
    stick.mkdir()
    form = tokens(moses, "/send") | {"folder": str(stick)}
    with monkeypatch.context() as broken:
        broken.setattr(bundle_files, "sync_folder", _pull_out)
        refused = moses.post("/send", data=form)
    assert refused.status_code == 422
    for shown in ("Nothing of this bundle was left there", "try again", str(stick)):
        assert shown in refused.text
    assert list(stick.iterdir()) == []
    with branch.database.reading() as session:
        assert written_bundles(session, 2) == []
    assert moses.post("/send", data=tokens(moses, "/send") | {"folder": str(stick)}).status_code == 303
    (volume,) = stick.glob("*.S01")
    assert find_volumes([stick]).bundles[0].code is None
    stick.rename(tmp_path / "taken away")
    page = moses.get(f"/send/{volume.stem}?folder={stick}").text
    assert "KIT-0001" in page


def _pull_out(_folder: Path) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_damaged_bundle_is_refused_by_its_code(log_in: LogIn, tmp_path: Path) -> None:
    """The preview names the fault; nothing can be imported by mistake."""
    moses = log_in("moses")
    stick = tmp_path / "stick"
    stick.mkdir()
    moses.post("/send", data=tokens(moses, "/send") | {"folder": str(stick)})
    (volume,) = stick.glob("*.S01")
    whole = bytearray(volume.read_bytes())
    whole[len(whole) // 2] ^= 1
    volume.write_bytes(whole)
    page = moses.post("/bring", data=tokens(moses, "/bring") | {"folder": str(stick)}).text
    assert "refused" in page
    assert "BAD_HASH" in page


def test_a_clerk_sends_but_does_not_import(log_in: LogIn) -> None:
    """The menu keeps its numbers; what is not allowed is not in it."""
    clara = log_in("clara")
    page = clara.get("/day").text
    assert 'href="/send" data-key="5"' in page
    assert 'data-key="6"' not in page
    assert 'href="/status" data-key="7"' in page
    assert clara.get("/bring").status_code == 403
