"""Pictures as cameras, scanners and those who mean harm make them."""

import io
import struct
import zlib

from PIL import Image


def a_picture(
    size: tuple[int, int] = (1600, 1200), kind: str = "JPEG", mode: str = "RGB", turn: int = 0
) -> bytes:
    """Make a picture that is red at its upper left quarter and noisy elsewhere; ``turn`` as EXIF says it."""
    picture = Image.effect_noise(size, 60).convert(mode)
    width, height = size
    picture.paste(Image.new(mode, (width // 2, height // 2), "red" if mode.startswith("RGB") else 0), (0, 0))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    if turn:
        exif[0x0112] = turn
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def a_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """Make a PNG of few bytes that says it has very many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(width + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
