"""The console command ``satchel``: groups ``branch``, ``hq``, ``bundle``, ``calc``, and the demonstration."""

import sys
import traceback

import click
from sqlalchemy.exc import SQLAlchemyError

from branch.cli import branch
from console.answers import (
    REFUSED,
    USAGE,
    Refused,
    document_of,
    fault_refusal,
    refusal,
    show_refusal,
)
from hq.cli import hq
from ledger.errors import RuleError, TrustError
from satchel.bundle_cli import bundle
from satchel.calc import calc
from satchel.demo import demo
from satchel.practice_cli import practice
from satchel.simulate_cli import simulate


@click.group(context_settings={"auto_envvar_prefix": "SATCHEL", "max_content_width": 110})
@click.version_option(package_name="satchel")
def satchel() -> None:
    """The branch ledger that travels: books of a bank whose branches work without a network."""


branch.add_command(practice)
for command in (branch, hq, bundle, calc, demo, simulate):
    satchel.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit status: 0 done, 1 refused with the reason, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    try:
        status = satchel.main(given, prog_name="satchel", standalone_mode=False)
    except Refused as said:
        show_refusal(said.document, as_json=as_json, lines=said.lines)
        return REFUSED
    except (TrustError, RuleError, OSError, SQLAlchemyError) as error:
        show_refusal(document_of(error), as_json=as_json)
        return REFUSED
    except click.UsageError as error:
        if as_json:
            show_refusal(refusal("USAGE", error.format_message()), as_json=True)
        else:
            error.show()
        return USAGE
    except click.Abort:
        click.echo("Stopped. Nothing more was done.", err=True)
        return REFUSED
    except Exception as error:  # noqa: BLE001 - whoever asked for one document gets one, whatever happens
        traceback.print_exc()
        show_refusal(fault_refusal(error), as_json=as_json)
        return REFUSED
    return status if isinstance(status, int) else 0


def run() -> None:
    """Entry point of the installed command."""
    sys.exit(main())
