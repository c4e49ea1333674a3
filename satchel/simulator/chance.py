"""Where the simulator's randomness comes from: one seed for the drawing, for nonces, ids and keys."""

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sync.keyslots import DeviceSecrets
from sync.signing import SigningKey

_ROOMS: Final = ("ledger", "schema", "banking", "sync", "console", "branch", "hq")
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_IDENTITY: Final = "age-secret-key-"


def seeded_secrets(source: random.Random) -> DeviceSecrets:
    """Make a device's keys out of a seeded source, so that every hash of a life comes out again."""
    return DeviceSecrets(SigningKey.from_seed(source.randbytes(32)), age_identity(source.randbytes(32)))


def age_identity(secret: bytes) -> str:
    """Write 32 bytes as an age identity (``AGE-SECRET-KEY-1…``, Bech32 as in BIP 173)."""
    number, bits = int.from_bytes(secret, "big") << 4, len(secret) * 8 + 4
    values = [number >> shift & 31 for shift in range(bits - 5, -1, -5)]
    spread = [ord(c) >> 5 for c in _IDENTITY] + [0] + [ord(c) & 31 for c in _IDENTITY]
    check = _polymod([*spread, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check >> shift & 31 for shift in range(25, -1, -5)]
    return f"{_IDENTITY}1{''.join(_BECH32[value] for value in values)}".upper()


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for index, factor in enumerate(_GENERATOR):
            check ^= factor if top >> index & 1 else 0
    return check


@contextmanager
def seeded_program(source: random.Random) -> Iterator[None]:
    """Let the program draw its nonces, ids and new devices' keys from ``source``."""
    honest = os.urandom
    os.urandom = source.randbytes
    from sync.founding import new_secrets  # noqa: PLC0415 - found under each name that it was imported by

    try:
        with replaced(new_secrets, lambda: seeded_secrets(source)):
            yield
    finally:
        os.urandom = honest


@contextmanager
def replaced(original: object, other: Callable[..., Any]) -> Iterator[None]:
    """Put ``other`` in the place of a function of the program, in every module that has imported it."""
    places = [
        (module, name)
        for key, module in list(sys.modules.items())
        if key.partition(".")[0] in _ROOMS and module is not None
        for name, value in list(vars(module).items())
        if value is original
    ]
    for module, name in places:
        setattr(module, name, other)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, original)


@contextmanager
def with_constants(**values: int) -> Iterator[None]:
    """Give constants of ``sync`` other values, wherever they were imported to."""
    places = [
        (module, name, getattr(module, name))
        for key, module in list(sys.modules.items())
        for name in values
        if key.startswith("sync.") and hasattr(module, name)
    ]
    for module, name, _ in places:
        setattr(module, name, values[name])
    try:
        yield
    finally:
        for module, name, before in places:
            setattr(module, name, before)
