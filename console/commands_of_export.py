"""What both editions ask about a bundle to be written: its form, its largest file, a parity volume."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import click

from sync.carriers import FILES, FORM_NAMES

if TYPE_CHECKING:
    from sync.carriers.writing import Way

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a bundle is to be written."""

    way: "Way"
    volume_bytes: int


def export_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--as``, ``--volume-size`` and ``--parity``; the command gets one ``asked``."""

    @click.option(
        "--as",
        "form",
        type=click.Choice(FORM_NAMES),
        default=FILES,
        help="Files for a stick, the image of a disc, or mails.",
    )
    @click.option(
        "--volume-size",
        help="Largest file, such as 7M, 650M, 1G; default: 7M, of a disc's image what a CD holds.",
    )
    @click.option("--parity", is_flag=True, help="One more file that repairs a lost or damaged one.")
    @wraps(command)
    def with_options(
        *arguments: object, form: str, volume_size: str | None, parity: bool, **more: object
    ) -> R:
        from console.bundles import parse_size
        from sync.carriers.writing import VOLUME_BYTES, Way

        size = VOLUME_BYTES[form] if volume_size is None else parse_size(volume_size)
        return command(*arguments, asked=ExportOptions(Way(form, parity), size), **more)

    return with_options
