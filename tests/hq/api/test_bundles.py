"""Bundles over the API: brought in with their counts, return bundles fetched."""

import hashlib
import io
from pathlib import Path
from typing import Any

from hq.application import create_hq_application
from sync.inbox import import_paths
from sync.installation import Installation
from tests.hq.api.conftest import Caller, make_caller
from tests.support.headquarters import FIRST
from tests.support.institution import TestInstitution


def _post(caller: Caller, key: str, data: object, media_type: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": key}
    answer = caller.client.post("/api/v1/bundles", headers=headers, data=data, content_type=media_type)
    return answer.status_code, answer.get_json()


def _volumes(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".TXT")


def test_volumes_come_in_whole_and_answer_their_counts(hq: Installation, sticks: Path) -> None:
    caller = make_caller(hq, create_hq_application(hq).test_client())
    volume = _volumes(sticks / FIRST)[0]
    status, done = _post(caller, "k1", volume.read_bytes(), "application/octet-stream")
    assert status == 200, done
    (row,) = done["bundles"]
    assert (row["verdict"], row["known"], row["held"]) == ("ADMIT", 0, 0)
    assert row["sender"] in {"KIT", "ELW"}
    assert row["admitted"] > 0
    assert _post(caller, "k1", volume.read_bytes(), "application/octet-stream") == (status, done)
    assert _post(caller, "k1", b"other", "application/octet-stream")[0] == 409
    _, again = _post(caller, "k2", volume.read_bytes(), "application/octet-stream")
    assert [one["verdict"] for one in again["bundles"]] == ["NOOP"]
    assert list(hq.home.inbox.glob("sent/*")) == []


def test_several_volumes_come_in_one_form(hq: Installation, sticks: Path) -> None:
    caller = make_caller(hq, create_hq_application(hq).test_client())

    def form() -> dict[str, object]:
        files = [(io.BytesIO(path.read_bytes()), path.name) for path in _volumes(sticks / FIRST)]
        return {"files": files}

    status, done = _post(caller, "k1", form(), "multipart/form-data")
    assert (status, {one["sender"] for one in done["bundles"]}) == (200, {"KIT", "ELW"})
    assert _post(caller, "k1", form(), "multipart/form-data") == (status, done)
    status, refused = _post(caller, "k2", {"colour": "red"}, "multipart/form-data")
    assert (status, refused["error"]["where"]) == (422, "colour")


def test_what_is_no_volume_is_told_and_not_kept(hq: Installation) -> None:
    caller = make_caller(hq, create_hq_application(hq).test_client())
    status, done = _post(caller, "k1", b"SATCHEL? no", "application/octet-stream")
    assert status == 200
    assert [(row["bundle"], row["verdict"]) for row in done["bundles"]] == [(None, "REJECT")]
    assert list(hq.home.inbox.glob("sent/*")) == []


def test_a_return_bundle_is_written_and_fetched(
    institution: TestInstitution, hq: Installation, caller: Caller, tmp_path: Path
) -> None:
    status, told = caller.ask("/branches/kit/return-bundle")
    assert status == 200, told
    assert caller.ask("/branches/KIT/return-bundle") == (200, told)
    headers = {"Authorization": f"Bearer {caller.token}"}
    for volume in told["volumes"]:
        path = f"/api/v1/branches/KIT/return-bundle/{volume['name']}"
        answer = caller.client.get(path, headers=headers)
        assert (len(answer.data), hashlib.sha256(answer.data).hexdigest()) == (
            volume["size"],
            volume["sha256"],
        )
        (tmp_path / volume["name"]).write_bytes(answer.data)
    with institution.open("KIT") as branch:
        names = {path.name for path in _volumes(tmp_path)} & {one["name"] for one in told["volumes"]}
        results = import_paths(branch, [tmp_path / name for name in names])
    assert [result.verdict for result in results] == ["ADMIT"]
    assert caller.ask("/branches/KIT/return-bundle/other")[0] == 404
    assert caller.ask("/branches/NO/return-bundle")[0] == 404
    assert caller.ask("/branches/NAK/return-bundle")[1]["error"]["code"] == "NOT_CLAIMED"
