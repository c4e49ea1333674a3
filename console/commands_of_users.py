"""``satchel branch user …`` and ``satchel hq user …``: who logs in here, and in which role."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened, operator, read_secret_file
from ledger.errors import TrustError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from sync.installation import Installation

PASSWORD_VARIABLE: Final = "SATCHEL_USER_PASSWORD"  # noqa: S105 - the name of a variable
_PASSWORD_FILE: Final = click.option(
    "--password-file", type=click.Path(path_type=Path), help=f"Or set {PASSWORD_VARIABLE}."
)


def user_commands(edition: str) -> click.Group:
    """Give the group of commands of one edition."""

    @click.group("user")
    def group() -> None:
        """People who log in here, and their roles."""

    for make in (_add, _list, _disable, _reset):
        group.add_command(make(edition))
    return group


def _add(edition: str) -> click.Command:
    @click.command("add")
    @home_options
    @click.argument("username")
    @click.option("--full-name", help="Default: the log-in name.")
    @click.option(
        "--role", required=True, help="admin, manager, clerk, officer, cashier, accountant, auditor."
    )
    @_PASSWORD_FILE
    def command(
        options: HomeOptions, username: str, full_name: str | None, role: str, password_file: Path | None
    ) -> None:
        """Give somebody a log-in."""
        from banking.users import create_user

        password = _new_password(password_file)
        _change(
            options,
            edition,
            "user.create",
            lambda session: create_user(session, username, full_name or username, role, password),
            f"{username} can log in as {role}.",
        )

    return command


def _list(edition: str) -> click.Command:
    @click.command("list")
    @home_options
    def command(options: HomeOptions) -> None:
        """List who logs in here, those who left too."""
        with opened(options, edition) as installation:
            users = _users(installation)
        answer({"users": users}, _lines(users), as_json=options.as_json)

    return command


def _disable(edition: str) -> click.Command:
    @click.command("disable")
    @home_options
    @click.argument("username")
    def command(options: HomeOptions, username: str) -> None:
        """End somebody's log-in; what they did stays under their name."""
        from banking.users import disable

        _change(
            options,
            edition,
            "user.disable",
            lambda session: disable(session, _found(session, username)),
            f"{username} cannot log in any more.",
        )

    return command


def _reset(edition: str) -> click.Command:
    @click.command("reset")
    @home_options
    @click.argument("username")
    @_PASSWORD_FILE
    def command(options: HomeOptions, username: str, password_file: Path | None) -> None:
        """Set a new password, end a lock-out, and let somebody who was disabled log in again."""
        from banking.users import enable, set_password

        password = _new_password(password_file)

        def reset(session: "Session") -> None:
            user_id = _found(session, username)
            set_password(session, user_id, password)
            enable(session, user_id)

        _change(options, edition, "user.reset", reset, f"{username} has a new password.")

    return command


def _change(
    options: HomeOptions, edition: str, kind: str, change: "Callable[[Session], object]", told: str
) -> None:
    """Do one change in a unit of work of this edition's own people; answers with everybody."""
    from sync.chain import HEAD_OFFICE_CHAIN

    chain = HEAD_OFFICE_CHAIN if edition == "hq" else 0
    with opened(options, edition) as installation:
        with installation.unit_of_work(kind, operator(installation), chain=chain) as session:
            change(session)
        users = _users(installation)
    answer({"users": users}, [told], as_json=options.as_json)


def _found(session: "Session", username: str) -> int:
    from banking.users import find_user
    from ledger.errors import NotFoundError

    user = find_user(session, username)
    if user is None:
        raise NotFoundError(kind="user", key=username)
    return user.id


def _users(installation: "Installation") -> list[dict[str, str]]:
    from banking.users import list_own_users

    with installation.database.reading() as session:
        return [
            {"username": one.username, "full_name": one.full_name, "role": one.role, "state": one.state}
            for one in list_own_users(session)
        ]


def _lines(users: list[dict[str, str]]) -> list[str]:
    return [f"{one['username']}  {one['full_name']}  {one['role']}  {one['state']}" for one in users]


def _new_password(file: Path | None) -> str:
    """Read somebody's password: from a file, the variable, or typed twice at a terminal.

    raises   TrustError NO_PASSPHRASE where nobody can be asked
    """
    if file is not None:
        return read_secret_file(file)
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given.removesuffix("\n")
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    raise TrustError(
        "NO_PASSPHRASE",
        "The new password is not given. Nothing was done.",
        next_step=f"Name a file with --password-file, or set {PASSWORD_VARIABLE}.",
    )
