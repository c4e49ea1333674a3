"""``satchel hq token …``: keys of other programs."""

from datetime import date
from typing import TYPE_CHECKING

import click

from console.answers import answer
from console.dates import DATE
from console.home import HomeOptions, home_options, opened, operator

if TYPE_CHECKING:
    from sync.installation import Installation


@click.group()
def token() -> None:
    """Keys with which other programs use the HTTP API; the page of tokens does the same."""


@token.command("add")
@home_options
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="Such as loans:read; may be repeated.")
@click.option("--branch", "code", help="Only this office (its short code).")
@click.option("--until", type=DATE, help="The last day that it is good; default: until it is revoked.")
def add(
    options: HomeOptions, name: str, scopes: tuple[str, ...], code: str | None, until: date | None
) -> None:
    """Make a token for the program NAME and show it, this once."""
    from console.commands import office_id
    from hq.api.tokens import Wanted, make_token

    with opened(options, "hq") as installation:
        wanted = Wanted(name, scopes, office_id(installation, code), until)
        user_id, now = operator(installation), installation.clock()
        with installation.database.writing() as session:
            row, text = make_token(session, wanted, user_id, now)
    answer(
        {"id": str(row.id), "name": row.name, "scopes": row.scopes.split(), "token": text},
        [text, "Copy it now: it is shown this once."],
        as_json=options.as_json,
    )


@token.command("list")
@home_options
def show(options: HomeOptions) -> None:
    """List the tokens, revoked ones too, the newest first."""
    with opened(options, "hq") as installation:
        rows = _rows(installation)
    lines = [f"{one['id']}  {one['name']}  {one['state']}" for one in rows]
    answer({"tokens": rows}, lines or ["There is no token."], as_json=options.as_json)


@token.command("revoke")
@home_options
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
def revoke(options: HomeOptions, number: int) -> None:
    """End the token with this id for ever."""
    from hq.api.tokens import revoke_token

    with opened(options, "hq") as installation:
        user_id, now = operator(installation), installation.clock()
        with installation.database.writing() as session:
            row = revoke_token(session, number, user_id, now)
        rows = _rows(installation)
    answer({"tokens": rows}, [f"The token {row.id} ({row.name}) is revoked."], as_json=options.as_json)


def _rows(installation: "Installation") -> list[dict[str, object]]:
    from hq.api.tokens import list_tokens

    with installation.database.reading() as session:
        return [
            {
                "id": str(one.id),
                "name": one.name,
                "scopes": list(one.scopes),
                "branch": one.office or None,
                "expires_on": one.expires_on.isoformat() if one.expires_on else None,
                "state": one.state,
            }
            for one in list_tokens(session, installation.clock())
        ]
