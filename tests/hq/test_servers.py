"""Headquarters on PostgreSQL shows what headquarters in a file shows."""

from pathlib import Path

from hq.application import create_hq_application
from hq.status import hq_status
from sync.inbox import import_paths
from tests.hq.conftest import words_of
from tests.support.headquarters import FIRST, LATER, make_headquarters
from tests.support.institution import HQ, TestInstitution, passphrase_of

PAGES = (
    "/",
    "/branches",
    "/branches/ELW",
    "/books",
    "/books?branch=KIT&start=2026-01-05&as_of=2026-01-06",
    "/books/2110",
    "/exceptions",
    "/rules",
    "/changesets/2/0/6",
)


def test_pages_work_on_a_server(postgres_url: str, tmp_path: Path) -> None:
    """Import, status, trial balance and the ways down, on a PostgreSQL server of our own."""
    institution: TestInstitution = make_headquarters(tmp_path / "institution", database=postgres_url)
    with institution.open(HQ) as hq:
        assert not hq.database.is_sqlite
        import_paths(hq, [institution.root / FIRST, institution.root / LATER])
        with hq.database.reading() as session:
            branches = {row.branch: row for row in hq_status(hq, session)}
        assert branches["ELW"].gaps == ((7, 7),)
        assert branches["KIT"].last_seq == 8
        client = create_hq_application(hq).test_client()
        client.post("/login", data={"username": "admin", "password": passphrase_of(HQ)})
        for path in PAGES:
            assert client.get(path).status_code == 200, path
        assert "Voluntary savings - 2,500.00 (2,500.00)" in words_of(client.get("/books").text).replace(
            "\N{EN DASH}", "-"
        )
        entry = client.get("/books/2110").text.partition("/entries/")[2].partition('"')[0]
        assert "signature holds" in words_of(
            client.get("/changesets/" + _changeset(client.get(f"/entries/{entry}").text)).text
        )


def _changeset(page: str) -> str:
    return page.partition("/changesets/")[2].partition('"')[0]
