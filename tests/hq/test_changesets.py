"""A changeset as an auditor reads it."""

import pytest
from sqlalchemy import text

from hq.changesets import ChangesetSheet, RowName, changeset_sheet, readable
from ledger.errors import NotFoundError
from ledger.money import Money
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, MARKUP
from tests.support.institution import TestInstitution
from tests.support.postgres import forget_guards

KIT_DEVICE = 2


@pytest.fixture
def filled(hq: Installation, institution: TestInstitution) -> Installation:
    """Headquarters with the first bundles."""
    import_paths(hq, [institution.root / FIRST])
    return hq


def _sheet(hq: Installation, seq: int) -> ChangesetSheet:
    with hq.database.reading() as session:
        return changeset_sheet(session, hq.roster(session), KIT_DEVICE, 0, seq)


def _find(hq: Installation, kind: str) -> ChangesetSheet:
    return next(sheet for seq in range(1, 9) if (sheet := _sheet(hq, seq)).kind == kind)


def test_a_deposit_is_told_in_full(filled: Installation) -> None:
    """Who, when, in which bundle, and each row with amounts as amounts and accounts by their numbers."""
    sheet = _find(filled, "savings.deposit")
    assert (sheet.state, sheet.code, sheet.signature, sheet.actor) == ("accepted", "", "good", "admin")
    assert sheet.office is not None
    assert sheet.office.code == "KIT"
    assert sheet.bundle
    assert sheet.came_at is not None
    cells = {(op.table, cell.column): cell.new for op in sheet.ops for cell in op.cells}
    assert cells["savings_transaction", "amount"] == Money(50_000)
    assert cells["savings_transaction", "note"] == MARKUP
    assert str(cells["savings_transaction", "savings_account_id"]) == "KIT-S-000001"
    assert str(cells["journal_entry", "origin_office_id"]) == "KIT"
    assert {str(cell.new) for op in sheet.ops for cell in op.cells if cell.column == "gl_account_id"} == {
        "1110",
        "2110",
    }


def test_each_one_names_the_one_before(filled: Installation) -> None:
    """The hash before is the hash of the changeset before."""
    assert _sheet(filled, 3).prev == _sheet(filled, 2).hash


@pytest.mark.parametrize("column", ["signature", "body", "hash"])
def test_the_signature_is_checked_when_it_is_shown(filled: Installation, column: str) -> None:
    """Bytes that were altered in the database since they came do not pass for signed."""
    with filled.exclusive() as session:
        connection = session.connection()
        forget_guards(connection, "changeset")
        place = f"device = {KIT_DEVICE} AND chain = 0 AND seq = 2"
        old = connection.exec_driver_sql(f"SELECT {column} FROM changeset WHERE {place}").scalar_one()
        new = old.replace(b"Wanjiku", b"Wanjika") if column == "body" else bytes([old[0] ^ 1]) + old[1:]
        assert new != old
        connection.execute(text(f"UPDATE changeset SET {column} = :new WHERE {place}"), {"new": new})
    assert _sheet(filled, 2).signature == "wrong"


def test_an_unknown_place_is_refused(filled: Installation) -> None:
    """Nothing is made up for a place that holds nothing."""
    with pytest.raises(NotFoundError):
        _sheet(filled, 999)


def test_what_cannot_be_printed_is_spelled_out() -> None:
    """A mark that turns the direction of writing is shown by its number, ordinary text as it is."""
    assert readable("Wanjirũ Ōkoth") == "Wanjirũ Ōkoth"
    assert readable("invoice\u202egnp.exe\n") == "invoice\\u202egnp.exe\\n"


def test_an_id_is_told_by_device_and_count() -> None:
    """Where no number is known, the device that made the row and its count are."""
    assert str(RowName((5 << 40) + 17)) == "5.17"
    assert str(RowName((5 << 40) + 17, "KIT")) == "KIT"
