"""Commands that both editions have: trial balance, digest, verify, export of the ledger."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import click

from console.answers import Refused, answer
from console.dates import DATE
from console.home import HomeOptions, home_options, opened
from sync.installation import Installation


def shared_commands(edition: str) -> list[click.Command]:
    """Give the commands for one edition, ``branch`` or ``hq``."""
    makers: tuple[Callable[[str], click.Command], ...] = (
        _import,
        _trial_balance,
        _digest,
        _verify,
        _export_ledger,
        _act,
        _backup,
    )
    return [make(edition) for make in makers]


def _import(edition: str) -> click.Command:
    @click.command("import")
    @home_options
    @click.option("--dry-run", is_flag=True, help="Show what would happen and change nothing.")
    @click.option(
        "--workers",
        type=click.IntRange(1, 64),
        help="How many processes; else all cores, or for a file all but one, to open bundles ahead.",
    )
    @click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
    def command(options: HomeOptions, dry_run: bool, workers: int | None, paths: tuple[Path, ...]) -> None:
        """Import the bundles that lie in files and folders."""
        from console.bundles import bundle_row, lines_of
        from console.import_progress import progress
        from sync.inbox import import_paths, usual_workers
        from sync.receiving import FINE

        with opened(options, edition) as installation:
            results = import_paths(
                installation,
                paths,
                dry_run=dry_run,
                watch=progress(),
                workers=workers or usual_workers(installation),
            )
        document = {"bundles": [bundle_row(result) for result in results], "dry_run": dry_run}
        lines = lines_of(results)
        if any(result.verdict not in FINE for result in results):
            raise Refused(document, lines)
        answer(document, lines, as_json=options.as_json)

    return command


def branch_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--branch``, which comes as ``code``."""
    return click.option("--branch", "code", help="Only this branch (its short code).")(command)


def office_id(installation: Installation, code: str | None) -> int | None:
    """Give the office that was asked for; at a branch, its own."""
    from sqlalchemy import select

    from ledger.errors import NotFoundError
    from schema.reference import Office

    if code is None:
        return None if installation.signer.is_hq else installation.place.office_id
    with installation.database.reading() as session:
        found = session.execute(select(Office.id).where(Office.code == code.upper())).scalar_one_or_none()
    if found is None:
        raise NotFoundError(kind="branch", key=code)
    return found


def _trial_balance(edition: str) -> click.Command:
    @click.command("trial-balance")
    @home_options
    @branch_option
    @click.option("--as-of", type=DATE, help="With all entries booked up to this date.")
    @click.option("--from", "start", type=DATE, help="Movements from this date on; before it is opening.")
    def command(options: HomeOptions, code: str | None, as_of: date | None, start: date | None) -> None:
        """Show opening, debit, credit and closing of each GL account."""
        from banking.reports import REPORTS, to_json

        with opened(options, edition) as installation, installation.database.reading() as session:
            office = office_id(installation, code)
            asked = {"office_id": office, "as_of": as_of or date.max, "start": start}
            document = to_json(REPORTS["trial-balance"](session, **asked), installation.place.digits)
        answer(document, _lines_of_balance(document), as_json=options.as_json)

    return command


def _lines_of_balance(document: Mapping[str, object]) -> list[str]:
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    lines = [f"{'code':<8}{'account':<32}{'opening':>16}{'debit':>16}{'credit':>16}{'closing':>16}"]
    lines += [
        f"{a['code']:<8}{a['name'][:31]:<32}{a['opening']:>16}{a['debit']:>16}{a['credit']:>16}{a['closing']:>16}"
        for a in accounts
    ]
    return [*lines, f"{'':<56}{document['debit']:>16}{document['credit']:>16}"]


def _digest(edition: str) -> click.Command:
    @click.command("digest")
    @home_options
    @branch_option
    def command(options: HomeOptions, code: str | None) -> None:
        """Show the digest of the books at its cut."""
        from sync.digest import digest_of

        with opened(options, edition) as installation, installation.database.reading() as session:
            roster = installation.roster(session)
            found = digest_of(session, roster, office_id=office_id(installation, code))
        document: dict[str, object] = {
            "digest": found.sha256.hex(),
            "certified": found.certified,
            "cut": {
                f"{device}/{chain}": {"seq": place.seq, "hash": place.hash.hex()}
                for (device, chain), place in found.cut.items()
            },
            "tables": {
                table: {"rows": one.rows, "digest": one.sha256.hex()} for table, one in found.tables.items()
            },
            "schema": found.schema,
            "rules": found.rules,
        }
        certified = "certified" if found.certified else "not certified"
        lines = [f"{found.sha256.hex()} ({certified})"]
        lines += [
            f"  device {device}, chain {chain}: up to entry {place.seq} {place.hash.hex()[:8]}"
            for (device, chain), place in found.cut.items()
        ]
        lines.append(f"  schema {found.schema}, rules {found.rules}; compare digests of the same cut only")
        answer(document, lines, as_json=options.as_json)

    return command


def _verify(edition: str) -> click.Command:
    @click.command("verify")
    @home_options
    def command(options: HomeOptions) -> None:
        """Prove the books: chains, signatures, tables against chains, balances, control totals."""
        from console.proof import proof_of

        with opened(options, edition) as installation:
            proof = proof_of(installation)
        checks = proof.checks
        failed = [check for check in checks if not check.ok]
        document: dict[str, object] = {
            "ok": not failed,
            "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks],
        }
        lines = [proof.summary()]
        lines += [f"{'ok    ' if c.ok else 'FAILED'} {c.name}: {c.detail}" for c in checks]
        if failed:
            first = f"First failure: {failed[0].name}: {failed[0].detail}"
            raise Refused(document, [*lines, first])
        answer(document, lines, as_json=options.as_json)

    return command


def _export_ledger(edition: str) -> click.Command:
    @click.command("export-ledger")
    @home_options
    @branch_option
    @click.option("--format", "form", type=click.Choice(["beancount", "hledger", "csv", "parquet", "duckdb"]))
    @click.option("--out", type=click.Path(path_type=Path), required=True)
    @click.option("--private", is_flag=True, help="parquet, duckdb: with names, telephones and notes.")
    def command(options: HomeOptions, code: str | None, form: str | None, out: Path, private: bool) -> None:
        """Write the journal for other tools."""
        from console.ledger_files import export_ledger

        with opened(options, edition) as installation:
            office = office_id(installation, code)
            entries, lines = export_ledger(installation, office, form or "beancount", out, private=private)
        answer(
            {"entries": entries, "lines": lines, "file": str(out)},
            [f"{out}: {entries} entries, {lines} lines"],
            as_json=options.as_json,
        )

    return command


def _act(edition: str) -> click.Command:
    def show_list(context: click.Context, _parameter: click.Parameter, wanted: object) -> None:
        from console.acts import lines_of_list

        if wanted and not context.resilient_parsing:
            click.echo("\n".join(lines_of_list(edition)))
            context.exit()

    @click.command("act")
    @home_options
    @click.option(
        "--list",
        "listed",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show_list,
        help="Show all acts with their fields.",
    )
    @click.option("--file", type=click.Path(path_type=Path), help="Acts from JSON lines or TOML.")
    @click.option("--dry-run", is_flag=True, help="Do everything and keep nothing.")
    @click.option("--as", "user", help="Who acts; default: the first administrator.")
    @click.option("--as-password-file", type=click.Path(path_type=Path), help="Or set SATCHEL_AS_PASSWORD.")
    @click.option("--second", help="Who confirms it as the second person.")
    @click.option(
        "--second-password-file", type=click.Path(path_type=Path), help="Or set SATCHEL_SECOND_PASSWORD."
    )
    @click.argument("name", required=False)
    @click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
    def command(
        options: HomeOptions,
        file: Path | None,
        dry_run: bool,
        user: str | None,
        as_password_file: Path | None,
        second: str | None,
        second_password_file: Path | None,
        name: str | None,
        fields: tuple[str, ...],
    ) -> None:
        """Do one act by name, or all acts of a file: all of them or none."""
        from console import acts

        asked = acts.asked_for(name, fields, file)
        with opened(options, edition) as installation:
            acting = acts.actor(installation, user, as_password_file)
            other = None
            if second is not None:
                other = acts.logged_in(installation, second, second_password_file, acts.SECOND_VARIABLE)
            document, lines = acts.do(installation, asked, acting, other, dry_run=dry_run)
        answer(document, lines, as_json=options.as_json)

    return command


def _backup(edition: str) -> click.Command:
    @click.command("backup")
    @home_options
    @click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True)
    def command(options: HomeOptions, folder: Path) -> None:
        """Write one encrypted file of everything but the signing keys, and prove that it reads back."""
        from sync.backup import write_backup

        with opened(options, edition) as installation:
            written = write_backup(installation, folder)
        answer(
            {
                "file": str(written.file),
                "last_seq": written.last_seq,
                "digest": written.digest.hex(),
                "bytes": written.size_bytes,
            },
            [f"{written.file}: up to entry {written.last_seq}, read back and compared."],
            as_json=options.as_json,
        )

    return command
