"""``satchel hq chase``: asking branches for what is missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.answers import Refused, answer
from console.home import HomeOptions, home_options, opened, operator

if TYPE_CHECKING:
    from hq.chasing import Chase
    from sync.installation import Installation


@click.command()
@home_options
@click.option("--branch", "code", default="", help="Only this branch; without it, all that are behind.")
@click.option("--mail", "by_mail", is_flag=True, help="Mail each note to the address of its branch.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the notes for printing.")
def chase(options: HomeOptions, code: str, by_mail: bool, out: Path | None) -> None:
    """Name what is missing of branches, and ask for it on paper or by mail."""
    from hq.chasing import list_chases, text_of

    with opened(options, "hq") as installation:
        with installation.database.reading() as session:
            chases = list_chases(installation, session, code)
        today = installation.clock().date()
        texts = [text_of(one, installation.place.institution, today) for one in chases]
        if out is not None and chases:
            out.write_text("\n\n\f".join(texts) + "\n", encoding="utf-8")
            _keep(installation, chases, texts)
        mailed = _mail(installation, chases, texts) if by_mail else []
    notes = [
        _note(one, text, str(out or "")) | (mailed[at] if mailed else {})
        for at, (one, text) in enumerate(zip(chases, texts, strict=True))
    ]
    lines = [_line(one) for one in chases] or ["Nothing is missing, and nobody is late."]
    lines += [f"{note['branch']}: mailed to {note['sent_to']}" for note in notes if note["sent_to"]]
    failed = [note for note in notes if note.get("error")]
    if failed:
        raise Refused({"notes": notes}, [*lines, *(f"{note['branch']}: {note['error']}" for note in failed)])
    answer({"notes": notes}, lines, as_json=options.as_json)


def _keep(installation: "Installation", chases: "Sequence[Chase]", texts: Sequence[str]) -> None:
    from hq.chasing import keep_note

    with installation.exclusive() as session:
        now = installation.clock()
        for one, text in zip(chases, texts, strict=True):
            keep_note(session, one, text, now, operator(installation))


def _mail(
    installation: "Installation", chases: "Sequence[Chase]", texts: Sequence[str]
) -> list[dict[str, object]]:
    """Mail every note, each on its own: one that cannot go does not hold up the others."""
    from hq.chasing import keep_note, mail_note
    from ledger.errors import TrustError

    told: list[dict[str, object]] = []
    for one, text in zip(chases, texts, strict=True):
        try:
            sent_to = mail_note(installation, one, text)
        except TrustError as refusal:
            told.append({"error": f"{refusal} {refusal.next_step}"})
            continue
        with installation.exclusive() as session:
            keep_note(session, one, text, installation.clock(), operator(installation), sent_to)
        told.append({"sent_to": sent_to})
    return told


def _note(one: "Chase", text: str, file: str) -> dict[str, object]:
    return {
        "branch": one.office.code,
        "labels": one.labels,
        "missing": [
            {"device": gap.device, "first": gap.first, "last": gap.last, "labels": list(gap.labels)}
            for gap in one.missing
        ],
        "days_behind": one.status.days_behind,
        "late": one.is_late,
        "text": text,
        "file": file,
        "sent_to": "",
    }


def _line(one: "Chase") -> str:
    wanted = [
        f"{', '.join(gap.labels) or 'a bundle'} with the entries {gap.first} to {gap.last}"
        for gap in one.missing
    ]
    if one.is_late:
        wanted.append(f"{one.status.days_behind} days behind")
    return f"{one.office.code}: {'; '.join(wanted)}"
