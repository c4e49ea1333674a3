"""Newer programs that travel in return bundles: signed, whole, never older, never run by themselves."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError, TrustError
from schema.database import SCHEMA_REVISION, open_database
from schema.replication import ProgramUpdate
from sync.home import Home
from sync.root import Root
from sync.signing import SigningKey
from sync.updates import (
    PIECE_BYTES,
    BadVersionError,
    NoReleaseKeyError,
    OldProgramError,
    Release,
    confirm,
    kept_releases,
    newer,
    pieces_of,
    program_file,
    sign_release,
    take_attachments,
)
from tests.support.branch_home import make_homes
from tests.support.pair import Pair, with_clock

INSTITUTION = bytes(range(16))
RELEASE_KEY, DAILY_KEY = SigningKey.from_seed(b"\x31" * 32), SigningKey.from_seed(b"\x32" * 32)
ROOT = Root(
    INSTITUTION, 1, 1, (RELEASE_KEY.public,), (), daily=(DAILY_KEY.public,), release=(RELEASE_KEY.public,)
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
PROGRAM = random.Random(7).randbytes(2 * PIECE_BYTES + 17)


@pytest.fixture
def hq(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "hq")
    home.create()
    (tmp_path / "program").write_bytes(PROGRAM)
    return home


@pytest.fixture
def branch(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "branch")
    home.create()
    return home


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = open_database(tmp_path / "branch.db")
    database.migrate()
    with database.writing() as opened:
        yield opened
    database.close()


def _sign(hq: Home, version: str = "1.2.0", key: SigningKey = RELEASE_KEY) -> Release:
    file = hq.root.parent / "program"
    return sign_release(hq, ROOT, key, file, version, schema=SCHEMA_REVISION, notes="Faster.")


def _take(branch: Home, session: Session, pieces: list[bytes], running: str = "1.1.9") -> list[str]:
    return take_attachments(branch, ROOT, session, pieces, running=running, now=NOW)


def test_a_program_arrives_whole_in_any_order_and_twice(hq: Home, branch: Home, session: Session) -> None:
    """The last piece that was missing makes it whole; what came before was kept."""
    release = _sign(hq)
    statement, first, second, third = pieces_of(hq, "1.2.0")
    assert _take(branch, session, [statement, third, first]) == []
    assert _take(branch, session, [statement, third, first]) == []
    assert _take(branch, session, [second]) == ["1.2.0"]
    assert program_file(branch, release.sha256).read_bytes() == PROGRAM
    assert session.get_one(ProgramUpdate, "1.2.0").state == "arrived"
    assert _take(branch, session, [statement, first, second, third]) == []


def test_only_a_person_confirms_and_only_what_is_whole(hq: Home, branch: Home, session: Session) -> None:
    """Nothing else changes the state."""
    _sign(hq)
    statement, *pieces = pieces_of(hq, "1.2.0")
    _take(branch, session, [statement])
    with pytest.raises(NotFoundError):
        confirm(session, "1.2.0")
    _take(branch, session, pieces)
    assert confirm(session, "1.2.0").state == "confirmed"


def test_what_is_not_newer_than_the_running_program_is_passed_over(
    hq: Home, branch: Home, session: Session
) -> None:
    """Versions only rise, at the branch as at headquarters."""
    _sign(hq)
    assert _take(branch, session, list(pieces_of(hq, "1.2.0")), running="1.10.0") == []
    assert session.get(ProgramUpdate, "1.2.0") is None
    with pytest.raises(OldProgramError):
        _sign(hq, "1.2.0")
    with pytest.raises(OldProgramError):
        _sign(hq, "1.1.99")
    assert [release.version for release in kept_releases(hq, ROOT)] == ["1.2.0"]


@pytest.mark.parametrize("version", ["", "1", "1.2.x", "../1.2", "01.2", "1.2.3.4.5", "1.2\n"])
def test_a_version_is_numbers_with_points(hq: Home, version: str) -> None:
    """It names a file, so nothing else is taken."""
    with pytest.raises(BadVersionError):
        _sign(hq, version)


def test_a_daily_key_releases_nothing(hq: Home, branch: Home, session: Session) -> None:
    """Neither where it signs nor where it is read."""
    with pytest.raises(NoReleaseKeyError):
        _sign(hq, key=DAILY_KEY)
    release = _sign(hq)
    with pytest.raises(TrustError) as refusal:
        _take(branch, session, [release.signed_by(DAILY_KEY)])
    assert refusal.value.code == "BAD_SIGNATURE"


def test_a_piece_beyond_the_end_is_refused_and_altered_ones_never_become_whole(
    hq: Home, branch: Home, session: Session
) -> None:
    """The statement's size and SHA-256 decide."""
    _sign(hq)
    statement, first, second, third = pieces_of(hq, "1.2.0")
    altered = second[:-1] + bytes([second[-1] ^ 1])
    assert _take(branch, session, [statement, first, altered, third]) == []
    assert session.get_one(ProgramUpdate, "1.2.0").state == "coming"
    assert _take(branch, session, [second]) == ["1.2.0"]
    _sign(hq, "1.3.0")
    statement, *_ = pieces_of(hq, "1.3.0")
    with pytest.raises(TrustError) as refusal:
        _take(branch, session, [statement, third[:40] + (10**9).to_bytes(8, "big") + b"x"])
    assert refusal.value.code == "LIMIT_SIZE"


def test_versions_are_compared_number_by_number() -> None:
    """As people count, not as texts sort."""
    assert newer("1.10.0", "1.9.9")
    assert newer("1.2.1", "1.2")
    assert not newer("1.2", "1.2")


def test_a_program_travels_with_a_return_bundle_and_a_person_takes_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line: signed at headquarters, carried, confirmed, byte for byte the same file."""
    make_homes(tmp_path)
    pair = Pair(tmp_path, capsys, with_clock(monkeypatch))
    pair.meet()
    file = tmp_path / "satchel-99.0.whl"
    file.write_bytes(PROGRAM)
    release = ("release", "sign", str(file), "--version", "99.0", "--notes", "Faster.")
    pair.run("hq", *release)
    stick = tmp_path / "stick-with-program"
    stick.mkdir()
    pair.run("hq", "export", "--branch", "KIT", "--to", str(stick), "--program", "99.0")
    pair.run("branch", "import", str(stick))
    (update,) = pair.run("branch", "update", "list")["updates"]
    assert update == {"version": "99.0", "state": "arrived", "bytes": len(PROGRAM)}
    taken = pair.run("branch", "update", "confirm", "99.0", "--to", str(tmp_path))
    assert Path(taken["file"]).read_bytes() == PROGRAM
