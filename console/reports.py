"""Reports written out as JSON, CSV or a workbook."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Final

from banking.reports import REPORTS, to_csv, to_json, to_xlsx
from console.home import utc_now
from ledger.errors import N_, NotFoundError, UnsupportedFormatError
from sync.home import write_durably
from sync.installation import Installation

WRITTEN: Final = ("json", "csv", "xlsx")
"""The forms that a report can be written in."""


class UnknownReportError(NotFoundError):
    """Facts: name, known (the names of the catalogue)."""

    message = N_("There is no report “{name}”. Choose one of: {known}.")


def write_report(
    installation: Installation,
    name: str,
    office_id: int | None,
    as_of: date | None,
    form: str,
    out: Path | None,
) -> None:
    """Make report ``name`` as at a date and write it to ``out`` or to standard output.

    raises  UnknownReportError, UnsupportedFormatError
    """
    if name not in REPORTS:
        raise UnknownReportError(name=name, known=", ".join(sorted(REPORTS)))
    if form not in WRITTEN:
        raise UnsupportedFormatError(given=form, known=", ".join(WRITTEN))
    with installation.database.reading() as session:
        report = REPORTS[name](session, as_of=as_of or utc_now().date(), office_id=office_id)
    digits, place = installation.place.digits, installation.place
    if form == "json":
        document = json.dumps(to_json(report, digits), ensure_ascii=False).encode() + b"\n"
    elif form == "csv":
        document = to_csv(report, digits).encode()
    else:
        document = to_xlsx(report, digits, institution=place.institution, currency=place.currency)
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        write_durably(out, document)
