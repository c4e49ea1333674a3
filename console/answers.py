"""Answers and refusals: one JSON document on standard output, or plain lines; everything else to stderr."""

import json
from collections.abc import Iterable, Mapping
from typing import Final

import click
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ledger.errors import RuleError, TrustError

REFUSED: Final = 1
USAGE: Final = 2


class Refused(Exception):  # noqa: N818 - it carries an answer, it is not a fault
    """A command that has said no: the document of its answer, and the lines for a person."""

    def __init__(self, document: Mapping[str, object], lines: Iterable[str]) -> None:
        super().__init__()
        self.document = dict(document)
        self.lines = list(lines)


def answer(document: Mapping[str, object], lines: Iterable[str], *, as_json: bool) -> None:
    """Say what was done: the document where ``--json`` was asked for, else the lines."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(line)


def refusal(code: str, message: str, *, where: str = "", next_step: str = "") -> dict[str, object]:
    """Give the document of a refusal."""
    return {"error": {"code": code, "message": message, "where": where, "next": next_step}}


def document_of(error: Exception) -> dict[str, object]:
    """Give the document of a rule's or a check's refusal; anything else is raised again."""
    if isinstance(error, TrustError):
        return refusal(error.code, error.message, where=error.where, next_step=error.next_step)
    if isinstance(error, RuleError):
        return refusal(error.code, str(error))
    if isinstance(error, OSError):
        where = str(error.filename or "")
        return refusal(
            "IO_ERROR",
            f"A file could not be read or written ({error.strerror or error}).",
            where=where,
            next_step="Check the name, the medium and the room on the disk, then try again.",
        )
    if isinstance(error, SQLAlchemyError):
        return _database_refusal(error)
    raise error


def _database_refusal(error: SQLAlchemyError) -> dict[str, object]:
    """Give the document for a database that cannot be used; never a value that was being written."""
    told = str(error.orig).partition("\n")[0] if isinstance(error, OperationalError) else type(error).__name__
    return refusal(
        "IO_ERROR",
        f"The database cannot be read or written ({told}). What was being done was left undone.",
        where="database",
        next_step="Is its server running, its disk full, the file damaged? Run 'verify'; "
        "else restore the last backup.",
    )


def fault_refusal(error: Exception) -> dict[str, object]:
    """Give the document for a fault of the program itself."""
    return refusal(
        "INTERNAL",
        f"The program has a fault ({type(error).__name__}). What was being done was left undone.",
        next_step="Report it with what stands on standard error.",
    )


def show_refusal(document: Mapping[str, object], *, as_json: bool, lines: Iterable[str] = ()) -> None:
    """Say no: JSON to standard output where asked for, a sentence for a person to standard error."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line, err=True)
    error = document.get("error")
    if isinstance(error, Mapping):
        parts = [f"Refused ({error['code']}): {error['message']}"]
        if error.get("where"):
            parts.append(f"  where: {error['where']}")
        if error.get("next"):
            parts.append(f"  next:  {error['next']}")
        click.echo("\n".join(parts), err=True)
