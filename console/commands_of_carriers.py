"""Commands of both editions about carriers: their settings, sending by a line, fetching from one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.answers import Refused, answer
from console.home import HomeOptions, home_options, opened, read_secret_file
from sync.carriers import SOURCES, VIAS
from sync.installation import Installation

if TYPE_CHECKING:
    from sync.export import WrittenBundle

Send = Callable[[Installation, str, str], "WrittenBundle"]
"""Sends the next bundle of an installation: by which way, to which branch (headquarters only)."""


def carrier_commands(edition: str, send: Send) -> list[click.Command]:
    """Give the commands for one edition, ``branch`` or ``hq``."""
    return [_carrier(edition), _send(edition, send), _fetch(edition)]


def _carrier(edition: str) -> click.Group:
    @click.group()
    def carrier() -> None:
        """What carriers need to know: servers, addresses, passwords, when to go by themselves."""

    @carrier.command("set")
    @home_options
    @click.option(
        "--secret",
        "secrets",
        nargs=2,
        multiple=True,
        type=(str, click.Path(path_type=Path)),
        metavar="NAME FILE",
        help="A password, from a file.",
    )
    @click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
    def set_values(
        options: HomeOptions, secrets: tuple[tuple[str, Path], ...], values: tuple[str, ...]
    ) -> None:
        """Set some of them, all or none; an empty value is the default again."""
        from sync.carriers.settings import change

        asked = dict(_parted(value) for value in values)
        asked |= {name: read_secret_file(file) for name, file in secrets}
        with opened(options, edition) as installation:
            change(installation, asked)
            document, lines = _shown(installation)
        answer(document, lines, as_json=options.as_json)

    @carrier.command("show")
    @home_options
    def show(options: HomeOptions) -> None:
        """Show all of them; of passwords, whether there is one."""
        with opened(options, edition) as installation:
            document, lines = _shown(installation)
        answer(document, lines, as_json=options.as_json)

    @carrier.command("test")
    @home_options
    def try_all(options: HomeOptions) -> None:
        """Try every carrier that has settings, and send nothing."""
        from sync.carriers.trying import try_carriers

        with opened(options, edition) as installation:
            tried = try_carriers(installation)
        document: dict[str, object] = {
            "ok": all(one.ok for one in tried),
            "carriers": [{"name": one.name, "ok": one.ok, "detail": one.detail} for one in tried],
        }
        lines = [f"{'ok    ' if one.ok else 'FAILED'} {one.name}: {one.detail}" for one in tried]
        if not document["ok"]:
            raise Refused(document, lines)
        answer(document, lines or ["No carrier has settings."], as_json=options.as_json)

    return carrier


def _parted(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"“{text[:40]}” is not NAME=VALUE.")
    return name, value


def _shown(installation: Installation) -> tuple[dict[str, object], list[str]]:
    from sync.carriers.settings import Carriers

    shown = list(Carriers.read(installation).shown(is_hq=installation.signer.is_hq))
    lines = [f"{name:<18}{value or '-':<34}{spec.help}" for name, value, spec in shown]
    return {"settings": {name: value for name, value, _spec in shown}}, lines


def _send(edition: str, send: Send) -> click.Command:
    ways = VIAS if edition == "branch" else VIAS[:2]

    @click.command("send")
    @home_options
    @click.option("--via", type=click.Choice(ways), required=True, help="How it goes.")
    @click.option("--branch", "code", required=edition == "hq", default="", hidden=edition == "branch")
    def command(options: HomeOptions, via: str, code: str) -> None:
        """Write the next bundle and send it: by mail, by the line, into a shared folder."""
        with opened(options, edition) as installation:
            written = send(installation, via, code.upper())
        document = {
            "bundle": written.name,
            "via": via,
            "files": len(written.volumes),
            "bytes": written.size_bytes,
        }
        lines = [f"{written.name}: {len(written.volumes)} file(s), {written.size_bytes} bytes, by {via}"]
        answer(document, lines, as_json=options.as_json)

    return command


def _fetch(edition: str) -> click.Command:
    @click.command("fetch")
    @home_options
    @click.option("--via", type=click.Choice(SOURCES), required=True, help="Where from.")
    def command(options: HomeOptions, via: str) -> None:
        """Fetch bundles from a mailbox, the line or a shared folder, and import them."""
        from console.bundles import bundle_row, lines_of
        from sync.carriers.fetching import fetch_bundles
        from sync.receiving import FINE

        with opened(options, edition) as installation:
            results = fetch_bundles(installation, via)
        document: dict[str, object] = {"bundles": [bundle_row(result) for result in results], "via": via}
        lines = lines_of(results)
        if any(result.verdict not in FINE for result in results):
            raise Refused(document, lines)
        answer(document, lines, as_json=options.as_json)

    return command
