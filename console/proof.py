"""Every check of ``verify``: the chains' own, and the books' invariants; and what they came to, in short."""

from collections.abc import Sequence
from dataclasses import dataclass

from schema.invariants import Check, check_invariants
from schema.reading import fetch
from sync.installation import Installation
from sync.verify import verify_books


@dataclass(frozen=True, slots=True)
class Proof:
    """What a run of ``verify`` came to.

    chains, signatures  how many of each were looked at: every changeset that is stored carries a signature
    """

    checks: Sequence[Check]
    chains: int
    signatures: int

    @property
    def first_failure(self) -> Check | None:
        """The first check that does not hold."""
        return next((check for check in self.checks if not check.ok), None)

    def summary(self) -> str:
        """Say it in one line."""
        looked = f"{len(self.checks)} checks, {self.chains} chains, {self.signatures} signatures"
        failed = self.first_failure
        return (
            f"{looked}: everything holds" if failed is None else f"{looked}: {failed.name}: {failed.detail}"
        )


def prove(installation: Installation) -> list[Check]:
    """Run all checks on one installation."""
    with installation.database.reading() as session:
        books = check_invariants(session)
    return [*verify_books(installation), *books]


def proof_of(installation: Installation) -> Proof:
    """Run all checks, and count what they looked at."""
    with installation.database.reading() as session:
        ((signatures,),) = fetch(session, "SELECT count(*) FROM changeset")
        chains = len(fetch(session, "SELECT DISTINCT device, chain FROM changeset"))
    return Proof(prove(installation), chains, signatures)
