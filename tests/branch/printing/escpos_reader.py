"""A printer of our own for tests: reads ESC/POS as a receipt printer does, and tells what it would print."""

from dataclasses import dataclass, field

from branch.printing.letters import ESCPOS_PAGES


@dataclass
class Printed:
    """What came out: lines of text with their width in columns, pictures, cuts."""

    lines: list[str] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    bold: list[str] = field(default_factory=list)
    big: list[str] = field(default_factory=list)
    pictures: list[tuple[int, int, bytes]] = field(default_factory=list)
    cuts: int = 0
    page: str = "cp437"


def read_escpos(content: bytes) -> Printed:
    """Read a stream of ESC/POS; a command that we never send is a fault."""
    printed, line, at = Printed(), bytearray(), 2
    is_bold = is_big = False
    assert content.startswith(b"\x1b@")
    while at < len(content):
        byte, rest = content[at : at + 1], content[at:]
        if rest.startswith(b"\x1bt"):
            printed.page = next(name for name, number in ESCPOS_PAGES.items() if number == rest[2])
            at += 3
        elif rest.startswith(b"\x1bE"):
            is_bold, at = rest[2] == 1, at + 3
        elif rest.startswith(b"\x1d!"):
            is_big, at = rest[2] == 0x11, at + 3
        elif rest.startswith(b"\x1dV\x42"):
            printed.cuts, at = printed.cuts + 1, at + 4
        elif rest.startswith(b"\x1dv0\x00"):
            width, rows = int.from_bytes(rest[4:6], "little"), int.from_bytes(rest[6:8], "little")
            printed.pictures.append((width, rows, rest[8 : 8 + width * rows]))
            assert len(printed.pictures[-1][2]) == width * rows
            at += 8 + width * rows
        elif byte == b"\n":
            text = line.decode(printed.page)
            printed.lines.append(text)
            printed.columns.append(len(text) * 2 if is_big else len(text))
            if is_bold:
                printed.bold.append(text)
            if is_big:
                printed.big.append(text)
            line.clear()
            at += 1
        else:
            assert byte >= b" ", f"a command that a receipt printer need not know: {rest[:4]!r}"
            line += byte
            at += 1
    assert not line
    return printed
