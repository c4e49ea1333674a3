"""``satchel hq audit-pack``: the books as one file that an auditor proves without us."""

from datetime import date
from pathlib import Path

import click

from console.answers import answer
from console.dates import DATE
from console.home import HomeOptions, home_options, opened, operator


@click.command("audit-pack")
@home_options
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for it.")
@click.option(
    "--branch", "code", default="", help="Only this branch (its short code), with its whole chains."
)
@click.option("--from", "start", type=DATE, help="The tables to read begin on this day.")
@click.option("--to", "end", type=DATE, help="The tables to read end on this day.")
@click.option("--recipient", default="", help="Encrypt it for this reader (age1…).")
def audit_pack(
    options: HomeOptions, out: Path, code: str, start: date | None, end: date | None, recipient: str
) -> None:
    """Write the audit pack: one file with chains, keys, claims, tables, and the program that proves them."""
    from hq.audit_pack import Asked, write_audit_pack

    with opened(options, "hq") as installation:
        asked = Asked(code, start, end, recipient)
        written = write_audit_pack(installation, out, asked, operator(installation))
    answer(
        {
            "files": [str(written.file), str(written.verifier)],
            "content": list(written.names),
            "sha256": written.sha256.hex(),
            "size_bytes": written.size_bytes,
        },
        [
            f"{written.file}: {len(written.names)} files, {written.size_bytes} bytes.",
            "It holds personal data of clients: carry it as you carry the books."
            if not recipient
            else "Only its reader can open it: age --decrypt, then satchel-verify.py.",
            f"Prove it anywhere: python3 {written.verifier} {written.file}",
        ],
        as_json=options.as_json,
    )
