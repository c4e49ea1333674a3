"""Everything else: each act of a branch has a form that opens, refuses beside the field, and does."""

import pytest
from sqlalchemy import func, select

from banking.acts import ACTS
from banking.acts.registry import Place
from console.act_forms import Kind, form_fields
from schema.people import Center
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn
from tests.branch.pages.test_lending import send
from tests.support.branch_home import Known
from tests.support.forms import tokens

AT_BRANCH = [one for one in ACTS.values() if Place.BRANCH in one.at]


def test_every_act_of_a_branch_is_listed_and_its_form_opens(log_in: LogIn) -> None:
    admin = log_in("admin")
    listed = admin.get("/acts").text
    for one in AT_BRANCH:
        assert f'href="/acts/{one.name}"' in listed, one.name
        page = admin.get(f"/acts/{one.name}")
        assert page.status_code == 200, one.name
        for field in one.fields:
            assert f'name="{field.name}' in page.text, (one.name, field.name)


def test_nobody_sees_or_opens_what_the_role_may_not(log_in: LogIn) -> None:
    aisha = log_in("aisha")
    listed = aisha.get("/acts").text
    assert "/acts/loan.state" in listed
    assert "/acts/loan.write_off" not in listed
    assert aisha.get("/acts/loan.write_off").status_code == 403
    assert aisha.get("/acts/limit.set").status_code == 404
    assert aisha.get("/acts/nothing.at_all").status_code == 404


@pytest.mark.parametrize(
    "name", ["cash.move", "savings.open", "journal.post", "officer.assign", "loan.apply"]
)
def test_nonsense_is_told_beside_its_field(log_in: LogIn, name: str) -> None:
    moses = log_in("moses")
    fields = form_fields(ACTS[name].fields)
    typed = {
        field.name: "nonsense" for field in fields if field.kind not in {Kind.ROWS, Kind.TEXT, Kind.LINES}
    }
    answer = send(moses, f"/acts/{name}", step="look", **typed)
    assert answer.status_code == 422
    for field in fields:
        if field.kind in {Kind.DAY, Kind.AMOUNT}:
            assert f'id="{field.name}-complaint"' in answer.text, field.name


def test_what_it_would_do_is_shown_and_nothing_kept(branch: Installation, log_in: LogIn) -> None:
    moses = log_in("moses")
    seen = send(moses, "/acts/center.create", step="look", name="Kapsara")
    assert "Not done yet" in seen.text
    with branch.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Center)) == 0
    done = send(moses, "/acts/center.create", step="do", name="Kapsara")
    assert done.status_code == 200
    assert "Done." in done.text
    with branch.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Center)) == 1


def test_a_form_sent_twice_is_done_once(branch: Installation, log_in: LogIn) -> None:
    moses = log_in("moses")
    fields = {**tokens(moses, "/acts/center.create"), "step": "do", "name": "Kapsara"}
    assert moses.post("/acts/center.create", data=fields).status_code == 200
    assert moses.post("/acts/center.create", data=fields).status_code == 303
    with branch.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Center)) == 1


def test_a_question_is_answered_at_once(known: Known, log_in: LogIn) -> None:
    answer = send(log_in("aisha"), "/acts/loan.state", step="look", loan="KIT-L-000002")
    assert "The answer:" in answer.text
    assert "active" in answer.text
    assert ">Do it" not in answer.text


def test_rows_of_a_list_are_typed_and_a_bad_cell_is_told_in_its_place(known: Known, log_in: LogIn) -> None:
    moses = log_in("moses")
    rows = {"loan": "KIT-L-000001", "members-1-client": "KIT-C-000001", "members-2-principal": "300"}
    answer = send(moses, "/acts/loan.members", step="look", **rows)
    assert answer.status_code == 422
    assert 'id="members-1-principal-complaint"' in answer.text
    assert 'id="members-2-client-complaint"' in answer.text
    assert 'value="300"' in answer.text
