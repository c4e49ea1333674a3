"""The pages that headquarters shares with branches: people, the log of looks, help."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/me", "/help", "/help?page=inbox.show", "/help/keys", "/help/books"])
def test_shared_pages_are_there_for_everybody(reader: FlaskClient, path: str) -> None:
    """Whoever reads at headquarters has an own page and help."""
    assert reader.get(path).status_code == 200


def test_f1_leads_to_what_is_written_about_the_page(reader: FlaskClient) -> None:
    """The link carries the page that it was pressed on."""
    assert 'data-key="F1"' in reader.get("/books").text
    assert "Trial balance and where its figures come from" in reader.get("/help?page=books.show").text
