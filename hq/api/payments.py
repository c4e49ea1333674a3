"""Payments: money that came to headquarters for an account, booked and sent to its branch as a message."""

from typing import Final

from banking.acts.registry import Place
from banking.acts.running import Who
from console.act_forms import do_act
from hq.api import scopes
from hq.api.calls import AnsweredError, find_call, keep_call
from hq.api.errors import NOT_FOUND
from hq.api.kinds import AMOUNT, CODE, NUMBER, Day, Text
from hq.api.listings import office_of
from hq.api.operations import JSON, Answer, Body, Call, Operation, Parameter
from hq.api.shapes import Field, Form, object_of
from sync.chain import HEAD_OFFICE_CHAIN

ACT: Final = "account_message.payment"
_TEXTS: Final = ("account", "amount", "gl_account", "reference", "note", "office")

_MADE: Final = (
    Field("message", Form.ID, "Id of the message to the branch."),
    Field("kind", Form.TEXT, "payment."),
    Field("key", Form.TEXT, "The reference, under which it is booked once."),
    Field("office", Form.TEXT, "Code of the branch that keeps the account."),
    Field("account", Form.TEXT, "Number of the account."),
    Field("amount", Form.MONEY, "What came in."),
    Field("on", Form.DAY, "The day from which it counts."),
)


def _post(call: Call) -> Answer:
    """Book a payment; the answer is kept in the same transaction."""
    installation, caller = call.installation, call.caller
    key, digest = call.values["Idempotency-Key"], call.values["digest"]
    with installation.database.reading() as session:
        office_of(session, call)  # a token that is bound to another office stops here
        earlier = find_call(session, caller.token_id, key, digest)
    if earlier is not None:
        return earlier
    fields: dict[str, object] = {name: call.values[name] for name in _TEXTS if name in call.values}
    if "on" in call.values:
        fields["on"] = call.values["on"].isoformat()
    who = Who(caller.role, (Place.HEAD_OFFICE,))
    try:
        with installation.unit_of_work(ACT, caller.user_id, chain=HEAD_OFFICE_CHAIN) as session:
            earlier = find_call(session, caller.token_id, key, digest)
            if earlier is not None:  # the same call was faster
                raise AnsweredError(earlier)
            answer = (201, dict(do_act(session, ACT, fields, who)))
            keep_call(session, caller.token_id, key, digest, answer, call.now)
    except AnsweredError as answered:
        return answered.answer
    return answer


OPERATIONS: Final = (
    Operation(
        "makePayment",
        "POST",
        "/payments",
        "Book money that came to headquarters for an account of a branch, and tell the branch.",
        _post,
        object_of(_MADE),
        scope=scopes.PAYMENTS,
        body=Body(
            (JSON,),
            (
                Parameter("office", CODE, "Code of the branch that keeps the account.", required=True),
                Parameter("account", NUMBER, "Number of the loan or savings account.", required=True),
                Parameter("amount", AMOUNT, "How much, in major units.", required=True),
                Parameter("gl_account", CODE, "GL code of where the money lies.", required=True),
                Parameter(
                    "reference",
                    Text(40),
                    "Of the bank or the mobile money; booked once for ever.",
                    required=True,
                ),
                Parameter("on", Day(), "The day from which it counts; today without it."),
                Parameter("note", Text(200), "A note that stays with it."),
            ),
            "The payment.",
        ),
        refusals=(NOT_FOUND,),
        group="Work",
        status=201,
    ),
)
