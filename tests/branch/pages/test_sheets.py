"""Pages of collection sheets, without a browser: printing, paper, the draft, the check, voiding."""

import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from banking.sheets.drafts import accept_all_as_due, key_cell
from banking.sheets.keyed import read_keyed
from banking.sheets.plan import plan_sheet
from banking.sheets.sheets import print_sheet
from branch.pages.sheets import plain
from ledger.money import format_major
from schema.meetings import CollectionSheet, SheetCell
from schema.replication import AuditLog
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import NOON, TODAY, Known
from tests.support.center_fixtures import center, center_homes, homes
from tests.support.center_home import CENTER, CenterKnown

__all__ = ["center", "center_homes", "homes"]

SHEETS = "/sheets"


def print_for(client: FlaskClient, center: CenterKnown) -> str:
    """Print the sheet of the officer's meeting of the day; gives the paper's address."""
    form = hidden(client.get(SHEETS).text.partition('action="/sheets"')[2])
    answer = client.post(
        SHEETS, data=form | {"first": "22 11 2026", "last": "22 11 2026", "officer": str(center.officer)}
    )
    assert answer.status_code == 303, answer.text
    return answer.location


def sheet_of(branch: Installation) -> CollectionSheet:
    """Give the only sheet."""
    with branch.database.reading() as session:
        return session.scalars(select(CollectionSheet)).one()


def typed_cells(branch: Installation) -> dict[tuple[int, str], str]:
    """Give what is keyed."""
    with branch.database.reading() as session:
        return {(cell.line, cell.slot): cell.typed for cell in session.scalars(select(SheetCell))}


def test_an_officers_sheets_are_printed_once(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """The paper is shown; asked again, the open sheet is printed as it was and no second one is made."""
    clara = log_in("clara")
    paper = clara.get(print_for(clara, center)).text
    assert "KIT-SH-000001" in paper
    assert paper.count('class="paper"') == 2
    assert print_for(clara, center).endswith(str(sheet_of(branch).id))
    with branch.database.reading() as session:
        looks = select(AuditLog.subject).where(AuditLog.what == "sheet.print")
        assert list(session.scalars(looks)) == ["KIT-SH-000001"]


def test_the_pdf_has_thirty_members_a_page_and_all_that_belongs_on_paper(
    log_in: LogIn, center: CenterKnown, tmp_path: Path
) -> None:
    """Number, as-at, page x of y, dues, totals and lines to sign on."""
    clara = log_in("clara")
    file = tmp_path / "sheet.pdf"
    file.write_bytes(clara.get(print_for(clara, center).replace("/paper", "/paper.pdf")).data)
    text = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    ).stdout
    first, second = text.split("\f")[:2]
    for page in (first, second):
        assert "KIT-SH-000001" in page
        assert CENTER in page
        assert "Figures as at 22 Nov 2026" in page
        assert "PAL" in page
    assert ("Page 1 of 2" in first, "Page 2 of 2" in second) == (True, True)
    assert (first.count("438.46"), second.count("438.46")) == (30, 10)
    assert ("13,153.80" in first, "17,538.40" in second) == (True, True)
    for name in ("Center leader", "Loan officer", "Cashier", "Verified by"):
        assert name in second
        assert name not in first


def test_days_without_meetings_and_wrong_days_are_said(log_in: LogIn) -> None:
    """The sentence names what to do; what was typed stays."""
    clara = log_in("clara")
    assert "No meeting in these days" in clara.get(f"{SHEETS}?first=23+11+2026&last=24+11+2026").text
    assert "Choose at most 62 days" in clara.get(f"{SHEETS}?first=23+11+2026&last=1+11+2026").text
    wrong = clara.get(f"{SHEETS}?first=31+2+2026&last=24+11+2026").text
    assert 'id="first-complaint"' in wrong
    assert 'value="31 2 2026"' in wrong
    form = hidden(clara.get(SHEETS).text.partition('action="/sheets"')[2])
    answer = clara.post(SHEETS, data=form | {"first": "23 11 2026", "last": "24 11 2026"})
    assert answer.status_code == 422
    assert "There is no meeting from 23 Nov 2026 to 24 Nov 2026" in answer.text
    assert clara.post(SHEETS, data=form | {"meeting": "nonsense"}).status_code == 400


def test_one_group_can_be_printed_on_any_day(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """A place is chosen with a day of its own."""
    clara = log_in("clara")
    form = hidden(clara.get(SHEETS).text.partition('action="/sheets"')[2])
    place = {"do": "place", "place": f"center/{center.center}", "on": "25 11 2026"}
    assert clara.post(SHEETS, data=form | place | {"on": ""}).status_code == 422
    answer = clara.post(SHEETS, data=form | place)
    assert answer.status_code == 303
    assert sheet_of(branch).meeting_on.isoformat() == "2026-11-25"


def test_cells_come_one_by_one_and_wrong_ones_keep_nothing(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """What the script sends is kept at once; a cell that is none is refused in words."""
    clara = log_in("clara")
    print_for(clara, center)
    path = f"/sheets/{sheet_of(branch).id}"
    form = tokens(clara, path) | {"do": "cells"}
    script = {"X-Sheet": "1"}
    kept = clara.post(path, data=form | {"3/loan:WEEKLY:1": "१२३.५", "3/attendance": "lp"}, headers=script)
    assert kept.json == {}
    assert typed_cells(branch) == {(3, "loan:WEEKLY:1"): "123.5", (3, "attendance"): "LP"}
    wrong = clara.post(path, data=form | {"99/loan:WEEKLY:1": "1", "4/attendance": "A"}, headers=script)
    assert wrong.status_code == 422
    assert "Row 99" in wrong.text
    assert (4, "attendance") not in typed_cells(branch)
    total_is_not_told = clara.get(path).text
    assert "123.50" not in total_is_not_told
    assert "28,307" not in total_is_not_told


def test_the_check_says_what_is_missing_first(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """No cash, no amount, blank rows, a wrong cell: each in words, and nothing is posted."""
    clara = log_in("clara")
    print_for(clara, center)
    path = f"/sheets/{sheet_of(branch).id}"
    form = tokens(clara, path) | {"do": "check"}
    assert "Type the cash that was counted" in clara.post(path, data=form).text
    assert "Not checked" in clara.post(path, data=form | {"cash": "many"}).text
    assert "40 rows are not keyed whole" in clara.post(path, data=form | {"cash": "10"}).text
    wrong = clara.post(path, data=form | {"cash": "10", "2/savings:SAVE": "1.234"}).text
    assert "These cells cannot be posted" in wrong
    assert "<kbd>2.4 " in wrong
    assert sheet_of(branch).state == "printed"


def test_an_unusual_amount_is_shown_before_posting_and_said_to_be_right_by_it(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """Four times what is due: the check lists it, posting without having seen it is refused."""
    clara = log_in("clara")
    print_for(clara, center)
    path = f"/sheets/{sheet_of(branch).id}"
    clara.post(path, data=tokens(clara, path) | {"do": "cells", "8/loan:WEEKLY:1": "2000"})
    clara.post(path, data=tokens(clara, path) | {"do": "accept"})
    form = tokens(clara, path) | {"cash": "29,869.14"}
    seen = clara.post(path, data=form | {"do": "check"}).text
    assert "Look at these amounts once more" in seen
    assert 'name="sure" value="8/loan:WEEKLY:1"' in seen
    unseen = clara.post(path, data=form | {"do": "post"})
    assert unseen.status_code == 422
    assert sheet_of(branch).state == "printed"
    assert clara.post(path, data=form | {"do": "post", "sure": "8/loan:WEEKLY:1"}).status_code == 303
    assert sheet_of(branch).state == "posted"


def test_what_another_clerk_keyed_after_the_check_is_not_posted_unseen(
    log_in: LogIn, branch: Installation, center: CenterKnown, known: Known
) -> None:
    """Two cells changed between check and post, the sum as before: refused, and their keying is kept."""
    clara = log_in("clara")
    print_for(clara, center)
    path = f"/sheets/{sheet_of(branch).id}"
    clara.post(path, data=tokens(clara, path) | {"do": "accept"})
    form = tokens(clara, path) | {"cash": "28,307.60"}
    checked = clara.post(path, data=form | {"do": "check"}).text
    seen = checked.partition('name="seen" value="')[2].partition('"')[0]
    with branch.database.writing() as session:
        for line, amount in ((8, "438.45"), (9, "438.47")):
            key_cell(session, sheet_of(branch).id, line, "loan:WEEKLY:1", amount, known.admin, NOON)
    keyed = typed_cells(branch)
    refused = clara.post(path, data=form | {"do": "post", "seen": seen})
    assert refused.status_code == 422
    assert "was changed after its total was checked" in refused.text
    assert (sheet_of(branch).state, typed_cells(branch)) == ("printed", keyed)
    again = clara.post(path, data=form | {"do": "check"}).text
    seen = again.partition('name="seen" value="')[2].partition('"')[0]
    assert clara.post(path, data=form | {"do": "post", "seen": seen}).status_code == 303


def test_a_sheet_is_voided_with_a_reason_and_its_number_stays(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """Without a reason it is refused; then nothing can be keyed, and the next sheet has the next number."""
    clara = log_in("clara")
    print_for(clara, center)
    path = f"/sheets/{sheet_of(branch).id}"
    assert clara.post(f"{path}/void", data=tokens(clara, f"{path}/void")).status_code == 422
    done = clara.post(f"{path}/void", data=tokens(clara, f"{path}/void") | {"reason": "rain"})
    assert done.status_code == 303
    listed = clara.get(SHEETS).text
    assert "void" in listed
    assert "rain" in listed
    late = clara.post(
        path, data=hidden(listed) | {"do": "cells", "1/loan:WEEKLY:1": "1"}, headers={"X-Sheet": "1"}
    )
    assert late.status_code == 422
    assert "KIT-SH-000002" in clara.get(print_for(clara, center)).text


def test_a_sheet_is_found_by_the_number_on_its_paper(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """The last digits are enough; a number that is none is said beside the field."""
    clara = log_in("clara")
    print_for(clara, center)
    assert clara.get("/sheets/find?number=1").location == f"/sheets/{sheet_of(branch).id}"
    missing = clara.get("/sheets/find?number=77")
    assert missing.status_code == 422
    assert 'value="77"' in missing.text


def test_an_auditor_sees_a_sheet_and_keys_nothing(
    log_in: LogIn, branch: Installation, center: CenterKnown
) -> None:
    """No button and no way past the buttons."""
    print_for(log_in("clara"), center)
    path = f"/sheets/{sheet_of(branch).id}"
    aisha = log_in("aisha")
    page = aisha.get(path).text
    assert "readonly" in page
    assert "Check total" not in page
    form = hidden(page.partition("<main")[2])
    assert aisha.post(path, data=form | {"do": "accept"}).status_code == 403
    assert typed_cells(branch) == {}


def test_today_names_how_far_each_sheet_is(log_in: LogIn, branch: Installation, center: CenterKnown) -> None:
    """Not printed, printed, being keyed; an older sheet stays until it is posted."""
    clara = log_in("clara")
    assert "not printed" in clara.get("/").text
    print_for(clara, center)
    assert "KIT-SH-000001" in clara.get("/").text
    path = f"/sheets/{sheet_of(branch).id}"
    clara.post(path, data=tokens(clara, path) | {"do": "cells", "1/loan:WEEKLY:1": "5"})
    page = clara.get("/").text
    assert "being keyed" in page
    assert "1 cell" in page
    assert TODAY.isoformat() in page


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1,250.5", "1250.5"),
        ("12,5", "12.5"),
        (" 1 250 ", "1250"),
        ("४३८.४६", "438.46"),
        ("\u0661\u066c\u0662\u0665\u0660\u066b\u0665", "1250.5"),
        ("abc", "abc"),
    ],
)
def test_digits_of_any_script_are_read(typed: str, read: str) -> None:
    """Devanagari, Arabic, grouped, with a comma for the point; what is no amount stays as typed."""
    assert plain(typed) == read


def test_a_second_sheet_of_the_meeting_asks_for_the_number_of_the_first(
    log_in: LogIn, branch: Installation, center: CenterKnown, known: Known
) -> None:
    """Two papers of one meeting: the second is posted only by who names the first."""
    ids = []
    for _paper in range(2):
        with branch.unit_of_work("sheet.print", known.admin) as session:
            plan = plan_sheet(session, center_id=center.center, meeting_on=TODAY)
            ids.append(print_sheet(session, plan, NOON).id)
        with branch.database.writing() as session:
            accept_all_as_due(session, ids[-1], known.admin, NOON)
    clara = log_in("clara")

    def post(sheet_id: int, **further: str) -> TestResponse:
        with branch.database.reading() as session:
            keyed = read_keyed(session, sheet_id, TODAY)
        sure = [f"{line}/{slot}" for line, slot in keyed.warned]
        path = f"/sheets/{sheet_id}"
        form = tokens(clara, path) | {"do": "post", "cash": format_major(keyed.total, 2), **further}
        return clara.post(path, data=form | {"sure": sure})

    assert post(ids[0]).status_code == 303
    asked = post(ids[1])
    assert asked.status_code == 422
    assert "Sheet KIT-SH-000001 of the same meeting is posted already." in asked.text
    assert 'name="beside"' in asked.text
    assert post(ids[1], beside="KIT-SH-000002").status_code == 422
    assert post(ids[1], beside="kit-sh-000001").status_code == 303
