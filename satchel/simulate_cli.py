"""``satchel simulate``: the fault simulation, for any number of seeds."""

import json

import click


@click.command()
@click.option("--seeds", type=click.IntRange(1), default=10, help="How many lives.")
@click.option("--start", type=click.IntRange(0), default=1, help="The first seed.")
@click.option("--steps", type=click.IntRange(1, 10_000), default=None, help="Steps of each life.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Worker processes; as many as there are cores.")
@click.option("--story", is_flag=True, help="Tell what happened in each life that failed.")
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def simulate(
    *, seeds: int, start: int, steps: int | None, jobs: int | None, story: bool, as_json: bool
) -> int:
    """Let institutions live through everything that may happen on the road, and hold their books to it.

    Each seed is one life: branches, couriers, headquarters, lost and damaged sticks, power cuts, wrong
    clocks, copied laptops, stolen keys. The same seed is the same life again. Exit 1 if one fails.
    """
    # the other commands need not load what follows
    from satchel.simulator.life import DEFAULT_STEPS, Outcome  # noqa: PLC0415 - as said above
    from satchel.simulator.runner import simulate as run  # noqa: PLC0415 - as said above

    chosen = steps or DEFAULT_STEPS

    def tell(outcome: Outcome) -> None:
        if outcome.failure:
            again = f"satchel simulate --seeds 1 --start {outcome.seed} --steps {outcome.steps} --story"
            click.echo(f"seed {outcome.seed} failed at step {outcome.step}: {outcome.failure}", err=True)
            if story:
                click.echo("\n".join(outcome.story), err=True)
            click.echo(f"    again: {again}", err=True)

    report = run(range(start, start + seeds), steps=chosen, jobs=jobs, tell=tell)
    if as_json:
        click.echo(json.dumps(report.to_json()))
    else:
        click.echo(
            f"{report.seeds} lives, {len(report.failed)} failed, {len(report.faults)} kinds of fault "
            f"{report.faults.total()} times, {report.seconds:.1f} seconds."
        )
    return 1 if report.failed else 0
