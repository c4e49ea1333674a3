"""How a page of the lending desk does an act: typed, read, asked for or done, each complaint at its field."""

from collections.abc import Callable, Mapping, Sequence

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from banking.acts import ACTS
from banking.acts.registry import Result
from branch.pages import asking, desk
from console.act_choices import with_choices
from console.act_forms import FormField, form_fields, place_reasons, read_form
from ledger.errors import RuleError
from ledger.money import Money
from web import work
from web.forms import Typed
from web.second import read_second


def fields_of_act(name: str, wanted: Sequence[str]) -> list[FormField]:
    """Give some fields of an act in the order of the page, chosen from lists where there are short ones."""
    with work.reading() as session:
        office_id = desk.installation().place.office_id
        made = with_choices(session, form_fields(ACTS[name].fields), office_id)
    by_name = {field.name: field for field in made}
    return [by_name[one] for one in wanted if one in by_name]


def answer_act(
    name: str,
    typed: Typed,
    fields: Sequence[FormField],
    *,
    fixed: Mapping[str, object],
    subject: str,
    amount: Money | None,
    leads_to: Callable[[Session, Result], str],
    page: Callable[[Typed, RuleError | None], str],
) -> ResponseReturnValue:
    """Do an act as it was typed, or put it before a second person; a refusal gives the page again.

    fixed     fields that the page knows, such as the loan
    amount    minor units, for whoever approves it
    leads_to  the path of what was done, from the act's result
    """
    try:
        second_id = read_second(typed)
        given = {**read_form(typed, fields, work.edition().currency), **fixed}
        typed.require()
        asked = asking.ask_instead(name, given, subject, amount)
        if asked is not None:
            return asked

        def post(session: Session) -> str:
            return leads_to(session, asking.do_act(session, name, given, second_id))

        return work.post_once(name, post)
    except RuleError as refusal:
        return page(typed, place_reasons(typed, refusal, fields)), 422
