"""What a token may do: words of the API's own, each with its meaning, and what its holder must be allowed."""

from collections.abc import Mapping
from typing import Final

from ledger.errors import N_

CLIENTS: Final = "clients:read"
PRIVATE: Final = "clients:private"
LOANS: Final = "loans:read"
SAVINGS: Final = "savings:read"
MOVEMENTS: Final = "transactions:read"
REPORTS: Final = "reports:read"
CHANGES: Final = "changes:read"
BUNDLES_IN: Final = "bundles:write"
BUNDLES_OUT: Final = "bundles:read"
PAYMENTS: Final = "payments:write"

SCOPES: Final[Mapping[str, str]] = {
    CLIENTS: N_("see clients and groups, without telephone and identity numbers"),
    PRIVATE: N_("see telephone and identity numbers and everything else that is private"),
    LOANS: N_("see loans and their schedules"),
    SAVINGS: N_("see savings accounts"),
    MOVEMENTS: N_("see movements of money and journal entries"),
    REPORTS: N_("ask any report"),
    CHANGES: N_("follow what changes, row by row"),
    BUNDLES_IN: N_("bring in bundles of branches"),
    BUNDLES_OUT: N_("fetch return bundles for branches"),
    PAYMENTS: N_("book money that came in from outside for an account"),
}
"""Every scope and what it opens. A token with any of them sees offices, products and the chart."""

PERMISSIONS: Final[Mapping[str, str]] = {BUNDLES_IN: "bundles.import", BUNDLES_OUT: "bundles.send"}
"""What the role of the person behind a token must allow besides, when it is used; acts ask for their own."""
