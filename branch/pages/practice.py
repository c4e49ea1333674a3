"""Practice: a branch of made-up people beside this one, started and ended from here."""

from typing import cast

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from branch.practising import STARTING, PracticeServer
from ledger.errors import N_, RuleError
from web import work
from web.server import THIS_COMPUTER

practice = Blueprint("practice", __name__)

EXTENSION = "satchel.practice"
"""Where the application keeps its practice server."""

_LOOK_AGAIN_SECONDS = 2


class PracticeElsewhereError(RuleError):
    """Practice was asked for from another computer. No facts."""

    code = "PRACTICE_ELSEWHERE"
    message = N_("Practice is started at the computer of the branch itself. Nothing was started.")


def _server() -> PracticeServer:
    return cast("PracticeServer", current_app.extensions[EXTENSION])


@practice.get("/practice")
def show() -> ResponseReturnValue:
    """Say what practice is, how it stands, and the way into it; looks again by itself while it starts."""
    server = _server()
    state = server.state()
    answer = make_response(
        render_template(
            "practice/show.html", state=state, ready=server.ready(), inside=work.edition().practice
        )
    )
    if state == STARTING:
        answer.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return answer


@practice.post("/practice")
def create() -> ResponseReturnValue:
    """Start practice, and lead to the page that says where it is."""
    if request.remote_addr not in THIS_COMPUTER or work.edition().practice:
        raise PracticeElsewhereError

    def act() -> str:
        _server().start()
        return url_for("practice.show")

    return work.do_once(act)


@practice.post("/practice/stop")
def stop() -> ResponseReturnValue:
    """End practice; everything that was done there is deleted."""

    def act() -> str:
        _server().stop()
        return url_for("practice.show")

    return work.do_once(act)
