"""Everything that can be done by name: the acts of all rooms, and how they are run.

A room adds its module to the imports and its ``ACTS`` to the list.
"""

from collections.abc import Mapping
from typing import Final

from banking.acts import closing, loans, products, savings, savings_beside
from banking.acts.registry import Act, registered

ACTS: Final[Mapping[str, Act]] = registered(
    closing.ACTS,
    loans.ACTS,
    products.ACTS,
    savings.ACTS,
    savings_beside.ACTS,
)
"""All acts by name."""
