"""The line to headquarters: volumes put and fetched over HTTPS, in pieces, going on where it broke off.

Each request is signed with the device's key (purpose ``line``) over its method, its target, the SHA-256 of
its body and a challenge that headquarters gave: no password, no session. TLS hides who talks to whom; what
goes over the line is believed on neither side and is imported as if it had lain on a stick.
"""

import hashlib
import http.client
import json
import re
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

from sync import parity
from sync.canonical import encode
from sync.carriers.settings import Carriers
from sync.carriers.spool import sha256_of
from sync.changeset import DEVICE_MAX
from sync.installation import Installation
from sync.reasons import refused
from sync.signing import PUBLIC_KEY_BYTES, SIGNATURE_BYTES
from sync.volume import check_volume

PATH: Final = "/api/v1/bundles"
PIECE_BYTES: Final = 512 << 10
"""Of a volume, in one request."""
SCHEME: Final = "Satchel"

_SECONDS: Final = 60
_TRIES: Final = 4
_MAX_ANSWER_BYTES: Final = 1 << 20
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_CREDENTIALS: Final = re.compile(
    r"Satchel device=(\d{1,6}),key=([0-9a-f]{64}),challenge=([0-9a-f]{1,200}),signature=([0-9a-f]{128})"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What stands in a request's header ``Authorization``."""

    device: int
    public: bytes
    challenge: str
    signature: bytes

    @classmethod
    def read(cls, header: str) -> Self | None:
        """Read them; None for anything of another form."""
        found = _CREDENTIALS.fullmatch(header)
        if found is None or int(found[1]) > DEVICE_MAX:
            return None
        device, public, challenge, signature = found.groups()
        assert len(public) == 2 * PUBLIC_KEY_BYTES
        assert len(signature) == 2 * SIGNATURE_BYTES
        return cls(int(device), bytes.fromhex(public), challenge, bytes.fromhex(signature))

    def header(self) -> str:
        """The header's value."""
        return (
            f"{SCHEME} device={self.device},key={self.public.hex()},"
            f"challenge={self.challenge},signature={self.signature.hex()}"
        )


def signed_request(method: str, target: str, body: bytes, challenge: str) -> bytes:
    """The bytes of a request that are signed; ``target`` is its path with its query."""
    return encode([method, target, hashlib.sha256(body).digest(), challenge])


class Line:
    """One conversation with headquarters."""

    def __init__(self, installation: Installation, url: str, pin: str) -> None:
        self._installation = installation
        parts = urlsplit(url)
        self._host, self._secure, self._pin = parts.netloc, parts.scheme == "https", pin
        if not self._secure and parts.hostname not in _LOOPBACK:
            raise refused("NO_SETTING", "The address begins with https://.", where="line.url")
        self._connection: http.client.HTTPConnection | None = None
        self._challenge = ""

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """To the headquarters that the settings name; TrustError NO_SETTING."""
        carriers = Carriers.read(installation)
        return cls(installation, carriers.needed("line.url"), carriers.text("line.pin"))

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hello(self) -> None:
        """Ask for a challenge, and nothing else: whether there is a line. TrustError NO_LINE."""
        self._challenge = str(
            json.loads(self._talk("GET", f"{PATH}/challenge", b"", signed=False))["challenge"]
        )

    def put(self, files: Iterable[Path]) -> None:
        """Bring volumes to headquarters; what arrived at an earlier try is not sent again.

        raises  TrustError NO_LINE; what arrived stays there, and the next try goes on behind it
        """
        for path in files:
            bundle, number = _place(path)
            size, sha256 = path.stat().st_size, sha256_of(path).hex()
            place = f"{PATH}/{bundle.hex()}/{number}"
            at = self._number("GET", place, b"", "received")
            while at < size:
                with path.open("rb") as file:
                    file.seek(at)
                    piece = file.read(PIECE_BYTES)
                asked = urlencode({"offset": at, "size": size, "sha256": sha256})
                at = self._number("PUT", f"{place}?{asked}", piece, "received")

    def fetch(self, folder: Path) -> list[Path]:
        """Fetch the return bundle of this device into ``folder``; gives its files.

        raises  TrustError NO_LINE, BAD_HASH
        """
        answer = json.loads(self._talk("POST", f"{PATH}/return", b""))
        files = []
        for one in answer["volumes"]:
            name, size = str(one["name"]), int(one["size"])
            if not re.fullmatch(r"[0-9A-F]{8}\.[0-9A-Z]{3}", name):
                raise refused("NO_LINE", "It named a file that is none of ours.")
            path = folder / name
            with path.open("xb") as file:
                for piece in self._pieces(f"{PATH}/return/{name}", size):
                    file.write(piece)
            if sha256_of(path).hex() != one["sha256"]:
                raise refused("BAD_HASH", where=name)
            files.append(path)
        return files

    def _pieces(self, target: str, size: int) -> Iterator[bytes]:
        at = 0
        while at < size:
            piece = self._talk("GET", f"{target}?offset={at}", b"")
            if not piece:
                raise refused("NO_LINE", "The file ended too early.")
            yield piece
            at += len(piece)

    def _number(self, method: str, target: str, body: bytes, name: str) -> int:
        return int(json.loads(self._talk(method, target, body))[name])

    def _talk(self, method: str, target: str, body: bytes, *, signed: bool = True) -> bytes:
        """One request; a line that breaks is taken up again, a challenge that is too old is renewed."""
        told = ""
        for _try in range(_TRIES):
            if signed and not self._challenge:
                self.hello()
            try:
                status, answer = self._ask(method, target, body, signed=signed)
            except (OSError, http.client.HTTPException) as fault:
                told = str(fault) or type(fault).__name__
                self.close()
                continue
            if status < 300:  # noqa: PLR2004 - done
                return answer
            told = _told(answer) or f"status {status}"
            if status == 401 and signed:  # noqa: PLR2004 - the challenge is too old, or from before a restart
                self._challenge = ""
            elif status == 409:  # noqa: PLR2004 - it has more, or less, than we thought
                return answer
            elif status < 500:  # noqa: PLR2004 - it will say the same again
                break
        raise refused("NO_LINE", f"It said: {told[:200].rstrip('.')}. Nothing was lost.", where=self._host)

    def _ask(self, method: str, target: str, body: bytes, *, signed: bool) -> tuple[int, bytes]:
        connection = self._connected()
        headers = {"Content-Type": "application/octet-stream", "User-Agent": "satchel"}
        if signed:
            headers["Authorization"] = self._credentials(method, target, body).header()
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        answer = response.read(_MAX_ANSWER_BYTES + 1)
        if len(answer) > _MAX_ANSWER_BYTES:
            raise http.client.HTTPException("an answer longer than any of headquarters")
        return response.status, answer

    def _credentials(self, method: str, target: str, body: bytes) -> Credentials:
        signer = self._installation.signer
        message = signed_request(method, target, body, self._challenge)
        signature = signer.key.sign("line", self._installation.facts.institution_id, message)
        return Credentials(self._installation.facts.device, signer.key.public, self._challenge, signature)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            if not self._secure:
                self._connection = http.client.HTTPConnection(self._host, timeout=_SECONDS)
            else:
                self._connection = self._behind_tls()
            self._connection.connect()
            self._compare_pin(self._connection)
        return self._connection

    def _behind_tls(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context()
        if self._pin:  # this very certificate, whoever signed it and whatever name it is for
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(self._host, timeout=_SECONDS, context=context)

    def _compare_pin(self, connection: http.client.HTTPConnection) -> None:
        """Look, before a byte is sent, whether it is the certificate that was pinned."""
        if not self._pin:
            return
        talk = connection.sock
        certificate = talk.getpeercert(binary_form=True) if isinstance(talk, ssl.SSLSocket) else None
        if certificate is None or hashlib.sha256(certificate).hexdigest() != self._pin:
            self.close()
            raise refused(
                "NO_LINE",
                "Its certificate is not the one that was pinned. Nothing was sent.",
                where=self._host,
            )


def _place(path: Path) -> tuple[bytes, int]:
    """Bundle and number of a volume of ours; 0 is the parity volume."""
    with path.open("rb") as file:
        size = path.stat().st_size
        if file.read(len(parity.MAGIC)) == parity.MAGIC:
            return parity.check_parity(file, size).bundle, 0
        index = check_volume(file, size)
        return index.bundle, index.volume


def _told(answer: bytes) -> str:
    """What headquarters says of a refusal, as a person can read it."""
    try:
        document = json.loads(answer)
        return str(document["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""
