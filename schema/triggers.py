"""What the database refuses whoever asks: changing facts, and entries that do not balance.

The triggers are part of the schema: migrations create them again whenever they rebuild a table.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from schema.base import Merge, recorded_models

FROZEN_CHANGESET_COLUMNS = ("device", "chain", "seq", "hash", "prev", "hlc", "body", "signature")

_SQLITE_NO_UPDATE = """BEFORE UPDATE {of} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

_SQLITE_NO_DELETE = """BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

_SQLITE_ENTRY_BALANCES = """BEFORE INSERT ON journal_entry
BEGIN
  SELECT RAISE(ABORT, 'journal_entry has no lines')
   WHERE NOT EXISTS (SELECT 1 FROM journal_line WHERE journal_entry_id = NEW.id);
  SELECT RAISE(ABORT, 'journal_entry does not balance')
   WHERE EXISTS (SELECT 1 FROM journal_line WHERE journal_entry_id = NEW.id
                 GROUP BY currency HAVING sum(debit) <> sum(credit));
END"""

_SQLITE_LINE_COMES_FIRST = """BEFORE INSERT ON journal_line
WHEN EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.journal_entry_id)
BEGIN SELECT RAISE(ABORT, 'journal_entry is complete: no line can be added'); END"""

_OF_ONE_LOAN = ("loan_transaction", "installment", "loan_charge", "loan_change")
"""Tables of which each row names the loan that it changes; shares come with their transaction."""

_SQLITE_STANDING = """AFTER {event} ON {table}
BEGIN DELETE FROM loan_standing WHERE loan_account_id = {row}.loan_account_id; END"""

_POSTGRESQL_FUNCTIONS = """
CREATE OR REPLACE FUNCTION satchel_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION satchel_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM journal_line WHERE journal_entry_id = NEW.id) THEN
    RAISE EXCEPTION 'journal_entry has no lines' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM journal_line WHERE journal_entry_id = NEW.id
             GROUP BY currency HAVING sum(debit) <> sum(credit)) THEN
    RAISE EXCEPTION 'journal_entry does not balance' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION satchel_line_comes_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.journal_entry_id) THEN
    RAISE EXCEPTION 'journal_entry is complete: no line can be added'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION satchel_loan_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM loan_standing WHERE loan_account_id = OLD.loan_account_id;
    RETURN OLD;
  END IF;
  DELETE FROM loan_standing WHERE loan_account_id = NEW.loan_account_id;
  RETURN NEW;
END $$;
"""

_POSTGRESQL_TRIGGER = """
DROP TRIGGER IF EXISTS {name} ON {table};
CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
"""


def fact_tables() -> list[str]:
    """Tables whose rows are never updated and never deleted."""
    return [name for name, model in recorded_models().items() if model.__merge__ is Merge.FACT]


def create_triggers(connection: Connection) -> None:
    """Create every trigger on the database behind ``connection``, replacing those that are there.

    Tables that a later migration makes have none yet.
    """
    there = set(inspect(connection).get_table_names())
    facts = [table for table in fact_tables() if table in there]
    if connection.dialect.name == "sqlite":
        for statement in _sqlite_statements(facts):
            connection.exec_driver_sql(statement)
    else:
        connection.exec_driver_sql(_postgresql_script(facts).replace("%", "%%"))
    if "loan_standing" in there:
        _create_standing_triggers(connection)


def _create_standing_triggers(connection: Connection) -> None:
    """What is kept of a loan goes as soon as anything of it is written (``schema/standings.py``)."""
    for table in _OF_ONE_LOAN:
        if connection.dialect.name == "sqlite":
            for event in ("INSERT", "UPDATE", "DELETE"):
                name = f"{table}_moves_loan_{event.lower()}"
                row = "OLD" if event == "DELETE" else "NEW"
                body = _SQLITE_STANDING.format(event=event, table=table, row=row)
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
                connection.exec_driver_sql(f"CREATE TRIGGER {name} {body}")
        else:
            connection.exec_driver_sql(
                _POSTGRESQL_TRIGGER.format(
                    name=f"{table}_moves_loan",
                    table=table,
                    when="AFTER INSERT OR UPDATE OR DELETE",
                    function="satchel_loan_moved",
                )
            )


@contextmanager
def facts_may_be_removed(connection: Connection) -> Iterator[None]:
    """Leave the triggers on facts out for as long as the block takes, inside the transaction that is open.

    For the one who folds changesets anew: rows go and come again, all within one transaction.
    """
    is_server = connection.dialect.name != "sqlite"
    if is_server:  # a server drops no trigger of a table that checks are still waiting for
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    for table in fact_tables():
        if is_server:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_refuses_update")
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_refuses_delete")
    yield
    if is_server:
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    create_triggers(connection)


def _sqlite_statements(facts: Collection[str]) -> list[str]:
    bodies: dict[str, str] = {
        "journal_entry_balances": _SQLITE_ENTRY_BALANCES,
        "journal_line_comes_first": _SQLITE_LINE_COMES_FIRST,
    }
    frozen = f"OF {', '.join(FROZEN_CHANGESET_COLUMNS)}"
    for table, of in [*((table, "") for table in facts), ("changeset", frozen)]:
        bodies[f"{table}_refuses_update"] = _SQLITE_NO_UPDATE.format(table=table, of=of)
        bodies[f"{table}_refuses_delete"] = _SQLITE_NO_DELETE.format(table=table)
    statements: list[str] = []
    for name, body in bodies.items():
        statements += [f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {body}"]
    return statements


def _postgresql_script(facts: Collection[str]) -> str:
    frozen = ", ".join(FROZEN_CHANGESET_COLUMNS)
    wanted = [
        (f"{table}_append_only", table, "BEFORE UPDATE OR DELETE", "satchel_append_only") for table in facts
    ]
    wanted += [
        ("changeset_append_only", "changeset", f"BEFORE DELETE OR UPDATE OF {frozen}", "satchel_append_only"),
        ("journal_entry_balances", "journal_entry", "BEFORE INSERT", "satchel_entry_balances"),
        ("journal_line_comes_first", "journal_line", "BEFORE INSERT", "satchel_line_comes_first"),
    ]
    return _POSTGRESQL_FUNCTIONS + "".join(
        _POSTGRESQL_TRIGGER.format(name=name, table=table, when=when, function=function)
        for name, table, when, function in wanted
    )
