"""Profiles, pictures and surveys by name, and on their way in real bundles."""

from pathlib import Path

from sqlalchemy import func, select

from banking import scans
from banking.clients import get_client
from schema.profiles import ClientField, ClientScan, IdentityDocument, Relative, SurveyAnswer, SurveyResponse
from tests.support.branch_home import Clock, Known, opened
from tests.support.pair import Pair
from tests.support.pictures import a_picture

SURVEY = """
[[act]]
act = "survey.define"
code = "HOME"
name = "The house"
question = [
  { text = "How many rooms?", option = [{ text = "One" }, { text = "Two", points = 4 }] },
  { text = "What else?", kind = "text", required = false },
]
band = [
  { least = 0, most = 3, words = "very likely poor", likelihood = 70.5 },
  { least = 4, most = 4, words = "less likely poor", likelihood = 20 },
]

[[act]]
act = "custom_field.define"
code = "HOUSE"
label = "House"
kind = "choice"
choice = ["mud", "brick"]
"""
ANSWER = """
[[act]]
act = "survey.answer"
client = "KIT-C-000001"
code = "HOME"
answer = [{ question = 1, given = "2" }, { question = 2, given = "a goat" }]
"""
TRAVELLING = (ClientField, ClientScan, IdentityDocument, Relative, SurveyAnswer, SurveyResponse)


def test_what_is_asked_comes_down_and_what_is_known_goes_up(
    pair: Pair, made: tuple[Path, Known], tmp_path: Path
) -> None:
    """A field and a survey in one bundle; family, papers, a picture, answers in the other."""
    pair.meet()
    (tmp_path / "asked.toml").write_text(SURVEY, encoding="utf-8")
    status, document = pair.hq.run("--file", str(tmp_path / "asked.toml"))
    assert status == 0, document
    pair.carry("hq", "branch")
    client = "KIT-C-000001"
    pair.branch.do("client.relative", client=client, name="Njoroge", relation="father")
    pair.branch.do("client.document", client=client, kind="passport", number="A1", expires_on="2030-01-01")
    assert pair.branch.do("client.field", client=client, code="HOUSE", value="brick")["value"] == "brick"
    (tmp_path / "answer.toml").write_text(ANSWER, encoding="utf-8")
    status, document = pair.branch.run("--file", str(tmp_path / "answer.toml"))
    assert status == 0, document
    result = document["acts"][0]["result"]
    assert (result["score"], result["means"], result["likelihood"]) == (4, "less likely poor", "20")
    with opened(pair.root / "branch", Clock()) as branch:
        with branch.database.reading() as session:
            client_id = get_client(session, client).id
        with branch.unit_of_work("client.scan", made[1].admin) as session:
            kept = scans.keep_scan(session, client_id, a_picture(), "photo", "at the door")
    pair.carry("branch", "hq")
    with opened(pair.root / "hq", Clock()) as hq, hq.database.reading() as session:
        arrived = session.get_one(ClientScan, kept.id)
        assert (arrived.content, arrived.note) == (kept.content, "at the door")
        counts = [session.execute(select(func.count()).select_from(one)).scalar_one() for one in TRAVELLING]
    assert counts == [1, 1, 1, 1, 2, 1]
    assert pair.run("hq", "verify")["ok"] is True


def test_every_reason_is_told_by_its_question(pair: Pair, tmp_path: Path) -> None:
    """Unknown survey, field or relation; headquarters' fields are not defined at a branch."""
    assert pair.branch.refused("custom_field.define", code="X", label="X", kind="text") == [
        ("", "WRONG_PLACE")
    ]
    assert pair.branch.refused("client.field", client="KIT-C-000001", code="NO") == [("", "NOT_FOUND")]
    assert pair.branch.refused(
        "client.relative", client="KIT-C-000001", name="N", relation="boss", born_on="yesterday"
    ) == [("relation", "BAD_VALUE"), ("born_on", "BAD_VALUE")]
    (tmp_path / "answer.toml").write_text(ANSWER, encoding="utf-8")
    status, document = pair.branch.run("--file", str(tmp_path / "answer.toml"))
    assert (status, document["errors"][0]["code"]) == (1, "NOT_FOUND")


def test_a_mark_needs_a_reason(pair: Pair) -> None:
    """Who gets no new loan is said with why, and stays so."""
    assert pair.branch.refused("client.mark", client="KIT-C-000001", blacklisted="yes") == [
        ("reason", "MISSING")
    ]
    done = pair.branch.do("client.mark", client="KIT-C-000001", blacklisted="yes", reason="false papers")
    assert (done["deceased"], done["blacklisted"]) == (0, 1)
