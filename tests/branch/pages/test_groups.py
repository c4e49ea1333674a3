"""Groups and centers in pages: registered, changed, members moved, offices given; what is wrong is told."""

import pytest
from flask.testing import FlaskClient

from banking.groups import create_staff
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn
from tests.support.branch_home import Known
from tests.support.forms import tokens


def send(user: FlaskClient, path: str, **fields: str) -> tuple[int, str, str]:
    """Send the form of a page; gives status, where it leads, and the page."""
    answer = user.post(path, data={**tokens(user, path), **fields})
    return answer.status_code, answer.location or "", answer.text


def test_a_group_s_page_shows_members_figures_board_and_next_meetings(log_in: LogIn, known: Known) -> None:
    page = log_in("aisha").get(f"/groups/{known.group}").text
    for shown in ("Tumaini Group", "2 members", "Wanjirũ Ōkoth", "2,500.00", "Total", "Notice board"):
        assert shown in page, shown
    assert "Add a member" not in page


def test_centers_and_groups_are_registered_changed_and_found(log_in: LogIn, branch: Installation) -> None:
    """The officer and the schedule are chosen from lists; the group meets with its center."""
    clara = log_in("clara")
    with branch.unit_of_work("staff.create", 0) as session:
        officer = str(create_staff(session, "Achieng").id)
    status, center, _ = send(
        clara,
        "/centers/new",
        name="Market",
        officer=officer,
        meeting_weekday="1",
        meeting_every_weeks="2",
        first_meeting_on="23 11 2026",
    )
    assert status == 303
    assert "Monday, every 2 weeks" in clara.get(center).text
    number = center.rpartition("/")[2]
    status, group, _ = send(
        clara,
        "/groups/new",
        name="Umoja",
        center=number,
        officer="",
        meeting_weekday="",
        meeting_every_weeks="",
        first_meeting_on="",
    )
    assert status == 303
    page = clara.get(group).text
    assert "Achieng" in page
    assert "23 Nov 2026" in page
    assert clara.get("/groups?q=umoja market").location == group
    listed = clara.get("/groups").text
    assert "3 groups and centers" in listed
    assert "Umoja" in listed
    status, _, _ = send(
        log_in("moses"),
        f"{group}/change",
        name="Umoja B",
        center=number,
        officer=officer,
        meeting_weekday="3",
        meeting_every_weeks="1",
        first_meeting_on="",
    )
    assert status == 303
    assert "Wednesday, every week" in clara.get(group).text
    assert "Umoja B" in clara.get(center).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "\u202eabc"),
        ("center", "77"),
        ("officer", "77"),
        ("meeting_weekday", "8"),
        ("meeting_every_weeks", "0"),
        ("meeting_every_weeks", "53"),
        ("meeting_every_weeks", "two"),
        ("first_meeting_on", "30 2 2026"),
    ],
)
def test_a_bad_field_is_told_beside_it_and_nothing_is_lost(log_in: LogIn, field: str, value: str) -> None:
    given = {
        "name": "Umoja",
        "center": "",
        "officer": "",
        "meeting_weekday": "2",
        "meeting_every_weeks": "1",
        "first_meeting_on": "",
        field: value,
    }
    status, _, page = send(log_in("clara"), "/groups/new", **given)
    assert status == 422
    assert f'id="{field}-complaint"' in page
    assert field == "name" or 'value="Umoja"' in page


def test_who_meets_every_few_weeks_says_from_when(log_in: LogIn) -> None:
    fields = {
        "name": "Umoja",
        "center": "",
        "officer": "",
        "meeting_weekday": "2",
        "meeting_every_weeks": "4",
    }
    status, _, page = send(log_in("clara"), "/groups/new", **fields)
    assert status == 422
    assert "from it the weeks are counted" in page


def test_members_come_and_go(log_in: LogIn, known: Known) -> None:
    """Added from the search, moved out again; offices of another group end with it."""
    clara = log_in("clara")
    path = f"/groups/{known.group}"
    assert send(clara, f"{path}/roles", role="Leader", client=str(known.other), since="1 11 2026")[0] == 303
    assert "leader" in clara.get(path).text
    assert send(clara, f"{path}/members/{known.other}", group="")[0] == 303
    assert f"/clients/{known.other}" not in clara.get(path).text
    found = clara.get(f"{path}/members?q=kamau").text
    assert "Peter Kamau" in found
    assert send(clara, f"{path}/members?q=kamau", client_id=str(known.other))[0] == 303
    assert f"/clients/{known.other}" in clara.get(path).text
    roles = clara.get(f"{path}/roles").text
    assert "End it today" not in roles
    assert send(clara, f"{path}/members/{known.other}", group="99")[0] == 422


def test_an_office_is_given_and_ended(log_in: LogIn, known: Known) -> None:
    clara = log_in("clara")
    path = f"/groups/{known.group}/roles"
    assert send(clara, path, role="keeper of the box", client=str(known.client), since="22 11 2026")[0] == 303
    page = clara.get(path).text
    role = page.partition('name="end" value="')[2].partition('"')[0]
    assert send(clara, path, end=role)[0] == 303
    assert "keeper of the box" in clara.get(path).text
    assert "End it today" not in clara.get(path).text
    for field, value in (("role", ""), ("client", "5"), ("since", "x"), ("since", "23 11 2026")):
        fields = {"role": "leader", "client": str(known.client), "since": "22 11 2026", field: value}
        assert send(clara, path, **fields)[0] == 422, field


def test_only_those_who_may_write_change_groups(log_in: LogIn, known: Known) -> None:
    aisha = log_in("aisha")
    for path in (
        "/groups/new",
        "/centers/new",
        f"/groups/{known.group}/change",
        f"/groups/{known.group}/members",
    ):
        assert aisha.get(path).status_code == 403, path
