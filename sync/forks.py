"""Which changesets of one chain count: the pure part of admission (protocol, sections 4 and 5).

A chain is a tree of changesets, each naming the one before by hash. The main line is followed from its root;
where two changesets follow one, the chain is a fork, and from there on neither counts until headquarters
decides, except up to the newest place that headquarters' own chain names. What comes of it depends on the
changesets, the bound and the decisions alone, never on which of them came first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sync.changeset import Place

ACCEPTED: Final = "accepted"
HELD: Final = "held"
QUARANTINED: Final = "quarantined"

FORK: Final = "FORK"
GAP: Final = "GAP"
BEYOND: Final = "REVOKED_AFTER"


class Node(NamedTuple):
    """A stored changeset as far as its place matters; ``waits_for`` says why it cannot count yet, or ''."""

    seq: int
    hash: bytes
    prev: bytes
    waits_for: str = ""


class Standing(NamedTuple):
    """What became of a changeset. ``as_device`` is the number under which an adopted arm is folded."""

    state: str
    code: str = ""
    as_device: int | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    """A decision on a fork, by the first own changesets of its arms; a member that is no arm is left out."""

    main: bytes
    arms: Mapping[bytes, int]
    members: frozenset[bytes]


class ClosedGap(NamedTuple):
    """A decision that a range is lost: it counts as empty between two hashes (None: from the beginning)."""

    first: int
    last: int
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known beside the changesets themselves.

    bound      the last place that is good, where the device is retired or revoked
    adoptions  decisions on forks, the newest first; ``gaps`` those on lost ranges
    anchor     newest place that headquarters' chain names of this device
    kept       head of a line that is never given up: our own, and headquarters' at a branch
    """

    bound: Place | None = None
    adoptions: Sequence[Adoption] = ()
    gaps: Sequence[ClosedGap] = ()
    anchor: bytes | None = None
    kept: bytes | None = None


class Fork(NamedTuple):
    """Changesets that follow the same one. ``is_decided`` when a decision has named each of them."""

    members: tuple[Place, ...]
    is_decided: bool


@dataclass(slots=True)
class Admitted:
    """Where every changeset stands, the forks, and the head of each line (None: the main line)."""

    standing: dict[bytes, Standing] = field(default_factory=dict)
    forks: list[Fork] = field(default_factory=list)
    heads: dict[int | None, Place] = field(default_factory=dict)


def admit(root: Place, nodes: Iterable[Node], rules: Rules) -> Admitted:
    """Say where every changeset beyond ``root`` stands.

    root  the place that everything begins with: sequence 0 and the hash of the enrolment, or an accepted
          changeset before which nothing is in question
    """
    return _Walk(root, nodes, rules).run()


class _Walk:
    """One walk over the tree of a chain."""

    def __init__(self, root: Place, nodes: Iterable[Node], rules: Rules) -> None:
        self._root = root
        self._rules = rules
        self._nodes = {node.hash: node for node in nodes}
        self._after: dict[tuple[int, bytes], list[Node]] = defaultdict(list)
        for node in self._nodes.values():
            self._after[node.seq - 1, node.prev].append(node)
        for following in self._after.values():
            following.sort(key=lambda node: node.hash)
        self._kept = self._line_to(rules.kept)
        self._anchored = self._line_to(rules.anchor)
        self._bounded = self._line_to(rules.bound.hash if rules.bound and not self._kept else None)
        self._result = Admitted()

    def run(self) -> Admitted:
        """Follow the main line, then the adopted arms, then say what the rest waits for."""
        starts = self._follow(self._root, None)
        while starts:
            start, number = starts.pop(0)
            starts += self._take(start, number)
        self._name_the_rest()
        return self._result

    def _line_to(self, end: bytes | None) -> frozenset[bytes]:
        """The changesets on the way to ``end``, as far back as they are known."""
        found: set[bytes] = set()
        node = self._nodes.get(end) if end else None
        while node is not None:
            found.add(node.hash)
            before = self._nodes.get(node.prev)
            node = before if before is not None and before.seq == node.seq - 1 else None
        return frozenset(found)

    def _take(self, start: Node, number: int) -> list[tuple[Node, int]]:
        """Follow an adopted arm from its first own changeset."""
        if start.waits_for:
            self._result.standing[start.hash] = Standing(HELD, start.waits_for)
            return []
        self._accept(start, number)
        return self._follow(Place(start.seq, start.hash), number)

    def _accept(self, node: Node, number: int | None) -> None:
        self._result.standing[node.hash] = Standing(ACCEPTED, "", number)
        self._result.heads[number] = Place(node.seq, node.hash)

    def _follow(self, at: Place, number: int | None) -> list[tuple[Node, int]]:
        """Accept one line as far as it goes; gives the arms that are adopted beside it."""
        arms: list[tuple[Node, int]] = []
        last_allowed: int | None = None
        while options := self._within_bound(self._options(at), number):
            chosen, beside, disputed = self._choose(options)
            arms += beside
            if disputed and last_allowed is None:
                anchor = self._nodes.get(self._rules.anchor or b"")
                last_allowed = anchor.seq if anchor and not self._kept else None
            if chosen is None:
                break
            if chosen.waits_for or (last_allowed is not None and chosen.seq > last_allowed):
                self._result.standing[chosen.hash] = Standing(HELD, chosen.waits_for or FORK)
                break
            self._accept(chosen, number)
            at = Place(chosen.seq, chosen.hash)
        return arms

    def _options(self, at: Place) -> list[Node]:
        """What follows a place; over a range that is decided to be lost unless it has been found since."""
        following = self._after.get((at.seq, at.hash), [])
        for gap in self._rules.gaps:
            if gap.first == at.seq + 1 and gap.before in {at.hash, None}:
                beyond = self._after.get((gap.last, gap.after), [])
                found = self._line_to(gap.after)
                if beyond and not any(node.hash in found for node in following):
                    return beyond
        return following

    def _within_bound(self, options: list[Node], number: int | None) -> list[Node]:
        """Leave out what lies beyond the bound, and arms without the bound's hash: they dispute nothing."""
        bound = self._rules.bound
        if bound is None or number is not None or self._kept:
            return options
        if any(node.hash in self._bounded for node in options):
            good = [node for node in options if node.hash in self._bounded]
        else:
            good = [n for n in options if n.seq < bound.seq or (n.seq, n.hash) == (bound.seq, bound.hash)]
        for node in options:
            if node not in good and not self._is_adopted(node):
                self._result.standing[node.hash] = Standing(QUARANTINED, BEYOND)
        return good + [node for node in options if node not in good and self._is_adopted(node)]

    def _is_adopted(self, node: Node) -> bool:
        return any(node.hash in adoption.arms for adoption in self._rules.adoptions)

    def _choose(self, options: list[Node]) -> tuple[Node | None, list[tuple[Node, int]], bool]:
        """Give what the line goes on with, the arms adopted beside it, and whether it is disputed."""
        named = {node.hash: self._adoption_of(node) for node in options}
        kept = next((node for node in options if node.hash in self._kept), None)
        if len(options) == 1 and named[options[0].hash] is None:
            return options[0], [], False
        main = kept or next((n for n in options if (a := named[n.hash]) and a.main == n.hash), None)
        arms: list[tuple[Node, int]] = []
        open_ones: list[Node] = []
        for node in options:
            adoption = named[node.hash]
            if node is main:
                continue
            if adoption is None or adoption.main == node.hash or (kept and adoption.main != kept.hash):
                open_ones.append(node)
            elif node.hash in adoption.arms:
                arms.append((node, adoption.arms[node.hash]))
            else:
                self._result.standing[node.hash] = Standing(QUARANTINED, FORK)
        self._remember(options, is_decided=not open_ones)
        if main is None and open_ones:
            main = next((node for node in open_ones if node.hash in self._anchored), None)
        for node in open_ones:
            if node is not main:
                self._result.standing[node.hash] = Standing(HELD, FORK)
        return main, arms, bool(open_ones) and named.get(main.hash if main else b"") is None

    def _adoption_of(self, node: Node) -> Adoption | None:
        """The newest decision that names a changeset."""
        return next((a for a in self._rules.adoptions if node.hash in a.members), None)

    def _remember(self, options: list[Node], *, is_decided: bool) -> None:
        if len(options) > 1:
            members = tuple(sorted(Place(node.seq, node.hash) for node in options))
            self._result.forks.append(Fork(members, is_decided))

    def _name_the_rest(self) -> None:
        """What no line reaches waits as what it follows does; what follows nothing, for what is missing."""
        standing, bound = self._result.standing, None if self._kept else self._rules.bound
        main = self._result.heads.get(None, self._root)
        for node in sorted(self._nodes.values()):
            if node.hash in standing:
                continue
            before = standing.get(node.prev)
            if bound is not None and node.seq > bound.seq:
                standing[node.hash] = Standing(QUARANTINED, BEYOND)
            elif before is not None and before.state != ACCEPTED:
                standing[node.hash] = Standing(before.state, before.code)
            else:
                code = FORK if node.seq - 1 <= main.seq else GAP
                standing[node.hash] = Standing(HELD, code)
