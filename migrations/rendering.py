"""How our column types are written in a migration: as the plain types that the database sees."""

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from schema.base import RowId


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's signature
    """Render a column type of ours; False leaves everything else to Alembic."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    if isinstance(item, RowId):
        context.imports.add("from schema.base import RowId")
        return "RowId()"
    return f"sa.{item.impl_instance!r}"
