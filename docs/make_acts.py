"""Write ``docs/acts.md`` from the registry of acts: ``python docs/make_acts.py``.

With ``--print`` the text goes to standard output and no file is touched. A test fails while the file says
something else than the code.
"""
# ruff: noqa: INP001 - a script beside the documents, imported by nobody

import sys
from collections.abc import Iterator
from pathlib import Path

from banking.acts import ACTS
from banking.acts.registry import Act, Field
from banking.users import PERMISSIONS, ROLES

HEAD = """# Acts

Everything that can be done by name, at a branch or at headquarters. This page is made from the registry in
`banking/acts/` by `docs/make_acts.py`.

```
satchel branch act loan.apply --home B client=KIT-C-000001 product=WEEKLY principal=1000.00 on=2026-01-05
satchel branch act --home B --file monday.jsonl
satchel hq act --home H --file products.toml --dry-run
satchel branch act --list
```

- A field is `NAME=VALUE`; one that may stand several times is repeated. Amounts are major units, dates ISO.
- `--file` takes JSON lines (`{"act": "loan.apply", "client": "KIT-C-000001"}`) or, for a name that ends in
  `.toml`, tables `[[act]]` with `act = "loan.apply"` and the fields below it. Lists of rows need a file.
- All acts of one call are done, or none: they share one database transaction, and each gets a changeset
  under its own name. `--dry-run` does everything and keeps nothing.
- Everything that is wrong is told at once. `--json` gives `{"acts": [{"act", "result"}], "dry_run"}`, or
  `error` (the first reason) and `errors: [{"act", "name", "field", "code", "message"}]` with exit status 1.
- Who acts is the first administrator, whose passphrase opened the home. `--as NAME` is somebody else, who
  logs in with a password (`--as-password-file`, `SATCHEL_AS_PASSWORD`); `--second NAME` is the second person
  where an amount asks for one (`--second-password-file`, `SATCHEL_SECOND_PASSWORD`).
- Reference data of headquarters and the head office's own books are two chains: one call has acts of one.

A star marks what must be given.
"""


def acts_page() -> str:
    """Give the whole text of the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    for one in ACTS.values():
        yield from _act(one)


def _act(one: Act) -> Iterator[str]:
    yield f"## {one.name}"
    yield ""
    yield one.meaning
    yield ""
    allowed = [role for role in ROLES if role in PERMISSIONS[one.permission]]
    yield f"At: {', '.join(one.at)}. By: {', '.join(allowed)} (`{one.permission}`)."
    yield ""
    if one.fields:
        yield "| field | is | meaning |"
        yield "|---|---|---|"
        for field in one.fields:
            yield from _field(field, "")
        yield ""


def _field(field: Field, before: str) -> Iterator[str]:
    kind = field.reader.name if field.reader else "list of rows"
    often = ", several times" if field.many else ""
    star = "*" if field.required else ""
    yield f"| `{before}{field.name}`{star} | {kind}{often} | {field.meaning} |"
    for row in field.rows:
        yield from _field(row, f"{before}{field.name}.")


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        sys.stdout.write(acts_page())
    else:
        Path(__file__).with_name("acts.md").write_text(acts_page(), encoding="utf-8")
