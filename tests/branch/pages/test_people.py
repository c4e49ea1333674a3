"""People who log in: the list, a new one, roles, passwords, languages, and the log of what they saw."""

import re
from datetime import timedelta

from flask.testing import FlaskClient

from tests.branch.pages.conftest import LogIn, hidden, tokens
from tests.support.branch_home import PASSPHRASE, PASSWORD, Clock

NEW = {
    "username": "Zuri",
    "full_name": "Zuri Achieng",
    "role": "cashier",
    "password": "karibu sana",
    "again": "karibu sana",
}


def _form_with(client: FlaskClient, path: str, step: str) -> dict[str, str]:
    """Give the tokens of the form of a page that does ``step``."""
    page = client.get(path).text.partition("<main")[2]
    forms = page.split("<form")
    return hidden(next(form for form in forms if f'value="{step}"' in form)) | {"step": step}


def _add(admin: FlaskClient) -> str:
    answer = admin.post("/people/new", data=tokens(admin, "/people/new") | NEW)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_an_administrator_gives_somebody_a_log_in(log_in: LogIn) -> None:
    """The new cashier logs in with what was typed; the list shows name, role and state."""
    admin = log_in("admin")
    _add(admin)
    listed = admin.get("/people").text
    assert "Zuri Achieng" in listed
    assert "cashier" in listed
    zuri = admin.application.test_client()
    answer = zuri.post("/login", data={"username": "zuri", "password": "karibu sana"})
    assert answer.status_code == 303


def test_two_different_passwords_are_refused_and_the_rest_is_kept(log_in: LogIn) -> None:
    """The sentence stands beside the field; the name is still there, no password is."""
    admin = log_in("admin")
    answer = admin.post("/people/new", data=tokens(admin, "/people/new") | NEW | {"again": "other"})
    assert answer.status_code == 422
    assert "not the same" in answer.text
    assert "Zuri Achieng" in answer.text
    assert "karibu" not in answer.text


def test_a_role_a_password_and_an_end_are_set_on_ones_page(log_in: LogIn) -> None:
    """Each is its own small form; the page shows what counts now."""
    admin = log_in("admin")
    path = _add(admin)
    admin.post(path, data=_form_with(admin, path, "role") | {"role": "auditor"})
    assert "auditor" in admin.get(path).text.partition("<h1")[2].partition("<section")[0]
    admin.post(
        path, data=_form_with(admin, path, "password") | {"password": "another 1", "again": "another 1"}
    )
    new_login = {"username": "zuri", "password": "another 1"}
    assert admin.application.test_client().post("/login", data=new_login).status_code == 303
    admin.post(path, data=_form_with(admin, path, "disable"))
    assert admin.application.test_client().post("/login", data=new_login).status_code == 422
    admin.post(path, data=_form_with(admin, path, "enable"))
    assert admin.application.test_client().post("/login", data=new_login).status_code == 303


def test_the_last_administrator_stays(log_in: LogIn) -> None:
    """Neither another role nor an end is taken."""
    admin = log_in("admin")
    page = admin.get("/people").text.partition("<main")[2]
    path = "/people/" + page.partition(">admin</a>")[0].rpartition("/people/")[2].partition('"')[0]
    assert admin.post(path, data=_form_with(admin, path, "disable")).status_code == 422
    assert admin.post(path, data=_form_with(admin, path, "role") | {"role": "clerk"}).status_code == 422


def test_a_lock_out_is_shown_and_ended_by_a_new_password(log_in: LogIn) -> None:
    """Five wrong passwords lock the name; the list says until when."""
    admin = log_in("admin")
    path = _add(admin)
    for _try in range(5):
        admin.application.test_client().post("/login", data={"username": "zuri", "password": "wrong one"})
    assert "locked until" in admin.get("/people").text
    admin.post(
        path, data=_form_with(admin, path, "password") | {"password": "another 1", "again": "another 1"}
    )
    assert "locked until" not in admin.get("/people").text


def test_everybody_changes_the_own_password_with_the_old_one(log_in: LogIn) -> None:
    """Without the old one it is refused beside its field."""
    clara = log_in("clara")
    form = _form_with(clara, "/me", "password") | {"password": "another 1", "again": "another 1"}
    refused = clara.post("/me", data=form | {"old": "wrong"})
    assert refused.status_code == 422
    assert 'id="old-complaint"' in refused.text
    assert clara.post("/me", data=form | {"old": PASSWORD}).status_code == 303
    new_login = {"username": "clara", "password": "another 1"}
    assert clara.application.test_client().post("/login", data=new_login).status_code == 303


def test_everybody_chooses_the_own_language(log_in: LogIn) -> None:
    """From then on the pages say so, and run as the language does; others keep theirs."""
    clara, moses = log_in("clara"), log_in("moses")
    clara.post("/me", data=_form_with(clara, "/me", "language") | {"language": "ar"})
    assert '<html lang="ar" dir="rtl">' in clara.get("/").text
    assert 'dir="ltr">' in moses.get("/").text.partition("<body")[0]


def test_the_log_in_page_speaks_the_language_chosen_on_this_computer(log_in: LogIn) -> None:
    """Chosen from a list on the page itself."""
    visitor = log_in("clara").application.test_client()
    assert "/language/sw" in visitor.get("/login").text
    visitor.get("/language/sw")
    assert '<html lang="sw"' in visitor.get("/login").text
    assert visitor.get("/language/xx").status_code == 404


def test_a_clerk_sees_the_own_page_and_no_other_person(log_in: LogIn) -> None:
    """People leads to oneself; adding and the log are refused."""
    clara = log_in("clara")
    assert clara.get("/people").location == "/me"
    assert clara.get("/people/new").status_code == 403
    assert clara.get("/looks").status_code == 403


def test_log_ins_and_refusals_are_in_the_log_and_can_be_asked_for(log_in: LogIn) -> None:
    """An auditor reads who logged in and who was refused, by kind, person and day."""
    aisha = log_in("aisha")
    aisha.application.test_client().post("/login", data={"username": "clara", "password": "wrong one"})
    everything = aisha.get("/looks").text
    assert "log-in refused" in everything
    assert "log-in refused" in aisha.get("/looks?kind=login").text
    assert "log-in refused" not in aisha.get("/looks?kind=paper").text
    assert "log-in refused" not in aisha.get("/looks?on=1+1+2020").text
    assert aisha.get("/looks?on=31+31+2026").status_code == 422


def test_a_report_that_was_taken_away_is_in_the_log(log_in: LogIn) -> None:
    """By name and form, under printed and exported."""
    aisha = log_in("aisha")
    assert aisha.get("/reports/trial-balance/csv").status_code == 200
    assert "trial-balance.csv" in aisha.get("/looks?kind=paper").text
    assert "trial-balance.csv" in aisha.get("/looks?subject=balance.csv").text


def test_a_log_in_ends_after_the_minutes_that_were_set(log_in: LogIn, clock: Clock) -> None:
    """Set to five, a page after six minutes asks for the password."""
    admin = log_in("admin")
    admin.post("/people/idle", data=tokens(admin, "/people/idle") | {"minutes": "5"})
    assert admin.get("/").status_code == 200
    clock.move(timedelta(minutes=6))
    assert admin.get("/").location.startswith("/login")
    assert PASSPHRASE not in admin.get("/login").text


def test_a_new_password_ends_the_other_log_ins_of_that_person(log_in: LogIn) -> None:
    """Who learned the old one is out at once; who set it stays where she is."""
    here, stolen, admin = log_in("clara"), log_in("clara"), log_in("admin")
    new = {"password": "quite another", "again": "quite another"}
    done = here.post("/me", data=_form_with(here, "/me", "password") | {"old": PASSWORD} | new)
    assert done.status_code == 303
    assert (here.get("/me").status_code, stolen.get("/me").status_code) == (200, 303)
    clara = next(
        path for path in re.findall(r'href="(/people/\d+)"', admin.get("/people").text)
        if "clara" in admin.get(path).text.partition("<main")[2]
    )  # fmt: skip
    admin.post(clara, data=_form_with(admin, clara, "password") | new)
    assert (here.get("/me").status_code, admin.get("/me").status_code) == (303, 200)
