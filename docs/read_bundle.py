"""Read a Satchel volume without Satchel: Python's own library, and the programs ``age`` and ``zstd``.

    python3 read_bundle.py VOLUME [IDENTITY]

Without an identity it checks the file against its own hashes and lists its segments; with one (an age key
file, such as the recovery key) it prints every manifest and changeset as JSON, byte strings in hex.
Ed25519 is not in Python's library, so signatures are shown and not checked: see bundle-format.md.
"""

import hashlib
import itertools
import json
import struct
import subprocess
import sys
from pathlib import Path


def decode(data, at=0):
    """One CBOR value at ``at``; returns it and where it ends."""
    major, short = data[at] >> 5, data[at] & 31
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
    number = int.from_bytes(data[at + 1 : at + 1 + size], "big") if size else short
    at += 1 + size
    if major < 2:
        return (number if major == 0 else -1 - number), at
    if major < 4:
        raw = data[at : at + number]
        return (raw if major == 2 else raw.decode()), at + number
    if major == 7:
        return {20: False, 21: True, 22: None}[short], at
    items = []
    for _ in range(number * (major - 3)):
        item, at = decode(data, at)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at


def encode(value):
    """A number, text or byte string as CBOR: what columns hold."""
    if isinstance(value, int):
        major, number, rest = (0, value, b"") if value >= 0 else (1, -1 - value, b"")
    else:
        rest = value if isinstance(value, bytes) else value.encode()
        major, number = (2 if isinstance(value, bytes) else 3), len(rest)
    if number < 24:
        return bytes([major << 5 | number]) + rest
    short, size = next((24 + log, 1 << log) for log in range(4) if number < 1 << (8 << log))
    return bytes([major << 5 | short]) + number.to_bytes(size, "big") + rest


def column(spec, rows, known):
    """The values of one column of packing 1."""
    form, *parts = spec
    if form == 0:
        return parts[0]
    if form == 1:
        return [parts[0][at] for at in column(parts[1], rows, known)]
    if form == 2:
        reference, add, width, planes = parts
        steps = [add + sum(planes[p * rows + row] << 8 * p for p in range(width)) for row in range(rows)]
        if reference is None:
            return steps
        return list(itertools.accumulate(steps) if reference < 0 else map(sum, zip(steps, known[reference])))
    (stems, pointers), widths, numbers = parts
    parts = zip(*(column(part, rows, known) for part in (pointers, widths, numbers)))
    return [stems[at] + (f"{number:0{width}d}" if width else "") for at, width, number in parts]


def woven(chunks, row):
    """Chunk, value, chunk, value, … chunk."""
    return b"".join(itertools.chain(*zip(chunks, [*row, b""])))


def by_columns(body, count):
    """The changesets of a frame of packing 1, with their signatures."""
    prev, shared, order, groups, signatures = decode(body)[0]
    common = [range(count)]
    for spec in shared:
        common.append(column(spec, count, common))
    order, halves = column(order, count, common), []
    for number, (chunks, cut, specs) in enumerate(groups):
        places = [place for place in range(count) if order[place] == number]
        known = [[values[place] for place in places] for values in common]
        for spec in specs:
            known.append(column(spec, len(places), known))
        columns = [list(map(encode, values)) for values in known[len(common) :]]
        rows = list(zip(*columns)) if columns else [()] * len(places)
        before, after = chunks[: cut + 1], chunks[cut + 1 :]
        halves.append(iter([(woven(before, row[:cut]), woven(after, row[cut:])) for row in rows]))
    for place, number in enumerate(order):
        before, after = next(halves[number])
        changeset = before + prev + after
        prev = hashlib.sha256(changeset).digest()
        yield changeset, signatures[place * 64 : place * 64 + 64]


def changesets(block):
    """Every changeset of a block, with its signature."""
    at = 0
    while at < len(block):
        packing, count, size = struct.unpack_from(">BII", block, at)
        body, at = block[at + 9 : at + 9 + size], at + 9 + size
        if packing == 1:
            yield from by_columns(body, count)
            continue
        inside = 0
        for _ in range(count):
            end = inside + 4 + int.from_bytes(body[inside : inside + 4], "big")
            yield body[inside + 4 : end], body[end : end + 64]
            inside = end + 64


def main(volume, identity=None):
    """Check one volume and print what is in it."""
    data = Path(volume).read_bytes()
    length = int.from_bytes(data[-12:-8], "big")
    assert (data[:8], data[-8:]) == (b"SATCHEL1", b"SATCHELZ"), "this is no whole volume"
    index = decode(data[-76 - length : -76])[0]
    show("volume", {**index, "segments": len(index["segments"]), "signature": data[-76:-12]})
    for offset, length, sha256 in index["segments"]:
        sealed = data[offset : offset + length]
        assert (hashlib.sha256(sealed).digest(), sealed[0]) == (sha256, 1), "a segment is damaged"
        if identity is None:
            continue
        packed = subprocess.run(["age", "-d", "-i", identity], input=sealed[1:], stdout=-1, check=True).stdout
        inside = subprocess.run(["zstd", "-d", "-q"], input=packed, stdout=-1, check=True).stdout
        end = 12 + int.from_bytes(inside[8:12], "big")
        manifest, _ = decode(inside[12:end])
        show("manifest", {**manifest, "signature": inside[end : end + 64]})
        body = inside[end + 64 :]
        assert hashlib.sha256(body).digest() == manifest["content"]["sha256"], "the segment is damaged"
        for changeset, signature in changesets(body[: manifest["content"]["packed_bytes"]]):
            show("changeset", {**decode(changeset)[0], "signature": signature})


def show(what, value):
    """One line of JSON."""
    print(json.dumps({what: value}, default=bytes.hex, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
