"""Return bundles: written where asked, fetched from the outbox only."""

from pathlib import Path

from flask.testing import FlaskClient

from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.conftest import import_by_page, tokens, words_of
from tests.support.headquarters import FIRST
from tests.support.institution import TestInstitution

PATH = "/branches/KIT/return"


def test_the_branch_learns_from_it_what_has_arrived(
    amina: FlaskClient, institution: TestInstitution, tmp_path: Path
) -> None:
    """Written to a stick by the page, imported at the branch: it knows up to where HQ has its entries."""
    import_by_page(amina, institution.root / FIRST)
    institution.confirm("KIT")
    stick = tmp_path / "back"
    stick.mkdir()
    answer = amina.post(PATH, data={**tokens(amina, PATH), "folder": str(stick)})
    assert "read back and compared" in words_of(amina.get(answer.location).text)
    assert len(list(stick.glob("*.S*"))) == 1
    with institution.open("KIT") as branch:
        (result,) = import_paths(branch, [stick])
        assert result.verdict == "ADMIT"
        assert result.manifests[0].number == (1, 1)
        assert {ack.place.seq for ack in result.manifests[0].acks} == {6}


def test_a_form_sent_twice_writes_one_bundle(amina: FlaskClient, sticks: Path, tmp_path: Path) -> None:
    """Double click: one file."""
    import_by_page(amina, sticks / FIRST)
    form = {**tokens(amina, PATH), "folder": str(tmp_path)}
    before = set(tmp_path.iterdir())
    assert amina.post(PATH, data=form).location == amina.post(PATH, data=form).location
    assert len({path for path in tmp_path.glob("*.S*") if path.is_file()} - before) == 1


def test_the_outbox_can_be_fetched_with_the_browser(
    amina: FlaskClient, hq: Installation, sticks: Path
) -> None:
    """Written into the outbox, each volume is fetched byte for byte; nothing else there is."""
    import_by_page(amina, sticks / FIRST)
    answer = amina.post(PATH, data={**tokens(amina, PATH), "folder": str(hq.home.outbox)})
    page = amina.get(answer.location).text
    (volume,) = hq.home.outbox.glob("*.S01")
    name = volume.name.partition(".")[0]
    assert f"{PATH}/{name}/{volume.name}" in page
    assert amina.get(f"{PATH}/{name}/{volume.name}", buffered=True).data == volume.read_bytes()
    (hq.home.outbox / "secret.txt").write_text("secret")
    for wrong in (
        f"{PATH}/{name}/secret.txt",
        f"{PATH}/secret/secret.txt",
        f"{PATH}/{name}/..%2F..%2Fhome.json",
        f"{PATH}/*/secret.txt",
        f"/branches/ELW/return/{name}/{volume.name}",
    ):
        assert amina.get(wrong).status_code == 404, wrong


def test_a_branch_that_never_sent_gets_no_bundle(amina: FlaskClient, tmp_path: Path) -> None:
    """Its keys are not known yet; the sentence says what comes first, and nothing is written."""
    path = "/branches/NAK/return"
    before = set(tmp_path.iterdir())
    answer = amina.post(path, data={**tokens(amina, path), "folder": str(tmp_path)})
    assert answer.status_code == 422
    assert "No bundle of NAK has arrived yet" in words_of(answer.text)
    assert set(tmp_path.iterdir()) == before


def test_a_full_or_missing_stick_is_refused(amina: FlaskClient, sticks: Path) -> None:
    """The complaint stands beside the folder, and the bundle can be written elsewhere."""
    import_by_page(amina, sticks / FIRST)
    answer = amina.post(PATH, data={**tokens(amina, PATH), "folder": "/media/gone"})
    assert answer.status_code == 422
    assert "There is no such folder. Is the stick plugged in?" in words_of(answer.text)
