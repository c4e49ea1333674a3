"""Money that goes between branches of an institution: one transfer with both sides, one without its other."""

from pathlib import Path

from sqlalchemy import select

from banking import inter_branch
from banking.inter_branch import OfficeTransfer
from ledger.money import Money
from schema.reference import Office
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from tests.support.headquarters import FIRST, admin_of
from tests.support.institution import FIRST_DAY, HQ, TestInstitution


def send_and_import(institution: TestInstitution) -> str:
    """KIT sends 300.00 and 45.00 to ELW, which books the first; all of it is imported at headquarters.

    Gives the key of the one that ELW did not book.
    """
    institution.receive(institution.root / FIRST)
    for code in ("KIT", "ELW"):  # with the answer each of them learns of the other
        institution.confirm(code)
        institution.answer(code)
    with institution.open("KIT") as branch:
        known = _send(branch, "ELW", Money(30_000))
        left = _send(branch, "ELW", Money(4_500))
        write_branch_bundle(branch, _folder(institution, "kit-sent"))
    answered = answer(institution, known, Money(30_000))
    with institution.open(HQ) as headquarters:
        import_paths(headquarters, [institution.root / "kit-sent", answered])
    return left


def answer(institution: TestInstitution, key: str, amount: Money) -> Path:
    """Let ELW book what it received from KIT under a key; gives the folder with its bundle."""
    with institution.open("ELW") as branch:
        wanted = OfficeTransfer(
            other_office_id=_office(branch, "KIT"), amount=amount, gl_code="1130", key=key
        )
        with branch.unit_of_work("inter_branch.receive", admin_of(branch)) as session:
            inter_branch.receive(session, wanted, FIRST_DAY)
        folder = _folder(institution, f"elw-{key}")
        write_branch_bundle(branch, folder)
    return folder


def _send(branch: Installation, to: str, amount: Money) -> str:
    wanted = OfficeTransfer(other_office_id=_office(branch, to), amount=amount, gl_code="1130")
    with branch.unit_of_work("inter_branch.send", admin_of(branch)) as session:
        return inter_branch.send(session, wanted, FIRST_DAY).key


def _office(branch: Installation, code: str) -> int:
    with branch.database.reading() as session:
        return session.scalars(select(Office.id).where(Office.code == code)).one()


def _folder(institution: TestInstitution, name: str) -> Path:
    folder = institution.root / name
    folder.mkdir()
    return folder
