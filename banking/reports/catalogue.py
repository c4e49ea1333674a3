"""The catalogue: every report by name, what it counts, its columns, and what may be asked of it."""

from banking.reports.catalogue_of_accounts import ACCOUNT_REPORTS
from banking.reports.catalogue_of_audit import AUDIT_REPORTS
from banking.reports.catalogue_of_books import BOOK_REPORTS
from banking.reports.catalogue_of_loans import LOAN_REPORTS
from banking.reports.catalogue_of_ratios import RATIO_REPORTS
from banking.reports.shape import Definition

REPORTS: dict[str, Definition] = {
    definition.name: definition
    for definition in sorted(
        (*BOOK_REPORTS, *LOAN_REPORTS, *ACCOUNT_REPORTS, *RATIO_REPORTS, *AUDIT_REPORTS),
        key=lambda definition: definition.name,
    )
}
"""Each is called with the session and the fields of a ``Question``, such as ``as_of`` and ``office_id``."""

ROOMS = ("books", "cash", "loans", "savings", "people", "institution", "audit")
"""The order in which lists show the rooms that reports belong to."""
