"""Options that every command on an installation takes, and the opened installation itself."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from sqlalchemy import select

from ledger.errors import TrustError
from schema.people import User
from sync.installation import Installation

P = ParamSpec("P")
R = TypeVar("R")

PASSPHRASE_VARIABLE = "SATCHEL_PASSPHRASE"  # noqa: S105 - the name of a variable


def utc_now() -> datetime:
    """Give the present instant: the clock of the command line."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class HomeOptions:
    """What was asked for on the command line: which home, how to open it, how to answer."""

    home: Path
    passphrase_file: Path | None
    as_json: bool

    def passphrase(self) -> str:
        """Give the passphrase; see ``read_passphrase``."""
        return read_passphrase(self.passphrase_file)


def read_passphrase(file: Path | None) -> str:
    """Read the passphrase: the file wins over the variable; a terminal is asked, nothing else is.

    One trailing newline is dropped.
    """
    if file is not None:
        return read_secret_file(file)
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given.removesuffix("\n")
    if sys.stdin.isatty():
        return str(click.prompt("Passphrase", hide_input=True, err=True))
    raise TrustError(
        "NO_PASSPHRASE",
        "The passphrase of this home is not given. Nothing was done.",
        next_step=f"Name a file with --passphrase-file, or set {PASSPHRASE_VARIABLE}.",
    )


def read_secret_file(file: Path) -> str:
    """Read a passphrase or a code from a file; one trailing newline is dropped."""
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise TrustError(
            "IO_ERROR",
            "The file with the passphrase or code could not be read. Nothing was done.",
            where=str(file),
            next_step="Check the name of the file.",
        ) from error


def home_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add ``--home``, ``--passphrase-file`` and ``--json``; the command gets one ``options``."""

    @click.option(
        "--home",
        type=click.Path(path_type=Path),
        envvar="SATCHEL_HOME",
        required=True,
        help="Folder of the installation (default: SATCHEL_HOME).",
    )
    @click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help=f"File with the passphrase (wins over {PASSPHRASE_VARIABLE}).",
    )
    @click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
    @wraps(command)
    def with_options(
        *arguments: object, home: Path, passphrase_file: Path | None, as_json: bool, **more: object
    ) -> R:
        return command(HomeOptions(home, passphrase_file, as_json), *arguments, **more)

    return with_options


@contextmanager
def opened(options: HomeOptions, edition: str) -> Iterator[Installation]:
    """Open the home for one command; says on standard error what had to be healed.

    raises  TrustError WRONG_EDITION when the home is of the other edition
    """
    installation = Installation.open(str(options.home), options.passphrase(), clock=utc_now)
    with installation:
        if installation.facts.edition != edition:
            raise TrustError(
                "WRONG_EDITION",
                f"This home is {_edition_name(installation.facts.edition)}. Nothing was done.",
                where=str(options.home),
                next_step=f"Use 'satchel {installation.facts.edition}'.",
            )
        for line in installation.healed:
            click.echo(f"Healed: {line}", err=True)
        yield installation


def operator(installation: Installation) -> int:
    """Give the user that the command line acts as: the first administrator of this office."""
    with installation.database.reading() as session:
        user = session.execute(
            select(User.id)
            .where(User.origin_office_id == installation.place.office_id, User.role == "admin")
            .order_by(User.id)
        ).first()
    return user[0] if user else 0


def _edition_name(edition: str) -> str:
    return "headquarters'" if edition == "hq" else "a branch's"
