"""Report: a sample that was drawn, drawn again, with room for the auditor's pen."""

from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.reports.shape import Found, Question, Row, blank, count, day, money, text
from banking.samples import draw_again
from ledger.errors import N_

SAMPLE = (
    count("nr", N_("Nr")),
    text("number", N_("Number")),
    text("office", N_("Office"), "office"),
    text("kind", N_("Kind")),
    text("client", N_("Client"), "client"),
    text("name", N_("Name")),
    day("on", N_("Day")),
    money("amount", N_("Amount")),
    count("hits", N_("Hits")),
    blank("seen", N_("Seen, signature"), 18),
)


def find_sample(session: Session, asked: Question) -> Found:
    """Draw the sample with a number again.

    raises   BadValueError, NotFoundError, SampleChangedError
    """
    if not asked.account.isascii() or not asked.account.isdigit():
        raise BadValueError(field="account", given=asked.account)
    sample = draw_again(session, int(asked.account))
    rows: list[Row] = [
        (nr, one.number, one.office, one.kind, one.client, one.name, one.on, one.amount, one.hits, None)
        for nr, one in enumerate(sample.drawn, start=1)
    ]
    figures = (
        sample.row.method,
        sample.wanted.source,
        sample.row.seed,
        sample.wanted.as_of.isoformat(),
        sample.row.population,
        sample.row.digest.hex()[:16],
    )
    return Found(figures, (rows,))
