"""zstd frames: what we write opens anywhere, and a frame that lies costs no memory."""

from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import TrustError
from sync.compression import compress, decompress
from tests.sync.making import refusal_code
from tests.sync.test_canonical import peak_mb_of

CAP = 64 << 20
PLAIN = b"thirteen words stand in this sentence, which packs well, well, well, well" * 50
FRAME = compress(PLAIN)


@given(st.binary(max_size=300).map(lambda piece: piece * 9))
def test_what_is_compressed_comes_back(plain: bytes) -> None:
    assert decompress(compress(plain), limit_bytes=len(plain)) == plain
    assert zstandard.decompress(compress(plain)) == plain


def test_every_cut_is_found() -> None:
    for end in range(len(FRAME)):
        assert refusal_code(lambda end=end: decompress(FRAME[:end], limit_bytes=CAP)) == "BAD_STREAM"  # type: ignore[misc]  # a lambda that keeps its value


def test_no_flipped_bit_gives_other_contents() -> None:
    """A few bits inside zstd's own coding mean nothing; the encryption around binds them."""
    for bit in range(len(FRAME) * 8):
        damaged = bytearray(FRAME)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            assert decompress(bytes(damaged), limit_bytes=CAP) == PLAIN
        except TrustError:
            continue


def block(size: int, *, kind: int, last: bool = False) -> bytes:
    return (size << 3 | kind << 1 | last).to_bytes(3, "little")


def head(content: int, *, checksum: bool = True, dictionary: bytes = b"", window: int | None = None) -> bytes:
    """A frame head that declares 8 bytes of content size, and a window where one is given."""
    single = window is None
    flags = 3 << 6 | single << 5 | checksum << 2 | (1 if dictionary else 0)
    return (
        b"\x28\xb5\x2f\xfd"
        + bytes([flags])
        + (b"" if window is None else bytes([window]))
        + dictionary
        + content.to_bytes(8, "little")
    )


END = block(0, kind=0, last=True) + b"sum!"
RLE_LIAR = head(100) + (block(128 << 10, kind=1) + b"x") * 6400 + END

REFUSED = {
    "nothing": (b"", "BAD_STREAM"),
    "random bytes": (b"\x10" * 100, "BAD_STREAM"),
    "a thirteen-byte frame that declares a terabyte": (head(1 << 40), "LIMIT_SIZE"),
    "a terabyte with a block": (head(1 << 40) + block(0, kind=0, last=True), "LIMIT_SIZE"),
    "one byte more than the cap": (compress(bytes(CAP + 1)), "LIMIT_SIZE"),
    "800 MB behind a small head": (RLE_LIAR, "BAD_STREAM"),
    "a window of 2 GiB": (
        head(100, window=(31 - 10) << 3) + block(0, kind=0, last=True) + b"sum!",
        "LIMIT_WINDOW",
    ),
    "a window of 16 MiB": (
        head(100, window=(24 - 10) << 3) + block(0, kind=0, last=True) + b"sum!",
        "LIMIT_WINDOW",
    ),
    "a dictionary": (head(1, dictionary=b"\x01") + block(1, kind=0, last=True) + b"xsum!", "BAD_STREAM"),
    "no checksum": (zstandard.ZstdCompressor(write_checksum=False).compress(b"x" * 99), "BAD_STREAM"),
    "no declared size": (
        zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(b"x" * 99),
        "BAD_STREAM",
    ),
    "something after the end": (FRAME + b"x", "BAD_STREAM"),
    "two frames": (FRAME + FRAME, "BAD_STREAM"),
    "a skippable frame before": (b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + FRAME, "BAD_STREAM"),
    "a reserved block": (head(1) + block(1, kind=3, last=True) + b"xsum!", "BAD_STREAM"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_frame_that_is_not_ours_is_refused(name: str) -> None:
    frame, code = REFUSED[name]
    assert refusal_code(lambda: decompress(frame, limit_bytes=CAP)) == code


def test_bombs_cost_less_than_200_mb(tmp_path: Path) -> None:
    """Each refused frame, and a true bomb of 800 MB, in a process that does nothing else."""
    compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj(size=800 << 20)
    bomb = b"".join([compressor.compress(bytes(1 << 20)) for _ in range(800)] + [compressor.flush()])
    for number, frame in enumerate([bomb, *(frame for frame, _ in REFUSED.values())]):
        (tmp_path / f"{number}.zst").write_bytes(frame)
    peak = peak_mb_of(
        "from pathlib import Path\n"
        "from sync.compression import decompress\n"
        f"for path in Path({str(tmp_path)!r}).iterdir():\n"
        "    try: decompress(path.read_bytes(), limit_bytes=64 << 20)\n"
        "    except Exception: continue\n"
        "    raise SystemExit('taken')\n"
    )
    assert peak < 200
