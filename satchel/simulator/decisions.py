"""What headquarters' people decide, in the middle of everything and when all has come to rest."""

from collections.abc import Callable, Sequence
from typing import Final

from hq.decisions import decide
from hq.waiting import WaitingItem, waiting_list
from ledger.errors import RuleError, TrustError
from satchel.simulator.world import World

ADOPT: Final = "adopt"
REASON: Final = "both drawers were counted"


def list_waiting(world: World, code: str = "") -> list[WaitingItem]:
    """List what waits for a person and can be decided."""
    with world.hq.installation.database.reading() as session:
        return [item for item in waiting_list(session, code) if item.choices]


def decide_item(world: World, item: WaitingItem, words: Sequence[str]) -> bool:
    """Decide one thing in one of these words; gives whether headquarters' rules allowed it."""
    word = world.chance.choice(words)
    try:
        with world.hq.installation.unit_of_work("exception.decide", world.chief) as session:
            decide(world.hq.installation, session, item.key, word, REASON)
    except (RuleError, TrustError) as refusal:
        world.tell(f"hq: {item.family} {item.key} not decided: {refusal.code}")
        return False
    world.tell(f"hq: decided {item.family} {item.key} of {item.branch}: {word}")
    world.decided.append((item.branch, item.family, word))
    world.look_at(world.hq)
    return True


def decide_something(world: World) -> bool:
    """Somebody at headquarters decides one of the things that wait, perhaps wrongly."""
    items = list_waiting(world)
    if not items:
        return False
    item = world.chance.choice(items)
    return decide_item(world, item, item.choices)


DECISIONS: Final[tuple[tuple[str, int, Callable[[World], bool]], ...]] = (("decision", 3, decide_something),)
"""Name, weight and doing of each."""
