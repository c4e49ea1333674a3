"""Pages and postings of a branch's desk, through its whole application but without sockets.

The page of a loan with its 50 rows beside the least that such a page costs: Flask, one Core query of the same
rows, a cached template. Then repayments by four clerks at once, each as its form does it: only the posting
that commits is timed.

Run: python -m benchmarks.desk [ROUNDS] [POSTINGS OF EACH CLERK]
"""

import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader
from sqlalchemy import select

from benchmarks.branch_books import PASSWORD, ROWS_OF_A_LOAN, Size, open_large_branch
from branch.application import create_branch_application
from schema.accounts import LoanAccount
from schema.tables import metadata
from sync.installation import Installation

T = TypeVar("T")
ROUNDS, POSTINGS, CLERKS = 60, 50, 4
_SIZE: Final = Size(clients=400, loans=640, lines=20_000)
_TABLE: Final = """<!doctype html><title>Rows</title><table>{% for row in rows %}<tr><td>{{ row.number }}
<td>{{ row.due_on }}<td>{{ row.principal }}<td>{{ row.interest }}<td>{{ row.fee }}{% endfor %}</table>"""
_HIDDEN: Final = re.compile(r'name="(csrf_token|once)" value="([^"]*)"')


def main() -> None:
    """Print milliseconds and the two ratios."""
    given = [int(word) for word in sys.argv[1:]]
    rounds, postings = (*given, *(ROUNDS, POSTINGS)[len(given) :])
    with tempfile.TemporaryDirectory(dir=".") as folder, open_large_branch(Path(folder), _SIZE) as branch:
        app = create_branch_application(branch)
        with branch.database.reading() as session:
            loans = list(session.scalars(select(LoanAccount.id).order_by(LoanAccount.id)))
        _page(_log_in(app), _plain(branch), loans, rounds)
        _post(app, loans, postings)


def _log_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    form = _tokens(client.get("/login").text) | {"username": "clara", "password": PASSWORD}
    assert client.post("/login", data=form).status_code in {302, 303}
    return client


def _tokens(page: str) -> dict[str, str]:
    """Give the hidden tokens of the first form in the main part of a page."""
    tokens: dict[str, str] = {}
    for name, value in _HIDDEN.findall(page.partition("<main")[2]):
        tokens.setdefault(name, value)
    return tokens


def _plain(branch: Installation) -> FlaskClient:
    """Make an application with nothing but the reference page."""
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"rows.html": _TABLE})
    table = metadata.tables["installment"]

    @app.get("/loans/<int:loan_id>")
    def rows(loan_id: int) -> str:
        wanted = select(table).where(table.c.loan_account_id == loan_id).order_by(table.c.number)
        with branch.database.reader.connect() as connection:
            return render_template("rows.html", rows=connection.execute(wanted).all())

    return app.test_client()


def _page(ours: FlaskClient, plain: FlaskClient, loans: list[int], rounds: int) -> None:
    """Ask for one loan after another, of both in turn."""
    times: dict[str, list[float]] = {"ours": [], "plain": []}
    for place in range(rounds):
        for name, client in (("ours", ours), ("plain", plain)):
            took, page = _timed(partial(client.get, f"/loans/{loans[place % len(loans)]}"))
            assert page.status_code == 200, page.status
            assert page.text.count("<tr") >= ROWS_OF_A_LOAN, page.text.count("<tr")
            times[name].append(took)
    p50, least = (statistics.median(times[name]) for name in ("ours", "plain"))
    print(f"page of a loan with {ROWS_OF_A_LOAN} rows, p50  {1000 * p50:8.1f} ms")
    print(f"the least page of its rows, p50    {1000 * least:8.1f} ms   ratio {p50 / least:.1f}")


def _post(app: Flask, loans: list[int], postings: int) -> None:
    times: list[float] = []
    clerks = [
        threading.Thread(target=_clerk, args=(_log_in(app), loans[number::CLERKS][:postings], times))
        for number in range(CLERKS)
    ]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert len(times) == CLERKS * postings
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    print(f"repayments by {CLERKS} clerks at once, p50 {1000 * p50:8.1f} ms")
    print(f"                              p99 {1000 * p99:8.1f} ms   x p50 {p99 / p50:.1f}")


def _clerk(client: FlaskClient, loans: list[int], times: list[float]) -> None:
    """Pay each loan once: look, then post."""
    for loan in loans:
        path, paid = f"/loans/{loan}/repay", {"amount": "10"}
        seen = client.post(path, data=_tokens(client.get(path).text) | paid | {"step": "look"}).text
        form = _tokens(seen) | paid | {"step": "post"}
        took, answer = _timed(partial(client.post, path, data=form))
        assert answer.status_code == 303, answer.text
        times.append(took)


def _timed(act: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
