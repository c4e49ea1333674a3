"""Time and the one order (protocol, section 6): what a changeset's clock counts for.

The key of a changeset is (time, device, seq, hash). Its time follows from its own clock, from the largest
beacon of headquarters in its causal past, and from the times of all that it has seen. It is computed once
and never changes when the set grows.
"""

from collections.abc import Iterable
from typing import Final

from sync.changeset import HLC_COUNTER_BITS

AHEAD_MS: Final = 120 * 24 * 3600 * 1000
"""How far a clock may run ahead of the last beacon before it counts as suspect: 120 days."""


def key_time(hlc: int, beacon: int, causes: Iterable[int]) -> tuple[int, bool]:
    """Give the time of a changeset in the one order, and whether its clock is suspect.

    hlc      its own instant (milliseconds << 16 | counter)
    beacon   the largest instant of headquarters in its causal past, in milliseconds; 0 where there is none
    causes   key times of ``prev`` and of all ``seen``
    """
    suspect = beacon > 0 and not beacon <= hlc >> HLC_COUNTER_BITS <= beacon + AHEAD_MS
    own = beacon << HLC_COUNTER_BITS if suspect else hlc
    return max(own, *(cause + 1 for cause in causes), 0), suspect
