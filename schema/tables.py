"""Every table, imported once, so that metadata, migrations and checks see the whole."""

from schema import (
    accounting,
    accounts,
    approvals,
    cash,
    lending,
    meetings,
    messages,
    people,
    products,
    profiles,
    reference,
    replication,
    saving,
)
from schema.base import Base

metadata = Base.metadata

__all__ = [
    "accounting",
    "accounts",
    "approvals",
    "cash",
    "lending",
    "meetings",
    "messages",
    "metadata",
    "people",
    "products",
    "profiles",
    "reference",
    "replication",
    "saving",
]
