"""Changesets as bytes: exact round trip, every field with its type and bounds, limits by name."""

from collections.abc import Callable

import cbor2
import pytest
from hypothesis import given, settings

from ledger.errors import TrustError
from sync import ops
from sync.canonical import encode
from sync.changeset import Changeset, Op, digest, hlc_ms, next_hlc, read_ops
from sync.ops import read_op
from tests.sync.making import REPAYMENT, changeset, changesets

Fields = dict[str, object]


@settings(max_examples=40)
@given(changesets)
def test_a_changeset_comes_back_as_it_was_written(written: Changeset) -> None:
    data = written.to_bytes()
    assert Changeset.from_bytes(data) == written
    assert Changeset.from_bytes(data).to_bytes() == data
    assert [tuple(op[:5]) for op in read_ops(data)] == [tuple(op[:5]) for op in written.ops]


def test_the_bytes_have_the_sixteen_keys_of_the_format() -> None:
    fields = cbor2.loads(REPAYMENT.to_bytes())
    assert sorted(fields) == sorted(
        [
            "v",
            "device",
            "chain",
            "seq",
            "prev",
            "hlc",
            "date",
            "actor",
            "kind",
            "note",
            "approvals",
            "schema",
            "rules",
            "reference",
            "seen",
            "ops",
        ]
    )
    assert fields["ops"][1] == [
        "loan_account",
        "~",
        (5 << 40) + 2,
        {"status": "active"},
        {"status": "approved"},
        None,
    ]
    assert fields["ops"][2][5] == [[5, 0, 3], [1, 0, 77]]
    assert fields["seen"] == {0: [3, b"h" * 32], 12: [0, b"i" * 32]}
    assert fields["approvals"] == [{"user": 4, "key": b"k" * 32, "signature": b"s" * 64}]


def changed(**new: object) -> Callable[[Fields], Fields]:
    return lambda fields: fields | new


def with_op(*op: object) -> Callable[[Fields], Fields]:
    return changed(ops=[list(op)])


REFUSED: dict[str, tuple[Callable[[Fields], object], str]] = {
    "version 2": (changed(v=2), "UNKNOWN_VERSION"),
    "version true": (changed(v=True), "UNKNOWN_VERSION"),
    "no version": (lambda fields: {k: fields[k] for k in fields if k != "v"}, "NON_CANONICAL"),
    "not a map": (lambda fields: [fields], "NON_CANONICAL"),
    "a missing key": (lambda fields: {k: fields[k] for k in fields if k != "seen"}, "NON_CANONICAL"),
    "an unknown key": (changed(extra=1), "NON_CANONICAL"),
    "device beyond 23 bits": (changed(device=2**23), "LIMIT_NUMBER"),
    "device as text": (changed(device="5"), "NON_CANONICAL"),
    "chain below zero": (changed(chain=-1), "LIMIT_NUMBER"),
    "sequence zero": (changed(seq=0), "LIMIT_NUMBER"),
    "sequence true": (changed(seq=True), "NON_CANONICAL"),
    "prev too short": (changed(prev=b"p" * 31), "NON_CANONICAL"),
    "prev as text": (changed(prev="p" * 32), "NON_CANONICAL"),
    "an instant beyond 63 bits": (changed(hlc=2**63), "LIMIT_NUMBER"),
    "a date that is none": (changed(date="2026-02-30"), "NON_CANONICAL"),
    "a date in short form": (changed(date="20261122"), "NON_CANONICAL"),
    "a date of a week": (changed(date="2026-W47-7"), "NON_CANONICAL"),
    "no date": (changed(date=None), "NON_CANONICAL"),
    "actor below zero": (changed(actor=-1), "LIMIT_NUMBER"),
    "a kind with a space": (changed(kind="loan repay"), "NON_CANONICAL"),
    "a kind of 65 letters": (changed(kind="a" * 65), "NON_CANONICAL"),
    "an empty kind": (changed(kind=""), "NON_CANONICAL"),
    "a note with NUL": (changed(note="a\0"), "NON_CANONICAL"),
    "no note": (changed(note=None), "NON_CANONICAL"),
    "a long note": (changed(note="n" * 2001), "LIMIT_SIZE"),
    "seventeen approvals": (
        changed(approvals=[{"user": 1, "key": b"k" * 32, "signature": b"s" * 64}] * 17),
        "LIMIT_SIZE",
    ),
    "an approval without key": (changed(approvals=[{"user": 1, "signature": b"s" * 64}]), "NON_CANONICAL"),
    "an approval with a short signature": (
        changed(approvals=[{"user": 1, "key": b"k" * 32, "signature": b"s"}]),
        "NON_CANONICAL",
    ),
    "approvals as a map": (changed(approvals={}), "NON_CANONICAL"),
    "schema as text": (changed(schema="1"), "NON_CANONICAL"),
    "reference below zero": (changed(reference=-1), "LIMIT_NUMBER"),
    "rules missing": (changed(rules=None), "NON_CANONICAL"),
    "seen as a list": (changed(seen=[[0, 3]]), "NON_CANONICAL"),
    "seen by name": (changed(seen={"0": [3, b"h" * 32]}), "NON_CANONICAL"),
    "seen without hash": (changed(seen={0: [3]}), "NON_CANONICAL"),
    "seen below zero": (changed(seen={0: [-1, b"h" * 32]}), "NON_CANONICAL"),
    "ops as a map": (changed(ops={}), "NON_CANONICAL"),
    "5,001 ops": (changed(ops=[["t", "+", 1, {}, None, None]] * 5001), "LIMIT_OPS"),
    "an op of five parts": (with_op("t", "+", 1, {}, None), "NON_CANONICAL"),
    "an op that is a number": (changed(ops=[1]), "NON_CANONICAL"),
    "a table with a capital": (with_op("Loan", "+", 1, {}, None, None), "NON_CANONICAL"),
    "a table with a quote": (with_op('t"; drop', "+", 1, {}, None, None), "NON_CANONICAL"),
    "a table of 64 letters": (with_op("t" * 64, "+", 1, {}, None, None), "NON_CANONICAL"),
    "an id below zero": (with_op("t", "+", -1, {}, None, None), "NON_CANONICAL"),
    "an id beyond 63 bits": (with_op("t", "+", 2**63, {}, None, None), "NON_CANONICAL"),
    "an id that is true": (with_op("t", "+", True, {}, None, None), "NON_CANONICAL"),
    "an unknown sign": (with_op("t", "*", 1, {}, None, None), "NON_CANONICAL"),
    "an insert with old values": (with_op("t", "+", 1, {"a": 1}, {"a": 0}, None), "NON_CANONICAL"),
    "an insert without a row": (with_op("t", "+", 1, None, None, None), "NON_CANONICAL"),
    "an update of nothing": (with_op("t", "~", 1, {}, {}, None), "NON_CANONICAL"),
    "an update with other columns before": (with_op("t", "~", 1, {"a": 1}, {"b": 1}, None), "NON_CANONICAL"),
    "a delete with new values": (with_op("t", "-", 1, {"a": 1}, {"a": 1}, None), "NON_CANONICAL"),
    "a column that is no name": (with_op("t", "+", 1, {"a b": 1}, None, None), "NON_CANONICAL"),
    "a flag that is true": (with_op("t", "+", 1, {"a": True}, None, None), "NON_CANONICAL"),
    "a float": (with_op("t", "+", 1, {"a": 1.5}, None, None), "NON_CANONICAL"),
    "a list in a column": (with_op("t", "+", 1, {"a": [1]}, None, None), "NON_CANONICAL"),
    "a number of 2^63 in a column": (with_op("t", "+", 1, {"a": 2**63}, None, None), "LIMIT_NUMBER"),
    "NUL in a column": (with_op("t", "+", 1, {"a": "x\0"}, None, None), "NON_CANONICAL"),
    "a base of two parts": (with_op("t", "+", 1, {}, None, [[1, 2]]), "NON_CANONICAL"),
    "a base below zero": (with_op("t", "+", 1, {}, None, [[1, 2, -3]]), "NON_CANONICAL"),
    "1 MiB and more": (with_op("t", "+", 1, {"a": b"x" * (1 << 20)}, None, None), "LIMIT_SIZE"),
    "17 levels": (with_op("t", "+", 1, {"a": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}, None, None), "LIMIT_NESTING"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_changeset_of_another_form_is_refused(name: str) -> None:
    change, code = REFUSED[name]
    data = cbor2.dumps(change(cbor2.loads(REPAYMENT.to_bytes())), canonical=True)
    with pytest.raises(TrustError) as refusal:
        Changeset.from_bytes(data)
    assert refusal.value.code == code


def test_bytes_in_another_order_or_with_a_tail_are_refused() -> None:
    data = REPAYMENT.to_bytes()
    unsorted = cbor2.dumps(dict(reversed(cbor2.loads(data).items())))
    for other in (data + b"\0", unsorted, data[:-1]):
        with pytest.raises(TrustError) as refusal:
            Changeset.from_bytes(other)
        assert refusal.value.code == "NON_CANONICAL"


@pytest.mark.parametrize("columns", [("b", "a"), ("aa", "b"), ("b", "aa", "a")])
def test_columns_in_another_order_are_refused(columns: tuple[str, ...]) -> None:
    """Also after the same columns were met in their right order."""
    row = dict.fromkeys(sorted(columns, key=lambda name: (len(name), name)), 1)
    good = changeset(ops=(Op("t", "+", 1, row, None),)).to_bytes()
    assert Changeset.from_bytes(good).to_bytes() == good
    turned = cbor2.dumps(dict.fromkeys(columns, 1))
    bad = good.replace(cbor2.dumps(row), turned)
    assert bad != good
    with pytest.raises(TrustError) as refusal:
        Changeset.from_bytes(bad)
    assert refusal.value.code == "NON_CANONICAL"


@pytest.mark.parametrize("odd", ["ab", ["a", "b"], 5, b"ab", True])
def test_a_row_that_is_no_map_is_refused_though_its_parts_look_like_columns(odd: object) -> None:
    Changeset.from_bytes(changeset(ops=(Op("t", "+", 1, {"a": 1, "b": 2}, None),)).to_bytes())
    fields = cbor2.loads(REPAYMENT.to_bytes()) | {"ops": [["t", "+", 1, odd, None, None]]}
    with pytest.raises(TrustError) as refusal:
        Changeset.from_bytes(cbor2.dumps(fields, canonical=True))
    assert refusal.value.code == "NON_CANONICAL"


def test_ten_thousand_shapes_are_read_and_not_all_remembered() -> None:
    for number in range(10_000):
        read_op([f"t{number}", "+", 1, {}, None, None])
    assert len(ops._shapes) <= 4096


@settings(max_examples=6)
@given(changesets)
def test_every_flipped_bit_is_refused_or_another_changeset(written: Changeset) -> None:
    data = written.to_bytes()
    for bit in range(0, len(data) * 8, 7):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read = Changeset.from_bytes(bytes(flipped))
        except TrustError:
            continue
        assert read.to_bytes() == bytes(flipped)


@pytest.mark.parametrize(
    "wrong",
    [
        {"date": "22.11.2026"},
        {"ops": (Op("t", "+", 1, {"rate": 0.1}, None),)},  # type: ignore[dict-item]  # wrong on purpose
        {"ops": (Op("t", "+", 1, {"name": "\ud800"}, None),)},
        {"ops": (Op("t", "+", 1, {"flag": True}, None),)},
        {"prev": b""},
    ],
)
def test_what_a_reader_would_refuse_is_never_written(wrong: Fields) -> None:
    with pytest.raises(TrustError):
        changeset(**wrong).to_bytes()


def test_names_of_people_in_any_script_come_back_as_typed() -> None:
    name = "Zo\u00eb \u202e\u0627\u0628\u0646\u202c \u12a0\u1260\u1260 =1+1 '; DROP TABLE client"
    written = changeset(ops=(Op("client", "+", 1, {"name": name}, None),))
    row = Changeset.from_bytes(written.to_bytes()).ops[0].new
    assert row == {"name": name}


def test_the_digest_is_the_sha256_of_the_bytes() -> None:
    assert digest(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_instants_rise_even_when_the_clock_falls_back() -> None:
    first = next_hlc(0, 1_795_000_000_000)
    later = next_hlc(first, 1_794_000_000_000)
    assert first < later
    assert hlc_ms(first) == hlc_ms(later) == 1_795_000_000_000
    assert next_hlc(later, 1_795_000_000_001) == 1_795_000_000_001 << 16


def test_an_empty_changeset_is_allowed() -> None:
    """A day may be opened by a changeset whose only content is that it happened."""
    assert Changeset.from_bytes(changeset(ops=(), seen={}, approvals=()).to_bytes()).ops == ()


def test_encode_refuses_what_from_bytes_never_returns() -> None:
    """The two writers agree on text: half a character is in neither."""
    with pytest.raises(TrustError):
        encode({"note": "\udfff"})
