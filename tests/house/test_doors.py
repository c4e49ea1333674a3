"""Who may touch what (database, clock, pages, money), beside the stairs that import-linter keeps."""

import ast
import re
import sys
from collections.abc import Iterator

import pytest

from tests.house.exceptions import CLOCKS, FLOATS, UNRECORDED_WRITES
from tests.house.tree import ROOMS, Source, dotted, imported, sources, sources_of

PAGES = ("branch/pages/", "hq/pages/")
# put the pages of an edition together into one application
OF_ALL_PAGES = ("branch/application.py", "hq/application.py")
WEB_PACKAGES = {"flask", "flask_wtf", "flask_babel", "wtforms", "werkzeug", "jinja2", "waitress"}
DATABASE_DRIVERS = {"sqlite3", "sqlcipher3", "psycopg"}
ENGINES = {"create_engine", "engine_from_config", "create_pool_from_url"}
WRITES = {"insert", "update", "delete"}
BULK_METHODS = {"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"}
SQL_TEXT = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.DOTALL)
MAY_KNOW_THE_HOUR = re.compile(
    r"(branch|hq)/(pages/|cli|commands|scheduler|serve)|(console|satchel|installer|benchmarks|tests)/"
)


def _tops(source: Source) -> Iterator[tuple[str, ast.stmt]]:
    return ((name.partition(".")[0], node) for name, node in imported(source))


@pytest.mark.parametrize("room", ["ledger", "installer"])
def test_room_needs_the_standard_library_only(room: str) -> None:
    """The rules can be read and run without anything installed; so can set-up."""
    foreign = [
        f"{source.at(node)} {top}"
        for source in sources_of(room)
        for top, node in _tops(source)
        if top not in sys.stdlib_module_names | {room}
    ]
    assert foreign == []


def test_flask_is_known_in_web_and_pages_only() -> None:
    """Services and commands work without a request."""
    found = [
        f"{source.at(node)} {top}"
        for source in sources_of(*ROOMS)
        for top, node in _tops(source)
        if top in WEB_PACKAGES and not source.is_below("web/", *PAGES, *OF_ALL_PAGES)
    ]
    assert found == []


def test_database_drivers_are_known_in_schema_only() -> None:
    """Plain, encrypted and PostgreSQL databases are told apart behind one door."""
    found = [
        f"{source.at(node)} {top}"
        for source in sources_of(*ROOMS)
        for top, node in _tops(source)
        if top in DATABASE_DRIVERS and source.room != "schema"
    ]
    assert found == []


def test_only_one_door_makes_engines() -> None:
    """Locks, keys and durability are set in schema/database.py, so nobody else opens a database."""
    found = [
        source.at(node)
        for source in sources_of(*ROOMS, "benchmarks")
        for node in source.nodes()
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node).rpartition(".")[2] in ENGINES
        if source.path != "schema/database.py"
    ]
    assert found == []


def unrecorded_writes(source: Source) -> list[str]:
    """Where a file writes rows that no recorder sees: Core's insert, update, delete, and bulk methods."""
    found = [
        source.at(node)
        for name, node in imported(source)
        if name.startswith("sqlalchemy") and name.rpartition(".")[2] in WRITES
    ]
    for node in source.nodes():
        if isinstance(node, ast.Attribute):
            of_module = dotted(node.value) in {"sa", "sqlalchemy"} and node.attr in WRITES
            of_table = dotted(node.value).endswith("__table__") and node.attr in WRITES
            if of_module or of_table or node.attr in BULK_METHODS:
                found.append(source.at(node))
    return found


def test_nothing_is_written_around_the_recorder() -> None:
    """What the recorder does not see is in no changeset, and lost to headquarters."""
    found = {
        source.path: places
        for source in sources_of("banking", "branch", "hq", "web")
        if (places := unrecorded_writes(source))
    }
    assert {path: places for path, places in found.items() if path not in UNRECORDED_WRITES} == {}
    assert set(UNRECORDED_WRITES) - set(found) == set()


@pytest.mark.parametrize(
    "text",
    [
        "from sqlalchemy import insert",
        "from sqlalchemy.dialects.sqlite import insert",
        "import sqlalchemy as sa\nsession.execute(sa.update(Client))",
        "session.execute(Client.__table__.delete())",
        "session.bulk_save_objects(rows)",
    ],
)
def test_ways_around_the_recorder_are_seen(text: str) -> None:
    """The check itself works, on each way there is."""
    assert unrecorded_writes(Source("banking/x.py", text))


def test_pages_hold_no_sql() -> None:
    """A page asks a service or a report; it knows sessions, but neither statements nor tables' columns."""
    found = []
    for source in sources():
        if source.is_below(*PAGES, "web/"):
            found += [
                f"{source.at(node)} {name}"
                for name, node in imported(source)
                if name.startswith("sqlalchemy")
                and name.rpartition(".")[2] not in {"Session", "sessionmaker"}
            ]
            found += [
                source.at(node)
                for node in source.nodes()
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and SQL_TEXT.search(node.value)
            ]
    assert found == []


def test_pages_do_not_calculate() -> None:
    """Sums and products of money are services' and rules' work, where they are tested."""
    found = [
        source.at(node)
        for source in sources()
        if source.is_below(*PAGES)
        for node in source.nodes()
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.FloorDiv | ast.Pow))
        or (isinstance(node, ast.Call) and dotted(node.func) in {"sum", "round", "divmod"})
    ]
    assert found == []


def readings_of_the_clock(source: Source) -> list[str]:
    """Where a file asks what time it is, in Python or of the database."""
    found = [source.at(node) for name, node in imported(source) if name in {"time.time", "time.time_ns"}]
    for node in source.nodes():
        if isinstance(node, ast.Attribute):
            before = dotted(node.value).rpartition(".")[2]
            of_python = node.attr in {"now", "utcnow", "today"} and before in {"datetime", "date", "dt"}
            of_system = node.attr in {"time", "time_ns", "localtime", "gmtime"} and before == "time"
            of_database = node.attr in {"now", "current_timestamp", "current_date"} and before == "func"
            if of_python or of_system or of_database:
                found.append(source.at(node))
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and "CURRENT_TIMESTAMP" in node.value
        ):
            found.append(source.at(node))
    return found


def test_below_the_pages_nothing_reads_the_clock() -> None:
    """Instants and dates come in as arguments, so that yesterday can be tested and replayed."""
    found = {
        source.path: places
        for source in sources()
        if not MAY_KNOW_THE_HOUR.match(source.path)
        if (places := readings_of_the_clock(source))
    }
    assert {path: places for path, places in found.items() if path not in CLOCKS} == {}
    assert set(CLOCKS) - set(found) == set()


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "date.today()",
        "time.time()",
        "from time import time",
        "func.now()",
        "f(clock=time.time)",
    ],
)
def test_ways_to_read_the_clock_are_seen(text: str) -> None:
    """The check itself works, on each way there is."""
    assert readings_of_the_clock(Source("banking/x.py", text))


def floats(source: Source) -> list[str]:
    """Where a file writes a float, or makes or names the type."""
    return [
        source.at(node)
        for node in source.nodes()
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]


def test_money_is_never_a_float() -> None:
    """In the rooms where money is reckoned or written down, floats do not occur at all."""
    found = {
        source.path: places
        for source in sources_of("ledger", "banking", "sync")
        if (places := floats(source))
    }
    assert {path: places for path, places in found.items() if path not in FLOATS} == {}
    assert set(FLOATS) - set(found) == set()


def test_a_float_is_seen() -> None:
    """The check itself works."""
    assert len(floats(Source("ledger/x.py", "a = 0.1\nb = float('1')\nc: float\nd = 1"))) == 3
