"""Schedules of 12 instalments and one payment shared over them, against the bare arithmetic.

Three ways, interleaved in one run, medians of rounds; one core, no database:

* bare      12 rows in a plain loop of ``Decimal``: interest, principal and balance, nothing checked
* schedule  ``build_schedule`` of a declining loan with equal instalments
* lived     the same, made a loan (``LoanLife``), with one late payment shared in the standard order

Run: python -m benchmarks.schedules [ROUNDS] [SCHEDULES]
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from ledger.life import LoanLife
from ledger.money import Money
from ledger.rows import MovementKind
from ledger.schedule import build_schedule
from ledger.terms import LoanTerms

ROUNDS, SCHEDULES, INSTALLMENTS = 7, 500, 12
FLOOR_A_MINUTE = 100_000
START = date(2026, 1, 5)
LATE = date(2026, 3, 1)
PAID = Money(1_000_000)


def main() -> None:
    """Print schedules a minute and how many times the bare loop each way takes."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    count = int(sys.argv[2]) if len(sys.argv) > 2 else SCHEDULES
    ways: dict[str, Callable[[int], int]] = {"bare loop": _bare, "schedule": _schedule, "lived": _live}
    for way in ways.values():
        assert way(0) == _terms(0).principal.minor  # all of them pay the principal off, to the cent
        _time(way, 50)
    times = {name: [] for name in ways}  # type: dict[str, list[float]]
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(_time(way, count))
    _print(times)


def _terms(number: int) -> LoanTerms:
    """Give the terms of one loan; every one has another principal, so that nothing can be kept."""
    return LoanTerms(principal=Money(10_000_000 + number), annual_rate=Decimal(24), installments=INSTALLMENTS)


def _bare(number: int) -> int:
    balance, rate = Decimal(10_000_000 + number), Decimal("0.02")
    growth = (1 + rate) ** INSTALLMENTS
    payment = (balance * rate * growth / (growth - 1)).to_integral_value(ROUND_HALF_EVEN)
    repaid = 0
    for row in range(INSTALLMENTS):
        interest = (balance * rate).to_integral_value(ROUND_HALF_EVEN)
        principal = balance if row == INSTALLMENTS - 1 else payment - interest
        balance -= principal
        repaid += int(principal)
    return repaid


def _schedule(number: int) -> int:
    return sum(row.principal.minor for row in build_schedule(_terms(number), START))


def _live(number: int) -> int:
    life = LoanLife(_terms(number), START)
    payment = life.pay(MovementKind.REPAYMENT, LATE, PAID)
    assert payment.split.total == PAID
    return life.principal_owed + payment.split.principal.minor


def _time(way: Callable[[int], int], count: int) -> float:
    began = time.process_time()
    for number in range(count):
        way(number)
    return (time.process_time() - began) / count


def _print(times: dict[str, list[float]]) -> None:
    bare = times["bare loop"]
    print(f"{INSTALLMENTS} instalments, seconds of one core; the floor is {FLOOR_A_MINUTE:,} a minute")
    for name, measured in times.items():
        ratios = [one / other for one, other in zip(measured, bare, strict=True)]
        median = statistics.median(measured)
        spread = f"(rounds {min(ratios):.1f}..{max(ratios):.1f})"
        per_minute = f"{60 / median:12,.0f} a minute"
        times_bare = f"x bare {median / statistics.median(bare):5.1f}"
        print(f"{name:10} {median * 1e6:8.1f} us  {per_minute}  {times_bare}  {spread}")


if __name__ == "__main__":
    main()
