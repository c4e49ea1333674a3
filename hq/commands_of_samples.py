"""The command that draws samples for auditors."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import click

from console.answers import answer
from console.dates import DATE
from console.home import HomeOptions, home_options, opened, utc_now
from ledger.money import Money, format_major

if TYPE_CHECKING:
    from banking.samples import Sample


@click.command("sample")
@home_options
@click.option("--method", type=click.Choice(["random", "mus", "stratified"]), help="How rows are chosen.")
@click.option(
    "--from", "source", type=click.Choice(["entries", "loans", "savings", "receipts"]), help="Chosen from."
)
@click.option("--size", type=int, help="How many rows, or units of money.")
@click.option("--seed", default="", help="Any words; without them some are made up and printed.")
@click.option("--as-of", type=DATE, help="The last day of booking that counts; default: today.")
@click.option("--branch", "code", help="Only of this office (its short code).")
@click.option("--by", type=click.Choice(["office", "product", "amount"]), default="office", help="Strata.")
@click.option("--equal", is_flag=True, help="The same number from each stratum.")
@click.option("--again", type=int, metavar="NUMBER", help="Draw a kept sample again.")
def sample(
    options: HomeOptions,
    method: str | None,
    source: str | None,
    size: int | None,
    seed: str,
    as_of: date | None,
    code: str | None,
    by: str,
    again: int | None,
    *,
    equal: bool,
) -> None:
    """Draw a sample that can be drawn again, or draw a kept one again."""
    from banking.samples import Wanted, draw, draw_again
    from console.commands import office_id
    from console.home import operator
    from hq.samples import made_up_seed

    with opened(options, "hq") as installation:
        if again is not None:
            with installation.database.reading() as session:
                found = draw_again(session, again)
        else:
            if method is None or source is None or size is None:
                raise click.UsageError("Say --method, --from and --size, or --again and a number.")
            wanted = Wanted(
                method=method,
                source=source,
                size=size,
                seed=seed or made_up_seed(),
                as_of=as_of or utc_now().date(),
                office_id=office_id(installation, code),
                by=by,
                equal=equal,
            )
            with installation.database.writing() as session:
                found = draw(session, wanted, installation.clock(), operator(installation))
        digits = installation.place.digits
    document = document_of(found, digits)
    lines = [f"Sample {found.row.id}, seed {found.row.seed}: {found.row.size} of {found.row.population}."]
    lines += [
        f"  {one.number:<22} {one.office:<6} {one.client:<16} {format_major(Money(one.amount), digits)}"
        for one in found.drawn
    ]
    answer(document, lines, as_json=options.as_json)


def document_of(found: "Sample", digits: int) -> dict[str, object]:
    """Give a sample as JSON has it; amounts as decimals in major units."""
    return {
        "number": found.row.id,
        "method": found.row.method,
        "from": found.wanted.source,
        "seed": found.row.seed,
        "as_of": found.wanted.as_of.isoformat(),
        "population": found.row.population,
        "size": found.row.size,
        "digest": found.row.digest.hex(),
        "rows": [
            {**asdict(one), "id": str(one.id), "amount": format_major(Money(one.amount), digits)}
            for one in found.drawn
        ],
    }
