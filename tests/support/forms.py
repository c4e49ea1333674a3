"""The hidden tokens of forms, which a test sends back as a browser does."""

from flask.testing import FlaskClient


def tokens(client: FlaskClient, path: str) -> dict[str, str]:
    """The hidden tokens of the first form in the main part of a page."""
    return hidden(client.get(path).text.partition("<main")[2])


def hidden(page: str) -> dict[str, str]:
    """The hidden tokens of the first form in a piece of a page."""
    return {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "once")
    }
