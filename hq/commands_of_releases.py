"""``satchel hq release …``: newer programs, signed for the branches."""

from pathlib import Path

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened


@click.group()
def release() -> None:
    """Sign newer programs; return bundles carry them (export --program VERSION)."""


@release.command("sign")
@home_options
@click.option("--version", required=True, help="Such as 1.4.0; above every one that was signed before.")
@click.option("--notes", default="", help="What is new, for the person who confirms it.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def release_sign(options: HomeOptions, version: str, notes: str, file: Path) -> None:
    """Sign FILE as a version of the program, with the institution's release key."""
    from schema.database import SCHEMA_REVISION
    from sync.root import Root
    from sync.updates import sign_release

    with opened(options, "hq") as installation:
        home = installation.home
        root = Root.from_bytes(home.root_keys.read_bytes())
        signed = sign_release(
            home,
            root,
            installation.signer.key,
            file,
            version,
            schema=SCHEMA_REVISION,
            notes=notes,
        )
    answer(
        {"version": signed.version, "sha256": signed.sha256.hex(), "bytes": signed.size_bytes},
        [f"Version {signed.version} is signed: {signed.size_bytes} bytes, SHA-256 {signed.sha256.hex()}."],
        as_json=options.as_json,
    )


@release.command("list")
@home_options
def release_list(options: HomeOptions) -> None:
    """List what was signed here, oldest first."""
    from sync.root import Root
    from sync.updates import kept_releases

    with opened(options, "hq") as installation:
        root = Root.from_bytes(installation.home.root_keys.read_bytes())
        kept = kept_releases(installation.home, root)
    answer(
        {
            "releases": [
                {"version": one.version, "sha256": one.sha256.hex(), "bytes": one.size_bytes} for one in kept
            ]
        },
        [f"{one.version}: {one.size_bytes} bytes" for one in kept] or ["Nothing was signed here."],
        as_json=options.as_json,
    )
