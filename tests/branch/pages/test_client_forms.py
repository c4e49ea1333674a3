"""Registering and changing clients: what is refused stands beside its field, who is alike is shown once."""

import re

import pytest

from banking.clients import get_client
from banking.custom_fields import KINDS, define_field, values_of
from schema.people import Client
from sync.installation import Installation
from tests.branch.pages.conftest import LogIn, tokens
from tests.support.branch_home import Known

NEW = "/clients/new"


def newest(branch: Installation, number: str = "KIT-C-000003") -> Client:
    with branch.database.reading() as session:
        return get_client(session, number)


def test_a_name_is_enough(log_in: LogIn, branch: Installation, known: Known) -> None:
    """From a group's page the group is chosen; the same form again registers nobody else."""
    clara = log_in("clara")
    path = f"{NEW}?group={known.group}"
    assert f'<option value="{known.group}" selected>' in clara.get(path).text
    form = tokens(clara, path) | {"name": "Zuhura", "group": str(known.group)}
    first, second = clara.post(NEW, data=form), clara.post(NEW, data=form)
    client = newest(branch)
    assert first.location == second.location == f"/clients/{client.id}"
    assert (client.name, client.group_id, str(client.joined_on)) == ("Zuhura", known.group, "2026-11-22")


def test_everything_that_is_typed_is_kept(log_in: LogIn, branch: Installation) -> None:
    """Every field of the form; the year alone is the first of January."""
    clara = log_in("clara")
    typed = {
        "name": "Abebe Bikila",
        "given_name": "Demissie",
        "gender": "m",
        "born": "1990",
        "phone": "0712 000 111",
        "village": "Kwanza",
        "national_id": "AB-12",
        "address": "behind the mill",
    }
    page = clara.get(clara.post(NEW, data=tokens(clara, NEW) | typed).location).text
    for shown in (
        "Demissie Abebe Bikila",
        "1 Jan 1990",
        "0712 000 111",
        "Kwanza",
        "AB-12",
        "behind the mill",
    ):
        assert shown in page, shown
    client = newest(branch)
    form = tokens(clara, f"/clients/{client.id}/edit") | typed | {"village": "Moi's Bridge", "born": "34"}
    clara.post(f"/clients/{client.id}/edit", data=form)
    changed = newest(branch)
    assert (changed.village, changed.phone, str(changed.born_on)) == (
        "Moi's Bridge",
        "0712 000 111",
        "1992-01-01",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\u202eb"),
        ("gender", "q"),
        ("born", "23 11 2026"),
        ("born", "30 2 1990"),
        ("born", "2027"),
        ("born", "1700"),
        ("born", "yesterday"),
        ("born", "12345"),
        ("phone", "0" * 41),
        ("village", "v" * 121),
        ("national_id", "9" * 61),
        ("group", "77"),
        ("given_name", "a\x07b"),
        ("address", "a" * 501),
    ],
)
def test_bad_input_is_told_beside_its_field(
    log_in: LogIn, branch: Installation, field: str, value: str
) -> None:
    """Nothing is registered and nothing that was typed is lost."""
    clara = log_in("clara")
    typed = {"name": "Zuhura", "phone": "0712", field: value}
    answer = clara.post(NEW, data=tokens(clara, NEW) | typed)
    assert answer.status_code == 422
    assert re.search(rf'id="{field}-complaint"|class="complaint"', answer.text)
    if field != "phone":
        assert 'value="0712"' in answer.text
    with branch.database.reading() as session:
        assert session.query(Client).count() == 2


def test_who_looks_alike_is_shown_once(log_in: LogIn, branch: Installation, known: Known) -> None:
    """The same telephone, written in another way: who has it is named; a second Enter keeps the new one."""
    clara = log_in("clara")
    typed = {"name": "Zuhura", "phone": "0700123456"}
    asked = clara.post(NEW, data=tokens(clara, NEW) | typed)
    assert asked.status_code == 422
    assert "has the same telephone" in asked.text
    assert f'/clients/{known.client}"' in asked.text
    alike = asked.text.partition('name="alike" value="')[2].partition('"')[0]
    assert alike == str(known.client)
    kept = clara.post(NEW, data=tokens(clara, NEW) | typed | {"alike": alike})
    assert kept.location == f"/clients/{newest(branch).id}"


def test_a_change_asks_only_about_what_it_changes(log_in: LogIn, known: Known) -> None:
    """A village is changed without a word; another's telephone is asked about."""
    clara = log_in("clara")
    path = f"/clients/{known.other}/edit"
    typed = {"name": "Kamau", "given_name": "Peter", "group": str(known.group), "village": "Kwanza"}
    assert clara.post(path, data=tokens(clara, path) | typed).status_code == 303
    asked = clara.post(path, data=tokens(clara, path) | typed | {"phone": "254700123456"})
    assert "has the same telephone" in asked.text


def test_own_fields_are_asked_by_their_kind(log_in: LogIn, branch: Installation, known: Known) -> None:
    """Required ones are required; each bad value stands beside its field; good ones are shown on the page."""
    with branch.unit_of_work("reference", known.admin) as session:
        ids = {
            kind: define_field(
                session,
                code=kind,
                label=f"Own {kind}",
                kind=kind,
                choices=("mud", "brick") if kind == "choice" else (),
                required=int(kind == "number"),
            ).id
            for kind in KINDS
        }
    clara = log_in("clara")
    form = {"name": "Zuhura"}
    refused = clara.post(NEW, data=tokens(clara, NEW) | form)
    assert f'id="field-{ids["number"]}-complaint"' in refused.text
    bad = {"number": "many", "date": "30 2 2020", "yes_no": "perhaps", "choice": "straw", "text": "x" * 201}
    refused = clara.post(NEW, data=tokens(clara, NEW) | form | {f"field-{ids[k]}": v for k, v in bad.items()})
    assert refused.text.count('class="complaint"') == len(bad)
    good = {"number": "7.5", "date": "29 2 2020", "yes_no": "1", "choice": "brick", "text": "a goat"}
    kept = clara.post(NEW, data=tokens(clara, NEW) | form | {f"field-{ids[k]}": v for k, v in good.items()})
    page = clara.get(kept.location).text
    for shown in ("7.5", "29 Feb 2020", "yes", "brick", "a goat", "Own text"):
        assert shown in page, shown
    assert 'value="29 2 2020"' in clara.get(f"{kept.location}/edit").text
    with branch.database.reading() as session:
        assert len(values_of(session, newest(branch).id)) == len(good)


def test_a_savings_account_is_opened_from_the_client_s_page(log_in: LogIn, known: Known) -> None:
    """Chosen among the products on offer; a wrong one and a wrong term are told."""
    clara = log_in("clara")
    path = f"/clients/{known.other}/savings/new"
    page = clara.get(path).text
    product = page.partition('<option value="')[2].partition('"')[0]
    for wrong in (
        {"product": "77"},
        {"product": product, "term_days": "ten"},
        {"product": product, "expected": "-1"},
    ):
        assert clara.post(path, data=tokens(clara, path) | wrong).status_code == 422
    opened = clara.post(path, data=tokens(clara, path) | {"product": product})
    assert re.fullmatch(r"/savings/\d+", opened.location)
    assert "KIT-S-000002" in clara.get(f"/clients/{known.other}").text


@pytest.mark.parametrize("path", [NEW, "/clients/{client}/edit", "/clients/{client}/family"])
def test_an_auditor_changes_nobody(log_in: LogIn, known: Known, path: str) -> None:
    """Who may only look is told so."""
    assert log_in("aisha").get(path.format(client=known.client)).status_code == 403
