"""Run migrations on the connection that ``Database.migrate`` hands over."""

from alembic import context

from migrations.rendering import render_item
from schema.tables import metadata


def run() -> None:
    """Bring the database behind the given connection to the newest revision."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
