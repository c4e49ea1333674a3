"""Collection sheets: printed for meetings, keyed back row by row, checked against the cash, posted."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from banking.sheet_outcome import sheet_outcome
from banking.sheets import drafts
from banking.sheets.columns import ATTENDANCE
from banking.sheets.errors import DraftChangedError
from banking.sheets.keyed import KeyedSheet, read_keyed
from banking.sheets.posting import post_sheet
from banking.sheets.sheets import POSTED, get_sheet
from branch.pages import desk, sheet_view
from branch.sheet_paper import SIGNATURES
from ledger.errors import N_, RuleError
from ledger.money import ZERO, Money, parse_major
from schema.accounting import Till
from web import work
from web.filters import told
from web.forms import Typed
from web.guards import requires
from web.second import read_second

sheets = Blueprint("sheets", __name__)

SAVE, CELLS, ACCEPT, CHECK, POST = "save", "cells", "accept", "check", "post"
"""What the buttons of a sheet's form do; ``cells`` is sent by the script and answered without a page."""

_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", re.ASCII)


class NoDrawerError(RuleError):
    """Cash that came back needs a drawer to lie in. No facts."""

    code = "NO_DRAWER"
    message = N_("This branch has no cash drawer in use. Nothing was posted. Open one under Tills and vault.")


@sheets.get("/sheets/<int:sheet_id>")
@requires("clients.see")
def show(sheet_id: int) -> str:
    """Show a sheet with its draft, or what was posted of it."""
    with work.reading() as session:
        if get_sheet(session, sheet_id).state == POSTED:
            outcome = sheet_outcome(session, sheet_id, desk.today())
            return render_template("sheets/posted.html", outcome=outcome, signatures=SIGNATURES)
    return _page(sheet_id)


@sheets.post("/sheets/<int:sheet_id>")
@requires("money.post")
def key(sheet_id: int) -> ResponseReturnValue:
    """Keep what was keyed, and do what the button says."""
    do = request.form.get("do", SAVE)
    try:
        if do == POST:
            _refuse_unseen(sheet_id)  # before the cells of this page take the place of somebody else's
        _keep(sheet_id)
        return {} if do == CELLS else _DONE_BY.get(do, _page)(sheet_id)
    except RuleError as refusal:
        if _from_script():
            return {"told": told(refusal)}, 422
        return _page(sheet_id, refusal=refusal), 422


def _refuse_unseen(sheet_id: int) -> None:
    """Refuse to post what somebody else keyed after the total was checked; raises DraftChangedError."""
    seen, keyed = request.form.get("seen", ""), _read(sheet_id)
    if seen and keyed.sheet.state != POSTED and seen != keyed.fingerprint:
        raise DraftChangedError(number=keyed.sheet.number)


def _from_script() -> bool:
    """Whether the page's script asks, which wants no page."""
    return "X-Sheet" in request.headers


def _keep(sheet_id: int) -> None:
    """Keep the cells of the form that differ from the draft; the script sends only such ones."""
    wanted = dict(_cells(request.form))
    if not wanted:
        return
    before = {} if _from_script() else _typed_before(sheet_id)
    with work.edition().database.writing() as session:
        for (line, slot), typed in wanted.items():
            if before.get((line, slot)) != typed:
                drafts.key_cell(session, sheet_id, line, slot, typed, work.user().id, work.now())


def _typed_before(sheet_id: int) -> dict[tuple[int, str], str]:
    keyed = _read(sheet_id)
    found = {(line.line, cell.slot): cell.typed for line in keyed.lines for cell in line.cells.values()}
    return found | {(line.line, ATTENDANCE): line.attendance_typed for line in keyed.lines}


def _cells(form: Mapping[str, str]) -> Iterator[tuple[tuple[int, str], str]]:
    """Read the fields that are cells: named ``line/slot``."""
    for name in form:
        line, slash, slot = name.partition("/")
        if slash and line.isascii() and line.isdigit():
            yield (int(line), slot), plain(form[name])


def plain(typed: str) -> str:
    """Write an amount as books read it: digits of any script as ours, without grouping, with a point."""
    letters = (str(unicodedata.decimal(letter, letter)) for letter in typed.replace("\u066b", "."))
    text = "".join(letter for letter in letters if letter != "\u066c" and not letter.isspace())
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _accept(sheet_id: int) -> ResponseReturnValue:
    with work.edition().database.writing() as session:
        count = drafts.accept_all_as_due(session, sheet_id, work.user().id, work.now())
    said = ngettext("%(num)d cell is keyed as due.", "%(num)d cells are keyed as due.", count)
    return {"told": said} if _from_script() else _page(sheet_id, said=said)


def _check(sheet_id: int) -> ResponseReturnValue:
    """Hold what was counted against what was keyed; only now the total of the sheet is told."""
    panel = _panel(_read(sheet_id), Typed(request.form))
    if _from_script():
        return render_template("sheets/panel.html", panel=panel)
    return _page(sheet_id, panel=panel)


def _post(sheet_id: int) -> ResponseReturnValue:
    """Post everything or nothing; what refuses it stands above the rows, and the draft as it was."""
    typed = Typed(request.form)
    panel = _panel(_read(sheet_id), typed)
    if panel.counted is None:
        return _page(sheet_id, panel=panel), 422
    counted, sure = panel.counted, frozenset(_confirmed())
    beside = typed.text("beside", required=False)
    try:
        desk.require_open_day()
        second_id = read_second(typed)
        with work.reading() as session:
            till_id = desk.read_till(typed, desk.drawers(session))
        typed.require()
        if till_id is None:
            raise NoDrawerError

        def post(session: Session) -> str:
            post_sheet(
                session,
                sheet_id,
                counted,
                till_id,
                approved_by_id=second_id,
                confirmed=sure,
                beside=beside,
                seen=request.form.get("seen", ""),
            )
            return url_for("sheets.show", sheet_id=sheet_id)

        answer = work.post_once("sheet.post", post)
        desk.warn_if_full(till_id)
        return answer
    except RuleError as refusal:
        return _page(sheet_id, panel=_panel(_read(sheet_id), typed, refusal)), 422


def _confirmed() -> Iterator[tuple[int, str]]:
    """Read which amounts were shown to be looked at once more before the button was pressed."""
    for name in request.form.getlist("sure"):
        line, slash, slot = name.partition("/")
        if slash and line.isascii() and line.isdigit():
            yield int(line), slot


def _read(sheet_id: int) -> KeyedSheet:
    with work.reading() as session:
        return read_keyed(session, sheet_id, desk.today())


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands above the rows after a check.

    counted   what was typed as cash; None while it is no amount
    agrees    whether it is what the rows come to, and no cell is blank or wrong
    """

    counted: Money | None
    complaint: str
    keyed: KeyedSheet
    blanks: Sequence[sheet_view.Blank]
    wrong: Sequence[sheet_view.Look]
    warnings: Sequence[sheet_view.Look]
    hints: Sequence[sheet_view.Look]
    typed: Typed
    tills: Sequence[Till]
    refusal: RuleError | None = None

    @property
    def agrees(self) -> bool:
        """Whether the sheet can be posted."""
        return self.keyed.is_complete and self.counted == self.keyed.total

    @property
    def difference(self) -> Money:
        """What was counted less what the rows come to."""
        return (self.counted or ZERO) - self.keyed.total


def _panel(keyed: KeyedSheet, typed: Typed, refusal: RuleError | None = None) -> Panel:
    counted, complaint = None, ""
    text = plain(typed.values.get("cash", ""))
    if text:
        try:
            counted = parse_major(text, work.edition().currency.digits)
        except RuleError as no_amount:
            complaint = told(no_amount)
    else:
        complaint = _("Type the cash that was counted. The total of the sheet is shown after it.")
    blanks, wrong = sheet_view.blanks(keyed), sheet_view.refused(keyed)
    hints = [] if counted is None or wrong else sheet_view.hints(keyed, counted)
    with work.reading() as session:
        tills = desk.drawers(session)
    sure = sheet_view.warnings(keyed)
    return Panel(counted, complaint, keyed, blanks, wrong, sure, hints, typed, tills, refusal)


def _page(
    sheet_id: int, *, panel: Panel | None = None, said: str = "", refusal: RuleError | None = None
) -> str:
    keyed = panel.keyed if panel is not None else _read(sheet_id)
    view = sheet_view.view_of(keyed)
    return render_template(
        "sheets/show.html",
        sheet=view,
        panel=panel,
        said=said,
        refusal=refusal,
        may_key=view.is_open and work.may("money.post"),
        words={name: _(word) for name, word in sheet_view.WORDS.items()},
        cash=request.form.get("cash", ""),
    )


_DONE_BY: Final[Mapping[str, Callable[[int], ResponseReturnValue]]] = {
    ACCEPT: _accept,
    CHECK: _check,
    POST: _post,
}
