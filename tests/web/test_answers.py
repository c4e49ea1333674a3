"""What every answer carries, and how failures are told."""

import logging
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web
from web.headers import NAMES
from web.server import THIS_COMPUTER

STATIC = Path(web.__file__).parent / "static"


def test_every_answer_is_closed_to_others(amina: FlaskClient) -> None:
    """No foreign scripts, frames, sniffing or storing, on pages and on failures."""
    for path in ("/", "/login", "/nowhere", "/fail/fault"):
        headers = amina.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_asks_nobody_else_for_anything(amina: FlaskClient) -> None:
    """Every address on a page and in its style is on this server; no inline script or style."""
    page = amina.get("/post").text
    assert re.findall(r'(?:href|src|action)="(?!/|#|")[^"]*"', page) == []
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.search(r"url\(|@import|https?:", (STATIC / "satchel.css").read_text(encoding="utf-8"))


def test_style_and_scripts_are_light() -> None:
    """Less than 120 KB of CSS and JavaScript on any page."""
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < 120 * 1024


def test_colours_can_be_read() -> None:
    """Ink and every coloured word stand out from every paper by at least 4.5 to 1."""
    named = dict(
        re.findall(r"--([a-z-]+): #([0-9a-f]{6});", (STATIC / "satchel.css").read_text(encoding="utf-8"))
    )
    for ink in ("ink", "ink-soft", "accent", "good", "waiting", "refused"):
        for paper in ("paper", "paper-raised", "paper-shade", "paper-pure"):
            assert contrast(named[ink], named[paper]) >= 4.5, (ink, paper)
    assert contrast(named["paper"], named["accent"]) >= 4.5
    assert contrast(named["ink-on-bar"], named["ink"]) >= 4.5
    assert contrast(named["focus"], named["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2 between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_what_is_not_there_is_told(amina: FlaskClient) -> None:
    """A wrong address and a wrong number are both answered in plain words."""
    assert "There is no such page" in amina.get("/nowhere").text
    answer = amina.get("/fail/missing")
    assert answer.status_code == 404
    assert "There is no loan “KIT-L-000009”. Check the number." in answer.text


def test_what_cannot_be_trusted_is_told_with_its_code(amina: FlaskClient) -> None:
    """A damaged file says so, and what to do."""
    answer = amina.get("/fail/trust")
    assert answer.status_code == 422
    assert "The file is damaged. (BAD_HASH)" in answer.text
    assert "Copy it again." in answer.text


def test_a_fault_tells_a_number_and_nothing_internal(
    amina: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The page names an incident; the log has the place under that number, and no name or amount."""
    with caplog.at_level(logging.ERROR):
        answer = amina.get("/fail/fault")
    assert answer.status_code == 500
    found = re.search(r"[0-9A-F]{8}", answer.text.partition("incident")[2])
    assert found is not None
    assert "ZeroDivisionError" not in answer.text
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert found[0] in logged
    assert "ZeroDivisionError" in logged
    assert "conftest.py" in logged
    assert "Wanjiku" not in caplog.text + answer.text
    assert "12345" not in logged + answer.text


def test_too_large_a_form_is_refused(amina: FlaskClient) -> None:
    """A body beyond the limit is refused in plain words."""
    answer = amina.post("/post", data={"note": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "This is too large" in answer.text


def test_pages_have_language_landmarks_and_one_heading(amina: FlaskClient) -> None:
    """What screen readers steer by is there."""
    for page in (amina.get("/post").text, amina.get("/nowhere").text):
        assert '<html lang="en-GB" dir="ltr">' in page
        for tag in ("<header", "<nav", "<main", "<h1"):
            assert page.count(tag) == 1, tag
        assert 'href="#main"' in page
    inputs = re.findall(r'<input id="(\w+)"', amina.get("/post").text)
    assert inputs == ["amount", "note"]
    for name in inputs:
        assert f'<label for="{name}">' in amina.get("/post").text


def test_only_this_computer_s_names_lead_here(app: Flask) -> None:
    """Served to this computer, pages refuse a foreign name that was made to lead to it."""
    app.config[NAMES] = THIS_COMPUTER
    client = app.test_client()
    for name in ("localhost:8620", "127.0.0.1:8620", "[::1]:8620"):
        assert client.get("/healthz", headers={"Host": name}).status_code == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example:8620", "localhost@evil.example"):
        assert client.get("/login", headers={"Host": name}).status_code in {400, 403}, name


def test_there_is_an_answer_when_even_the_failure_s_page_fails(
    app: Flask, amina: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Plain words and the incident's number; still nothing internal, here or in the log."""

    def broken(_name: str) -> str:
        message = "Wanjiku Kamau"
        raise ZeroDivisionError(message)

    app.jinja_env.globals["asset"] = broken
    answer = amina.get("/fail/fault")
    assert answer.status_code == 500
    assert answer.text.startswith("Something went wrong in the program")
    assert "Wanjiku" not in answer.text + caplog.text
