"""A pack that was tampered with in every part: satchel-verify and our own reader both refuse it."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hq.verifier import satchel_verify
from schema.database import SCHEMA_REVISION
from sync.changeset import Op, Place, Value, digest
from sync.kit import Claim
from sync.manifest import Manifest
from tests.support.audited import ELW, ELW_LINE, HQ_LINE, KIT, KIT_LINE, Bank, Fault, append, bodies
from tests.support.packs import Pack, codes_of_ours

CLAIMS, CLAIM = "manifests/2-0.block", "enrolments/2.cbor"
FREE_ID = (KIT << 40) + (1 << 31)


@pytest.mark.parametrize("name", ["root/root-1.cbor", CLAIM, HQ_LINE, KIT_LINE, CLAIMS])
def test_one_bit_of_what_was_signed_is_refused_by_both(name: str, bank: Bank, tmp_path: Path) -> None:
    """At the beginning, in the middle and at the end of each kind of file that somebody signed."""
    size = len(bank.pack.files[name])
    for place in (size // 7, size // 2, size - 3):
        pack = bank.pack.copy()
        data = bytearray(pack.files[name])
        data[place] ^= 1
        pack.files[name] = bytes(data)
        (tmp_path / str(place)).mkdir()
        assert pack.told(tmp_path / str(place) / "pack"), place
        assert codes_of_ours(pack, tmp_path / str(place)), place


def an_amount_is_higher_and_the_chain_is_made_anew(_bank: Bank, pack: Pack) -> None:
    """Every hash after it fits; nobody could sign."""
    line, prev = [], b""
    for one, (_, signature) in zip(bodies(pack, KIT_LINE), pack.line(KIT_LINE), strict=True):
        ops = tuple(
            op._replace(new={**(op.new or {}), "debit": int(str((op.new or {})["debit"])) * 2})
            if op.table == "journal_line"
            else op
            for op in one.ops
        )
        body = replace(one, ops=ops, prev=prev or one.prev).to_bytes()
        prev = digest(body)
        line.append((body, signature))
    pack.put_line(KIT_LINE, line)


def a_row_of_the_roster_is_changed(_bank: Bank, pack: Pack) -> None:
    line = pack.line(HQ_LINE)
    at = next(
        place
        for place, one in enumerate(bodies(pack, HQ_LINE))
        if any(
            op.table == "device" and op.sign == "+" and op.new and op.new["number"] == KIT for op in one.ops
        )
    )
    one = bodies(pack, HQ_LINE)[at]
    ops = tuple(
        op._replace(new={**op.new, "office_id": 1}) if op.table == "device" and op.new else op
        for op in one.ops
    )
    line[at] = (replace(one, ops=ops).to_bytes(), line[at][1])
    pack.put_line(HQ_LINE, line)


def headquarters_signed_another_head(bank: Bank, pack: Pack) -> None:
    append(bank, pack, HQ_LINE, 1, seen={KIT: Place(3, b"\x55" * 32)})


def an_entry_follows_from_nothing(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, prev=b"\x66" * 32)


def an_instant_goes_back(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, hlc=1)


def a_newer_program_wrote(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, schema=SCHEMA_REVISION + 1)


def a_fact_is_changed(bank: Bank, pack: Pack) -> None:
    row = next(op for one in bodies(pack, KIT_LINE) for op in one.ops if op.table == "journal_line")
    new: dict[str, Value] = {"debit": 1}
    append(bank, pack, KIT_LINE, KIT, ops=(Op("journal_line", "~", row.id, new, {"debit": 2}),))


def a_fact_is_removed(bank: Bank, pack: Pack) -> None:
    row = next(op for one in bodies(pack, KIT_LINE) for op in one.ops if op.table == "journal_line")
    append(bank, pack, KIT_LINE, KIT, ops=(Op("journal_line", "-", row.id, None, row.new),))


def _a_client(pack: Pack, row_id: int, **changed: Value) -> Op:
    row = next(op for one in bodies(pack, KIT_LINE) for op in one.ops if op.table == "client")
    return row._replace(id=row_id, new={**(row.new or {}), "number": "C-9999", **changed})


def an_id_is_of_another_device(bank: Bank, pack: Pack) -> None:
    append(bank, pack, KIT_LINE, KIT, ops=(_a_client(pack, (ELW << 40) + (1 << 31)),))


def it_is_made_in_the_name_of_another_office(bank: Bank, pack: Pack) -> None:
    office = next(
        (op.new or {})["origin_office_id"]
        for one in bodies(pack, ELW_LINE)
        for op in one.ops
        if "origin_office_id" in (op.new or {})
    )
    append(bank, pack, KIT_LINE, KIT, ops=(_a_client(pack, FREE_ID, origin_office_id=office),))


def a_claim_is_signed_by_another(bank: Bank, pack: Pack) -> None:
    claims = pack.line(CLAIMS)
    signature = bank.keys[ELW].sign("manifest", bank.institution, claims[-1][0])
    pack.put_line(CLAIMS, [*claims[:-1], (claims[-1][0], signature)])


def a_claim_says_another_loan_balance(bank: Bank, pack: Pack) -> None:
    claims = pack.line(CLAIMS)
    manifest = Manifest.from_bytes(claims[-1][0])
    assert manifest.totals is not None
    totals = replace(manifest.totals, loans=dict.fromkeys(manifest.totals.loans, 0))
    body = replace(manifest, totals=totals).to_bytes()
    pack.put_line(CLAIMS, [*claims[:-1], (body, bank.keys[KIT].sign("manifest", bank.institution, body))])


def an_enrolment_lacks_its_code(_bank: Bank, pack: Pack) -> None:
    data = pack.files[CLAIM]
    pack.files[CLAIM] = data.replace(b"dhmac", b"dhmad")


def an_enrolment_is_of_other_keys(bank: Bank, pack: Pack) -> None:
    """A good statement of the device of ELW stands under the number of KIT."""
    claim = Claim.read(pack.files[CLAIM])[0]
    made = replace(claim, signing_key=bank.keys[ELW].public)
    pack.files[CLAIM] = made.to_bytes(b"\x01" * 32, bank.keys[ELW])


BOTH: dict[Fault, tuple[str, str]] = {
    an_amount_is_higher_and_the_chain_is_made_anew: ("BAD_SIGNATURE", "BAD_SIGNATURE"),
    a_row_of_the_roster_is_changed: ("BAD_SIGNATURE", "BAD_SIGNATURE"),
    headquarters_signed_another_head: ("FORK", "SEEN_MISSING"),
    an_entry_follows_from_nothing: ("FORK", "FORK"),
    an_instant_goes_back: ("CLOCK_SUSPECT", ""),
    a_newer_program_wrote: ("NEEDS_SCHEMA", "NEEDS_SCHEMA"),
    a_fact_is_changed: ("SCOPE", "SCOPE"),
    a_fact_is_removed: ("SCOPE", "SCOPE"),
    an_id_is_of_another_device: ("SCOPE", "SCOPE"),
    it_is_made_in_the_name_of_another_office: ("SCOPE", "SCOPE"),
    a_claim_is_signed_by_another: ("BAD_SIGNATURE", "BAD_SIGNATURE"),
    a_claim_says_another_loan_balance: ("TOTALS", "TOTALS"),
    an_enrolment_lacks_its_code: ("NON_CANONICAL", "NON_CANONICAL"),
    an_enrolment_is_of_other_keys: ("SENDER_UNKNOWN", ""),
}
"""What satchel-verify says, and what ours says.

Empty: ours believes the roster's keys and asks no more; ours keeps an instant that goes back, and warns.
"""


@pytest.mark.parametrize("tamper", BOTH, ids=lambda fault: fault.__name__)
def test_a_forgery_by_who_has_keys_is_refused_by_both(tamper: Fault, bank: Bank, tmp_path: Path) -> None:
    """The hashes of files fit again, and so does each signature that the forger could make."""
    pack = bank.pack.copy()
    tamper(bank, pack)
    expected, ours = BOTH[tamper]
    assert expected in {code for _, code in pack.told(tmp_path / "pack")}
    assert not ours or ours in codes_of_ours(pack, tmp_path)


def _put(name: str, data: bytes) -> Callable[[Pack], None]:
    return lambda pack: pack.files.update({name: data})


def _claiming(**changed: object) -> Callable[[Pack], None]:
    def tamper(pack: Pack) -> None:
        pack.files["pack.json"] = json.dumps({**json.loads(pack.files["pack.json"]), **changed}).encode()

    return tamper


def _no_more_of_a_chain(pack: Pack) -> None:
    """A device that nothing names: only the end that the pack tells for it betrays that it was here."""
    claimed = json.loads(pack.files["pack.json"])
    claimed["heads"]["chains/77-0.block"] = [1, "00"]
    pack.files["pack.json"] = json.dumps(claimed).encode()


def _headings_change_places(pack: Pack) -> None:
    table = pack.files["tables/trial-balance.csv"]
    pack.files["tables/trial-balance.csv"] = table.replace(b"debit,credit", b"credit,debit", 1)


CONTENT: dict[str, tuple[Callable[[Pack], None], tuple[str, str]]] = {
    "a file more, in the list": (_put("tables/secret.csv", b"x"), ("files", "FILE_UNKNOWN")),
    "a chain under a strange name": (_put("chains/2-0.block.old", b""), ("files", "FILE_UNKNOWN")),
    "a later version": (_claiming(v=2), ("files", "UNKNOWN_VERSION")),
    "another institution": (_claiming(institution="00" * 16), ("root", "OTHER_INSTITUTION")),
    "other days": (_claiming(to="2020-01-01"), ("tables", "TABLE_DIFFERS")),
    "no ends of chains": (_claiming(heads={}), ("chains", "TRUNCATED")),
    "a chain that is not there": (_no_more_of_a_chain, ("chains", "FILE_MISSING")),
    "headings in another order": (_headings_change_places, ("tables", "TABLE_DIFFERS")),
    "a claim of no bytes": (_put(CLAIM, b""), ("chains", "NON_CANONICAL")),
    "a frame that says too much": (
        _put(CLAIMS, b"\0\0\0\0\1\xff\xff\xff\xff"),
        ("chains", "TRUNCATED"),
    ),
    "a frame of nothing, for ever": (_put(CLAIMS, b"\0\0\0\0\0\0\0\0\0" * 9), ("chains", "TRUNCATED")),
    "a line without end": (_put("tables/accounts.csv", b"x" * (1 << 21)), ("tables", "TABLE_DIFFERS")),
    "a file that nests": (_put("pack.json", b"[" * 100_000), ("files", "NON_CANONICAL")),
}


@pytest.mark.parametrize("name", CONTENT)
def test_what_stands_beside_the_entries_is_held_to_its_form(name: str, bank: Bank, tmp_path: Path) -> None:
    """Whoever makes the list of hashes anew adds, renames and claims nothing unnoticed."""
    tamper, expected = CONTENT[name]
    pack = bank.pack.copy()
    tamper(pack)
    assert expected in pack.told(tmp_path)


def _named(name: str) -> Callable[[bytes], bytes]:
    def tamper(data: bytes) -> bytes:
        stream = io.BytesIO(data)
        with zipfile.ZipFile(stream, "a") as opened:
            opened.writestr(name, "x")
        return stream.getvalue()

    return tamper


def _everywhere(mark: bytes, at: int, value: bytes) -> Callable[[bytes], bytes]:
    """Change a field of every header of the .zip that begins with ``mark``."""

    def tamper(data: bytes) -> bytes:
        changed, place = bytearray(data), data.find(mark)
        while place >= 0:
            changed[place + at : place + at + len(value)] = value
            place = data.find(mark, place + 1)
        return bytes(changed)

    return tamper


ZIPS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _data: b"", "TRUNCATED"),
    "random bytes": (lambda data: bytes(len(data)), "TRUNCATED"),
    "cut in the middle": (lambda data: data[: len(data) // 2], "TRUNCATED"),
    "cut by its last byte": (lambda data: data[:-1], "TRUNCATED"),
    "a name that leads out": (_named("../../etc/passwd"), "FILE_UNKNOWN"),
    "a name from the root": (_named("/etc/passwd"), "FILE_UNKNOWN"),
    "a name of Windows": (_named("tables\\..\\x"), "FILE_UNKNOWN"),
    "one name twice": (_named("README.txt"), "FILE_TWICE"),
    "one name in capitals too": (_named("readme.TXT"), "FILE_UNKNOWN"),
    "an encrypted member": (_everywhere(b"PK\x01\x02", 8, b"\x09\x00"), "NON_CANONICAL"),
    "a packing that nobody knows": (_everywhere(b"PK\x01\x02", 10, b"\x63\x00"), "NON_CANONICAL"),
    "encrypted for somebody": (lambda data: b"age-encryption.org/v1\n" + data, "SEALED"),
}


@pytest.mark.parametrize("name", ZIPS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_is_none_is_refused_in_words(name: str, bank: Bank, tmp_path: Path) -> None:
    """Never with a traceback, never by writing anything anywhere."""
    tamper, expected = ZIPS[name]
    file = tmp_path / "pack.zip"
    file.write_bytes(tamper(bank.written.file.read_bytes()))
    report = satchel_verify.verify(file)
    assert expected in {one["code"] for one in report.failures}
    assert list(tmp_path.iterdir()) == [file]
    assert list(report.lines())[-1].startswith("NOT PROVED")


def test_a_size_that_a_zip_only_claims_takes_no_memory(bank: Bank, tmp_path: Path) -> None:
    """Four thousand million bytes for each file: what is there is read, and it is what was signed."""
    file = tmp_path / "pack.zip"
    file.write_bytes(_everywhere(b"PK\x01\x02", 24, b"\xfe\xff\xff\xff")(bank.written.file.read_bytes()))
    assert satchel_verify.verify(file).failures == []


def test_a_bit_of_each_member_of_the_zip_is_found(bank: Bank, tmp_path: Path) -> None:
    """A scratch on the disk: whatever it hits, the pack is not proved."""
    whole = bank.written.file.read_bytes()
    with zipfile.ZipFile(bank.written.file) as opened:
        members = opened.infolist()
    file = tmp_path / "pack.zip"
    for member in members:
        data = bytearray(whole)
        data[member.header_offset + 30 + len(member.filename) + 20 + member.compress_size // 2] ^= 4
        file.write_bytes(data)
        assert satchel_verify.verify(file).failures, member.filename


def test_a_folder_that_is_empty_or_not_there_proves_nothing(tmp_path: Path) -> None:
    """The words say what is missing."""
    for path in (tmp_path, tmp_path / "none"):
        assert satchel_verify.verify(path).failures


def test_what_stands_in_a_pack_moves_no_cursor(bank: Bank, tmp_path: Path) -> None:
    """A text with control characters hides no line of the report."""
    pack = bank.pack.copy()
    pack.files["tables/accounts.csv"] += "\x1b[2J\u202eALL IS WELL,x,y\n".encode()
    told = list(satchel_verify.verify(pack.write(tmp_path)).lines())
    assert any("ALL IS WELL" in line for line in told)
    assert all(line.isprintable() for line in told)
