"""The journal written for other tools."""

from pathlib import Path

from banking.analyst_files import ANALYST_FORMATS, write_for_analysts
from banking.ledger_export import LEDGER_FORMATS, write_ledger
from banking.users import log_look
from ledger.errors import TrustError, UnsupportedFormatError
from sync.installation import Installation


def export_ledger(
    installation: Installation, office_id: int | None, form: str, out: Path, *, private: bool = False
) -> tuple[int, int]:
    """Write all entries (of one office, or of all) to ``out``; gives the numbers of entries and lines.

    private  for analysts' files: with what is about persons; the log says that somebody took it
    raises   UnsupportedFormatError, NoAnalystPackageError; TrustError IO_ERROR
    """
    if form not in {*LEDGER_FORMATS, *ANALYST_FORMATS}:
        raise UnsupportedFormatError(given=form, known=", ".join((*LEDGER_FORMATS, *ANALYST_FORMATS)))
    temporary = out.with_name(out.name + ".new")
    try:
        if form in ANALYST_FORMATS:
            with installation.database.reading() as session:
                done = write_for_analysts(session, form, out, office_id=office_id, private=private)
            if private:
                with installation.database.writing() as session:
                    log_look(session, installation.clock(), None, "export.private", out.name)
            return done.entries, done.lines
        with installation.database.reading() as session, temporary.open("w", encoding="utf-8") as file:
            counted = write_ledger(session, form, file, office_id=office_id)
        temporary.replace(out)
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise TrustError(
            "IO_ERROR",
            f"The file could not be written ({fault.strerror or fault}). The books are unchanged.",
            where=str(out),
            next_step="Check that the folder exists and has room.",
        ) from fault
    return counted
