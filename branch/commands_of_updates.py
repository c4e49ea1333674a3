"""``satchel branch update …``: newer programs that came with a return bundle."""

from pathlib import Path

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened


@click.group()
def update() -> None:
    """See what newer programs came, confirm one, and take its file out."""


@update.command("list")
@home_options
def update_list(options: HomeOptions) -> None:
    """List what came, whole or in part."""
    from sync.updates import list_updates

    with opened(options, "branch") as installation, installation.database.reading() as session:
        rows = list_updates(session)
    answer(
        {"updates": [{"version": row.version, "state": row.state, "bytes": row.size_bytes} for row in rows]},
        [f"{row.version}: {row.state}" for row in rows] or ["No newer program came."],
        as_json=options.as_json,
    )


@update.command("confirm")
@home_options
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.argument("version")
def update_confirm(options: HomeOptions, folder: Path, version: str) -> None:
    """Say that VERSION is to be installed, and put its file into a folder; its signature is checked again."""
    from sync.root import Root
    from sync.updates import confirm, take_out

    with opened(options, "branch") as installation:
        root = Root.from_bytes(installation.home.root_keys.read_bytes())
        with installation.database.writing() as session:
            row = confirm(session, version)
            file = take_out(installation.home, root, row, folder)
    answer(
        {"version": version, "file": str(file)},
        [f"{file}: version {version}. Stop the program, then install this file."],
        as_json=options.as_json,
    )
