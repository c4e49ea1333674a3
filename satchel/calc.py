"""``satchel calc loan``: the bank's arithmetic without a bank, JSON in, JSON out.

A key that is not known is refused by name, never ignored; what only describes a case (its title, its
source, the figures expected of it) is listed here as such.
"""

import json
import sys
from collections.abc import Mapping

import click

from ledger.errors import RuleError, UnsupportedTermError
from ledger.terms import Convention
from satchel.calc_mifos import mifos_answer
from satchel.calc_product import product_answer
from satchel.calc_reading import Fields, read_document

_NOTES = (
    "id",
    "tier",
    "category",
    "title",
    "rule",
    "source",
    "file",
    "note",
    "unsure",
    "dates_only",
    "partial_rows",
    "relative_dates",
    "strategies_that_give_the_same_figures",
    "account999",
    "summed_totals_rounded",
    "columns",
    "rounded",
)
_NEXT = {
    "UNSUPPORTED_TERM": "Leave the term out, or wait for a version that has it.",
    "BAD_JSON": "Send one JSON object in UTF-8.",
    "MISSING_KEY": "Add the key.",
}


def answer_loan(raw: bytes) -> dict[str, object]:
    """Answer one question, given as JSON.

    raises   RuleError: MalformedError, MissingKeyError, UnsupportedTermError, BadTermError, AmountError, …
    """
    document = read_document(raw)
    document.ignore(_NOTES, prefix="expected")
    if "params" in document:
        return _answer_params(document)
    product = document.inner("product")
    convention = product.choice("convention", Convention, Convention.FINERACT)
    if convention is Convention.MIFOS and "Principal" in product:
        answer = mifos_answer(product)
    else:
        answer = product_answer(document, product, convention)
    document.finish()
    return answer


def _answer_params(document: Fields) -> dict[str, object]:
    """Answer with the parameters of the mifos spreadsheets; a product beside them may only name that."""
    if "product" in document:
        product = document.inner("product")
        if product.choice("convention", Convention) is not Convention.MIFOS:
            raise UnsupportedTermError(term="params")
        product.finish()
    answer = mifos_answer(document.inner("params"))
    document.finish()
    return answer


def refusal_document(refusal: RuleError) -> dict[str, Mapping[str, str]]:
    """Say in JSON what was refused, where, and what to do next."""
    where = refusal.facts.get("term", "")
    return {
        "error": {
            "code": refusal.code,
            "message": str(refusal),
            "where": str(where),
            "next": _NEXT.get(refusal.code, "Correct the input and ask again."),
        }
    }


def answer_line(raw: bytes) -> dict[str, object]:
    """Answer one line: the figures, or the refusal as a document."""
    try:
        return answer_loan(raw)
    except RuleError as refusal:
        return dict(refusal_document(refusal))


@click.group()
def calc() -> None:
    """Compute without a bank: figures in, figures out."""


@calc.command()
@click.option("--lines", is_flag=True, help="One question and one answer per line; exit status 0.")
@click.option("--json", "as_json", is_flag=True, help="JSON is what comes anyway.")
def loan(*, lines: bool, as_json: bool) -> None:  # noqa: ARG001 - accepted by every command
    """Answer a question about a loan, read as JSON from standard input."""
    source = sys.stdin.buffer
    if lines:
        for line in source:
            click.echo(json.dumps(answer_line(line.removesuffix(b"\n"))))
        return
    answer = answer_line(source.read())
    click.echo(json.dumps(answer))
    if "error" in answer:
        sys.exit(1)
