"""``satchel branch practice``: a branch to practise with, until it is stopped."""

import json
import sys

import click

from console.home import utc_now


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
@click.option("--with-input", is_flag=True, help="Stop when standard input ends.")
def practice(*, as_json: bool, with_input: bool) -> None:
    """Serve a branch of made-up people to practise with; everything is deleted when it stops."""
    # the other commands need not load what follows
    from satchel.demo_serving import wait_to_be_stopped  # noqa: PLC0415 - as said above
    from satchel.practice import practising  # noqa: PLC0415 - as said above

    with practising(utc_now().date()) as ready:
        if as_json:
            click.echo(
                json.dumps({"address": ready.address, "users": ready.users, "password": ready.password})
            )
        else:
            click.echo(f"Practice at {ready.address}")
            click.echo(f"Log in as {' or '.join(ready.users)}, password {ready.password}. Ctrl+C stops.")
        sys.stdout.flush()
        if with_input:
            sys.stdin.read()
        else:
            wait_to_be_stopped()
