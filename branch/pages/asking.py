"""Doing acts from pages: with a second person at the counter, or asked for now and approved later.

A page of money calls ``ask_instead`` first: when the button “Ask for approval” was pressed (the field
``ask``), what was typed waits for a second person, and nothing is posted. Its template puts the button after
its own::

    {% import "parts/second.html" as second %}
    {{ second.fields(typed, refusal) }}
    {% call forms.buttons() %}{{ forms.go(...) }}{{ second.ask(typed, refusal) }}{% endcall %}
"""

from collections.abc import Mapping
from typing import Final

from flask import flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from banking.acts.registry import Place, Result
from banking.acts.running import Who
from banking.approvals import request_approval
from branch.pages import desk
from console import act_forms
from ledger.money import Money
from web import work

ASK: Final = "ask"
"""The button that asks instead of posting."""


def who(second_id: int | None = None) -> Who:
    """Give who acts: the user of this request, perhaps with a second person."""
    return Who(work.user().role, (Place.BRANCH,), second_id)


def ask_instead(
    act: str, fields: Mapping[str, object], subject: str, amount: Money | None = None, reason: str = ""
) -> Response | None:
    """Store what was typed for somebody else to approve, if that was asked for; else give None.

    act      as ``banking.acts`` knows it; ``fields`` as it takes them: texts, lists, rows; never a password
    subject  in a line what it is about, in the reader's language
    raises   as ``banking.approvals.request_approval``
    """
    if ASK not in request.form:
        return None

    def store(session: Session) -> str:
        made = request_approval(session, act, fields, subject, amount, reason)
        return url_for("approvals.one", request_id=made.id)

    answer = work.post_once("approval.ask", store, note=reason)
    flash(_("“%(subject)s” waits for a second person. Nothing was posted yet.", subject=subject), "waiting")
    return answer


def do_act(session: Session, name: str, fields: Mapping[str, object], second_id: int | None = None) -> Result:
    """Do one act in the unit of work of a page.

    raises   as ``console.act_forms.do_act``
    """
    return act_forms.do_act(session, name, fields, who(second_id))


def rehearse(name: str, fields: Mapping[str, object], second_id: int | None = None) -> act_forms.Rehearsal:
    """Do one act as in earnest and keep nothing of it.

    raises   as ``do_act``
    """
    return act_forms.rehearse(desk.installation(), name, fields, who(second_id), work.user().id)
