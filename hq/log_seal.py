"""Headquarters' own log of log-ins, prints and exports, sealed so that nobody alters it unseen.

A branch seals its log when its day closes. Headquarters closes no day: whoever logs in first on a day seals
what was written on the days before, and so does who writes an audit pack. What was written since the last
sealing lies in the encrypted database alone.
"""

import logging
from datetime import datetime, time

from banking.days import seal_log, waits_for_seal
from ledger.errors import TrustError
from sync.chain import HEAD_OFFICE_CHAIN
from sync.installation import Installation

_log = logging.getLogger("satchel.log")


def seal_earlier_days(installation: Installation, user_id: int, now: datetime) -> bool:
    """Seal the lines of the days before ``now``'s, local time; tells whether there were any.

    Where the chain cannot be written now (its second copy is full) the log-in goes on: the lines stay where
    they are and wait for the next time; what is wrong is shown by the pages' own line of state.
    """
    today = datetime.combine(now.astimezone().date(), time()).astimezone()
    with installation.database.reading() as session:
        if not waits_for_seal(session, today):
            return False
    try:
        with installation.unit_of_work("log.seal", user_id, chain=HEAD_OFFICE_CHAIN) as session:
            seal_log(session, today)
    except TrustError as refusal:
        _log.warning("the log was not sealed: %s", refusal.code)
        return False
    return True
