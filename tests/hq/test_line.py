"""The line to headquarters: a real server behind TLS, pieces that break off, devices that may not."""

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hq import line_inbox
from hq.application import create_hq_application
from ledger.errors import TrustError
from sync.carriers import line as lines
from sync.carriers.fetching import fetch_bundles
from sync.carriers.line import PATH, Credentials, Line, signed_request
from sync.carriers.sending import send_bundle
from sync.carriers.settings import change
from sync.export import write_branch_bundle
from sync.installation import Installation
from sync.signing import SigningKey
from tests.support.institution import HQ, TestInstitution, register_savers
from web.server import secure_server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    made = TestInstitution.create(tmp_path_factory.mktemp("line"))
    with made.open("KIT") as branch:
        register_savers(branch, ["Amina", "Brian"])
    return made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """One that nobody has signed: its files, and its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hq.example")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=4_000))
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    pem = serialization.Encoding.PEM
    (folder / "hq.crt").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "hq.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "hq.crt", folder / "hq.key", made.fingerprint(hashes.SHA256()).hex()


@contextmanager
def served(hq: Installation, certificate: tuple[Path, Path, str]) -> Iterator[str]:
    """Serve headquarters behind TLS; gives its address."""
    server = secure_server(create_hq_application(hq), "127.0.0.1", 0, *certificate[:2])
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


def send(branch: Installation) -> str:
    return send_bundle(
        branch,
        "https",
        lambda folder, size, way: write_branch_bundle(branch, folder, volume_bytes=size, way=way),
    ).name


def test_a_bundle_goes_up_by_the_line_and_the_answer_comes_back(
    made: TestInstitution, certificate: tuple[Path, Path, str], tmp_path: Path
) -> None:
    """An unconfirmed device leaves its enrolment; confirmed, it fetches its return bundle."""
    bank = made.copy_to(tmp_path)
    with bank.open(HQ) as hq, served(hq, certificate) as url:
        with bank.open("KIT") as branch:
            change(branch, {"line.url": url, "line.pin": certificate[2]})
            name = send(branch)
            with pytest.raises(TrustError, match="active devices"):
                fetch_bundles(branch, "https")
        came = fetch_bundles(hq, "https")
        assert [(result.bundle, result.verdict) for result in came] == [(name, "ADMIT")]
        assert [path for path in (hq.home.inbox / "line").rglob("*") if path.is_file()] == []
    assert bank.confirm("KIT") == "active"
    with bank.open(HQ) as hq, served(hq, certificate) as url, bank.open("KIT") as branch:
        change(branch, {"line.url": url})
        (answer,) = fetch_bundles(branch, "https")
        assert (answer.sender, answer.verdict) == ("HQ", "ADMIT")
        assert fetch_bundles(branch, "https")[0].verdict == "NOOP"
        send(branch)
        assert [result.verdict for result in fetch_bundles(hq, "https")] == ["ADMIT"]


def test_a_wrong_certificate_is_told_nothing(
    made: TestInstitution, certificate: tuple[Path, Path, str], tmp_path: Path
) -> None:
    """Pinned or not: another certificate ends the conversation before the first byte."""
    bank = made.copy_to(tmp_path)
    with bank.open(HQ) as hq, served(hq, certificate) as url, bank.open("KIT") as branch:
        change(branch, {"line.url": url, "line.pin": "0" * 64})
        with pytest.raises(TrustError, match="not the one that was pinned"):
            send(branch)
        change(branch, {"line.pin": ""})
        with pytest.raises(TrustError, match="certificate"):
            send(branch)
        change(branch, {"line.url": "http://hq.example"})
        with pytest.raises(TrustError, match="https"):
            send(branch)
        assert list(branch.home.outbox.iterdir()) == []


class Client:
    """Talks to the pages without a network, signed by a key."""

    def __init__(self, hq: Installation, device: int, key: SigningKey) -> None:
        self.pages = create_hq_application(hq).test_client()
        self.device, self.key, self.institution = device, key, hq.facts.institution_id

    def ask(
        self, method: str, target: str, body: bytes = b"", challenge: str = ""
    ) -> tuple[int, dict[str, object]]:
        given = challenge or self.pages.get(f"{PATH}/challenge").get_json()["challenge"]
        signature = self.key.sign("line", self.institution, signed_request(method, target, body, given))
        header = Credentials(self.device, self.key.public, given, signature).header()
        answer = self.pages.open(target, method=method, data=body, headers={"Authorization": header})
        return answer.status_code, answer.get_json()

    def put(self, volume: Path, bundle: str, offset: int, piece: bytes) -> tuple[int, dict[str, object]]:
        data = volume.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        return self.ask("PUT", f"{PATH}/{bundle}/1?offset={offset}&size={len(data)}&sha256={sha256}", piece)


@pytest.fixture
def bank(made: TestInstitution, tmp_path: Path) -> TestInstitution:
    return made.copy_to(tmp_path / "bank")


def test_pieces_go_on_where_they_broke_off(bank: TestInstitution) -> None:
    """Also after headquarters was started again; a piece that does not follow is told what is here."""
    folder, written = bank.send("KIT")
    (volume,) = folder.glob("*.S01")
    data, bundle = volume.read_bytes(), written.bundle_id.hex()
    with bank.open("KIT") as branch:
        device, key = branch.facts.device, branch.signer.key
    with bank.open(HQ) as hq:
        first = Client(hq, device, key)
        assert first.put(volume, bundle, 0, data[:1_000]) == (200, {"received": 1_000})
        second = Client(hq, device, key)
        status, told = second.put(volume, bundle, 500, data[500:])
        assert (status, told["received"]) == (409, 1_000)
        assert second.ask("GET", f"{PATH}/{bundle}/1") == (200, {"received": 1_000})
        assert list((hq.home.inbox).rglob("*.volume")) == []
        assert second.put(volume, bundle, 1_000, data[1_000:]) == (200, {"received": len(data)})
        assert [result.verdict for result in fetch_bundles(hq, "https")] == ["ADMIT"]


def test_damaged_pieces_are_taken_away_and_may_come_again(bank: TestInstitution) -> None:
    folder, written = bank.send("KIT")
    (volume,) = folder.glob("*.S01")
    data, bundle = volume.read_bytes(), written.bundle_id.hex()
    with bank.open("KIT") as branch:
        device, key = branch.facts.device, branch.signer.key
    with bank.open(HQ) as hq:
        client = Client(hq, device, key)
        status, told = client.put(volume, bundle, 0, b"X" + data[1:])
        assert (status, told["received"]) == (422, 0)
        assert client.put(volume, bundle, 0, data)[0] == 200


def test_a_stranger_leaves_an_enrolment_or_nothing(
    bank: TestInstitution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not somebody else's volume, not much of it, not often; and it is given nothing."""
    folder, written = bank.send("KIT")
    (volume,) = folder.glob("*.S01")
    data, bundle = volume.read_bytes(), written.bundle_id.hex()
    with bank.open(HQ) as hq:
        thief = Client(hq, 77, SigningKey.from_seed(bytes(32)))
        assert thief.put(volume, bundle, 0, data)[0] == 422
        assert thief.ask("POST", f"{PATH}/return")[0] == 403
        assert list(hq.home.inbox.rglob("*.volume")) == []
        huge = f"{PATH}/{bundle}/1?offset=0&size={64 << 20}&sha256={'0' * 64}"
        assert thief.ask("PUT", huge, b"x")[0] == 413
        monkeypatch.setattr(line_inbox, "STRANGERS_BYTES", 10)
        assert thief.put(volume, bundle, 0, data[:100])[0] == 413
        monkeypatch.setattr(line_inbox, "STRANGERS_A_MINUTE", 3)
        assert 429 in {thief.ask("GET", f"{PATH}/{bundle}/1")[0] for _ in range(5)}


def test_who_does_not_sign_is_not_heard(bank: TestInstitution, monkeypatch: pytest.MonkeyPatch) -> None:
    with bank.open("KIT") as branch:
        device, key = branch.facts.device, branch.signer.key
    with bank.open(HQ) as hq:
        client = Client(hq, device, key)
        assert client.pages.post(f"{PATH}/return").status_code == 401
        assert client.ask("GET", f"{PATH}/{'0' * 32}/1", challenge="00" * 46)[0] == 401
        given = client.pages.get(f"{PATH}/challenge").get_json()["challenge"]
        signature = client.key.sign("line", client.institution, signed_request("GET", "/other", b"", given))
        header = Credentials(device, key.public, given, signature).header()
        target = f"{PATH}/{'0' * 32}/1"
        assert client.pages.get(target, headers={"Authorization": header}).status_code == 401
        assert client.ask("GET", f"{PATH}/../../etc/1")[0] == 404
        assert client.ask("PUT", f"{target}?offset=x&size=1&sha256={'0' * 64}", b"x")[0] == 422
        monkeypatch.setattr(line_inbox, "FREE_BYTES", 1 << 60)
        assert client.ask("PUT", f"{target}?offset=0&size=9&sha256={'0' * 64}", b"x")[0] == 507


def test_a_line_that_breaks_is_taken_up_again(
    bank: TestInstitution, certificate: tuple[Path, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third answer is lost on its way: the volume arrives all the same, each byte once."""
    monkeypatch.setattr(lines, "PIECE_BYTES", 20_000)
    folder, _written = bank.send("KIT")
    real, calls = Line._ask, iter(range(10_000))

    def breaking(line: Line, method: str, target: str, body: bytes, *, signed: bool) -> tuple[int, bytes]:
        answer = real(line, method, target, body, signed=signed)
        if next(calls) % 3 == 2:
            raise http.client.RemoteDisconnected("the modem fell asleep")
        return answer

    monkeypatch.setattr(Line, "_ask", breaking)
    with bank.open(HQ) as hq, served(hq, certificate) as url, bank.open("KIT") as branch:
        with Line(branch, url, certificate[2]) as line:
            line.put(sorted(folder.glob("*.S*")))
        assert [result.verdict for result in fetch_bundles(hq, "https")] == ["ADMIT"]


def test_what_it_says_is_json(bank: TestInstitution) -> None:
    with bank.open(HQ) as hq:
        answer = create_hq_application(hq).test_client().put(f"{PATH}/zz/1")
        assert answer.status_code == 422
        assert json.loads(answer.data)["error"]["code"] == "BAD_HASH"
