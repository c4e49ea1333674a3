"""``satchel hq publications``: what was published, and which branch has it."""

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened


@click.command()
@home_options
def publications(options: HomeOptions) -> None:
    """List what was published, newest first, and how far each branch has it."""
    from hq.publishing import published, who_has

    with opened(options, "hq") as installation, installation.database.reading() as session:
        listed = published(session)
        branches = who_has(session, listed)
    document = {
        "publications": [
            {
                "number": one.row.number,
                "act": one.row.act,
                "subject": one.row.subject,
                "on": one.row.on.isoformat(),
                "made_by": one.row.made_by,
                "approved_by": one.row.approved_by,
                "seq": one.seq,
            }
            for one in listed
        ],
        "branches": [
            {
                "branch": one.office.code,
                "device": one.device,
                "has": one.number,
                "behind": one.behind,
                "on_the_way": list(one.on_the_way),
                "not_written": one.not_written,
            }
            for one in branches
        ],
    }
    lines = [
        f"{one.row.number} {one.row.on.isoformat()} {one.row.subject}: {one.row.act}, "
        f"by {one.row.made_by}, reviewed by {one.row.approved_by or 'nobody'}"
        for one in listed
    ] or ["Nothing was published yet."]
    lines += [
        f"{one.office.code}: has {one.number or 'none'}, {one.behind} newer"
        + (f", on the way in {', '.join(one.on_the_way)}" if one.on_the_way else "")
        + (f", {one.not_written} in no return bundle yet" if one.not_written else "")
        for one in branches
    ]
    answer(document, lines, as_json=options.as_json)
