"""Every table, imported once, so that metadata, migrations and checks see the whole."""

from schema import accounting, accounts, people, reference, replication
from schema.base import Base

metadata = Base.metadata

__all__ = ["accounting", "accounts", "metadata", "people", "reference", "replication"]
