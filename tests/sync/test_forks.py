"""Which changesets of a forked, bounded or broken chain count: a pure function of what is there."""

import hashlib

from sync.changeset import Place
from sync.forks import Admitted, Adoption, ClosedGap, Fork, Node, Rules, Standing, admit

ROOT = Place(0, b"root")
ARM = 9
HELD_FORK = Standing("held", "FORK")
BEYOND = Standing("quarantined", "REVOKED_AFTER")


def name(text: str) -> bytes:
    """A hash for a name."""
    return hashlib.sha256(text.encode()).digest()


def line(names: str, after: str = "", waits_for: str = "") -> list[Node]:
    """A run of changesets named by single letters or marks, after the one that is named."""
    nodes, prev, seq = [], name(after) if after else ROOT.hash, len(after)
    for at in range(len(names)):
        made = name(after + names[: at + 1])
        nodes.append(Node(seq + at + 1, made, prev, waits_for))
        prev = made
    return nodes


SHARED = line("ab")
MAIN = line("xyz", after="ab")
OTHER = line("pq", after="ab")


def states(found: Admitted, nodes: list[Node]) -> list[str]:
    """States and codes of some changesets, in their order."""
    return [f"{found.standing[node.hash].state} {found.standing[node.hash].code}".strip() for node in nodes]


def adopted(*others: bytes, arms: dict[bytes, int] | None = None) -> Adoption:
    """A decision that the line of ``MAIN`` keeps the number."""
    chosen = {OTHER[0].hash: ARM} if arms is None else arms
    return Adoption(MAIN[0].hash, chosen, frozenset({MAIN[0].hash, OTHER[0].hash, *others, *chosen}))


def test_a_line_without_a_gap_is_accepted_and_the_rest_waits() -> None:
    """Two follow, the fourth does not."""
    found = admit(ROOT, [*SHARED, MAIN[1]], Rules())
    assert states(found, [*SHARED, MAIN[1]]) == ["accepted", "accepted", "held GAP"]
    assert found.heads == {None: Place(2, SHARED[1].hash)}


def test_of_a_fork_no_arm_counts_until_it_is_decided() -> None:
    """Neither the longer nor the first: both wait from the first difference on."""
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER], Rules())
    assert states(found, [*MAIN, *OTHER]) == ["held FORK"] * 5
    members = tuple(sorted(Place(node.seq, node.hash) for node in (MAIN[0], OTHER[0])))
    assert found.forks == [Fork(members, is_decided=False)]


def test_what_headquarters_has_acknowledged_stays() -> None:
    """An arm that headquarters' own chain names counts up to that place, and no further."""
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER], Rules(anchor=MAIN[1].hash))
    assert states(found, MAIN) == ["accepted", "accepted", "held FORK"]
    assert states(found, OTHER) == ["held FORK"] * 2


def test_an_adopted_arm_counts_under_its_own_number_with_its_tail() -> None:
    """Both arms stand; what comes later of either follows by itself."""
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER], Rules(adoptions=[adopted()]))
    assert found.standing[OTHER[1].hash] == Standing("accepted", "", ARM)
    assert found.heads == {None: Place(5, MAIN[2].hash), ARM: Place(4, OTHER[1].hash)}
    assert [fork.is_decided for fork in found.forks] == [True]


def test_an_arm_that_a_decision_leaves_out_is_quarantined() -> None:
    """It was looked at, and stands nowhere."""
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER], Rules(adoptions=[adopted(arms={})]))
    assert states(found, [*MAIN, *OTHER]) == ["accepted"] * 3 + ["quarantined FORK"] * 2


def test_a_third_arm_waits_and_leaves_the_decision_standing() -> None:
    """It makes a new case; main line and adopted arm go on."""
    third = line("k", after="ab")
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER, *third], Rules(adoptions=[adopted()]))
    assert states(found, [*MAIN, *OTHER, *third]) == ["accepted"] * 5 + ["held FORK"]
    assert [fork.is_decided for fork in found.forks] == [False]


def test_a_decision_counts_as_soon_as_its_arm_is_here_even_without_the_main_line() -> None:
    """What comes first does not matter."""
    found = admit(ROOT, [*SHARED, *OTHER], Rules(adoptions=[adopted()]))
    assert found.standing[OTHER[0].hash] == Standing("accepted", "", ARM)


def test_beyond_the_bound_nothing_is_believed_and_an_arm_without_it_disputes_nothing() -> None:
    """Retired at the second of the main line: what is up to there is good for ever."""
    bound = Place(MAIN[1].seq, MAIN[1].hash)
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER], Rules(bound=bound))
    assert states(found, MAIN) == ["accepted", "accepted", "quarantined REVOKED_AFTER"]
    assert [found.standing[node.hash] for node in OTHER] == [BEYOND, BEYOND]
    assert found.forks == []


def test_at_the_bound_only_its_own_hash_is_good() -> None:
    """The line with the bound's hash has not come: the other one ends before it."""
    found = admit(ROOT, [*SHARED, *OTHER], Rules(bound=Place(3, MAIN[0].hash)))
    assert states(found, [*SHARED, *OTHER]) == ["accepted"] * 2 + ["quarantined REVOKED_AFTER"] * 2


def test_a_closed_gap_counts_as_empty_until_what_was_lost_is_found() -> None:
    """Over the gap the line goes on; with the lost changesets it goes through them."""
    lost, later = MAIN[:2], line("stu", after="abxy")
    gap = ClosedGap(3, 4, SHARED[1].hash, MAIN[1].hash)
    over = admit(ROOT, [*SHARED, *later], Rules(gaps=[gap]))
    assert states(over, later) == ["accepted"] * 3
    partly = admit(ROOT, [*SHARED, lost[0], *later], Rules(gaps=[gap]))
    assert states(partly, [lost[0], *later]) == ["held FORK", *["accepted"] * 3]
    found = admit(ROOT, [*SHARED, *lost, *later], Rules(gaps=[gap]))
    assert states(found, [*lost, *later]) == ["accepted"] * 5


def test_the_own_line_is_never_given_up() -> None:
    """At a branch its own work stays, whatever another laptop of the same number wrote."""
    found = admit(ROOT, [*SHARED, *MAIN, *OTHER], Rules(kept=OTHER[1].hash, bound=Place(1, SHARED[0].hash)))
    assert states(found, [*OTHER, *MAIN]) == ["accepted"] * 2 + ["held FORK"] * 3


def test_what_waits_for_a_newer_program_or_another_chain_stops_its_line() -> None:
    """Its followers wait for the same."""
    nodes = [*SHARED, *line("x", after="ab", waits_for="NEEDS_SCHEMA"), *line("yz", after="abx")]
    found = admit(ROOT, nodes, Rules())
    assert states(found, nodes[2:]) == ["held NEEDS_SCHEMA"] * 3
