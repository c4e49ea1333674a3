"""``satchel hq root …``: the institution's keys, changed by k of n people, each on a PC of their own."""

from pathlib import Path

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened, read_passphrase
from hq.root_changes import ROLES

_DRAFT = click.option(
    "--draft", type=click.Path(path_type=Path), required=True, help="The file that goes from one to the next."
)


@click.group()
def root() -> None:
    """The institution's keys: who speaks for it, in which role. Versions only rise."""


@root.command("show")
@home_options
def root_show(options: HomeOptions) -> None:
    """Show the keys that count now."""
    from sync.roots import newest_root

    with opened(options, "hq") as installation:
        found = newest_root(installation.home)
    named = {
        "root": found.root_keys,
        "officer": found.officer,
        "daily": found.daily,
        "release": found.release,
    }
    keys = {role: [key.hex() for key in listed] for role, listed in named.items()}
    answer(
        {"version": found.version, "threshold": found.threshold, "keys": keys},
        [
            f"Version {found.version}; {found.threshold} of {len(found.root_keys)} root keys sign the next.",
            *(f"{role}: {key}" for role, listed in keys.items() for key in listed),
        ],
        as_json=options.as_json,
    )


@root.command("new-key")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Keep it offline.")
@click.option("--passphrase-file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def root_new_key(out: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make a key for one person, sealed by that person's passphrase; needs no home."""
    from hq.root_changes import new_key

    public = new_key(out, read_passphrase(passphrase_file))
    answer({"key": public.hex(), "file": str(out)}, [f"{out}: key {public.hex()}"], as_json=as_json)


@root.command("add-key")
@home_options
@_DRAFT
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--key", required=True, help="The public key, 64 hex digits.")
@click.option("--instead-of", help="The public key that it replaces.")
@click.option("--threshold", type=click.IntRange(1, 32), help="So many root keys must sign from then on.")
def root_add_key(
    options: HomeOptions, draft: Path, role: str, key: str, instead_of: str | None, threshold: int | None
) -> None:
    """Write a draft of the next version with one key more, or go on with a draft that is there."""
    from hq.root_changes import add_key

    with opened(options, "hq") as installation:
        found = add_key(installation.home, draft, role, key, instead_of=instead_of, threshold=threshold)
    answer(
        {"version": found.version, "threshold": found.threshold, "draft": str(draft)},
        [f"{draft}: draft of version {found.version}. Now each holder of a root key signs it."],
        as_json=options.as_json,
    )


@root.command("sign")
@_DRAFT
@click.option("--key-file", type=click.Path(path_type=Path), required=True, help="One person's root key.")
@click.option("--passphrase-file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def root_sign(draft: Path, key_file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Sign a draft with one root key; needs no home, so that it is done on a PC of one's own."""
    from hq.root_changes import sign

    found = sign(draft, key_file, read_passphrase(passphrase_file))
    count = len(found.signatures)
    answer(
        {"version": found.root.version, "signatures": count},
        [f"{draft}: version {found.root.version} has {count} signature(s)."],
        as_json=as_json,
    )


@root.command("accept")
@home_options
@_DRAFT
def root_accept(options: HomeOptions, draft: Path) -> None:
    """Let the next version count, once enough have signed; return bundles carry it to the branches."""
    from hq.root_changes import accept

    with opened(options, "hq") as installation:
        found = accept(installation.home, draft)
    answer(
        {"version": found.version, "threshold": found.threshold},
        [f"Version {found.version} of the institution's keys counts now."],
        as_json=options.as_json,
    )
