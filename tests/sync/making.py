"""Changesets for tests, with chosen or drawn contents."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from ledger.errors import TrustError
from sync.canonical import INT_MAX, INT_MIN
from sync.changeset import Approval, Base, Changeset, Op, Place, Value, digest
from sync.manifest import Ack, Manifest, Totals, Want
from sync.packing import Signed
from sync.reasons import REASONS
from sync.seal import Identity
from sync.segment import seal_segment
from sync.signing import SigningKey

INSTITUTION = bytes(range(16))

REPAYMENT = Changeset(
    device=5,
    chain=0,
    seq=9,
    prev=b"p" * 32,
    hlc=1_795_000_000_000 << 16,
    date="2026-11-22",
    actor=3,
    kind="loan.repay",
    note="",
    schema=1,
    rules=1,
    reference=4,
    ops=(
        Op(
            "loan_transaction",
            "+",
            (5 << 40) + 1,
            {"amount": 125_000, "kind": "repayment", "note": None},
            None,
        ),
        Op("loan_account", "~", (5 << 40) + 2, {"status": "active"}, {"status": "approved"}),
        Op("client", "~", 7, {"village": "Kitale"}, {"village": None}, (Base(5, 0, 3), Base(1, 0, 77))),
        Op("draft", "-", 8, None, {"photo": b"\x00\xff"}),
    ),
    seen={0: Place(3, b"h" * 32), 12: Place(0, b"i" * 32)},
    approvals=(Approval(4, b"k" * 32, b"s" * 64),),
)


def changeset(**changed: object) -> Changeset:
    """The repayment above, with some fields changed."""
    return replace(REPAYMENT, **changed)  # type: ignore[arg-type]  # fields by their names


whole = st.integers(0, INT_MAX)
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
values = st.none() | st.integers(INT_MIN, INT_MAX) | text | st.binary(max_size=20)
rows = st.dictionaries(names, values, max_size=6)
places = st.builds(Place, whole, st.binary(min_size=32, max_size=32))
bases = st.none() | st.lists(st.builds(Base, whole, whole, whole), max_size=3).map(tuple)


@st.composite
def ops(draw: st.DrawFn) -> Op:
    """One op of any of the three kinds."""
    sign = draw(st.sampled_from("+~-"))
    new, old = draw(rows), None
    if sign == "~":
        new = draw(st.dictionaries(names, values, min_size=1, max_size=6))
        old = {column: draw(values) for column in new}
    elif sign == "-":
        return Op(draw(names), sign, draw(whole), None, draw(rows), draw(bases))
    return Op(draw(names), sign, draw(whole), new, old, draw(bases))


changesets = st.builds(
    Changeset,
    device=st.integers(0, 2**23 - 1),
    chain=whole,
    seq=st.integers(1, INT_MAX),
    prev=st.binary(min_size=32, max_size=32),
    hlc=whole,
    date=st.dates().map(str),
    actor=whole,
    kind=st.sampled_from(["loan.repay", "day.open", "client.edit_profile"]),
    note=text,
    schema=whole,
    rules=whole,
    reference=whole,
    ops=st.lists(ops(), max_size=5).map(tuple),
    seen=st.dictionaries(whole, places, max_size=3),
    approvals=st.lists(
        st.builds(Approval, whole, st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64)),
        max_size=2,
    ).map(tuple),
)


KEY = SigningKey.from_seed(b"\x07" * 32)
OTHER_KEY = SigningKey.from_seed(b"\x08" * 32)
BRANCH = Identity.generate()
HQ = Identity.generate()
RECOVERY = Identity.generate()
STRANGER = Identity.generate()
READERS = [HQ.recipient, RECOVERY.recipient, BRANCH.recipient]
BUNDLE = bytes.fromhex("1a2b3c4d5e6f708192a3b4c5d6e7f809")


def signed(written: Changeset, key: SigningKey = KEY) -> Signed:
    """A changeset's bytes with its signature."""
    data = written.to_bytes()
    return data, key.sign("changeset", INSTITUTION, data)


def chain_of(count: int, *, ops_each: int = 7) -> list[Signed]:
    """A run of repayments, each chained to the one before, as a branch with a busy counter writes them."""
    chain: list[Signed] = []
    prev, hlc, counter = b"\0" * 32, 1_795_000_000_000 << 16, 5 << 40
    for seq in range(1, count + 1):
        hlc += (17_000 + seq * 7919 % 30_000) << 16
        counter += ops_each
        ops = tuple(repayment_ops(seq, counter, ops_each))
        data, signature = signed(
            changeset(seq=seq, prev=prev, hlc=hlc, ops=ops, seen={}, approvals=(), actor=(5 << 40) + seq % 4)
        )
        prev = digest(data)
        chain.append((data, signature))
    return chain


def repayment_ops(seq: int, counter: int, count: int) -> list[Op]:
    """The rows of one repayment: journal lines, entry, transaction, its split."""
    loan, amount = (5 << 40) + 40_000 + seq * 37 % 2_000, 100_000 + seq * 6133 % 90_000
    row: dict[str, Value] = {"loan_account_id": loan, "amount": amount, "value_date": "2026-11-22"}
    lines = [
        Op(
            "journal_line",
            "+",
            counter + number,
            {"journal_entry_id": counter, "gl_account_id": 100 + number, "debit": amount, "credit": 0},
            None,
        )
        for number in range(1, count - 1)
    ]
    entry: dict[str, Value] = {"kind": "loan.repay", "booked_on": "2026-11-22", "receipt": f"KIT-1-{seq:06d}"}
    return [
        *lines,
        Op("journal_entry", "+", counter, entry, None),
        Op("loan_transaction", "+", counter + count, row | {"kind": "repayment", "note": None}, None),
    ][:count]


def manifest(**changed: object) -> Manifest:
    """A branch's manifest before sealing."""
    base = Manifest(
        institution=INSTITUTION,
        sender=5,
        purpose="branch",
        device=5,
        chain=0,
        bundle=BUNDLE,
        segment=1,
        schema=1,
        reads=(1, 1),
        root=1,
        beacon=1_795_000_000_000 << 16,
        acks=(Ack(0, 0, Place(4, b"a" * 32), "merged"),),
        wants=(Want(0, 0, 5, 9), Want(0, 12, 1, None)),
        totals=Totals({"1110": 125_000, "2110": -125_000}, {"KIT-L-000001": 1_000}, {"KIT-S-000001": 50}),
        enrol=(b"statement",),
    )
    return replace(base, **changed)  # type: ignore[arg-type]  # fields by their names


def segment(count: int = 3, **changed: object) -> bytes:
    """One sealed segment of ``count`` repayments."""
    return seal_segment(manifest(**changed), chain_of(count), KEY, READERS)


def refusal_code(call: Callable[[], object]) -> str | None:
    """The reason code that ``call`` is refused with, or None where it is not."""
    try:
        call()
    except TrustError as refusal:
        seen = refusal
    else:
        return None
    assert seen.next_step == REASONS[seen.code].next_step
    return seen.code
