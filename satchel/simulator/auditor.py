"""The auditor: looks at headquarters' store and books after every step, and believes nothing they say.

Signatures, hashes, chains and sums are checked here anew from the signed bytes and from the keys that the
devices really have. The names of the invariants stand at the beginning of what is raised:

authentic  every stored changeset was signed by the device that it names
chain      what is accepted of a device is one line from its first changeset on
conserved  every entry balances; the totals of an office are those of its effective changesets, once each
kept       what was acknowledged is stored at headquarters; what was answered stays in its computer
explained  whatever is held, quarantined or without effect has a reason code
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from satchel.simulator.node import Computer
from satchel.simulator.work import LifeError, Slip
from schema.reading import fetch
from sync.changeset import INSERT, Changeset, digest
from sync.reasons import REASONS
from sync.signing import verify_digest

_SIGNED: Final = verify_digest
"""The program's own check, kept before anything may be put in its place."""

Sums = Counter[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of headquarters' store."""

    device: int
    chain: int
    seq: int
    hash: bytes
    state: str
    code: str
    as_device: int | None


@dataclass(slots=True)
class Auditor:
    """Remembers what it has checked of the bytes; everything else is looked at again each time.

    keys     the true public keys of each device, also of those that somebody made by stealing
    ignored  what was written into a laptop's chain around its program, and into none of its tables
    """

    institution: bytes
    keys: Mapping[int, set[bytes]]
    ignored: set[bytes] = field(default_factory=set)
    _sums: dict[bytes, Sums] = field(default_factory=dict)
    _prevs: dict[bytes, bytes] = field(default_factory=dict)

    def check(self, headquarters: Computer) -> list[Stored]:
        """Look at headquarters; gives its store.

        raises  LifeError
        """
        with headquarters.installation.database.reading() as session:
            rows = [
                Stored(device, chain, seq, bytes(sha256), state, code, as_device)
                for device, chain, seq, sha256, state, code, as_device in fetch(
                    session,
                    "SELECT device, chain, seq, hash, state, code, as_device FROM changeset "
                    "ORDER BY device, chain, seq, hash",
                )
            ]
            for row in rows:
                if row.hash not in self._sums:
                    self._read(session, row)
            self._check_lines(rows)
            self._check_explained(session, rows)
            self._check_sums(session, rows, headquarters.device)
        return rows

    def _read(self, session: Session, row: Stored) -> None:
        found = fetch(
            session,
            "SELECT body, signature FROM changeset WHERE device = ? AND chain = ? AND seq = ? AND hash = ?",
            row.device,
            row.chain,
            row.seq,
            row.hash,
        )
        body, signature = bytes(found[0][0]), bytes(found[0][1])
        changeset = Changeset.from_bytes(body)
        place = (changeset.device, changeset.chain, changeset.seq, digest(body))
        if place != (row.device, row.chain, row.seq, row.hash):
            raise LifeError(f"authentic: the bytes stored as {row.device}/{row.seq} are another changeset's")
        if not any(self._is_signed(key, signature, row.hash) for key in self.keys.get(row.device, ())):
            raise LifeError(f"authentic: {row.device}/{row.chain}/{row.seq} was not signed by its device")
        self._prevs[row.hash] = changeset.prev
        self._sums[row.hash] = sums_of(changeset)

    def _is_signed(self, key: bytes, signature: bytes, sha256: bytes) -> bool:
        from ledger.errors import TrustError  # noqa: PLC0415 - nowhere else in this file

        try:
            _SIGNED(key, signature, "changeset", self.institution, sha256)
        except TrustError:
            return False
        return True

    def _check_lines(self, rows: list[Stored]) -> None:
        """One line a device and chain: sequences without gap or double, each naming the one before."""
        last: dict[tuple[int, int], Stored] = {}
        for row in rows:
            if row.state != "accepted" or row.as_device is not None:
                continue
            before = last.get((row.device, row.chain))
            if row.seq != (before.seq + 1 if before else 1):
                raise LifeError(f"chain: {row.device}/{row.chain} has {row.seq} accepted out of its line")
            if before is not None and self._prevs[row.hash] != before.hash:
                raise LifeError(f"chain: {row.device}/{row.chain}/{row.seq} does not follow what is accepted")
            last[row.device, row.chain] = row

    def _check_explained(self, session: Session, rows: list[Stored]) -> None:
        excepted = {bytes(row[0]) for row in fetch(session, "SELECT hash FROM exception")}
        for row in rows:
            named = f"{row.device}/{row.chain}/{row.seq}"
            if row.state != "accepted" and row.code not in REASONS:
                raise LifeError(f"explained: {named} is {row.state} and nobody says why ({row.code!r})")
            if row.state == "accepted" and row.code and row.hash not in excepted:
                raise LifeError(
                    f"explained: {named} is without effect ({row.code}) and no exception names it"
                )

    def _check_sums(self, session: Session, rows: list[Stored], own: int) -> None:
        wanted: Sums = Counter()
        for row in rows:
            if (
                row.state == "accepted"
                and not row.code
                and (own != row.device or row.hash not in self.ignored)
            ):
                wanted.update(self._sums[row.hash])
        found = table_sums(session)
        for key in wanted.keys() | found.keys():
            if wanted[key] != found[key]:
                what, office, account = key
                raise LifeError(
                    f"conserved: {what} of office {office} account {account}: the books have {found[key]}, "
                    f"effective changesets come to {wanted[key]}"
                )


def sums_of(changeset: Changeset) -> Sums:
    """Add up what the ops of one changeset say, by (what, office, account); every entry must balance."""
    sums: Sums = Counter()
    for op in changeset.ops:
        new = op.new or {}
        if op.sign != INSERT:
            continue
        office = new.get("origin_office_id")
        if not isinstance(office, int):
            continue
        if op.table == "journal_line":
            debit, credit, account = new.get("debit"), new.get("credit"), new.get("gl_account_id")
            if isinstance(debit, int) and isinstance(credit, int) and isinstance(account, int):
                sums["ledger", office, account] += debit - credit
                sums["turnover", office, account] += debit + credit
        elif op.table == "savings_transaction" and isinstance(amount := new.get("amount"), int):
            sums["savings", office, 0] += amount
        elif op.table == "loan_transaction" and isinstance(amount := new.get("amount"), int):
            sums["loans", office, 0] += amount
    return sums


def table_sums(session: Session) -> Sums:
    """Add up what the tables say, in the same way; the daily totals must say the same as their lines."""
    found: Sums = Counter()
    daily: Sums = Counter()
    for office, account, debit, credit in fetch(
        session,
        "SELECT origin_office_id, gl_account_id, sum(debit), sum(credit) FROM journal_line GROUP BY 1, 2",
    ):
        found["ledger", office, account] += debit - credit
        found["turnover", office, account] += debit + credit
    for office, account, debit, credit in fetch(
        session,
        "SELECT origin_office_id, gl_account_id, sum(debit), sum(credit) FROM gl_day_total GROUP BY 1, 2",
    ):
        daily["ledger", office, account] += debit - credit
        daily["turnover", office, account] += debit + credit
    if +daily != +found or -daily != -found:
        raise LifeError("conserved: the daily totals are not those of the journal's lines")
    for table, what in (("savings_transaction", "savings"), ("loan_transaction", "loans")):
        query = f"SELECT origin_office_id, sum(amount) FROM {table} GROUP BY 1"  # noqa: S608 - one of two
        for office, amount in fetch(session, query):
            found[what, office, 0] += amount
    return found


def check_slips(computer: Computer, slips: Mapping[bytes, Slip]) -> None:
    """Compare what a clerk was told with what was signed, as soon as it was answered.

    raises  LifeError
    """
    with computer.installation.database.reading() as session:
        for sha256, slip in slips.items():
            rows = fetch(session, "SELECT body FROM changeset WHERE hash = ?", sha256)
            if not rows:
                raise LifeError(f"kept: {slip.kind} was answered and is not in the computer")
            sums = sums_of(Changeset.from_bytes(bytes(rows[0][0])))
            saved = sum(amount for (what, _, _), amount in sums.items() if what == "savings")
            balance = sum(amount for (what, _, _), amount in sums.items() if what == "ledger")
            if slip.kind.startswith("savings.") and saved != slip.saved:
                raise LifeError(f"kept: {slip.kind} of {slip.saved} was answered, {saved} was signed")
            if balance:
                raise LifeError(f"conserved: the entries of a {slip.kind} do not balance ({balance})")
