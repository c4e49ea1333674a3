"""The slip that lies beside a bundle: what may stand on a lost stick. Totals stand on the printed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

START: Final = b"Bundle        "
"""How a slip begins: it is no volume, and nobody is told so."""
_NAMED: Final = 20
"""Files that a slip names one by one."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is written outside: no office's name, no date of business, no amount.

    number  number of the bundle on its label, such as KIT-0042
    name    first eight hex digits of its id, as in the names of the files
    check   the four check letters
    """

    number: str
    name: str
    check: str

    @property
    def file_name(self) -> str:
        """Eight letters, a dot and three, beside the volumes."""
        return f"{self.name}.TXT"

    @property
    def disc_label(self) -> str:
        """Name of a disc: letters, digits and low lines only."""
        return "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in self._short)[:32]

    @property
    def subject(self) -> str:
        """Subject of a mail."""
        return f"Satchel {self.number}"

    @property
    def _short(self) -> str:
        return f"{self.number}-{self.check}".upper()

    def text(self, volumes: Sequence[str], here: Sequence[str] | None = None) -> str:
        """The slip, for the volumes of a bundle (names of files); ``here`` where only some lie beside it."""
        first = ", ".join(volumes[:_NAMED]) + (" ..." if len(volumes) > _NAMED else "")
        lines = [
            f"{START.decode()}{self.number}",
            f"Check letters {self.check}",
            f"Files         {len(volumes)}: {first}",
        ]
        if here is not None and len(here) < len(volumes):
            lines.append(f"In this one   {', '.join(here)}")
        lines += ["", "Sealed: only the office that it is meant for can open it.", ""]
        return "\r\n".join(lines)
