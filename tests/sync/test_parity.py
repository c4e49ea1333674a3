"""The parity volume: a lost or damaged volume is made again, the very file or none."""

from itertools import permutations
from pathlib import Path

import pytest

from sync.bundle_files import find_volumes
from tests.sync.carrying import BYTES, whole, write


@pytest.mark.parametrize("lost", [1, 2, 3])
@pytest.mark.parametrize("how", ["gone", "flipped", "empty", "cut"])
def test_a_lost_or_damaged_volume_is_made_again(tmp_path: Path, lost: int, how: str) -> None:
    """The volume made again is the very file; that it was is told."""
    *volumes, parity = write(tmp_path, parity=True)
    assert (parity.name, len(volumes)) == ("1A2B3C4D.PAR", 3)
    victim = volumes[lost - 1]
    before = victim.read_bytes()
    if how == "gone":
        victim.unlink()
    elif how == "flipped":
        victim.write_bytes(before[:5_000] + b"!" + before[5_001:])
    else:
        victim.write_bytes(b"" if how == "empty" else before[:-70_000])
    found = find_volumes([tmp_path])
    assert whole(found) == [1, 2, 3]
    (bundle,) = found.bundles
    assert bundle.repaired == (lost,)
    assert [fault.path for fault in bundle.spare] == ([] if how == "gone" else [victim])
    assert bundle.volumes[lost - 1].path.read_bytes() == before


def test_two_lost_volumes_are_named(tmp_path: Path) -> None:
    first, second, _third, _parity = write(tmp_path, parity=True)
    first.unlink()
    second.unlink()
    (bundle,) = find_volumes([tmp_path]).bundles
    assert (bundle.code, bundle.missing, bundle.repaired) == ("VOLUME_MISSING", (1, 2), ())


def test_a_damaged_parity_volume_spoils_nothing(tmp_path: Path) -> None:
    *_volumes, parity = write(tmp_path, parity=True)
    data = bytearray(parity.read_bytes())
    data[9_000] ^= 1
    parity.write_bytes(data)
    found = find_volumes([tmp_path])
    assert whole(found) == [1, 2, 3]
    assert [fault.refusal.code for fault in found.bundles[0].spare] == ["BAD_HASH"]


def test_a_parity_volume_alone_is_named(tmp_path: Path) -> None:
    *volumes, _parity = write(tmp_path, parity=True)
    for path in volumes:
        path.unlink()
    found = find_volumes([tmp_path])
    assert ([fault.refusal.code for fault in found.faults], found.bundles) == (["VOLUME_MISSING"], ())


@pytest.mark.parametrize("form", ["iso", "eml"])
def test_the_parity_volume_goes_with_every_carrier(tmp_path: Path, form: str) -> None:
    write(tmp_path, form, parity=True)
    assert find_volumes([tmp_path]).bundles[0].has_parity


def test_files_with_parity_keep_to_the_size_that_was_asked_for(tmp_path: Path) -> None:
    assert max(path.stat().st_size for path in write(tmp_path, parity=True)) <= BYTES


def test_every_order_and_mixture_of_carriers_is_one_bundle(tmp_path: Path) -> None:
    first, _second = write(tmp_path / "files")
    (image,) = write(tmp_path / "disc", "iso")
    _mail, second_mail = write(tmp_path / "mail", "eml")
    for paths in permutations([first, second_mail, image]):
        assert whole(find_volumes(paths)) == [1, 2]
