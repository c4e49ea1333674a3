"""Forms: refused with a reason beside the field, posted once."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Jar, fields_of, jar_of, log_in


def test_a_form_is_posted_and_leads_on(amina: FlaskClient, jar: Jar) -> None:
    """One unit of work, named, with its actor and note; then the page that shows it."""
    answer = amina.post("/post", data=fields_of(amina, "/post") | {"amount": "1,000.00", "note": "why"})
    assert (answer.status_code, answer.location) == (303, "/done/100000")
    assert jar.posted == [("jar.filled", 1, "why")]
    assert amina.get(answer.location).text == "1,000.00"


def test_a_form_sent_twice_is_posted_once(amina: FlaskClient, jar: Jar) -> None:
    """Reload, back and again: the same answer, nothing posted a second time."""
    form = fields_of(amina, "/post") | {"amount": "12.50"}
    first, second = amina.post("/post", data=form), amina.post("/post", data=form)
    assert first.location == second.location == "/done/1250"
    assert len(jar.posted) == 1


def test_a_double_click_posts_once(app: Flask, amina: FlaskClient, jar: Jar) -> None:
    """Eight copies of one form at the same moment: one posting, eight same answers."""
    form = fields_of(amina, "/post") | {"amount": "12.50"}
    cookies = {name: amina.get_cookie(name) for name in ("satchel-branch-KIT", "satchel-branch-KIT-form")}

    def send(_turn: int) -> str:
        browser = app.test_client()
        for name, cookie in cookies.items():
            assert cookie is not None
            browser.set_cookie(name, cookie.value)
        return browser.post("/post", data=form).location

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(send, range(8)))
    assert answers == {"/done/1250"}
    with jar.database.reading() as session:
        assert len(jar_of(session)) == 1


def test_a_refused_form_can_be_put_right(amina: FlaskClient, jar: Jar) -> None:
    """A refusal uses nothing up: the same form with another amount goes through."""
    form = fields_of(amina, "/post") | {"amount": "1000.01", "note": "as typed"}
    refused = amina.post("/post", data=form)
    assert refused.status_code == 422
    assert "KES 1,000.01 is more than the KES 1,000.00 still owed." in refused.text
    assert 'value="as typed"' in refused.text
    assert jar.posted == []
    assert amina.post("/post", data=form | {"amount": "1000.00"}).status_code == 303


def test_a_wrong_amount_is_told_beside_its_field(amina: FlaskClient) -> None:
    """Each way to be wrong has its sentence, tied to the field for screen readers."""
    for typed, sentence in [
        ("", "Type an amount."),
        ("0", "The amount is zero."),
        ("-5", "below zero"),
        ("1.234", "too many decimals"),
        ("12,50", "is not a number"),
        ("9" * 30, "more than the books can hold"),
        ("<b>1</b>", "is not a number"),
    ]:
        answer = amina.post("/post", data=fields_of(amina, "/post") | {"amount": typed})
        assert answer.status_code == 422
        assert sentence in answer.text, typed
        assert 'aria-describedby="amount-complaint' in answer.text
        assert "<b>1</b>" not in answer.text


def test_a_form_without_its_tokens_is_refused(amina: FlaskClient, jar: Jar) -> None:
    """Neither a forged form nor one without its one-time token posts anything."""
    form = fields_of(amina, "/post") | {"amount": "12.50"}
    assert amina.post("/post", data=form | {"csrf_token": "forged"}).status_code == 400
    assert amina.post("/post", data=form | {"once": ""}).status_code == 400
    assert jar.posted == []


def test_another_site_cannot_send_forms(amina: FlaskClient, jar: Jar) -> None:
    """Not even with right tokens, and not the log-in form either."""
    form = fields_of(amina, "/post") | {"amount": "12.50"}
    assert amina.post("/post", data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert amina.post("/post", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    login = {"username": "amina", "password": "correct horse"}
    assert amina.post("/login", data=login, headers={"Origin": "null"}).status_code == 403
    assert jar.posted == []
    assert amina.post("/post", data=form, headers={"Origin": "http://localhost"}).status_code == 303


def test_who_may_not_post_cannot(client: FlaskClient, jar: Jar) -> None:
    """The page, its menu entry and the form itself are closed to roles without the permission."""
    log_in(client, "omar")
    assert client.get("/post").status_code == 403
    page = client.get("/")
    assert 'href="/post"' not in page.text
    form = fields_of(client, "/") | {"amount": "12.50"}
    answer = client.post("/post", data=form)
    assert answer.status_code == 403
    assert "Your role does not allow it. Nothing was changed." in answer.text
    assert jar.posted == []
