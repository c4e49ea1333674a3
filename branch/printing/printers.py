"""Which printer prints what: settings of this computer, which never travel to headquarters."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from branch.printing.delivery import check_new_file, check_target
from branch.printing.errors import PrinterSettingError
from branch.printing.escpos import COLUMNS, to_escpos
from branch.printing.kinds import ESCPOS, KINDS, NONE, PASSBOOK, PURPOSES, RECEIPT, STATEMENT
from branch.printing.letters import ENCODINGS, ESCPOS_PAGES
from branch.printing.parts import Document
from branch.printing.text import COLUMNS as TEXT_COLUMNS
from branch.printing.text import to_text
from schema.database import upsert
from schema.replication import Setting

__all__ = [
    "KINDS",
    "PASSBOOK",
    "PURPOSES",
    "RECEIPT",
    "STATEMENT",
    "Printer",
    "get_printer",
    "place_of",
    "set_printer",
]


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer as it is set up.

    kind      none (the browser prints), escpos or text80
    target    a file, a device, a share or tcp://host:port
    width     millimetres of the strip: 58 or 80; for escpos only
    encoding  the letters that it is set to: a code page, ascii or utf-8 (``letters.ENCODINGS``)
    at_once   papers follow the posting without a key
    """

    kind: str = NONE
    target: str = ""
    width: int = 80
    encoding: str = "cp437"
    at_once: bool = False

    @property
    def prints(self) -> bool:
        """Whether papers go to it without a dialog."""
        return self.kind != NONE

    @property
    def columns(self) -> int:
        """Letters in a line."""
        return COLUMNS[self.width] if self.kind == ESCPOS else TEXT_COLUMNS

    def bytes_of(self, document: Document) -> bytes:
        """Give what is sent to it for ``document``."""
        if self.kind == ESCPOS:
            return to_escpos(document, self.encoding, self.width)
        return to_text(document, self.encoding)


def get_printer(session: Session, purpose: str) -> Printer:
    """Give the printer of a purpose; none set up: the browser prints.

    raises   PrinterSettingError for a purpose that there is not
    """
    _require("purpose", purpose, tuple(PURPOSES))
    kept = session.get(Setting, _name(purpose))
    return Printer() if kept is None else Printer(**json.loads(kept.value))


def set_printer(session: Session, purpose: str, printer: Printer, *, home: Path | None = None) -> Printer:
    """Keep which printer prints a purpose's papers; ``session`` may write the home's own tables.

    home     the folder of the books, into which nothing is printed
    raises   PrinterSettingError, PrinterTargetError, PrinterFileError
    """
    _require("purpose", purpose, tuple(PURPOSES))
    _require("kind", printer.kind, tuple(KINDS))
    if printer.prints:
        check_target(printer.target)
        if printer.target not in {get_printer(session, one).target for one in PURPOSES}:
            check_new_file(printer.target, home)
        _require("width", printer.width, tuple(COLUMNS))
        known = tuple(ESCPOS_PAGES) if printer.kind == ESCPOS else ENCODINGS
        _require("letters", printer.encoding, known)
    row: dict[str, object] = {"name": _name(purpose), "value": json.dumps(asdict(printer))}
    upsert(session, Setting.__table__, [row])  # type: ignore[arg-type]  # a mapped class has a Table
    return printer


def place_of(printer: Printer) -> str:
    """Give the target as people read it: a file by its name alone, as its folder may be long."""
    is_address = printer.target.startswith(("tcp://", "\\\\", "/dev/"))
    return printer.target if is_address else Path(printer.target).name


def _name(purpose: str) -> str:
    return f"printer.{purpose}"


def _require(field: str, given: object, known: tuple[object, ...]) -> None:
    if given not in known:
        raise PrinterSettingError(field=field, given=given, known=", ".join(str(one) for one in known))
