"""Send to headquarters: one bundle in a folder, its label, and what to do with it."""

from pathlib import Path

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from branch.covers import LINE, MAIL, WAYS, contents_of, hand_over, parts_of
from branch.pages import desk
from branch.pages.words import name_entry_kind
from branch.sending import send_now
from branch.standing import WrittenRow, find_written, standing, written_bundles
from ledger.errors import NotFoundError, RuleError, TrustError
from sync.carriers import FILES, HTTPS, SMTP
from sync.carriers.settings import Carriers
from sync.carriers.writing import PAGE_BYTES, Way
from sync.export import WrittenBundle, write_branch_bundle
from sync.labels import label_number
from sync.phone_codes import take_code
from web import work
from web.folders import list_sticks, read_folder
from web.forms import Typed
from web.guards import requires

send = Blueprint("send", __name__)

NOW = {SMTP: MAIL, HTTPS: LINE}
"""What goes at once, and how it is said to have left the house."""


@send.get("/send")
@requires("bundles.send")
def new() -> ResponseReturnValue:
    """Say what there is to send, and ask where to."""
    return _page(
        Typed.begin(folder=request.args.get("folder") or usual_folder(desk.installation().home.outbox))
    )


@send.post("/send")
@requires("bundles.send")
def create() -> ResponseReturnValue:
    """Write a bundle into the folder, in the form that was chosen; or send it at once."""
    typed = Typed(request.form)
    how = typed.values.get("how") or FILES
    try:
        if how in NOW:
            return work.do_once(lambda: _sent(how))
        form = how if how in PAGE_BYTES else FILES
        folder = read_folder(typed, writable=True)
        typed.require()
        way = Way(form, parity=typed.values.get("parity") == "yes")

        def write() -> str:
            bundle = write_branch_bundle(desk.installation(), folder, volume_bytes=PAGE_BYTES[form], way=way)
            return _shown_at(bundle, str(folder))

        return work.do_once(write)
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422


@send.post("/send/arrival")
@requires("bundles.send")
def arrival() -> ResponseReturnValue:
    """Take a code that headquarters read out: it moves where the next bundle starts."""
    typed = Typed.begin(folder=usual_folder(desk.installation().home.outbox))
    try:
        return work.do_once(
            lambda: url_for("send.new", told=take_code(desk.installation(), request.form.get("code", "")).seq)
        )
    except (RuleError, TrustError) as refusal:
        return _page(typed, refusal), 422


def _sent(how: str) -> str:
    """Send the bundle now, and write down how it left the house."""
    bundle = send_now(desk.installation(), how)
    with work.edition().database.writing() as session:
        hand_over(session, bundle.bundle_id, NOW[how], work.now())
    return _shown_at(bundle, "")


def _shown_at(bundle: WrittenBundle, folder: str) -> str:
    if bundle.last_seq is None:
        return url_for("send.new", nothing=bundle.name)
    return url_for("send.show", name=bundle.name, folder=folder)


@send.get("/send/<name>")
@requires("bundles.send")
def show(name: str) -> str:
    """Show a bundle that was written: its files, the label for the medium, and what to do with it."""
    return _bundle_page("send/show.html", name)


@send.get("/send/<name>/note")
@requires("bundles.send")
def note(name: str) -> str:
    """Show the cover note that goes with the medium."""
    return _bundle_page("send/note.html", name)


@send.post("/send/<name>/handed")
@requires("bundles.send")
def hand(name: str) -> ResponseReturnValue:
    """Write down that the bundle left the house, and how."""
    bundle = _get(name)
    how = Typed(request.form).choice("how", WAYS)
    if not how:
        raise NotFoundError(kind="way", key=request.form.get("how", ""))

    def act() -> str:
        with work.edition().database.writing() as session:
            hand_over(session, bundle.bundle_id, how, work.now())
        return url_for("send.show", name=name, folder=request.args.get("folder", ""))

    return work.do_once(act)


def _get(name: str) -> WrittenRow:
    with work.reading() as session:
        bundle = find_written(session, desk.installation().facts.device, name)
    if bundle is None:
        raise NotFoundError(kind="bundle", key=name)
    return bundle


def _bundle_page(template: str, name: str) -> str:
    installation = desk.installation()
    bundle = _get(name)
    folder = request.args.get("folder", "")
    files = _volumes(folder, bundle.name)
    with work.reading() as session:
        contents = contents_of(
            session,
            installation.facts.device,
            installation.place.office_id,
            (bundle.first_seq or 0, bundle.last_seq or 0),
            bundle.last_day or desk.today(),
        )
    return render_template(
        template,
        bundle=bundle,
        number=label_number(installation.place.office_code, bundle.number),
        contents=contents,
        kinds=[(_(name_entry_kind(kind)), count) for kind, count in contents.kinds],
        folder=folder,
        files=files,
        parts=parts_of(files),
    )


def _volumes(folder: str, name: str) -> list[str]:
    """List the files of a bundle in a folder that may be gone by now."""
    try:
        found = Path(folder).glob(f"{name}[.-]*") if folder else []
        return sorted(path.name for path in found if path.suffix.upper() != ".TXT")
    except (OSError, ValueError):
        return []


def usual_folder(own: Path) -> str:
    """Give the folder that most people mean: the first stick, else this installation's own folder."""
    return str(next(iter(list_sticks()), own.absolute()))


def _page(typed: Typed, refusal: RuleError | TrustError | None = None) -> str:
    installation = desk.installation()
    with work.reading() as session:
        return render_template(
            "send/new.html",
            standing=standing(session, installation.facts.device),
            written=written_bundles(session, installation.facts.device),
            sticks=[str(place) for place in list_sticks()],
            own=installation.home.outbox.absolute(),
            carriers=Carriers.read(installation),
            nothing=request.args.get("nothing", ""),
            told=request.args.get("told", type=int),
            typed=typed,
            refusal=refusal,
        )
