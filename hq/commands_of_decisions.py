"""Commands that list what waits for a person at headquarters, decide it, and end devices."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.answers import answer
from console.home import HomeOptions, home_options, opened, operator, read_secret_file
from sync.changeset import DEVICE_MAX

if TYPE_CHECKING:
    from sync.installation import Installation

_SECOND = click.option("--second", help="Log-in name of the second person, who confirms it.")
_SECOND_FILE = click.option(
    "--second-passphrase-file",
    "second_file",
    type=click.Path(path_type=Path),
    help="File with the password of the second person.",
)


@click.command()
@home_options
@click.option("--branch", default="", help="Only what is about this branch.")
def exceptions(options: HomeOptions, branch: str) -> None:
    """List everything that waits for a person, and the words that may be decided about it."""
    from hq.arrivals import arrivals
    from hq.exceptions import document_of
    from hq.waiting import waiting_list

    with opened(options, "hq") as installation, installation.database.reading() as session:
        items = waiting_list(session, branch)
        came = arrivals(session, items, installation.clock())
        found = [document_of(item, came[item.key]) for item in items]
    lines = [
        f"{item['id']} {item['branch'] or '-'} {item['code']}: {item['what']} "
        f"({item['who'] or 'nobody known'}, {item['days']} day(s))\n    {item['next']}"
        for item in found
    ]
    answer({"exceptions": found}, lines or ["Nothing waits for a decision."], as_json=options.as_json)


@click.command()
@home_options
@click.argument("key", metavar="ID")
@click.argument("decision")
@click.option("--reason", required=True, help="Why; it stands in the chain beside the decision.")
@_SECOND
@_SECOND_FILE
def decide(
    options: HomeOptions, key: str, decision: str, reason: str, second: str | None, second_file: Path | None
) -> None:
    """Decide what waits: DECISION is one of the words that 'hq exceptions' lists for ID.

    A receipt number as ID with the word void asks its branch to take that entry back.
    """
    from hq.decision_rows import VOID
    from hq.decisions import decide as decide_case
    from hq.voids import void

    with opened(options, "hq") as installation:
        second_id = _second(installation, second, second_file)
        with installation.unit_of_work("exception.decide", operator(installation)) as session:
            if decision.strip().lower() == VOID:
                family, name = VOID, void(session, key, reason, second_id)
            else:
                item = decide_case(installation, session, key, decision, reason, second_id)
                family, name = item.family, item.key
    answer(
        {"id": name, "family": family, "decision": decision, "reason": reason, "approved_by": second or ""},
        [f"{name}: {decision}."],
        as_json=options.as_json,
    )


@click.command()
@home_options
@click.option("--device", type=click.IntRange(1, DEVICE_MAX), required=True)
@click.option(
    "--at", type=click.IntRange(0), help="Last place that is good (default: the last that is here)."
)
@click.option("--revoked", "word", flag_value="revoke", help="Stolen or misused: it is never believed again.")
@click.option("--suspend", "word", flag_value="suspend", help="Nothing is sent to it until it is resumed.")
@click.option("--resume", "word", flag_value="resume", help="End a suspension.")
@click.option("--reason", default="", help="Why; it stands in the chain.")
@_SECOND
@_SECOND_FILE
def retire(
    options: HomeOptions,
    device: int,
    at: int | None,
    word: str | None,
    reason: str,
    second: str | None,
    second_file: Path | None,
) -> None:
    """End a device: what it wrote up to the bound stays good for ever, what comes after is not believed."""
    from hq.devices import RETIRE, beyond_bound, change_device

    with opened(options, "hq") as installation:
        second_id = _second(installation, second, second_file)
        with installation.unit_of_work("device.end", operator(installation)) as session:
            done = change_device(session, device, word or RETIRE, at=at, reason=reason, second_id=second_id)
        with installation.database.reading() as session:
            beyond = beyond_bound(session, device)
    answer(
        {"device": device, "last_seq": done.last_seq, "state": done.state, "beyond": beyond},
        [f"Device {device} is {done.state}; good up to {done.last_seq}, {beyond} beyond that."],
        as_json=options.as_json,
    )


@click.command()
@home_options
@click.option("--request", "file", type=click.Path(path_type=Path), required=True, help="Of the branch.")
@click.option("--recovery-file", type=click.Path(path_type=Path), required=True, help="The recovery key.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the answer is written.")
@click.option("--code-file", type=click.Path(path_type=Path), required=True, help="Its code is written here.")
@click.option("--reason", default="", help="Why; it stands in the chain.")
@_SECOND
@_SECOND_FILE
def unlock(
    options: HomeOptions,
    file: Path,
    recovery_file: Path,
    out: Path,
    code_file: Path,
    reason: str,
    second: str | None,
    second_file: Path | None,
) -> None:
    """Answer a branch whose passphrase nobody remembers; only that laptop can use the answer."""
    from hq.unlocking import KIND
    from hq.unlocking import unlock as unlock_laptop
    from sync.forgotten import Request, read_file
    from sync.home import write_durably
    from sync.recovery import read_identity
    from sync.reserve import grouped, new_code

    request, identity = Request.from_bytes(read_file(file)), read_identity(recovery_file)
    code = grouped(new_code())
    with opened(options, "hq") as installation:
        second_id = _second(installation, second, second_file)
        own = installation.facts.institution_id
        with installation.unit_of_work(KIND, operator(installation)) as session:
            sealed = unlock_laptop(
                session, own, request, identity=identity, code=code, reason=reason, second_id=second_id
            )
    write_durably(code_file, f"{code}\n".encode())
    write_durably(out, sealed)
    answer(
        {"device": request.device, "answer": str(out), "approved_by": second or ""},
        [
            f"{out}: the answer for device {request.device}; it opens on that laptop only.",
            f"The code is in {code_file}. Tell it by telephone, to somebody whose voice you know.",
        ],
        as_json=options.as_json,
    )


def _second(installation: "Installation", name: str | None, file: Path | None) -> int | None:
    """Check the second person's password; None where nobody is named."""
    from banking.users import authenticate

    if name is None:
        return None
    if file is None:
        raise click.UsageError("--second needs --second-passphrase-file.")
    password = read_secret_file(file)
    with installation.database.writing() as session:
        return authenticate(session, name, password, installation.clock()).id
