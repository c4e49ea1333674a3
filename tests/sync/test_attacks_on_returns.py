"""Attacks on a branch by a copy of its own laptop, which says what only headquarters may say."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from schema.reference import Holiday
from schema.replication import Watermark
from schema.writing import insert
from sync import chain as chains
from sync.carriers.slip import Slip
from sync.carriers.writing import Way
from sync.chain import DURABLE, HEAD, MERGED
from sync.export import _manifest, _write
from sync.inbox import import_paths
from sync.manifest import Ack
from sync.segment import seal_segment
from tests.support.institution import CLERK, FIRST_DAY, HQ, TestInstitution, register_savers


def test_a_copy_of_the_laptop_is_no_headquarters(tmp_path: Path) -> None:
    """Its number is far ahead, and it confirms everything as safe: no stage moves, and answers go on."""
    bank = TestInstitution.create(tmp_path / "bank")
    bank.receive(bank.send("KIT")[0])
    bank.confirm("KIT")
    bank.answer("KIT")
    folder = bank._folder()
    with bank.open("KIT") as branch:
        register_savers(branch, ["Wekesa"])
        own = branch.facts.device
        with branch.database.reading() as session:
            head = chains.watermark(session, own, 0, HEAD)
            assert head is not None
            acks = tuple(Ack(own, 0, head, level) for level in ("received", "merged", "durable"))
            forged = replace(_manifest(branch, session, purpose="branch"), number=(1, 1 << 40), acks=acks)
        sealed = seal_segment(forged, [], branch.signer.key, [branch.recipient])
        slip = Slip("KIT-0001", "00000000", "")
        _write(branch, folder, forged, [sealed], 7 << 20, enrol=False, way=Way(), slip=slip)
        import_paths(branch, [folder])
        with branch.database.reading() as session:
            moved = select(Watermark.hash).where(
                Watermark.device == own, Watermark.stage.in_([MERGED, DURABLE])
            )
            assert head.hash not in session.scalars(moved).all()
    with bank.open(HQ) as headquarters, headquarters.unit_of_work("holiday.add", CLERK) as session:
        insert(session, Holiday(on=FIRST_DAY, name="One"))
    (result,) = bank.answer("KIT")
    assert (result.verdict, result.code) == ("ADMIT", None)
