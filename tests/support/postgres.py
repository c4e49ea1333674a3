"""A private PostgreSQL for tests: made in a temporary folder, reached by a Unix socket, gone afterwards."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import Connection

SUPERUSER = "postgres"
START_SECONDS = 60
STOP_SECONDS = 30
# A power cut cannot happen to a test, so nothing waits for the disk.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL server of our own; it listens on a Unix socket and nowhere else."""

    socket_folder: Path

    def url(self, database: str) -> str:
        """SQLAlchemy's URL of ``database`` on this server."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.socket_folder}"

    def new_database(self, like: str | None = None) -> str:
        """Make a database under a name never used before; returns its URL.

        like  URL of the one that it is a copy of, to which nobody is connected; None: it is empty
        """
        name = f"satchel_{uuid.uuid4().hex}"
        create, template = sql.SQL("CREATE DATABASE {} TEMPLATE {}"), _name_in(like) if like else "template1"
        self._administer(create.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove what ``new_database`` made; connections that are still open are cut."""
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_name_in(url))))

    def answers(self) -> bool:
        """Whether the server takes connections yet."""
        try:
            self._administer(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            return False
        return True

    def _administer(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(
            host=str(self.socket_folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


def cluster_of(url: str) -> Cluster:
    """Give the server that a URL of ``Cluster.url`` leads to."""
    return Cluster(Path(url.partition("?host=")[2]))


def forget_guards(connection: Connection, table: str) -> None:
    """Take away what refuses changes of a table that is only added to, as whoever has the database can."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER {table}_refuses_update")
    else:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def _name_in(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def find_server_programs() -> Path:
    """The folder with ``initdb`` and ``postgres``; Debian keeps it off the path, one per version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    message = (
        "PostgreSQL is not installed, and the tests need it: there is no initdb in /usr/lib/postgresql or on "
        "the path. Install it (on Debian: apt-get install postgresql) and start the tests again."
    )
    raise FileNotFoundError(message)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a server of our own; stop it and remove its folder at the end, whatever happened."""
    programs = find_server_programs()
    folder = Path(tempfile.mkdtemp(prefix="satchel-pg-", dir=_short_temporary_folder()))
    try:
        if _is_root():
            shutil.chown(folder, SUPERUSER, SUPERUSER)
        _make_empty_cluster(programs, folder)
        with (folder.parent / f"{folder.name}.log").open("w+b") as log:
            Path(log.name).unlink()  # lives as long as it is open
            with _server(programs, folder, log.fileno()) as server:
                cluster = Cluster(folder)
                deadline = time.monotonic() + START_SECONDS
                while not cluster.answers():
                    if server.poll() is not None or time.monotonic() > deadline:
                        log.seek(0)
                        message = f"PostgreSQL did not start:\n{log.read().decode(errors='replace')}"
                        raise RuntimeError(message)
                    time.sleep(0.05)
                yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_empty_cluster(programs: Path, folder: Path) -> None:
    command = [str(programs / "initdb"), "--pgdata", str(folder / "data"), "--username", SUPERUSER]
    command += ["--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"]
    # A server of an office speaks its language: texts stand in another order than in a file, unless told so.
    command += ["--locale-provider", "icu", "--icu-locale", "en-GB"]
    done = subprocess.run(
        _as_server_user() + command, cwd=folder, check=False, capture_output=True, text=True
    )
    if done.returncode:
        message = f"initdb failed with status {done.returncode}:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)


@contextmanager
def _server(programs: Path, folder: Path, log: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, setting in SETTINGS.items():
        command += ["-c", f"{name}={setting}"]
    server = subprocess.Popen(
        _as_server_user() + command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    try:
        yield server
    finally:
        server.send_signal(signal.SIGINT)  # "fast": does not wait for connections that tests forgot
        try:
            server.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _as_server_user() -> list[str]:
    """Words before a command: PostgreSQL refuses to run as root, and must not outlive a killed test run."""
    setpriv = shutil.which("setpriv")
    if not setpriv:
        return []
    user = ["--reuid", SUPERUSER, "--regid", SUPERUSER, "--clear-groups"] if _is_root() else []
    return [setpriv, *user, "--pdeathsig", "INT", "--"]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _short_temporary_folder() -> str:
    """Where a socket's path stays below 107 bytes; the temporary folders of test runs are longer."""
    return "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()
