"""One small bundle, written for each carrier."""

from pathlib import Path

from sync.bundle_files import Found
from sync.carriers.letter import Address
from sync.carriers.slip import Slip
from sync.carriers.writing import Way, write_bundle
from sync.volume import PAD_BYTES, Writer
from tests.sync.making import BUNDLE, INSTITUTION, KEY

WRITER = Writer(INSTITUTION, 5, KEY)
SLIP = Slip("KIT-0042", "1A2B3C4D", "7HXK")
SEGMENTS = [bytes([number]) * 50_000 for number in range(6)]
BYTES = 3 * PAD_BYTES


def write(folder: Path, form: str = "files", *, parity: bool = False) -> list[Path]:
    """Write it into a folder that is made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    return write_bundle(
        folder,
        BUNDLE,
        SEGMENTS,
        WRITER,
        BYTES,
        way=Way(form, parity, address=Address("kit@bank.example", "hq@bank.example")),
        slip=SLIP,
        workshop=folder.parent,
    )


def whole(found: Found) -> list[int]:
    """Give the numbers of the volumes of the one bundle, which is complete."""
    (bundle,) = found.bundles
    assert (bundle.code, found.faults) == (None, ())
    return [volume.index.volume for volume in bundle.volumes]
