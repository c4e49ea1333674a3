"""Photos and scans of a client: kept from a file, shown to who may see them."""

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking import scans as kept
from banking.counter import full_name
from banking.rows import get_row
from branch.pages import looking
from ledger.errors import RuleError
from schema.people import Client
from web import work
from web.filters import told
from web.forms import Typed
from web.guards import requires

scans = Blueprint("scans", __name__)

PATH = "/clients/<int:client_id>/scans"


@scans.url_value_preprocessor
def _allow_pictures(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Let the form of pictures, and no other, bring a file; asked before anything of it is read."""
    if endpoint == "scans.create" and request.mimetype == "multipart/form-data":
        request.max_content_length = kept.MOST_FORM_BYTES


@scans.get(PATH)
@requires("clients.see_private")
def show(client_id: int) -> str:
    """Show the pictures of a client, and ask for another."""
    return _page(client_id, Typed.begin(kind=kept.PHOTO))


@scans.post(PATH)
@requires("clients.write")
def create(client_id: int) -> ResponseReturnValue:
    """Keep a picture."""
    typed = Typed(request.form)
    try:
        kind = typed.choice("kind", kept.KINDS)
        note = typed.text("note", required=False, longest=120)
        content = _read_file(typed)
        typed.require()

        def keep(session: Session) -> str:
            kept.keep_scan(session, client_id, content, kind, note)
            flash(_("The picture is kept."))
            return url_for("scans.show", client_id=client_id)

        return work.post_once("client.scan", keep)
    except RuleError as refusal:
        return _page(client_id, typed, refusal), 422


def _read_file(typed: Typed) -> bytes:
    """Read the picture and make it small before the books are locked for writing."""
    file = request.files.get("picture")
    content = b""
    if file is not None:
        content = file.read(kept.MOST_BYTES + 1)
        file.close()  # a large one lies in a temporary file
    if not content:
        typed.errors["picture"] = _("Choose a file.")
        return b""
    kind = typed.values.get("kind", "")
    try:
        return kept.make_small(content, kind if kind in kept.KINDS else kept.PHOTO)
    except RuleError as refusal:
        typed.errors["picture"] = told(refusal)
        return b""


@scans.get("/scans/<int:scan_id>")
@requires("clients.see")
def picture(scan_id: int) -> ResponseReturnValue:
    """Give one picture; documents and signatures only to who may read documents."""
    with work.reading() as session:
        row = kept.get_scan(session, scan_id)
        number = get_row(session, Client, row.client_id, "client").number
    if row.kind != kept.PHOTO and not work.may("clients.see_private"):
        return Response(status=403)
    looking.note_look(f"client.{row.kind}.seen", number)
    return Response(row.content, mimetype=kept.JPEG)  # whatever another program says that it is


def _page(client_id: int, typed: Typed, refusal: RuleError | None = None) -> str:
    with work.reading() as session:
        client = get_row(session, Client, client_id, "client")
        rows = kept.list_scans(session, client_id)
    return render_template(
        "scans/show.html",
        client=client,
        name=full_name(client),
        rows=rows,
        typed=typed,
        refusal=refusal,
        kinds_of_pictures=kept.KINDS,
        most=kept.MOST_MEGABYTES,
    )
