"""Cutting one long load into changesets, none of which comes near the limits of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy.orm import Session

from schema.writing import act

NextChangeset: TypeAlias = Callable[[str, str], None]
"""``(kind, note)``: seals what was written up to here, and goes on in a new changeset of that kind."""

MOST_OPS: Final = 2500
MOST_BYTES: Final = 500_000  # as estimated below; a changeset may have 1 MiB
_OP_BYTES: Final = 40
_VALUE_BYTES: Final = 12


@dataclass(slots=True)
class Changesets:
    """Watches how much the present changeset holds, and asks for the next one between whole rows of a file.

    Calls nothing as long as ``held_back`` is set: a load that will be rolled back seals nothing more.
    """

    session: Session
    next_changeset: NextChangeset
    kind: str
    held_back: bool = False
    _measured_ops: int = 0
    _measured_bytes: int = 0

    def row_done(self) -> None:
        """Say that a row of the file is written as a whole."""
        ops = act(self.session).ops
        if len(ops) < self._measured_ops:  # a row was taken back, or somebody else sealed
            self._measured_ops = self._measured_bytes = 0
        for op in ops[self._measured_ops :]:
            self._measured_bytes += _estimate(op)
        self._measured_ops = len(ops)
        if self._measured_ops >= MOST_OPS or self._measured_bytes >= MOST_BYTES:
            self.cut()

    def cut(self, note: str = "") -> None:
        """Seal what there is, if anything, and go on in a new changeset."""
        self._measured_ops = self._measured_bytes = 0
        if act(self.session).ops and not self.held_back:
            self.next_changeset(self.kind, note)


def _estimate(op: list[Any]) -> int:
    images = (image for image in op[3:5] if image)
    return _OP_BYTES + sum(
        len(name) + (3 * len(value) if isinstance(value, str) else _VALUE_BYTES)
        for image in images
        for name, value in image.items()
    )
