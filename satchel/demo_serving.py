"""Serving the demonstration: headquarters and one branch from threads of this process, until Ctrl+C."""

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Final

from sqlalchemy import select

from banking.books import account_with_role
from banking.cash import account_balance, list_tills
from banking.days import close_day, current_day, last_closed_day, open_day
from banking.loan_books import ACTIVE
from banking.loans import dues
from banking.repayments import post_repayment
from banking.savings import deposit
from branch.application import PORT as BRANCH_PORT
from branch.application import create_branch_application
from console.home import operator, utc_now
from hq.application import PORT as HQ_PORT
from hq.application import create_hq_application
from ledger.errors import TrustError
from ledger.posting import Role
from satchel.demo_month import PASSWORD, shillings
from satchel.demo_towns import KITALE
from satchel.demonstration import HQ_FOLDER, branch_folder
from schema.accounts import LoanAccount, SavingsAccount
from schema.people import User
from sync.installation import Installation
from web.server import serve

HOST: Final = "127.0.0.1"
PORTS_TRIED: Final = 100
SECONDS_TO_START: Final = 180
FIRST_CLIENTS: Final = 4


@dataclass(frozen=True, slots=True)
class Served:
    """Pages that answer: whose, where, and who logs in."""

    edition: str
    address: str
    users: tuple[str, ...]


@contextmanager
def serving(folder: Path) -> Iterator[list[Served]]:
    """Serve headquarters and the branch at Kitale; both have answered ``/healthz`` when the block begins.

    raises  TrustError NOT_READY, and what opening a home raises
    """
    with _opened(folder / HQ_FOLDER) as hq, _opened(folder / branch_folder(KITALE)) as branch:
        open_today(branch, utc_now().date())
        hq_port = serve_from_thread(partial(serve, create_hq_application(hq)), HQ_PORT)
        branch_port = serve_from_thread(partial(serve, create_branch_application(branch)), BRANCH_PORT)
        yield [
            Served("Headquarters", f"http://{HOST}:{hq_port}", ("admin",)),
            Served(
                f"Branch {KITALE.name}",
                f"http://{HOST}:{branch_port}",
                (KITALE.clerk.username, KITALE.manager.username, "admin"),
            ),
        ]


def serve_from_thread(serving_one: Callable[..., None], wanted: int) -> int:
    """Serve from a thread of its own, and give the port once the pages answer."""
    bound = take_port(wanted)
    port: int = bound.getsockname()[1]
    threading.Thread(target=serving_one, kwargs={"bound": bound}, daemon=True).start()
    _wait_until_ready(port)
    return port


def _opened(home: Path) -> Installation:
    return Installation.open(str(home), PASSWORD, clock=utc_now)


def open_today(branch: Installation, today: date) -> None:
    """Open today's business day and serve its first clients, so that a visitor sees a day at work.

    A day that was left open before is closed first. Does nothing when today was opened already.
    """
    with branch.database.reading() as session:
        day, last = current_day(session), last_closed_day(session)
    actor = operator(branch)
    if day is not None and day.on < today:
        with branch.unit_of_work("day.close", actor) as session:
            close_day(session)
        last, day = day, None
    if day is None and (last is None or last.on < today):
        with branch.unit_of_work("day.open", actor) as session:
            cash = account_with_role(session, Role.CASH)
            open_day(session, today, account_balance(session, cash, branch.place.office_id))
        _serve_first_clients(branch, today)


def _serve_first_clients(branch: Installation, today: date) -> None:
    with branch.database.reading() as session:
        till = list_tills(session, branch.place.office_id)[0].id
        clerk = session.scalars(select(User.id).where(User.username == KITALE.clerk.username)).one()
        active = select(LoanAccount.id).where(LoanAccount.status == ACTIVE)
        loans = session.scalars(active.order_by(LoanAccount.id.desc())).all()
        owed = [(loan, dues(session, loan)) for loan in loans]
        savers = session.scalars(select(SavingsAccount.id).limit(FIRST_CLIENTS)).all()
    paying = [(loan, rows[0].owed) for loan, rows in owed if rows][:FIRST_CLIENTS]
    for (loan, amount), saver in zip(paying, savers, strict=False):
        with branch.unit_of_work("loan.repay", clerk) as session:
            post_repayment(session, loan, amount, today, till_id=till)
        with branch.unit_of_work("savings.deposit", clerk) as session:
            deposit(session, saver, shillings(150), today, till_id=till)


def take_port(wanted: int) -> socket.socket:
    """Take ``wanted``, or the next port after it that is free; nobody else can take it afterwards.

    raises  TrustError NO_PORT after a hundred taken ones
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        taken = socket.socket()
        if sys.platform != "win32":  # there this option would share the port with another program
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, port))
            taken.listen()
        except OSError:
            taken.close()
        else:
            return taken
    raise TrustError(
        "NO_PORT",
        f"The ports from {wanted} to {wanted + PORTS_TRIED - 1} are all taken. Nothing is served.",
        next_step="Stop another program, then start the demonstration again.",
    )


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if _answers(port):
            return
        time.sleep(0.05)
    raise TrustError(
        "NOT_READY",
        f"The pages at port {port} did not answer within {SECONDS_TO_START} seconds.",
        next_step="Start the demonstration again.",
    )


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200  # noqa: PLR2004 - HTTP's OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def wait_to_be_stopped() -> None:
    """Wait for Ctrl+C, or for the signal that asks a program to end."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {which: signal.signal(which, stop) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not stopped.wait(1):  # in pieces: on Windows a longer wait would not hear Ctrl+C
            pass
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
