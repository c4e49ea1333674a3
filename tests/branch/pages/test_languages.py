"""Every sentence comes from a catalogue: shown with a made-up language, and from right to left."""

import html
import re
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import flask_babel
import pytest
from babel import support
from flask import Flask
from flask.testing import FlaskClient

import web
from branch import application
from sync.installation import Installation
from tests.branch.pages.conftest import hidden, tokens
from tests.support.branch_home import PASSPHRASE, Known
from web.application import create_application
from web.edition import Edition, Habits

STYLE = Path(web.__file__).parent / "static" / "satchel.css"
DATA = re.compile(
    # what people and the books are called: names are data, not language
    "Jamii Savings and Credit|Kitale|Wanjirũ Ōkoth|Peter Kamau|Tumaini Group|Kapsara|admin|Till 1"
    "|Weekly loan|Voluntary savings|KIT-[A-Z]-[0-9]+|OLD-1|KES|KIT|/[-a-z0-9_/]+"
    "|English|Français|Español|Kiswahili"  # each language is called as its own speakers call it
    r"|\b[0-9A-F]{8}\b"  # how bundles and entries are called
)


class MadeUp(support.NullTranslations):
    """A language in which every sentence stands in brackets."""

    def ugettext(self, message: str) -> str:
        """Give the sentence in brackets."""
        return f"⟦{message}⟧"

    def ungettext(self, singular: str, plural: str, n: int) -> str:
        """Give the sentence in brackets."""
        return f"⟦{singular if n == 1 else plural}⟧"


@pytest.fixture
def app(branch: Installation, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The pages of a branch in an office that writes from right to left."""

    def arabic(edition: Edition) -> Flask:
        return create_application(replace(edition, habits=lambda: Habits(language="ar")))

    monkeypatch.setattr(application, "create_application", arabic)
    return application.create_branch_application(branch)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """A browser of the administrator."""
    client = app.test_client()
    client.post("/login", data={"username": "admin", "password": PASSPHRASE})
    return client


def untranslated(page: str) -> list[str]:
    """Give the words on a page that came from no catalogue."""
    visible = re.sub(r"<(style|script)\b.*?</\1>|<!--.*?-->", " ", page, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', visible))
    text = html.unescape(f"{re.sub(r'<[^>]*>', chr(10), visible)} {spoken}")
    while "⟦" in text:
        text, before = re.sub(r"⟦[^⟦⟧]*⟧", " ", text), text
        if text == before:
            break
    return re.findall(r"[A-Za-z]{3,}", DATA.sub(" ", text))


def _paths(known: Known) -> list[str]:
    loan, savings = f"/loans/{known.loan}", f"/savings/{known.savings}"
    return [
        "/",
        "/clients?q=kit-c",
        "/clients?q=zzz",
        f"/clients/{known.client}",
        f"/groups/{known.group}",
        loan,
        f"{loan}/repay",
        savings,
        f"{savings}/deposit",
        f"{savings}/withdraw",
        "/cash",
        "/day",
        "/send",
        "/bring",
        "/status",
        "/nowhere",
    ]


def test_no_sentence_is_written_into_a_page(admin: FlaskClient, known: Known) -> None:
    """With a language of brackets, nothing but names and numbers stands outside of them."""
    with patch.object(flask_babel.Domain, "get_translations", lambda _domain: MadeUp()):
        for path in _paths(known):
            assert untranslated(admin.get(path).text) == [], path
        path = f"/loans/{known.loan}/repay"
        form = tokens(admin, path) | {"amount": "50", "step": "look"}
        for fields in (form, form | {"amount": ""}, form | {"amount": "x"}, form | {"value_date": "x"}):
            assert untranslated(admin.post(path, data=fields).text) == [], fields
        asked = hidden(admin.post(path, data=form).text.partition("<main")[2])
        answer = admin.post(path, data=form | asked | {"step": "post"})
        assert untranslated(admin.get(answer.location).text) == []
        assert untranslated(admin.get(f"{answer.location}/reverse").text) == []
        assert untranslated(admin.application.test_client().get("/login").text) == []


def test_pages_turn_around_for_languages_from_right_to_left(admin: FlaskClient) -> None:
    """The direction is told to the browser; the stylesheet knows no left and right of its own."""
    assert '<html lang="ar" dir="rtl">' in admin.get("/").text
    style = STYLE.read_text(encoding="utf-8")
    assert re.findall(r"[^-](?:left|right|margin-left|padding-right)\s*:", style) == []


def test_the_check_sees_a_sentence_without_a_catalogue() -> None:
    """The check itself works, on text and on what is spoken."""
    assert untranslated("<p>⟦Good ⟦inner⟧ day⟧</p>") == []
    assert untranslated('<p>Bad day</p><i aria-label="worse"></i>') == ["Bad", "day", "worse"]
