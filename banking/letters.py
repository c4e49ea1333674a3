"""Letters that ask clients to confirm their balances: what stands on each, and the paper they are on."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.reports import REPORTS
from ledger.errors import N_, NotFoundError
from ledger.money import Money, format_major
from schema.reading import fetch

MOST: Final = 500
"""Letters in one file."""

_HERE: Final = Path(__file__).parent / "reports"
_CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH: Final = 8

_MEMBERS: Final = """
SELECT c.number FROM client AS c JOIN lending_group AS g ON g.id = c.group_id
  LEFT JOIN center AS m ON m.id = g.center_id
 WHERE g.number = ? OR m.number = ? ORDER BY c.number
"""
_PLACE: Final = """
SELECT o.code, o.name, o.language FROM client AS c JOIN office AS o ON o.id = c.origin_office_id
 WHERE c.number = ? ORDER BY c.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: to whom, of which office and in which language, and the balances to confirm.

    ``accounts``  number, product and balance (minor units): what is owed on loans, what is saved
    ``code``      eight letters that change with anything on the letter
    """

    number: str
    client: str
    name: str
    office: str
    language: str
    as_of: date
    loans: tuple[tuple[str, str, int], ...]
    savings: tuple[tuple[str, str, int], ...]
    code: str = ""


def clients_of(session: Session, group: str) -> list[str]:
    """Give the numbers of the clients of a group or a center.

    raises   NotFoundError where it has none
    """
    found = [row[0] for row in fetch(session, _MEMBERS, group, group)]
    if not found:
        raise NotFoundError(kind="group", key=group)
    return found


def write_letters(session: Session, clients: Sequence[str], as_of: date, series: str) -> list[Letter]:
    """Give a letter for each client with something owed or saved at the end of a day.

    series   what the letters' numbers begin with, such as ``S3`` for the third sample
    """
    found: list[Letter] = []
    for client in list(dict.fromkeys(clients))[:MOST]:
        report = REPORTS["client-statement"](session, client=client, as_of=as_of, start=as_of)
        loans = tuple(
            (row["number"], row["product"], int(row["outstanding"]))
            for row in report.records("loans")
            if row["outstanding"]
        )
        saved = tuple(
            (row["number"], row["product"], int(row["balance"]))
            for row in report.records("savings")
            if row["balance"]
        )
        if loans or saved:
            code, name, language = fetch(session, _PLACE, client)[0]
            letter = Letter(
                f"{series}-{len(found) + 1:03d}",
                client,
                str(report.figure("name")),
                f"{code} {name}",
                language,
                as_of,
                loans,
                saved,
            )
            found.append(_coded(letter))
    return found


def _coded(letter: Letter) -> Letter:
    """Give the letter with its check code: the first 40 bits of SHA-256 over what stands on it."""
    stated = [letter.number, letter.client, letter.as_of.isoformat(), letter.loans, letter.savings]
    whole = hashlib.sha256(json.dumps(stated).encode()).digest()
    bits = int.from_bytes(whole[:5], "big")
    code = "".join(_CODE_LETTERS[bits >> 5 * place & 31] for place in reversed(range(_CODE_LENGTH)))
    return Letter(
        letter.number,
        letter.client,
        letter.name,
        letter.office,
        letter.language,
        letter.as_of,
        letter.loans,
        letter.savings,
        code,
    )


Say = Callable[[str, str], str]
"""Gives our words in a language: the language's code, and the words."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose letters they are: institution and currency, when they are printed, and how days are written."""

    institution: str
    currency: str
    digits: int
    made_at: datetime
    printed_by: str
    day_words: Callable[[str], str]


def letters_to_pdf(letters: Sequence[Letter], sender: Sender, say: Say) -> bytes:
    """Set the letters on A4, one page each, with a slip to be cut off and sent back."""
    import typst  # noqa: PLC0415 - 80 MB of program, for those who print

    pages = [_page(letter, sender, say) for letter in letters]
    document = typst.compile(
        str(_HERE / "letters.typ"),
        font_paths=[str(_HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"letters": json.dumps(pages, ensure_ascii=False)},
        timestamp=int(sender.made_at.timestamp()),
    )
    assert isinstance(document, bytes)
    return document


def _page(letter: Letter, sender: Sender, say: Say) -> dict[str, Any]:
    def words(text: str) -> str:
        return say(letter.language, text)

    on = sender.day_words(letter.as_of.isoformat())
    accounts = [
        *((words(N_("Loan: still to pay")), *row) for row in letter.loans),
        *((words(N_("Savings: belongs to you")), *row) for row in letter.savings),
    ]
    return {
        "institution": sender.institution,
        "office": letter.office,
        "language": letter.language or "en",
        "to": f"{letter.name} · {letter.client}",
        "number": words(N_("Letter {number} · check code {code}")).format(
            number=letter.number, code=letter.code
        ),
        "title": words(N_("Please compare this with your own papers")),
        "text": words(
            N_(
                "These are your accounts in our books at the end of {day}. Please compare them with your "
                "receipts and your passbook, tick what is right on the slip below, sign it, and send it to "
                "our auditor. This letter does not ask you to pay anything."
            )
        ).format(day=on),
        "heads": [words(N_("Kind")), words(N_("Account")), f"{words(N_('Balance'))} ({sender.currency})"],
        "rows": [
            [kind, f"{number} · {product}", format_major(Money(amount), sender.digits)]
            for kind, number, product, amount in accounts
        ],
        "cut": words(N_("Cut here and send this part back")),
        "right": words(N_("These balances are right.")),
        "wrong": words(N_("They are not right. I think it is:")),
        "sign": words(N_("Day and signature or thumb print")),
        "printed": words(N_("printed by {who}")).format(who=sender.printed_by),
    }
