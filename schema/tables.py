"""Every table, imported once, so that metadata, migrations and checks see the whole."""

from schema import accounting, accounts, cash, lending, people, products, reference, replication, saving
from schema.base import Base

metadata = Base.metadata

__all__ = [
    "accounting",
    "accounts",
    "cash",
    "lending",
    "metadata",
    "people",
    "products",
    "reference",
    "replication",
    "saving",
]
