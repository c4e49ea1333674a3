"""``satchel demo``: builds the demonstration once, serves headquarters and one branch, says where to look."""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from console.answers import answer
from console.home import utc_now

if TYPE_CHECKING:
    from satchel.demo_serving import Served
    from satchel.demonstration import Facts

FOLDER: Final = "satchel-demo"


@click.command()
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    help="Folder of the demonstration; used again when it is there.",
)
@click.option("--no-serve", is_flag=True, help="Build it, say what was built, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def demo(home: Path, *, no_serve: bool, as_json: bool) -> None:
    """Build an institution with two branches and a month of work; serve headquarters and one branch.

    Nothing in it is secret: its passphrase is printed. Never keep real books in it.
    """
    # the other commands need not load what follows
    from satchel import demonstration  # noqa: PLC0415 - as said above

    began = time.monotonic()
    facts = demonstration.find_finished(home)
    built = facts is None
    if facts is None:
        facts = demonstration.build(home, utc_now().date(), _tell)
        _tell(f"Built in {time.monotonic() - began:.0f} s.")
    if no_serve:
        answer(_document(home, facts, [], built=built), _lines(home, facts, []), as_json=as_json)
        return
    from satchel.demo_serving import serving, wait_to_be_stopped  # noqa: PLC0415 - nor this

    with serving(home) as served:
        answer(_document(home, facts, served, built=built), _lines(home, facts, served), as_json=as_json)
        sys.stdout.flush()
        wait_to_be_stopped()
    _tell("Stopped.")


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _document(home: Path, facts: "Facts", served: Sequence["Served"], *, built: bool) -> dict[str, object]:
    from satchel.demo_month import PASSWORD  # noqa: PLC0415 - as above

    return {
        "home": str(home),
        "built": built,
        "password": PASSWORD,
        "served": [asdict(one) for one in served],
        **asdict(facts),
    }


def _lines(home: Path, facts: "Facts", served: Sequence["Served"]) -> Iterator[str]:
    from satchel.demo_month import PASSWORD  # noqa: PLC0415 - as above
    from satchel.demonstration import CARRIED, LOST  # noqa: PLC0415 - as above

    equal = facts.debit == facts.credit == facts.branches_debit
    yield f"The demonstration in {home.resolve()}, as built: a month of work up to {facts.built_until}."
    yield f"  {facts.changesets} signed changesets, {facts.bundles} bundles carried both ways."
    yield (
        f"  Consolidated trial balance KES {facts.debit}, the branches together {facts.branches_debit}: "
        f"{'equal' if equal else 'NOT EQUAL'}."
    )
    yield f"  Digests of headquarters and of the branches: {'equal' if facts.digests_equal else 'NOT EQUAL'}."
    passed = "all passed" if facts.verified else "NOT ALL PASSED"
    yield f"  Checks of all three homes: {facts.checks}, {passed}."
    yield (
        f"  A bundle of Gulu was lost on its way ({facts.missing} missing), and the last week of both "
        "branches has not been carried yet."
    )
    yield f"  The lost bundle lies in {(home / CARRIED / LOST).resolve()}: bring it to the inbox."
    if served:
        yield ""
        for one in served:
            yield f"{one.edition + ':':<16}{one.address}   log in as {' or '.join(one.users)}"
        yield f"{'Password:':<16}{PASSWORD}"
        yield "Ctrl+C stops. The next start takes seconds."
