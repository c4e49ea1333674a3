"""What somebody may make of an age file, with its key or without: the format taken apart by hand.

An age v1 file is a header of lines, then a nonce of 16 bytes, then chunks of 64 KiB, each sealed with
ChaCha20-Poly1305 under a nonce of eleven bytes that count and one that is 1 for the last chunk.
"""

import base64
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK: Final = 64 << 10
NONCE_BYTES: Final = 16
_STANZA: Final = b"-> X25519 "
_LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def split(age_file: bytes) -> tuple[list[bytes], bytes]:
    """The lines of the header, without their ends, and the rest."""
    at = age_file.index(b"\n--- ") + 1
    end = age_file.index(b"\n", at) + 1
    return age_file[: end - 1].split(b"\n"), age_file[end:]


def joined(lines: list[bytes], payload: bytes) -> bytes:
    """The file again."""
    return b"\n".join(lines) + b"\n" + payload


def stanza_at(lines: list[bytes]) -> int:
    """Where the first stanza of a reader's key begins; it has two lines."""
    return next(at for at, line in enumerate(lines) if line.startswith(_STANZA))


def file_key(lines: list[bytes], secret: str) -> bytes:
    """The key of the file, as the reader who has ``secret`` gets it from the first stanza."""
    bits = "".join(f"{_LETTERS.index(letter):05b}" for letter in secret.lower().rpartition("1")[2][:-6])
    own = X25519PrivateKey.from_private_bytes(bytes(int(bits[at : at + 8], 2) for at in range(0, 256, 8)))
    at = stanza_at(lines)
    share, body = _unbase64(lines[at].split()[2]), _unbase64(lines[at + 1])
    salt = share + own.public_key().public_bytes_raw()
    wrap = HKDF(SHA256(), 32, salt, b"age-encryption.org/v1/X25519").derive(
        own.exchange(X25519PublicKey.from_public_bytes(share))
    )
    return ChaCha20Poly1305(wrap).decrypt(bytes(12), body, None)


def sealed_under(key: bytes, nonce: bytes, chunks: list[tuple[bytes, bool]]) -> bytes:
    """The payload: each chunk with whether it says that it is the last."""
    cipher = ChaCha20Poly1305(HKDF(SHA256(), 32, nonce, b"payload").derive(key))
    return nonce + b"".join(
        cipher.encrypt(number.to_bytes(11, "big") + bytes([last]), chunk, None)
        for number, (chunk, last) in enumerate(chunks)
    )


def _unbase64(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4))
