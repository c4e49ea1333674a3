"""``satchel branch act`` and ``satchel hq act``: everything that can be done by name."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from banking.acts import ACTS
from banking.acts.files import read_acts
from banking.acts.registry import Field, Place
from banking.acts.running import Asked, Done, Who, run_acts
from banking.users import authenticate
from console.answers import Refused, refusal
from console.home import operator, read_secret_file
from ledger.errors import TrustError
from schema.people import User
from schema.user_orders import standing_of
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation, Undo

AS_VARIABLE: Final = "SATCHEL_AS_PASSWORD"
SECOND_VARIABLE: Final = "SATCHEL_SECOND_PASSWORD"


def asked_for(name: str | None, fields: Sequence[str], file: Path | None) -> list[Asked]:
    """Read what was asked for: one act with its fields, or a file of acts.

    raises   BadActFileError; click.UsageError
    """
    if (name is None) == (file is None):
        raise click.UsageError(
            "Name one act with its fields, or a file of acts with --file; --list shows all."
        )
    if file is not None:
        return read_acts(file.read_bytes(), toml=file.suffix.casefold() == ".toml")
    given: dict[str, object] = {}
    for pair in fields:
        field, sign, value = pair.partition("=")
        if not sign:
            raise click.UsageError(f"“{pair}” is no FIELD=VALUE.")
        known = given.setdefault(field, [])
        assert isinstance(known, list)
        known.append(value)
    return [Asked(str(name), given)]


def do(
    installation: Installation,
    asked: Sequence[Asked],
    acting: tuple[int, str],
    second_id: int | None,
    *,
    dry_run: bool,
) -> tuple[dict[str, object], list[str]]:
    """Do acts in one database transaction; gives the answer's document and its lines.

    acting   id and role of the acting user
    raises   Refused with every fault when one act cannot be done; TrustError
    """
    places, chain = _places(installation, asked)
    done = _done(installation, asked, acting[0], Who(acting[1], places, second_id), chain, dry_run=dry_run)
    if done.faults:
        raise _refused(done)
    lines = [line for name, result in done.results for line in _lines(name, result)]
    if dry_run:
        lines.append("Rehearsal: nothing was kept.")
    return {**done.to_json(), "dry_run": dry_run}, lines


def _done(
    installation: Installation, asked: Sequence[Asked], actor_id: int, who: Who, chain: int, *, dry_run: bool
) -> Done:
    done = Done()
    with installation.bulk_work("acts", actor_id, chain=chain) as (session, seal):
        done = run_acts(session, ACTS, asked, who, seal)
        if dry_run or done.faults:
            raise Undo
    return done


def _places(installation: Installation, asked: Sequence[Asked]) -> tuple[tuple[Place, ...], int]:
    """Give where these acts are done, and the chain that they are written in.

    At headquarters reference data and the head office's own books are two chains: a file holds acts of one.
    """
    if not installation.signer.is_hq:
        return (Place.BRANCH,), 0
    first = ACTS.get(asked[0].name)
    if first is not None and Place.HEAD_OFFICE in first.at:
        return (Place.HEAD_OFFICE,), HEAD_OFFICE_CHAIN
    return (Place.HQ,), 0


def _refused(done: Done) -> Refused:
    faults = done.faults
    message = (
        faults[0].message if len(faults) == 1 else f"{len(faults)} reasons; the first: {faults[0].message}"
    )
    document = refusal(faults[0].code, message, where=faults[0].field, next_step="Nothing was changed.")
    told = [
        f"act {fault.number} {fault.name}{fault.field and f', {fault.field}'}: {fault.message} ({fault.code})"
        for fault in faults
    ]
    return Refused({**document, "errors": [fault.to_json() for fault in faults]}, told)


def _lines(name: str, result: Mapping[str, object]) -> list[str]:
    parts = [
        f"{key} {value}" for key, value in result.items() if value not in (None, "") and not _nested(value)
    ]
    lines = [f"{name}: {', '.join(parts) or 'done'}"]
    for key, value in result.items():
        if _nested(value):
            assert isinstance(value, list | tuple | dict)
            lines += [
                f"  {key}: {_one_line(item)}" for item in (value if not isinstance(value, dict) else [value])
            ]
    return lines


def _nested(value: object) -> bool:
    return isinstance(value, list | tuple | dict)


def _one_line(item: object) -> str:
    return ", ".join(f"{k} {v}" for k, v in item.items()) if isinstance(item, dict) else str(item)


# --- who acts -------------------------------------------------------------------------------------


def actor(installation: Installation, name: str | None, password_file: Path | None) -> tuple[int, str]:
    """Give id and role of who acts: the first administrator, whose passphrase opened the home, or a user.

    raises   WrongPasswordError, LockedOutError; TrustError NO_PASSPHRASE
    """
    if name is None:
        return operator(installation), "admin"
    user_id = logged_in(installation, name, password_file, AS_VARIABLE)
    with installation.database.reading() as session:
        return user_id, standing_of(session, session.get_one(User, user_id))[0]


def logged_in(installation: Installation, name: str, password_file: Path | None, variable: str) -> int:
    """Give the id of a user who logs in with a password from a file or a variable.

    raises   as ``actor``
    """
    if password_file is not None:
        password = read_secret_file(password_file)
    else:
        given = os.environ.get(variable)
        if given is None:
            raise TrustError(
                "NO_PASSPHRASE",
                f"The password of {name} is not given. Nothing was done.",
                next_step=f"Name a file with the password, or set {variable}.",
            )
        password = given.removesuffix("\n")
    with installation.exclusive() as session:
        return authenticate(session, name, password, installation.clock()).id


# --- the list -------------------------------------------------------------------------------------


def lines_of_list(edition: str) -> list[str]:
    """List the acts of an edition with their fields; a star marks those that must be given."""
    places = (Place.BRANCH,) if edition == "branch" else (Place.HQ, Place.HEAD_OFFICE)
    lines = []
    for one in ACTS.values():
        if not set(one.at) & set(places):
            continue
        lines += ["", f"{one.name}: {one.meaning}"]
        lines += [f"  {line}" for field in one.fields for line in lines_of_field(field)]
    return lines[1:]


def lines_of_field(field: Field) -> list[str]:
    """Tell one field; the rows of a list stand below it."""
    kind = field.reader.name if field.reader else "list of rows, in a file"
    often = ", several times" if field.many else ""
    star = "*" if field.required else ""
    head = f"{field.name}{star} ({kind}{often}): {field.meaning}"
    return [head, *(f"  {line}" for row in field.rows for line in lines_of_field(row))]
