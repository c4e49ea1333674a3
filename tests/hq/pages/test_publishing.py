"""Publishing: asked for by one, reviewed field by field by another, numbered, followed to the branches."""

from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from hq.publishing import BranchHas, published, who_has
from hq.sending import export_to_branch
from schema.accounts import LoanAccount
from schema.products import LoanProduct
from schema.publishing import Publication
from sync.export import write_branch_bundle
from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.conftest import LogIn, words_of
from tests.support.forms import tokens
from tests.support.headquarters import FIRST
from tests.support.hq_fixtures import on_both
from tests.support.institution import HQ, TestInstitution, passphrase_of

RATE = {"code": "WEEKLY", "annual_rate": "99"}


def _post(client: FlaskClient, path: str, **typed: str) -> tuple[int, str, str]:
    answer = client.post(path, data={**tokens(client, path), **typed})
    return answer.status_code, words_of(answer.text), answer.location or ""


def _publish(log_in: LogIn, name: str, **typed: str) -> str:
    """Admin asks, the accountant approves; gives what the accountant saw before."""
    status, told, asked = _post(log_in("admin"), f"/acts/{name}", **typed, ask="1")
    assert status == 303, told
    amina = log_in("amina")
    seen = words_of(amina.get(asked).text)
    status, told, _ = _post(amina, asked, step="approve")
    assert status == 303, told
    return seen


def _publications(hq: Installation) -> list[tuple[int, str, str, str]]:
    with hq.database.reading() as session:
        rows = session.scalars(select(Publication).order_by(Publication.number))
        return [(row.number, row.act, row.made_by, row.approved_by) for row in rows]


def _kit(hq: Installation) -> BranchHas:
    with hq.database.reading() as session:
        return next(one for one in who_has(session, published(session)) if one.office.code == "KIT")


def test_nobody_publishes_alone_where_another_can_review(hq: Installation, log_in: LogIn) -> None:
    """Shown, then refused alone and nothing is written; with the second person on the spot it is done."""
    admin, path = log_in("admin"), "/acts/limit.set"
    typed = {"name": "second_person", "amount": "5000"}
    status, seen, _ = _post(admin, path, **typed, step="look")
    assert status == 200
    assert "Ask for approval" in seen
    status, told, _ = _post(admin, path, **typed, step="do")
    assert status == 422
    assert "reviewed by a second person" in told
    assert _publications(hq) == []
    _post(admin, path, **typed, step="do", second="admin", second_password=passphrase_of(HQ))
    assert _publications(hq) == []
    status, told, _ = _post(
        admin, path, **typed, step="do", second="amina", second_password="a password for tests"
    )
    assert status == 200, told
    assert _publications(hq) == [(1, "limit.set", "admin", "amina")]


@on_both
def test_who_reviews_sees_before_and_after(hq: Installation, log_in: LogIn) -> None:
    """What stays as it was is left out; the page of the publication says the same to the auditor."""
    with hq.database.reading() as session:
        before = session.scalars(select(LoanProduct.annual_rate).where(LoanProduct.code == "WEEKLY")).one()
    seen = _publish(log_in, "loan_product.define", **RATE)
    assert f"loan product WEEKLY annual rate {before} 99" in seen
    assert "days in year" not in seen.partition("changes")[2]
    assert _publications(hq) == [(1, "loan_product.define", "admin", "amina")]
    auditor = log_in("aisha")
    page = words_of(auditor.get("/publishing/number/1").text)
    assert f"loan product WEEKLY annual rate {before} 99" in page
    assert "Publish the version before again" not in page
    assert "loan product WEEKLY (2)" in words_of(auditor.get("/publishing").text)
    for name in ("chart", "loans", "savings", "limits", "days", "offices", "surveys", "roles"):
        assert auditor.get(f"/publishing/{name}?all=yes").status_code == 200, name
    assert auditor.get("/publishing/nothing").status_code == 404
    assert auditor.get("/publishing/number/7").status_code == 404


def test_a_publication_is_followed_to_the_branch(
    hq: Installation, institution: TestInstitution, log_in: LogIn, tmp_path: Path
) -> None:
    """In no bundle; on its way in one; there, once the branch has confirmed it."""
    import_paths(hq, [institution.root / FIRST])
    _publish(log_in, "loan_product.define", **RATE)
    found = _kit(hq)
    assert (found.number, found.behind, found.on_the_way, found.not_written) == (0, 1, (), 1)
    to, back = tmp_path / "to", tmp_path / "back"
    to.mkdir()
    back.mkdir()
    written = export_to_branch(hq, "KIT", to, volume_bytes=1 << 20)
    found = _kit(hq)
    assert (found.number, found.on_the_way, found.not_written) == (0, (written.name,), 0)
    assert written.name in words_of(log_in("aisha").get("/publishing").text)
    with institution.open("KIT") as branch:
        import_paths(branch, [to])
        write_branch_bundle(branch, back)
    import_paths(hq, [back])
    found = _kit(hq)
    assert (found.number, found.behind, found.on_the_way) == (1, 0, ())


def test_a_wrong_product_goes_back_and_its_loans_keep_their_terms(
    hq: Installation, institution: TestInstitution, log_in: LogIn, tmp_path: Path
) -> None:
    """The version before is published again as the newest; a loan keeps the version of its making."""
    import_paths(hq, [institution.root / FIRST])
    _publish(log_in, "loan_product.define", **RATE)
    export_to_branch(hq, "KIT", tmp_path, volume_bytes=1 << 20)
    with institution.open("KIT") as branch:
        import_paths(branch, [tmp_path])
        with branch.database.reading() as session:
            wrong = session.scalars(select(LoanProduct).where(LoanProduct.version == 2)).one()
            made = session.get_one(LoanProduct, session.scalars(select(LoanAccount.product_id)).one())
            assert (wrong.active, made.version, made.code) == (1, 1, wrong.code)
    page = log_in("admin").get("/publishing/number/1").text
    assert "Publish the version before again" in words_of(page)
    again = {"kind": "loan_product", "code": "WEEKLY", "version": "1", "reason": "wrong rate"}
    seen = _publish(log_in, "version.publish_again", **again)
    assert "annual rate 99" in seen
    with hq.database.reading() as session:
        rows = session.scalars(select(LoanProduct).where(LoanProduct.code == "WEEKLY").order_by("version"))
        first, second, third = rows
        assert (first.active, second.active, third.active, third.version) == (0, 0, 1, 3)
        assert third.annual_rate == first.annual_rate != second.annual_rate
    status, told, _ = _post(
        log_in("admin"), "/acts/version.publish_again", **{**again, "version": "3"}, step="look"
    )
    assert (status, "is the one on offer already" in told) == (422, True)
