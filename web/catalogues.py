"""Catalogues of sentences: collected from the source, brought up to date, checked and compiled.

``python -m web.catalogues update``   collect every sentence and bring the catalogues up to date
``python -m web.catalogues check``    say what is missing, fuzzy or does not fit, by language
``python -m web.catalogues compile``  write the .mo files that the pages read

Sentences are marked with ``_``, ``gettext`` and ``ngettext`` where they are shown, and with ``N_`` where they
are declared. Translators work in ``web/translations/<language>/LC_MESSAGES/messages.po``.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, TypeGuard

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from web.languages import LANGUAGES

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = Path(__file__).parent / "translations"
ROOMS: Final = ("ledger", "schema", "sync", "banking", "web", "console", "branch", "hq")
METHODS: Final = [("**/templates/**.html", "jinja2"), ("**.py", "web.catalogues:marked")]
OPTIONS: Final[Mapping[str, dict[str, Any]]] = {"**/templates/**.html": {"trimmed": "true"}}
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "N_": None}
DECLARATIONS: Final = "banking/acts"
"""Beside what is marked: what acts do and what their fields mean, which pages show under each form."""

WIDTH: Final = 110
BEGAN: Final = datetime(2026, 11, 22, tzinfo=UTC)
"""Dates in the head of a catalogue stand still: version control knows when it changed."""

SOURCE: Final = "en"
"""The language that the sentences are written in: it needs no catalogue."""

PLACES: Final = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
"""What is filled into a sentence: %(name)s in sentences of pages, {name} in those of rules."""


def languages() -> list[str]:
    """List the languages that have a catalogue."""
    return [code for code in LANGUAGES if code != SOURCE]


def marked(
    file: IO[bytes], keywords: Collection[str], _tags: Collection[str], **_options: object
) -> Iterator[tuple[int, str, tuple[str | None, ...], list[str]]]:
    """Give the calls that mark sentences in a module, as Babel wants them; its own way reads every token."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            yield node.lineno, node.func.id, tuple(_text_of(one) for one in node.args), []


def _text_of(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def collect() -> Catalog:
    """Give every sentence of the program, in the order of the files that have it."""
    template = Catalog(project="Satchel", charset="utf-8")
    for room in ROOMS:
        found = extract_from_dir(ROOT / room, METHODS, OPTIONS, KEYWORDS, comment_tags=())
        for name, _line, message, _comments, context in sorted(found, key=lambda one: (one[0], one[1])):
            template.add(message, locations=[(f"{room}/{name}", 0)], context=context)
    for path in sorted((ROOT / DECLARATIONS).glob("*.py")):
        for message in _declared(path):
            template.add(message, locations=[(f"{DECLARATIONS}/{path.name}", 0)])
    return template


def _declared(path: Path) -> Iterator[str]:
    """Give what a file declares acts and their fields to mean: of its texts, those of several words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    beside = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
    beside |= {id(one) for node in nodes if _calls(node, "fetch") for one in node.args}  # SQL
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in beside:
            if " " in node.value.strip():
                yield node.value
        elif _calls(node, "Field"):
            yield from (str(one.value) for one in node.args[2:3] if isinstance(one, ast.Constant))


def _calls(node: ast.AST, name: str) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def path_of(language: str, kind: str = "po") -> Path:
    """Give where the catalogue of a language is kept: ``po`` for people, ``mo`` for the pages."""
    return FOLDER / language / "LC_MESSAGES" / f"messages.{kind}"


def read(language: str) -> Catalog:
    """Read the catalogue of a language; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    return read_po(BytesIO(path.read_bytes()), locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """Give a catalogue as the pages read it."""
    file = BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def update() -> None:
    """Bring every catalogue up to date: new sentences wait empty, and those that are gone leave."""
    template = collect()
    for language in languages():
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        write(language, catalogue)


def write(language: str, catalogue: Catalog) -> None:
    """Write the catalogue of a language as translators have it, with a head that does not move by itself."""
    catalogue.header_comment = f"# What the pages and papers of Satchel say, in {LANGUAGES[language].name}."
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "Satchel", "1"
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    catalogue.creation_date = catalogue.revision_date = BEGAN
    file = BytesIO()
    write_po(file, catalogue, width=WIDTH, include_lineno=False)
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.getvalue())


def compile_all() -> None:
    """Write what the pages read."""
    for language in languages():
        path_of(language, "mo").write_bytes(compiled(read(language)))


def missing(catalogue: Catalog, wanted: Catalog) -> list[str]:
    """List sentences without a translation, or with one that nobody has looked at (fuzzy)."""
    return [_source(message) for message in _messages(wanted) if not _is_done(catalogue.get(_key(message)))]


def unfit(catalogue: Catalog) -> list[str]:
    """List translations whose named places are not those of the sentence."""
    wrong = []
    for message in _messages(catalogue):
        sources = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        wanted = {frozenset(PLACES.findall(source)) for source in sources}
        allowed = set().union(*wanted)
        for text in _texts(message):
            used = set(PLACES.findall(text))
            # a plural form may leave its number out ("one entry"), a plain sentence nothing
            if not used <= allowed or (len(sources) == 1 and used != allowed):
                wrong.append(f"{_source(message)} -> {text}")
    return wrong


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _source(message: Message) -> str:
    return str(_key(message))


def _texts(message: Message) -> Sequence[str]:
    return [text for text in _forms(message) if text]


def _forms(message: Message) -> Sequence[str]:
    """Give the translation of a sentence: one, or one for each plural form of the language."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _is_done(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    forms = _forms(message)
    return bool(forms) and all(forms)


def report(*, brief: bool = True) -> int:
    """Print how far each language is; gives how many sentences are wrong or missing."""
    wanted, faults = collect(), 0
    for language in languages():
        catalogue = read(language)
        left, wrong = missing(catalogue, wanted), unfit(catalogue)
        faults += len(left) + len(wrong)
        sys.stdout.write(f"{language}: {len(left)} of {len(wanted)} missing, {len(wrong)} do not fit\n")
        for line in [*wrong, *([] if brief else left)]:
            sys.stdout.write(f"  {line}\n")
    return faults


if __name__ == "__main__":
    asked = sys.argv[1:] or ["check"]
    if asked[0] == "update":
        update()
    elif asked[0] == "compile":
        compile_all()
    sys.exit(report() and asked[0] == "check")
