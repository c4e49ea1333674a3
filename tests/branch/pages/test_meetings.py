"""Meetings in pages: the calendar, who came, fines; moved or cancelled only after it was shown."""

import re

import pytest

from banking.groups import change_group
from banking.loans import dues
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn
from tests.branch.pages.test_groups import send
from tests.support.branch_home import TODAY, Known
from tests.support.forms import tokens


@pytest.fixture
def meets(branch: Installation, known: Known) -> str:
    """Let the group meet on Sundays from today on; gives the path of today's meeting."""
    with branch.unit_of_work("group.change", known.admin) as session:
        change_group(session, known.group, meeting_weekday=7, first_meeting_on=TODAY)
    return f"/meetings/group/{known.group}/2026-11-22"


def test_the_calendar_lists_two_weeks_and_leads_to_each_meeting(
    log_in: LogIn, meets: str, known: Known
) -> None:
    page = log_in("clara").get("/meetings").text
    assert f'href="{meets}"' in page
    assert "29 Nov 2026" in page
    assert "Sunday" in page
    of_one = log_in("clara").get(f"/meetings?kind=group&place_id={known.group}&first=2027-01-01").text
    assert "3 Jan 2027" in of_one
    assert "No meeting in these days" in log_in("clara").get("/meetings?first=2020-01-01&officer=7").text


def test_who_came_is_written_by_letters_or_digits(log_in: LogIn, meets: str, known: Known) -> None:
    """The rest is present with one button; agenda and minutes keep their lines."""
    clara = log_in("clara")
    mine = f"mark_{known.client}"
    fields = {mine: "3", "agenda": "New box\r\nElection", "minutes": "", "rest": "P"}
    assert send(clara, meets, **fields)[0] == 303
    page = clara.get(meets).text
    assert "Who came: 1 of 2" in page
    assert re.search(rf'name="{mine}" value="A"', page)
    assert "New box\nElection" in page
    assert "held" in page
    assert send(clara, meets, **{mine: "lp"})[0] == 303
    assert "Who came: 2 of 2" in clara.get(meets).text
    assert "1 of 1" in clara.get(f"/groups/{known.group}").text


def test_a_mark_that_is_none_is_told_beside_it_and_nothing_is_lost(
    log_in: LogIn, meets: str, known: Known
) -> None:
    clara = log_in("clara")
    fields = {f"mark_{known.client}": "P", f"mark_{known.other}": "Q", "minutes": "All agreed"}
    status, _, page = send(clara, meets, **fields)
    assert status == 422
    assert "Type P, LP, A or L." in page
    assert "All agreed" in page
    assert "Who came: 0 of 2" in clara.get(meets).text
    status, _, page = send(clara, meets, minutes="x" * 4001)
    assert (status, "at most 4000 characters" in page) == (422, True)
    coming = meets.replace("22", "29")
    assert send(clara, coming, agenda="Election", minutes="")[0] == 303
    assert send(clara, coming, minutes="Done")[0] == 422


def test_a_fine_stands_on_the_loan(log_in: LogIn, meets: str, known: Known, branch: Installation) -> None:
    clara = log_in("clara")
    for field, value in (("member", "7"), ("amount", "0"), ("amount", "x")):
        fields = {"member": str(known.client), "amount": "50", "note": "late", field: value}
        assert send(clara, f"{meets}/fine", **fields)[0] == 422
    status, _, _ = send(clara, f"{meets}/fine", member=str(known.client), amount="50", note="late")
    assert status == 303
    with branch.database.reading() as session:
        assert sum(due.penalty.minor for due in dues(session, known.loan)) == 5000


def test_a_meeting_is_moved_only_as_it_was_shown(log_in: LogIn, meets: str) -> None:
    """The first form shows, the second one does; what is stale, wrong or without reason changes nothing."""
    moses = log_in("moses")
    path = f"{meets}/move"
    fields = {"what": "move", "to": "24 11 2026", "reason": "Rain"}
    status, _, page = send(moses, path, **fields)
    assert status == 200
    assert "Nothing is changed yet." in page
    assert "24 Nov 2026" in page
    assert "2026-11-24" not in moses.get("/meetings?first=2026-11-23").text.partition("<table")[2][:300]
    status, _, page = send(moses, path, **fields, step="do", mark="1:2026-01-01")
    assert status == 422
    assert "look at it again" in page
    status, place, _ = send(moses, path, **fields, step="do", mark="")
    assert (status, place) == (303, meets.replace("22", "24"))
    page = moses.get(place).text
    assert "moved from" in page
    assert "Rain" in page
    assert moses.get(meets).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("to", "", "This is not a date"),
        ("to", "1 11 2026", "has passed"),
        ("to", "29 11 2026", "Choose a day between them"),
        ("reason", "", "must be filled in"),
        ("what", "dance", "Choose one of these"),
    ],
)
def test_a_move_that_cannot_be_is_told(
    log_in: LogIn, meets: str, field: str, value: str, sentence: str
) -> None:
    fields = {"what": "move", "to": "24 11 2026", "reason": "Rain", field: value}
    status, _, page = send(log_in("moses"), f"{meets}/move", **fields)
    assert status == 422
    assert sentence in page


def test_a_day_is_closed_for_all_meetings(log_in: LogIn, meets: str) -> None:
    moses = log_in("moses")
    fields = {"on": "29 11 2026", "to": "", "what": "cancel", "reason": "Election"}
    status, _, page = send(moses, "/closed-days/new", **fields)
    assert status == 200
    assert "cancelled" in page
    assert send(moses, "/closed-days/new", **fields, step="do", mark="")[0] == 303
    assert "cancelled" in moses.get("/meetings").text
    status, _, page = send(moses, "/closed-days/new", **fields)
    assert (status, "No meeting is planned" in page) == (422, True)
    assert log_in("clara").get("/closed-days/new").status_code == 403
    assert log_in("clara").get(f"{meets}/move").status_code == 403


def test_a_page_of_holidays_that_is_old_moves_nothing(log_in: LogIn) -> None:
    moses = log_in("moses")
    assert "No holiday is declared" in moses.get("/closed-days").text
    answer = moses.post("/closed-days", data={**tokens(moses, "/closed-days/new"), "mark": "1:2026-12-01"})
    assert answer.status_code == 422
    assert "look at it again" in answer.text


@pytest.mark.parametrize("path", ["group/1/2026-11-22", "club/1/2026-11-22", "group/x", "group/1/tomorrow"])
def test_a_meeting_that_is_none_is_no_page(log_in: LogIn, path: str) -> None:
    assert log_in("clara").get(f"/meetings/{path}").status_code == 404
