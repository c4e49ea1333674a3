"""What every posting of money at the counter shares: its fields, the question before it, its receipt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from banking.counter import Owner
from banking.doubts import Doubt, Posting
from banking.ways_to_pay import ways_to_pay
from branch.pages import desk, papers
from ledger.errors import AmountError, RuleError
from ledger.money import Money
from schema.products import PaymentType
from web import work
from web.filters import money, plain_date
from web.forms import Typed

FIELDS = ("amount", "till", "way", "value_date", "note")
"""The fields of a posting, as they are carried from page to page."""

_ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed: minor units, the day that it counts, drawer and way to pay, a note, the open day."""

    amount: Money
    on: date
    open_day: date
    till_id: int | None
    payment_type_id: int | None
    note: str

    @property
    def posting(self) -> Posting:
        """What doubts are asked about."""
        return Posting(self.amount, self.on, self.open_day, work.now())


def begin(**defaults: str) -> Typed:
    """Give a fresh form of a posting: the open day, and cash."""
    return Typed.begin(value_date=plain_date(desk.find_open_day()), way="", **defaults)


def read(typed: Typed) -> Entered:
    """Read the fields of a posting; complaints stay beside their fields until ``typed.require``.

    raises   NoOpenDayError
    """
    open_day = desk.require_open_day()
    amount = typed.amount("amount")
    on = desk.read_value_date(typed, open_day)
    note = typed.text("note", required=False)
    with work.reading() as session:
        till_id = desk.read_till(typed, desk.drawers(session))
        way_id = read_way(typed, ways_to_pay(session))
    return Entered(amount, on, open_day, till_id, way_id, note)


def ways(session: Session) -> Sequence[PaymentType]:
    """List the ways to pay beside cash."""
    return ways_to_pay(session)


def way_options(session: Session) -> list[tuple[str, str]]:
    """List how money can be paid, cash first; nothing where there is only cash, so that nobody is asked."""
    ways = [(str(way.id), way.name) for way in ways_to_pay(session)]
    return [("", _("Cash")), *ways] if ways else []


def read_way(typed: Typed, ways: Sequence[PaymentType]) -> int | None:
    """Read how it is paid: None is cash."""
    if not typed.values.get("way"):
        return None
    chosen = typed.choice("way", [str(way.id) for way in ways])
    return int(chosen) if chosen else None


def answer(
    typed: Typed,
    post: Callable[[], ResponseReturnValue],
    page: Callable[[RuleError | None], str],
    *,
    at_amount: tuple[type[RuleError], ...] = (AmountError,),
) -> ResponseReturnValue:
    """Post what was typed, or show its form again: to be changed, or with what is wrong.

    at_amount   refusals whose sentence stands at the amount; others stand above the form
    """
    if typed.values.get("step") == "change":
        return page(None)
    try:
        return post()
    except at_amount as refusal:
        typed.note("amount", refusal)
        return page(None), 422
    except RuleError as refusal:
        return page(refusal), 422


def in_currency(amount: Money) -> str:
    """Write an amount behind the code of its currency."""
    return f"{work.edition().currency.code} {money(amount)}"


def needs_asking(typed: Typed, entered: Entered, doubts: Sequence[Doubt]) -> bool:
    """Tell whether something is to be asked first; writes down what is asked, so that it is asked once."""
    about = f"{entered.amount.minor}/{entered.on}"
    before, _between, codes = typed.values.get(_ASKED, "").partition("|")
    known = set(codes.split()) if before == about else set()
    now = {doubt.code for doubt in doubts}
    typed.values[_ASKED] = f"{about}|{' '.join(sorted(known | now))}"
    return not now <= known


@dataclass(frozen=True, slots=True)
class Question:
    """A posting that is asked about: its heading, whose account, its number, and the page to give up to."""

    heading: str
    owner: Owner
    account: str
    back: str


def ask(typed: Typed, question: Question, doubts: Sequence[Doubt]) -> ResponseReturnValue:
    """Ask once whether to post what looks wrong; a form that was posted already leads to its answer."""
    answered = work.find_answered()
    if answered is not None:
        return answered
    carried = [name for name in (*FIELDS, "charge", "when", _ASKED) if name in typed.values]
    return render_template("counter/ask.html", typed=typed, question=question, doubts=doubts, carried=carried)


def post(kind: str, act: Callable[[Session], tuple[str, int]], till_id: int | None) -> ResponseReturnValue:
    """Post once, then print where the printer is set to, and show the receipt.

    act   posts, and gives account kind and id of the movement whose receipt is shown
    """
    done: list[tuple[str, int]] = []

    def posting(session: Session) -> str:
        account_kind, transaction_id = act(session)
        done[:] = [(account_kind, transaction_id)]
        return url_for("receipts.show", kind=account_kind, transaction_id=transaction_id)

    answer = work.post_once(kind, posting)
    for account_kind, transaction_id in done:
        papers.print_at_once(account_kind, transaction_id)
    if done:
        desk.warn_if_full(till_id)
    return answer
