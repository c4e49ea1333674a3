"""The library: every query under its name, and the report that runs them all or one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy.orm import Session

from banking.errors import BadValueError
from banking.reports.audit import controls, entering, lending, numbering, people
from banking.reports.audit.shape import Find, Item, Query, Scope
from banking.reports.shape import Found, Question, Row, count, day, money, text
from ledger.errors import N_, NotFoundError
from schema.reading import fetch


def _query(name: str, title: str, why: str, find: Find, **limits: int) -> Query:
    return Query(name=name, title=title, why=why, find=find, limits=limits)


_WHY_BACK = N_("A payment that is dated back hides arrears, or money that somebody kept meanwhile.")

QUERIES: Final[tuple[Query, ...]] = (
    _query("back-dated", N_("Dated before its entry"), _WHY_BACK, entering.back_dated, days=0),
    _query("back-dated-1", N_("Dated more than 1 day before"), _WHY_BACK, entering.back_dated, days=1),
    _query("back-dated-3", N_("Dated more than 3 days before"), _WHY_BACK, entering.back_dated, days=3),
    _query(
        "after-close",
        N_("Entered after the day was closed"),
        N_("The cash of that day was counted already: nobody saw this money."),
        entering.after_close,
    ),
    _query(
        "reversal",
        N_("Taken back"),
        N_("A payment that is taken back leaves its money with whoever took it."),
        entering.reversals,
    ),
    _query(
        "reversal-same-person",
        N_("Taken back by its maker alone"),
        N_("Who took the money also made the entry disappear, and nobody confirmed it."),
        entering.reversed_by_maker,
    ),
    _query(
        "reversal-after-print",
        N_("Taken back after the receipt was printed"),
        N_("The client has paper for a payment that the books no longer have: ask the client."),
        entering.reversed_after_print,
    ),
    _query(
        "receipt-voided",
        N_("Receipts that became void"),
        N_("Every void receipt should lie in the branch with both its papers."),
        numbering.voided,
    ),
    _query(
        "receipt-twice",
        N_("Receipts with the same number"),
        N_("One number on two papers: one of them may be for money that was kept."),
        numbering.used_twice,
    ),
    _query(
        "receipt-missing",
        N_("Numbers missing in a series"),
        N_("A number that no receipt has may be on a paper that a client holds."),
        numbering.missing,
    ),
    _query(
        "manual-on-control",
        N_("Entered by hand on an account of loans or savings"),
        N_("The account no longer is the sum of its loans or savings: a hole is covered."),
        entering.manual_on_control,
    ),
    _query(
        "no-document",
        N_("Without words or receipt"),
        N_("Nothing says what the entry was for, so nobody can compare it with paper."),
        entering.without_document,
    ),
    _query(
        "round-amounts",
        N_("Round amounts more often than colleagues"),
        N_("Invented payments are round; real ones are what was due."),
        people.round_amounts,
        round_to=1000,
        points=30,
        least=15,
    ),
    _query(
        "outside-hours",
        N_("Entered outside working hours"),
        N_("Nobody else was in the office."),
        entering.out_of_hours,
        from_hour=6,
        to_hour=20,
    ),
    _query("sunday", N_("On a Sunday or a day of rest"), N_("The office was closed."), entering.on_sundays),
    _query("holiday", N_("On a holiday"), N_("The office was closed."), entering.on_holidays),
    _query(
        "same-phone",
        N_("Clients with the same telephone"),
        N_("Clients who are not there have the telephone of who invented them."),
        people.same_phone,
        least=2,
    ),
    _query(
        "same-id",
        N_("Clients with the same identity number"),
        N_("One person with two loans, or a client who is not there."),
        people.same_paper,
        least=2,
    ),
    _query(
        "same-address",
        N_("Clients with the same address"),
        N_("Many borrowers in one house may be one borrower; families are a common good reason."),
        people.same_address,
        least=2,
    ),
    _query(
        "staff-as-client",
        N_("Staff among the clients"),
        N_("Staff who lend to themselves, or whose telephone stands with somebody else."),
        people.staff_as_clients,
    ),
    _query(
        "never-paid",
        N_("First instalment never paid"),
        N_("A loan on which nothing ever came in may have no borrower."),
        lending.never_paid,
        days=7,
    ),
    _query(
        "lent-again",
        N_("Paid off and lent again the same day"),
        N_("A bad loan is paid with a new one, so that it does not show as late."),
        lending.lent_again,
    ),
    _query(
        "paid-by-others",
        N_("Paid from another client's savings"),
        N_("Somebody's savings cover a loan that was not paid."),
        lending.paid_by_others,
    ),
    _query(
        "part-payments",
        N_("Small part payments on late loans"),
        N_("A little money again and again makes a dead loan look alive and young."),
        lending.part_payments,
        percent=30,
        times=3,
    ),
    _query(
        "dormant-woken",
        N_("Money taken from sleeping savings"),
        N_("Savings that nobody asks for are the easiest to steal."),
        lending.woken,
        days=180,
        within_days=60,
    ),
    _query(
        "over-short",
        N_("Cash over or short again and again"),
        N_("Small differences again and again are borrowing from the drawer."),
        controls.over_short,
        times=3,
    ),
    _query(
        "clock-back",
        N_("Clock set back"),
        N_("Entries made look older than they are."),
        controls.clock_set_back,
        minutes=10,
    ),
    _query(
        "maker-checker",
        N_("One person where two are needed"),
        N_("Who confirms must be somebody else, and must have had time to look."),
        controls.maker_is_checker,
        seconds=30,
    ),
    _query(
        "chain-break",
        N_("Chains and bundles broken, missing or refused"),
        N_("What is missing or does not fit may have been removed or made up."),
        controls.chain_breaks,
    ),
)
"""In the order of domain section 6."""

BY_NAME: Final[Mapping[str, Query]] = {query.name: query for query in QUERIES}

COUNTS = (
    text("exception", N_("Name")),
    text("title", N_("Exception"), said=True),
    count("count", N_("Cases"), added=True),
    money("amount", N_("Amount"), added=False),
    text("limits", N_("Limits")),
)
ITEMS = (
    text("exception", N_("Exception")),
    text("office", N_("Office"), "office"),
    day("on", N_("Day")),
    text("at", N_("Entered")),
    text("who", N_("Who")),
    text("subject", N_("About")),
    text("loan", N_("Loan"), "loan"),
    text("savings", N_("Savings"), "savings"),
    text("client", N_("Client"), "client"),
    count("number", N_("Number")),
    text("other", N_("Beside it")),
    money("amount", N_("Amount"), added=False),
    text("entry", N_("Entry"), "entry"),
)


def find_audit_exceptions(session: Session, asked: Question) -> Found:
    """Run the queries of the library, or the one asked for.

    raises   NotFoundError for an exception that is not in the library; BadValueError for limits that are no
             ``name=number``
    """
    if asked.exception and asked.exception not in BY_NAME:
        raise NotFoundError(kind="exception", key=asked.exception)
    wanted = (BY_NAME[asked.exception],) if asked.exception else QUERIES
    limits = read_limits(asked.limits)
    unknown = set(limits) - {name for query in wanted for name in query.limits}
    if unknown:
        raise BadValueError(field="limits", given=", ".join(sorted(unknown)))
    scope = Scope(session, asked, asked.since or _month_of(asked), asked.until, limits)
    found = [(query, query.items(scope)) for query in wanted]
    counts: list[Row] = [_count_row(query, items, limits) for query, items in found]
    items: list[Row] = list(_item_rows(scope, found))
    return Found((len(items), sum(1 for _, its in found if its)), (counts, items))


def read_limits(given: str) -> dict[str, int]:
    """Read limits as they are asked for: ``days=3 times=2``.

    raises   BadValueError
    """
    found = {}
    for word in re.split(r"[\s,;]+", given.strip()):
        if not word:
            continue
        name, _, number = word.partition("=")
        if not number.isascii() or not number.isdigit() or len(number) > 12:  # noqa: PLR2004 - far above any
            raise BadValueError(field="limits", given=word)
        found[name.strip()] = int(number)
    return found


def _month_of(asked: Question) -> str:
    """Give the first day of the month of the day asked for; of ``date.max`` the books' beginning."""
    return "" if asked.as_of.year == 9999 else asked.as_of.replace(day=1).isoformat()  # noqa: PLR2004


def _count_row(query: Query, items: Sequence[Item], limits: Mapping[str, int]) -> Row:
    amounts = [abs(item.amount) for item in items if item.amount is not None]
    own = " ".join(f"{name}={limits.get(name, given)}" for name, given in query.limits.items())
    return (query.name, query.title, len(items), sum(amounts) if amounts else None, own)


def _item_rows(scope: Scope, found: Sequence[tuple[Query, list[Item]]]) -> Iterator[Row]:
    made: dict[int, int] = {
        item.made: item.recorded_at
        for _, items in found
        for item in items
        if item.user_id is None and item.made is not None and item.recorded_at is not None
    }
    who = scope.makers(made.items())
    offices = dict(_pairs(fetch(scope.session, "SELECT id, code FROM office")))
    names = dict(_pairs(fetch(scope.session, "SELECT id, username FROM user_account")))
    zone = timezone(timedelta(milliseconds=scope.offset_ms))
    for query, items in found:
        for item in items:
            user = item.user_id if item.user_id is not None else who.get(item.made or 0)
            yield (
                query.name,
                offices.get(item.office_id, ""),
                item.on,
                _instant(item.recorded_at, zone),
                names.get(user, ""),
                item.subject,
                item.loan,
                item.savings,
                item.client,
                item.number,
                item.other,
                item.amount,
                "" if item.entry is None else str(item.entry),
            )


def _pairs(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, Any]]:
    return ((row[0], row[1]) for row in rows)


def _instant(milliseconds: int | None, zone: timezone) -> str:
    """Give an instant as people read it, in local time."""
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")
