"""Encryption of one long file for one reader, while it is being written: a standard age v1 file."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyrage

from sync.reasons import refused


@contextmanager
def sealed_for(recipient: str, file: Path) -> Iterator[BinaryIO]:
    """Give a stream; what is written into it lies in ``file`` encrypted for ``recipient`` (``age1…``).

    Nothing of it touches the disk unencrypted, and memory stays flat.

    raises  TrustError WRONG_RECIPIENT where that is no age recipient: no file is made then
    """
    try:
        key = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as fault:
        raise refused("WRONG_RECIPIENT", "This is not an age recipient: it begins with age1.") from fault
    reading, writing = os.pipe()
    with (
        ThreadPoolExecutor(max_workers=1) as threads,
        file.open("wb") as target,
        os.fdopen(reading, "rb") as source,
        os.fdopen(writing, "wb") as stream,
    ):
        sealing = threads.submit(pyrage.encrypt_io, source, target, [key])
        yield stream
        stream.close()
        sealing.result()
