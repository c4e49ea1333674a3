"""Announcements at headquarters: told to all or to one branch, withdrawn, wrong ones refused."""

import pytest

from tests.hq.conftest import LogIn, tokens


def test_all_branches_or_one_are_told_and_it_is_withdrawn(log_in: LogIn) -> None:
    admin = log_in("admin")
    path = "/announcements/new"
    page = admin.get(path).text
    office = page.partition(">KIT")[0].rpartition('value="')[2].partition('"')[0]
    for chosen, text in (("", "Rates <stay>"), (office, "Auditors come")):
        form = {**tokens(admin, path), "text": text, "office": chosen, "on": "1 1 2026", "until": ""}
        assert admin.post(path, data=form).status_code == 303
    page = admin.get("/announcements").text
    assert "Rates &lt;stay&gt;" in page
    assert "all branches" in page
    row = page.partition('name="announcement" value="')[2].partition('"')[0]
    form = {**tokens(admin, path), "announcement": row}
    assert admin.post("/announcements", data=form).status_code == 303
    assert "ended" in admin.get("/announcements").text
    assert admin.post("/announcements", data={**tokens(admin, path), "announcement": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", ""), ("office", "9"), ("on", "soon"), ("until", "x"), ("until", "1 1 2001"), ("group", "G-1")],
)
def test_a_bad_announcement_is_told_and_kept(log_in: LogIn, field: str, value: str) -> None:
    admin = log_in("admin")
    path = "/announcements/new"
    given = {"text": "Rates stay", "office": "", "on": "1 1 2026", "until": "", "group": "", field: value}
    answer = admin.post(path, data={**tokens(admin, path), **given})
    assert answer.status_code == 422
    assert field == "text" or "Rates stay" in answer.text


def test_others_only_read(log_in: LogIn) -> None:
    aisha = log_in("aisha")
    assert "Tell the branches something" not in aisha.get("/announcements").text
    assert aisha.get("/announcements/new").status_code == 403
