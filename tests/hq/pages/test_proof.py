"""The pages on which auditors prove the books, and take the audit pack away as one file."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from hq.application import create_hq_application
from hq.pages.proof import DESK
from hq.proofs import co_signed, witnesses
from hq.verifier import satchel_verify
from schema.replication import AuditLog
from sync.installation import Installation
from tests.hq.conftest import LogIn, tokens, words_of
from tests.support.headquarters import FIRST, PASSWORD
from tests.support.institution import HQ, TestInstitution

FORM = {"branch": "", "start": "", "end": "", "recipient": ""}


@pytest.fixture
def answered(institution: TestInstitution) -> TestInstitution:
    """KIT is confirmed, has read headquarters' answer, and sent once more."""
    institution.receive(institution.root / FIRST)
    institution.confirm("KIT")
    institution.answer("KIT")
    institution.receive(institution.send("KIT")[0])
    return institution


def _run(app: Flask, username: str = "aisha") -> str:
    client = app.test_client()
    client.post("/login", data={"username": username, "password": PASSWORD})
    begun = client.post("/proof", data=tokens(client, "/proof"))
    assert begun.status_code == 303, begun.text
    app.extensions[DESK].finish()
    return words_of(client.get(begun.location).text)


def test_an_auditor_proves_the_books_and_the_report_stays(answered: TestInstitution, tmp_path: Path) -> None:
    """Everything holds, with counts; a changed sum is the first place that fails, by name."""
    with answered.open(HQ) as hq:
        app = create_hq_application(hq)
        page = _run(app)
        assert "Everything holds." in page
        assert "Asked for by Aisha Wanyama" in page
        assert "In every entry debit is equal to credit." in page
        assert "What each bundle brought is here, and bundles were written in order." in page
        with hq.exclusive() as session:
            session.execute(text("UPDATE gl_day_total SET debit = debit + 1"))
        page = _run(app)
        assert "Something does not hold." in page
        assert "The first place that fails: daily totals: id" in page
        client = app.test_client()
        client.post("/login", data={"username": "aisha", "password": PASSWORD})
        listed = words_of(client.get("/proof").text)
        assert listed.index("does not hold") < listed.index("everything holds")


def test_heads_are_co_signed_and_branches_are_witnesses(answered: TestInstitution) -> None:
    """Headquarters has signed KIT's sixth entry, and KIT has signed that it saw headquarters' sixth."""
    with answered.open(HQ) as hq, hq.database.reading() as session:
        head, other = co_signed(hq, session)
        assert (head.branch, head.head.seq, head.agrees) == ("KIT", 8, True)
        assert head.signed is not None
        assert head.signed.seq == 6
        assert head.carried_by <= head.confirmed
        assert (other.branch, other.agrees) == ("ELW", True)
        kit, elw = witnesses(hq, session)
        assert (kit.branch, kit.agrees, kit.strangers, kit.seen.seq) == ("KIT", True, 0, head.confirmed)
        assert (elw.branch, elw.agrees, elw.seen.seq) == ("ELW", True, other.confirmed)
        assert other.confirmed < head.confirmed


def test_another_history_of_headquarters_is_named(answered: TestInstitution) -> None:
    """Where a branch has signed another entry than the one that stands here, the page names it."""
    with answered.open(HQ) as hq:
        with hq.exclusive() as session:
            other = text("UPDATE watermark SET hash = :hash WHERE stage = 'acked:2' AND chain = 0")
            session.execute(other, {"hash": bytes(1)})
        app = create_hq_application(hq)
        client = app.test_client()
        client.post("/login", data={"username": "aisha", "password": PASSWORD})
        assert "saw another history" in words_of(client.get("/proof").text)


def test_the_pack_comes_as_one_file_and_nothing_of_it_stays(
    answered: TestInstitution, tmp_path: Path
) -> None:
    """Of KIT, until a day: it proves itself; the audit log has the name of who took it."""
    with answered.open(HQ) as hq:
        client = create_hq_application(hq).test_client()
        client.post("/login", data={"username": "aisha", "password": PASSWORD})
        form = {**tokens(client, "/audit-pack"), **FORM, "branch": "KIT", "end": "31 1 2026"}
        with client.post("/audit-pack", data=form) as answer:
            assert answer.headers["Content-Disposition"] == "attachment; filename=audit-pack-KIT.zip"
            (tmp_path / "pack.zip").write_bytes(answer.data)
        assert list(hq.home.spool.iterdir()) == []
        wrong = client.post("/audit-pack", data={**form, "recipient": "age1nobody", "end": "31 2 2026"})
        assert wrong.status_code == 422
        assert "This is not a date." in wrong.text
        wrong = client.post("/audit-pack", data={**form, "recipient": "age1nobody"})
        assert (wrong.status_code, "This is not an age recipient" in wrong.text) == (422, True)
        with hq.database.reading() as session:
            logged = session.scalars(select(AuditLog).where(AuditLog.what == "audit_pack.write")).all()
            assert [(one.subject, bool(one.user_id)) for one in logged] == [("KIT ..2026-01-31", True)]
    assert satchel_verify.verify(tmp_path / "pack.zip").failures == []


@pytest.mark.parametrize("path", ["/proof", "/audit-pack"])
def test_a_clerk_may_not_take_the_books_away(log_in: LogIn, hq: Installation, path: str) -> None:
    """Auditors and accountants may; what is not there is told as that."""
    assert log_in("clara").get(path).status_code == 403
    assert log_in("aisha").get(path).status_code == 200
    assert log_in("aisha").get("/proof/77").status_code == 404
