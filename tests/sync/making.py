"""Changesets for tests, with chosen or drawn contents."""

from dataclasses import replace

from hypothesis import strategies as st

from sync.canonical import INT_MAX, INT_MIN
from sync.changeset import Approval, Base, Changeset, Op, Place

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
    return replace(REPAYMENT, **changed)  # type: ignore[arg-type]


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
