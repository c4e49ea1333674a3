"""Every table, imported once, so that metadata, migrations and checks see the whole."""

from schema import (
    accounting,
    accounts,
    approvals,
    cash,
    desk,
    lending,
    meetings,
    messages,
    payments,
    people,
    products,
    profiles,
    publishing,
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
    "desk",
    "lending",
    "meetings",
    "messages",
    "metadata",
    "payments",
    "people",
    "products",
    "profiles",
    "publishing",
    "reference",
    "replication",
    "saving",
]
