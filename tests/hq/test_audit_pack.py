"""The audit pack, and what satchel-verify says when somebody has tampered with it: as our own reader does."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import select

from hq.audit_pack import Asked, verifier_bytes, write_audit_pack
from ledger.errors import NotFoundError, TrustError
from schema.base import recorded_models
from schema.replication import AuditLog
from sync.changeset import Op, Place, Value, digest
from sync.manifest import Manifest
from sync.root import Draft
from sync.seal import Identity
from sync.signing import SigningKey
from tests.support.audited import ELW, ELW_LINE, HQ_LINE, KIT, KIT_LINE, Bank, Fault, append, bodies
from tests.support.institution import HQ
from tests.support.packs import Pack, codes_of_ours, resigned


def _first(pack: Pack, name: str, table: str) -> Op:
    return next(op for one in bodies(pack, name) for op in one.ops if op.table == table)


def _lines_again(pack: Pack, *, debit: int | None = None, forget_one: bool = False) -> tuple[Op, ...]:
    """The last entry of KIT again under new ids, balanced or not."""
    ops = next(
        one.ops
        for one in reversed(bodies(pack, KIT_LINE))
        if any(op.table == "journal_entry" for op in one.ops)
    )
    moved: dict[Value, Value] = {op.id: op.id + (1 << 30) for op in ops if op.sign == "+"}
    again = []
    for op in ops:
        new = {name: moved.get(value, value) for name, value in (op.new or {}).items()}
        if "receipt_sequence" in new and new["receipt_sequence"] is not None:
            new["receipt_sequence"] = int(str(new["receipt_sequence"])) + (2 if forget_one else 1)
        if op.table == "journal_line" and debit is not None and new["debit"]:
            new["debit"] = debit
        again.append(op._replace(id=op.id + (1 << 30), new=new))
    return tuple(again)


def a_bit_of_a_body(_bank: Bank, pack: Pack) -> None:
    line = pack.line(KIT_LINE)
    body = line[3][0]
    line[3] = (body[:-200] + bytes([body[-200] ^ 1]) + body[-199:], line[3][1])
    pack.put_line(KIT_LINE, line)


def another_key_signed(bank: Bank, pack: Pack) -> None:
    line = pack.line(KIT_LINE)
    line[-1] = resigned(bank.keys[ELW], bank.institution, line[-1][0])
    pack.put_line(KIT_LINE, line)


def an_entry_is_missing(_bank: Bank, pack: Pack) -> None:
    line = pack.line(KIT_LINE)
    pack.put_line(KIT_LINE, line[:3] + line[4:])


def two_entries_change_places(_bank: Bank, pack: Pack) -> None:
    line = pack.line(KIT_LINE)
    pack.put_line(KIT_LINE, [*line[:2], line[3], line[2], *line[4:]])


def a_key_of_the_roster_is_forged(bank: Bank, pack: Pack) -> None:
    """Somebody writes chain 0 anew with an own key: every signature in it is right."""
    thief = SigningKey.from_seed(b"\x07" * 32)
    line, prev = [], b""
    for one in bodies(pack, HQ_LINE):
        ops = tuple(
            op._replace(new={**(op.new or {}), "signing_key": thief.public})
            if op.table == "device" and op.sign == "+" and (op.new or {})["number"] == 1
            else op
            for op in one.ops
        )
        body = replace(one, ops=ops, prev=prev or one.prev).to_bytes()
        prev = digest(body)
        line.append(resigned(thief, bank.institution, body))
    pack.put_line(HQ_LINE, line)


def nobody_signed_the_root(_bank: Bank, pack: Pack) -> None:
    draft = Draft.from_bytes(pack.files["root/root-1.cbor"])
    pack.files["root/root-1.cbor"] = replace(draft, signatures=()).to_bytes()


def a_device_was_revoked_before(bank: Bank, pack: Pack) -> None:
    rows = [op for one in bodies(pack, HQ_LINE) for op in one.ops if op.table == "device" and op.sign == "+"]
    (row,) = [op for op in rows if (op.new or {})["number"] == KIT]
    bound = bodies(pack, KIT_LINE)[3]
    new: dict[str, Value] = {"state": "revoked", "bound_seq": 3, "bound_hash": bound.prev}
    old: dict[str, Value] = {"state": "active", "bound_seq": None, "bound_hash": None}
    append(bank, pack, HQ_LINE, 1, ops=(Op("device", "~", row.id, new, old),))


def an_entry_does_not_balance(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, ops=_lines_again(pack, debit=1))


def an_unknown_table_is_written(bank: Bank, pack: Pack) -> None:
    ops = (Op("gold_bar", "+", (KIT << 40) + (1 << 31), {"weight": 1}, None),)
    append(bank, pack, KIT_LINE, KIT, ops=ops)


def a_branch_writes_reference_data(bank: Bank, pack: Pack) -> None:
    holiday: dict[str, Value] = {"on": "2026-12-12", "name": "ours", "office_id": None}
    new = dict(sorted(holiday.items(), key=lambda item: (len(item[0]), item[0])))
    append(bank, pack, KIT_LINE, KIT, ops=(Op("holiday", "+", (KIT << 40) + (1 << 31), new, None),))


def a_number_is_not_in_its_shortest_form(bank: Bank, pack: Pack) -> None:
    line = pack.line(KIT_LINE)
    body = line[-1][0].replace(b"av\x01", b"av\x18\x01", 1)
    pack.put_line(KIT_LINE, [*line[:-1], resigned(bank.keys[KIT], bank.institution, body)])


def a_total_is_wrong(bank: Bank, pack: Pack) -> None:
    claims = pack.line("manifests/2-0.block")
    manifest = Manifest.from_bytes(claims[-1][0])
    assert manifest.totals is not None
    code, amount = next(iter(manifest.totals.accounts.items()))
    totals = replace(manifest.totals, accounts={**manifest.totals.accounts, code: amount + 1})
    body = replace(manifest, totals=totals).to_bytes()
    signature = bank.keys[KIT].sign("manifest", bank.institution, body)
    pack.put_line("manifests/2-0.block", [*claims[:-1], (body, signature)])


def headquarters_shows_two_histories(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, seen={0: Place(2, b"\x22" * 32)})


TAMPERED: dict[Fault, tuple[tuple[str, str], str]] = {
    a_bit_of_a_body: (("signatures", "BAD_SIGNATURE"), "BAD_SIGNATURE"),
    another_key_signed: (("signatures", "BAD_SIGNATURE"), "BAD_SIGNATURE"),
    an_entry_is_missing: (("chains", "GAP"), "GAP"),
    a_key_of_the_roster_is_forged: (("roster", "SENDER_UNKNOWN"), "SENDER_UNKNOWN"),
    nobody_signed_the_root: (("root", "BAD_SIGNATURE"), "BAD_SIGNATURE"),
    a_device_was_revoked_before: (("bounds", "REVOKED_AFTER"), "REVOKED_AFTER"),
    an_entry_does_not_balance: (("meaning", "UNBALANCED"), "UNBALANCED"),
    an_unknown_table_is_written: (("meaning", "SCOPE"), "SCOPE"),
    a_branch_writes_reference_data: (("meaning", "SCOPE"), "SCOPE"),
    a_number_is_not_in_its_shortest_form: (("signatures", "NON_CANONICAL"), "NON_CANONICAL"),
    a_total_is_wrong: (("totals", "TOTALS"), "TOTALS"),
    headquarters_shows_two_histories: (("witnesses", "FORK_HQ"), "SEEN_MISSING"),
}
"""What is done to a pack, what satchel-verify says of it, and what our own reader says."""


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda fault: fault.__name__)
def test_what_ours_refuses_is_refused_without_us(tamper: Fault, bank: Bank, tmp_path: Path) -> None:
    """Hashes of files are made anew, as a forger would: what was signed betrays it."""
    pack = bank.pack.copy()
    tamper(bank, pack)
    expected, ours = TAMPERED[tamper]
    assert expected in pack.told(tmp_path / "pack")
    assert ours in codes_of_ours(pack, tmp_path)


def test_an_untouched_pack_is_believed_by_both(bank: Bank, tmp_path: Path) -> None:
    """Without a fault there is none: neither for satchel-verify nor for ours."""
    assert bank.pack.copy().told(tmp_path / "pack") == []
    assert codes_of_ours(bank.pack, tmp_path) == set()


def _without(name: str) -> Fault:
    def tamper(_bank: Bank, pack: Pack) -> None:
        del pack.files[name]

    return tamper


def _replaced(name: str, old: bytes, new: bytes) -> Fault:
    def tamper(_bank: Bank, pack: Pack) -> None:
        assert old in pack.files[name]
        pack.files[name] = pack.files[name].replace(old, new, 1)

    return tamper


def _a_hole(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, ops=_lines_again(pack, forget_one=True))


def _shorter(_bank: Bank, pack: Pack) -> None:
    pack.put_line(KIT_LINE, pack.line(KIT_LINE)[:4])


def _shown_otherwise(bank: Bank, pack: Pack) -> None:
    """KIT was shown another entry of headquarters than ELW, and both have signed it."""
    for name, device, sha256 in ((KIT_LINE, KIT, b"\x33" * 32), (ELW_LINE, ELW, b"\x44" * 32)):
        append(bank, pack, name, device, seen={0: Place(3, sha256)})


FILES: dict[str, tuple[Fault, tuple[str, str]]] = {
    "two entries in another order": (two_entries_change_places, ("chains", "GAP")),
    "a file is missing": (_without("tables/users.csv"), ("files", "FILE_MISSING")),
    "a chain is missing": (_without(KIT_LINE), ("chains", "FILE_MISSING")),
    "a table was changed": (_replaced("tables/journal.csv", b"500.00", b"900.00"), ("files", "BAD_HASH")),
    "a chain was cut, and so was its claim": (_shorter, ("co-signed", "GAP")),
    "a receipt is missing": (_a_hole, ("numbers", "NUMBER_MISSING")),
    "two branches saw two histories": (_shown_otherwise, ("witnesses", "FORK_HQ")),
    "a block was cut": (
        lambda _bank, pack: pack.files.update({KIT_LINE: pack.files[KIT_LINE][:-10]}),
        ("chains", "TRUNCATED"),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_each_change_of_a_file_is_told(name: str, bank: Bank, tmp_path: Path) -> None:
    """What lies beside the entries is bound too."""
    tamper, expected = FILES[name]
    pack = bank.pack.copy()
    tamper(bank, pack)
    assert expected in pack.told(tmp_path, summed=expected[0] != "files")


@pytest.mark.parametrize("table", ["journal", "trial-balance", "accounts", "offices", "devices", "documents"])
def test_a_changed_figure_is_found_though_the_hashes_were_made_anew(
    table: str, bank: Bank, tmp_path: Path
) -> None:
    """The proved tables are made again from the signed entries."""
    pack = bank.pack.copy()
    heading, first, *rest = pack.files[f"tables/{table}.csv"].split(b"\n")
    pack.files[f"tables/{table}.csv"] = b"\n".join([heading, first[:-1] + b"x", *rest])
    assert pack.told(tmp_path) == [("tables", "TABLE_DIFFERS")]
    pack.files[f"tables/{table}.csv"] = b"\n".join([heading, *rest])
    assert pack.told(tmp_path) == [("tables", "TABLE_DIFFERS")]


def _alone(folder: Path) -> Path:
    """A folder from which nothing but ``cryptography`` and what it needs can be imported."""
    for name in ("cryptography", "cffi", "_cffi_backend", "pycparser", "typing_extensions"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (folder / source.name).symlink_to(source)
    return folder


def test_it_runs_with_cryptography_alone(bank: Bank, tmp_path: Path) -> None:
    """One file, in another process that sees neither ours nor any other package; exit codes 0 and 1."""
    (tmp_path / "only").mkdir()
    only = str(_alone(tmp_path / "only"))
    start = f"import runpy; sys.path.append({only!r}); runpy.run_path(sys.argv[0], run_name='__main__')"
    copied = tmp_path / "satchel-verify.py"
    shutil.copyfile(bank.written.verifier, copied)

    def run(pack: Path, *words: str) -> subprocess.CompletedProcess[str]:
        begin = f"import sys; sys.argv = {[str(copied), str(pack), *words]!r}; {start}"
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", begin],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={},
            check=False,
        )

    good = run(bank.written.file)
    assert (good.returncode, good.stderr) == (0, "")
    assert "PROVED: 12 kinds of checks" in good.stdout
    pack = bank.pack.copy()
    a_bit_of_a_body(bank, pack)
    bad = run(pack.write(tmp_path / "bad"), "--json")
    assert (bad.returncode, bad.stderr) == (1, "")
    document = json.loads(bad.stdout)
    assert document["ok"] is False
    first = document["failures"][0]
    assert (first["branch"], first["device"], first["seq"], first["code"]) == ("KIT", KIT, 4, "BAD_SIGNATURE")


def test_the_same_books_give_the_same_bytes(bank: Bank, tmp_path: Path) -> None:
    """Whenever it is written; and the program in it is the one that is shipped."""
    with bank.made.open(HQ) as headquarters:
        again = write_audit_pack(headquarters, tmp_path, Asked(), 1)
    assert again.file.read_bytes() == bank.written.file.read_bytes()
    assert bank.pack.files["satchel-verify.py"] == verifier_bytes() == again.verifier.read_bytes()


def test_a_branch_alone_and_some_days_are_proved_too(bank: Bank, tmp_path: Path) -> None:
    """Of KIT: its chain whole, headquarters' chain 0 and KIT's, nothing of ELW; tables within the days."""
    with bank.made.open(HQ) as headquarters:
        asked = Asked("kit", start=date(2026, 1, 6), end=date(2026, 1, 31))
        written = write_audit_pack(headquarters, tmp_path, asked, 1)
    pack = Pack.read(written.file)
    assert KIT_LINE in pack.files
    assert ELW_LINE not in pack.files
    assert pack.files["tables/journal.csv"].count(b"\n") == 1, "nothing was booked in these days"
    assert b"12440" not in pack.files["tables/trial-balance.csv"]
    assert pack.told(tmp_path / "pack") == []


def test_a_pack_for_one_reader_opens_for_that_reader_alone(bank: Bank, tmp_path: Path) -> None:
    """A standard age file; inside are the bytes of the open pack. What is no recipient leaves nothing."""
    reader = Identity.generate()
    with bank.made.open(HQ) as headquarters:
        written = write_audit_pack(headquarters, tmp_path, Asked(recipient=reader.recipient), 1)
        with pytest.raises(TrustError, match="age1"):
            write_audit_pack(headquarters, tmp_path / "none", Asked(recipient="age1nobody"), 1)
        with pytest.raises(NotFoundError):
            write_audit_pack(headquarters, tmp_path / "none", Asked("XYZ"), 1)
    assert list((tmp_path / "none").iterdir()) == []
    plain = pyrage.decrypt(written.file.read_bytes(), [pyrage.x25519.Identity.from_str(reader.secret)])
    assert bytes(plain) == bank.written.file.read_bytes()


def test_that_a_pack_was_written_stands_in_the_audit_log(bank: Bank) -> None:
    """Who took the books out of the house, and when, is asked by auditors too."""
    with bank.made.open(HQ) as headquarters, headquarters.database.reading() as session:
        asked = select(AuditLog.subject).where(AuditLog.what == "audit_pack.write").order_by(AuditLog.id)
        assert session.scalars(asked).first() == "all .."


def test_the_program_knows_the_tables_of_this_revision() -> None:
    """It imports nothing of ours, so its lists are held to ours here; and Python 3.9 can read it."""
    import ast  # noqa: PLC0415 - of this test alone

    from hq.verifier import satchel_verify  # noqa: PLC0415 - of this test alone
    from schema.base import Kind, Merge  # noqa: PLC0415 - of this test alone
    from schema.database import SCHEMA_REVISION  # noqa: PLC0415 - of this test alone

    models = recorded_models()
    reference = {name for name, model in models.items() if model.__kind__ is Kind.REFERENCE}
    facts = {name for name, model in models.items() if model.__merge__ is Merge.FACT}
    assert reference == satchel_verify.REFERENCE
    assert facts == satchel_verify.FACTS
    assert set(models) - reference - facts == satchel_verify.OWNED
    assert satchel_verify.SCHEMA == SCHEMA_REVISION
    tree = ast.parse(verifier_bytes(), feature_version=(3, 9))
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name or "").partition(".")[0]  # type: ignore[union-attr]  # both name modules
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}
