"""Family, papers, timeline, surveys, and who sees what of a person."""

import pytest
from sqlalchemy import select

from banking.clients import mark_client
from banking.profiles import add_document
from banking.surveys import NewBand, NewQuestion, define_survey
from schema.replication import AuditLog
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Known


def looks(branch: Installation) -> list[tuple[str, str]]:
    """What is written of looks at people, in order."""
    with branch.database.reading() as session:
        rows = session.scalars(
            select(AuditLog).where(AuditLog.what.startswith("client.")).order_by(AuditLog.id)
        )
        return [(row.what, row.subject) for row in rows]


def test_family_is_written_down_and_taken_off(log_in: LogIn, known: Known) -> None:
    """A father stands in the list of results, where namesakes are told apart."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/family"
    typed = {"name": "Okoth Senior", "relation": "father", "born": "70", "dependant": "1", "note": "old"}
    clara.post(path, data=tokens(clara, path) | typed)
    assert "provided for" in clara.get(f"/clients/{known.client}").text
    assert "Okoth Senior" in clara.get("/clients?q=kit-c").text
    relative = clara.get(path).text.partition("/relatives/")[2].partition("/")[0]
    clara.post(f"/relatives/{relative}/remove", data=tokens(clara, path))
    assert "Okoth Senior" not in clara.get(f"/clients/{known.client}").text


@pytest.mark.parametrize(
    ("page", "field", "value"),
    [
        ("family", "name", ""),
        ("family", "relation", "boss"),
        ("family", "born", "tomorrow"),
        ("family", "phone", "0" * 41),
        ("family", "dependant", "2"),
        ("family", "note", "n" * 201),
        ("papers", "kind", ""),
        ("papers", "number", ""),
        ("papers", "number", "9" * 61),
        ("papers", "issued_on", "23 11 2026"),
        ("papers", "expires_on", "31 2 2030"),
        ("papers", "expires_on", "1 1 2019"),
        ("papers", "issued_by", "b" * 121),
    ],
)
def test_bad_input_is_told_beside_its_field(
    log_in: LogIn, known: Known, page: str, field: str, value: str
) -> None:
    """Nothing is kept, nothing that was typed is lost."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/{page}"
    good = {
        "family": {"name": "Okoth", "relation": "father"},
        "papers": {"kind": "passport", "number": "A-1", "issued_on": "1 1 2020"},
    }[page]
    answer = clara.post(path, data=tokens(clara, path) | good | {field: value})
    assert answer.status_code == 422
    assert 'class="complaint"' in answer.text
    kept = next(text for name, text in good.items() if name != field)
    assert kept in answer.text


def test_papers_say_when_they_expire(log_in: LogIn, known: Known) -> None:
    """In words beside the colour; taken off, a paper is no longer shown."""
    clara = log_in("clara")
    path = f"/clients/{known.client}/papers"
    for number, expires_on in (("A-1", "21 11 2026"), ("A-2", "22 12 2026"), ("A-3", "22 11 2030")):
        typed = {"kind": "passport", "number": number, "expires_on": expires_on, "issued_by": "the state"}
        clara.post(path, data=tokens(clara, path) | typed)
    page = clara.get(f"/clients/{known.client}").text
    assert (page.count(">expired<"), page.count(">expires soon<"), page.count("the state")) == (1, 1, 3)
    paper = clara.get(path).text.partition("/papers/")[2].partition("/")[0]
    clara.post(f"/papers/{paper}/remove", data=tokens(clara, path))
    assert "A-1" not in clara.get(path).text


def test_a_timeline_leads_to_what_happened(log_in: LogIn, known: Known) -> None:
    """Loans, savings and money with their receipts."""
    page = log_in("clara").get(f"/clients/{known.client}/timeline").text
    for shown in (
        "Became a client",
        "Asked for a loan",
        "Repayment",
        "OLD-1",
        "Deposit",
        "Savings account opened",
    ):
        assert shown in page, shown
    assert f"/loans/{known.loan}" in page
    assert log_in("clara").get(f"/clients/{known.client}/timeline?page=2").status_code == 200
    assert log_in("clara").get(f"/clients/{known.client}/timeline?page=x").status_code == 200


def test_private_numbers_are_hidden_from_who_may_not_read_them(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """An auditor sees the last three characters, on the page, in the list and among the papers."""
    with branch.unit_of_work("client.document", known.admin) as session:
        add_document(session, known.client, kind="passport", number="PASS-778899")
    clara, aisha = log_in("clara"), log_in("aisha")
    for path in (f"/clients/{known.client}", "/clients?q=kit-c"):
        assert "+254 700 123 456" in clara.get(path).text
        hidden = aisha.get(path).text
        assert "123 456" not in hidden
        assert "•••456" in hidden
    assert "PASS-778899" in clara.get(f"/clients/{known.client}").text
    assert "PASS-778899" not in aisha.get(f"/clients/{known.client}").text
    for page in ("everything", "papers", "scans", "surveys"):
        assert aisha.get(f"/clients/{known.client}/{page}").status_code == 403


def test_who_has_died_or_gets_no_loan_is_said_in_words(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """At the top of the page and in the list."""
    with branch.unit_of_work("client.mark", known.admin) as session:
        mark_client(session, known.client, blacklisted=True)
        mark_client(session, known.other, deceased=True)
    clara = log_in("clara")
    assert "blacklisted" in clara.get(f"/clients/{known.client}").text
    assert "has died" in clara.get(f"/clients/{known.other}").text
    listed = clara.get("/clients?q=kit-c").text
    assert "blacklisted" in listed
    assert "has died" in listed


def test_looking_at_a_person_is_written_down_after_the_answer(
    log_in: LogIn, branch: Installation, known: Known
) -> None:
    """Once for a while, each person's looks apart; a print is written each time."""
    clara, moses = log_in("clara"), log_in("moses")
    for browser in (clara, clara, moses):
        answer = browser.get(f"/clients/{known.client}")
        assert answer.status_code == 200
        answer.close()
    assert looks(branch) == [("client.seen", "KIT-C-000001")] * 2
    for _ in range(2):
        page = clara.get(f"/clients/{known.client}/everything")
        page.close()
    assert looks(branch)[2:] == [("client.data.printed", "KIT-C-000001")] * 2
    for shown in ("What we hold of Wanjirũ Ōkoth", "+254 700 123 456", "KIT-L-000001", "OLD-1", "Kapsara"):
        assert shown in page.text, shown


@pytest.fixture
def survey(branch: Installation, known: Known) -> int:
    """A made-up scorecard that headquarters asks."""
    questions = (
        NewQuestion("How many rooms?", options=(("One", 0), ("Two", 4))),
        NewQuestion("How many live there?", kind="number"),
        NewQuestion("Since when?", kind="date", required=0),
    )
    bands = (NewBand(0, 3, "very likely poor"), NewBand(4, 4, "less likely poor"))
    with branch.unit_of_work("reference", known.admin) as session:
        return define_survey(
            session, code="HOME", version=1, name="The house", questions=questions, bands=bands
        ).id


def test_a_survey_is_answered_and_its_score_shown(log_in: LogIn, known: Known, survey: int) -> None:
    """What does not fit stands beside its question; the answered one stands among those of before."""
    clara = log_in("clara")
    assert "The house" in clara.get(f"/clients/{known.client}/surveys").text
    path = f"/clients/{known.client}/surveys/{survey}"
    wrong = clara.post(path, data=tokens(clara, path) | {"q1": "3", "q2": "", "q3": "30 2 2020"})
    assert wrong.status_code == 422
    assert wrong.text.count('class="complaint"') == 3
    assert "1 to 2" in wrong.text
    done = clara.post(path, data=tokens(clara, path) | {"q1": "2", "q2": "7", "q3": "31 1 2020"})
    page = clara.get(done.location).text
    for shown in ("Score 4", "less likely poor", "How many rooms?", "Two", "7"):
        assert shown in page, shown
    assert "less likely poor" in clara.get(f"/clients/{known.client}/surveys").text
    assert "The house" in clara.get(f"/clients/{known.client}/timeline").text
    assert "How many rooms?" in clara.get(f"/clients/{known.client}/everything").text


def test_without_a_survey_it_is_said_how_one_comes(log_in: LogIn, known: Known) -> None:
    """An empty page is no dead end."""
    assert "Headquarters defines surveys" in log_in("clara").get(f"/clients/{known.client}/surveys").text
