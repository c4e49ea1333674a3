"""The catalogues of sentences: complete where they claim to be, fit to be filled in, and compiled."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from banking import offices
from banking.acts import ACTS
from web import catalogues
from web.languages import LANGUAGES

COMPOSED = ("the least ", "the most ", "how far days ")
"""Meanings that are put together with a number or a noun: they stay in English."""


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    """Every sentence of the program."""
    return catalogues.collect()


@pytest.mark.parametrize("language", catalogues.languages())
def test_what_pages_read_is_what_translators_wrote(language: str) -> None:
    """The compiled catalogue is the compiled form of the readable one, to the byte."""
    compiled = catalogues.compiled(catalogues.read(language))
    assert catalogues.path_of(language, "mo").read_bytes() == compiled


@pytest.mark.parametrize("language", catalogues.languages())
def test_named_places_of_translations_are_those_of_the_sentences(language: str) -> None:
    """A place that is missing or misspelt would fail in front of a clerk."""
    assert catalogues.unfit(catalogues.read(language)) == []


@pytest.mark.parametrize("language", catalogues.languages())
def test_every_sentence_is_translated(language: str, wanted: Catalog) -> None:
    """Nothing is missing and nothing is only guessed: a clerk never meets another language halfway."""
    assert len(wanted) > 2000
    assert catalogues.missing(catalogues.read(language), wanted) == []


def test_every_way_to_mark_a_sentence_is_collected(wanted: Catalog) -> None:
    """Templates, declarations, plurals, rules, and what acts and their fields mean."""
    for sentence in (
        "Business day",
        "Today",
        "The amount is zero. Type what was paid.",
        "day of birth",
        "Set the calendar and the language of an office; what is not given stays.",
        "Meskerem",
    ):
        assert sentence in wanted, sentence
    assert any(not isinstance(message.id, str) for message in wanted if message.id)


def test_what_every_act_means_is_collected(wanted: Catalog) -> None:
    """Each act and each of its fields can be read in every language."""
    fields = [field for act in ACTS.values() for field in act.fields]
    rows = [row for field in fields for row in field.rows]
    meanings = {act.meaning for act in ACTS.values()} | {field.meaning for field in (*fields, *rows)}
    missing = {meaning for meaning in meanings if meaning not in wanted}
    assert {meaning for meaning in missing if not meaning.startswith(COMPOSED)} == set()


def test_a_place_that_was_lost_or_invented_is_seen() -> None:
    """The check itself works, for both kinds of places and for plurals."""
    catalogue = Catalog()
    catalogue.add("%(who)s paid {paid}", "%(who)s a payé {paid}")
    catalogue.add(("%(count)d entry", "%(count)d entries"), ("une écriture", "%(count)d écritures"))
    assert catalogues.unfit(catalogue) == []
    catalogue.add("until %(day)s", "dès %(jour)s")
    catalogue.add("No place", "Une %(place)s")
    assert len(catalogues.unfit(catalogue)) == 2


def test_languages_have_folders_and_nothing_else_does() -> None:
    """A language that is offered has a catalogue, and no catalogue lies about unused."""
    folders = {path.name for path in Path(catalogues.FOLDER).iterdir() if path.is_dir()}
    assert folders == set(LANGUAGES) - {catalogues.SOURCE}
    assert tuple(LANGUAGES) == offices.LANGUAGES
