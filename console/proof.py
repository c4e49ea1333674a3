"""Every check of ``verify``: the chains' own, and the books' invariants."""

from schema.invariants import Check, check_invariants
from sync.installation import Installation
from sync.verify import verify_books


def prove(installation: Installation) -> list[Check]:
    """Run all checks on one installation."""
    with installation.database.reading() as session:
        books = check_invariants(session)
    return [*verify_books(installation), *books]
