"""The committed vectors: each is refused with its code, or read, today and in every later version."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.changeset import Changeset
from sync.compression import decompress
from sync.packing import unpack
from sync.parity import check_parity
from sync.segment import open_segment, read_segment
from sync.volume import check_volume, read_sealed
from tests.sync.making import refusal_code
from tests.vectors import make

FOLDER = Path(make.__file__).parent
EXPECTED: dict[str, str | None] = json.loads((FOLDER / "expected.json").read_text())


def _segment(data: bytes) -> object:
    identity = make.reader()
    contents = open_segment(data, [identity.secret])
    return read_segment(
        contents, public=make.KEY.public, institution=make.INSTITUTION, reader=identity.recipient
    ).changesets


READERS: dict[str, Callable[[bytes], object]] = {
    "changeset": Changeset.from_bytes,
    "frame": lambda data: decompress(data, limit_bytes=64 << 20),
    "block": unpack,
    "segment": _segment,
    "volume": lambda data: check_volume(io.BytesIO(data), len(data)),
    "parity": lambda data: check_parity(io.BytesIO(data), len(data)),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_vector_is_refused_with_its_code_or_read(name: str) -> None:
    read = READERS[name.rpartition(".")[2]]
    assert refusal_code(lambda: read((FOLDER / name).read_bytes())) == EXPECTED[name]


def test_every_file_is_expected_to_be_something() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix[1:] in READERS}
    assert files == EXPECTED.keys()
    assert len([name for name in files if EXPECTED[name]]) > 50


@pytest.mark.parametrize("ending", make.STEADY)
def test_the_script_makes_the_same_bytes_again(ending: str) -> None:
    """What changes here changes the format: old sticks would no longer read as they were written."""
    for name, data, code in make.STEADY[ending]():
        assert (FOLDER / f"{name}.{ending}").read_bytes() == data, name
        assert EXPECTED[f"{name}.{ending}"] == code, name


def test_what_must_be_read_gives_the_same_changesets_as_ever() -> None:
    chain = make.chain(40)
    assert unpack((FOLDER / "whole-columns.block").read_bytes()) == chain
    assert _segment((FOLDER / "whole.segment").read_bytes()) == chain
    data = (FOLDER / "whole.volume").read_bytes()
    index = check_volume(io.BytesIO(data), len(data))
    (entry,) = index.segments
    assert _segment(read_sealed(io.BytesIO(data), entry)) == chain
