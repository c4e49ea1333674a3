"""Proving the books, for auditors: runs of verify, co-signed heads, witnesses; and the audit pack."""

import shutil
import tempfile
from pathlib import Path
from typing import cast

from flask import Blueprint, current_app, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hq.audit_pack import Asked, write_audit_pack
from hq.books import list_offices
from hq.pages import desk
from hq.pages.proof_words import sentence_of
from hq.proofs import ProofDesk, co_signed, find_run, list_runs, witnesses
from ledger.errors import NotFoundError, RuleError, TrustError
from web import work
from web.forms import Typed
from web.guards import requires

proof = Blueprint("proof", __name__)

DESK = "satchel.hq.proofs"
_LONGEST_RECIPIENT = 100


@proof.get("/proof")
@requires("audit.see")
def show() -> str:
    """Show the runs of verify, what both sides have signed, and the way to the audit pack."""
    installation = desk.installation()
    with work.reading() as session:
        return render_template(
            "proof/show.html",
            runs=list_runs(session),
            state_of=proof_desk().state_of,
            heads=co_signed(installation, session),
            witnesses=witnesses(installation, session),
        )


@proof.post("/proof")
@requires("audit.see")
def create() -> ResponseReturnValue:
    """Begin a run in the background; one that is under way is not begun twice."""

    def act() -> str:
        return url_for("proof.one", run_id=proof_desk().begin(work.user().id))

    return work.do_once(act)


@proof.get("/proof/<int:run_id>")
@requires("audit.see")
def one(run_id: int) -> str:
    """Show what a run found, as a report to print."""
    with work.reading() as session:
        found = find_run(session, run_id)
    if found is None:
        raise NotFoundError(kind=_("proof"), key=str(run_id))
    line, checks = found
    return render_template(
        "proof/one.html", run=line, checks=checks, state=proof_desk().state_of(line), sentence_of=sentence_of
    )


@proof.get("/audit-pack")
@requires("audit.see")
def pack() -> str:
    """Ask what the audit pack is to hold."""
    return _pack_page(Typed.begin(branch="", start="", end="", recipient=""))


@proof.post("/audit-pack")
@requires("audit.see")
def write_pack() -> ResponseReturnValue:
    """Write the audit pack and give it to the browser as one file; nothing of it stays here."""
    typed = Typed(request.form)
    installation = desk.installation()
    installation.home.spool.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="audit-pack-", dir=installation.home.spool))
    try:
        written = write_audit_pack(installation, folder, _asked(typed), work.user().id)
    except BaseException as refusal:  # a full disk too: half a pack is nobody's to find
        shutil.rmtree(folder)
        if not isinstance(refusal, RuleError | TrustError):
            raise
        return _pack_page(typed, refusal), 422
    answer = send_file(
        written.file.absolute(),
        "application/octet-stream",
        as_attachment=True,
        download_name=written.file.name,
    )
    answer.direct_passthrough = False  # else nobody is told when it has gone out
    answer.call_on_close(lambda: shutil.rmtree(folder))
    return answer


def _asked(typed: Typed) -> Asked:
    branch = typed.text("branch", required=False, longest=8)
    start, end = (typed.day(name) if typed.values.get(name) else None for name in ("start", "end"))
    recipient = typed.text("recipient", required=False, longest=_LONGEST_RECIPIENT)
    typed.require()
    return Asked(branch, start, end, recipient)


def _pack_page(typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    with work.reading() as session:
        offices = list_offices(session)
    return render_template("proof/pack.html", typed=typed, refusal=refusal, offices=offices)


def proof_desk() -> ProofDesk:
    """Give the runs of this server."""
    return cast("ProofDesk", current_app.extensions[DESK])
