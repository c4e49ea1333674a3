"""Every page of headquarters, asked with nonsense."""

from tests.hq.conftest import LogIn
from tests.support.nonsense import faults


def test_nonsense_is_answered_in_words(log_in: LogIn) -> None:
    """Dates, numbers, NUL, ten thousand letters, rows that there are not: never a fault of the program."""
    known = {"code": ["KIT"]}
    assert faults(log_in("admin"), known) == []
