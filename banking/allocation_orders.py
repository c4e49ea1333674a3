"""The free order of twelve as it stands on a product, in words: ``DUE penalty, DUE fee, …``."""

from ledger.errors import UnsupportedTermError
from ledger.terms import AllocationOrder, DueKind, FutureRule


def read_order(steps: str, future: str = "") -> AllocationOrder:
    """Read the columns ``allocation_order`` and ``future_rules`` of a product.

    steps    twelve times a kind of due and a component, separated by commas
    future   for each kind of entry, or ``DEFAULT``, which rows to come its early money goes to
    raises   UnsupportedTermError for a word that is not known; BadTermError when a step is missing or doubled
    """
    try:
        read = tuple((DueKind(kind), part) for kind, part in map(str.split, steps.split(",")))
        rules = tuple(
            (kind, FutureRule(rule)) for kind, rule in map(str.split, future.split(",") if future else ())
        )
    except ValueError:
        raise UnsupportedTermError(term=f"allocation_order={steps[:40]} {future[:40]}") from None
    return AllocationOrder(read, future=rules) if rules else AllocationOrder(read)
