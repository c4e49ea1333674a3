"""Mails: a bundle as letters that any mail program sends, and volumes found in letters under any name.

Written with Python's own library. Read by a walker of ours that keeps one line and one part at a time, so
that a letter of any size needs no more memory than a small one: a part is a volume by its first bytes, what
it is called and what its headers say it is do not count.
"""

import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32
from pathlib import Path
from typing import BinaryIO, Final

from sync.carriers.slip import Slip
from sync.carriers.spool import Spool
from sync.reasons import refused

SUFFIX: Final = ".eml"
MAIL_BYTES: Final = 7 << 20
"""A volume that most mail services take, written as a mail."""
MAX_NESTING: Final = 8
MAX_PARTS: Final = 1_000
"""Of one mail."""
MAX_MAILS: Final = 100_000
"""Of one file with many."""
MAX_HEADER_BYTES: Final = 256 << 10
MAX_LINE_BYTES: Final = 1 << 20
FIRST_BYTES: Final = 40
"""By which an attachment is known."""

_HEADERS: Final = re.compile(
    rb"(?:From |(?:Return-Path|Delivered-To|Received|From|To|Subject|Date|MIME-Version|Message-ID|Sender|"
    rb"Content-Type|Reply-To|Authentication-Results|DKIM-Signature|ARC-[A-Za-z-]+|X-[A-Za-z0-9-]+):)",
    re.IGNORECASE,
)
_MANY: Final = b"From "
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]")


@dataclass(frozen=True, slots=True)
class Address:
    """From whom and to whom; either may be empty, and a person fills it in."""

    sender: str = ""
    receiver: str = ""


def compose(
    slip: Slip, volumes: Sequence[str], attached: str, content: bytes, address: Address
) -> EmailMessage:
    """One mail with one volume: the slip is its text.

    volumes   names of all files of the bundle
    attached  name of the one that goes with this mail
    """
    mail = EmailMessage(policy=SMTP)
    part = f" ({volumes.index(attached) + 1}/{len(volumes)})" if len(volumes) > 1 else ""
    mail["Subject"] = slip.subject + part
    if address.sender:
        mail["From"] = address.sender
    if address.receiver:
        mail["To"] = address.receiver
    if not (address.sender and address.receiver):
        mail["X-Unsent"] = "1"  # mail programs open it to be addressed and sent
    mail.set_content(slip.text(volumes, [attached]).replace("\r\n", "\n"))
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=attached)
    return mail


def looks_like_mail(start: bytes) -> bool:
    """Whether a file with this beginning (64 bytes) is a mail, or a file of many mails."""
    return _HEADERS.match(start.lstrip(b"\r\n")) is not None


def unpack_mail(
    file: BinaryIO, is_wanted: Callable[[str, bytes], bool], spool: Spool
) -> Iterator[tuple[str, Path]]:
    """Names and files of the attachments that are wanted, of every mail in a file, in order.

    is_wanted  asked with an attachment's name and its first bytes, 40 or all where there are fewer
    raises     TrustError LIMIT_NESTING, LIMIT_SIZE where something goes beyond what mails are; IO_ERROR
    """
    walker = _Walker(is_wanted, spool)
    try:
        while line := file.readline(MAX_LINE_BYTES):
            walker.take(line)
            yield from walker.found()
    finally:
        walker.end_part()
    yield from walker.found()


class _Walker:
    """Goes through mails line by line, and never back.

    ``_boundaries`` are those of the multipart that a line is in and of those around it; ``_headers`` the
    lines of headers that are being read (None outside of them); ``_part`` the part that is being read.
    """

    def __init__(self, is_wanted: Callable[[str, bytes], bool], spool: Spool) -> None:
        self._is_wanted, self._spool = is_wanted, spool
        self._boundaries: list[bytes] = []
        self._headers: list[bytes] | None = []
        self._header_bytes = self._parts = self._nesting = self._mails = 0
        self._part: _Part | None = None
        self._after_blank, self._many = True, False
        self._found: list[tuple[str, Path]] = []

    def take(self, line: bytes) -> None:
        """Take the next line."""
        bare = line.rstrip(b"\r\n")
        if self._begins_mail(line):
            self._begin_mail()
        elif bare.startswith(b"--") and self._boundaries and self._meets_boundary(bare.rstrip()):
            pass
        elif self._headers is not None:
            self._take_header(line, bare)
        elif self._part is not None:
            self._part.feed(line)
        self._after_blank = not bare

    def found(self) -> list[tuple[str, Path]]:
        """Give what was found since the last time."""
        found, self._found = self._found, []
        return found

    def end_part(self) -> None:
        """Finish the part that is being read."""
        if self._part is not None:
            path = self._part.close()
            if path is not None:
                self._found.append((self._part.name, path))
            self._part = None

    def _begins_mail(self, line: bytes) -> bool:
        """Whether a mail begins here; a file of many begins as such, and in it this follows a blank line."""
        if not line.startswith(_MANY) or not self._after_blank:
            return False
        self._many = self._many or not self._mails
        return self._many

    def _begin_mail(self) -> None:
        self.end_part()
        self._mails += 1
        if self._mails > MAX_MAILS:
            raise refused("LIMIT_SIZE", f"More than {MAX_MAILS} mails in one file.")
        self._boundaries.clear()
        self._headers, self._header_bytes, self._parts, self._nesting = [], 0, 0, 0

    def _meets_boundary(self, line: bytes) -> bool:
        """Whether a line ends the part; the innermost boundary that it is counts."""
        for depth in range(len(self._boundaries) - 1, -1, -1):
            boundary = b"--" + self._boundaries[depth]
            if line in {boundary, boundary + b"--"}:
                self.end_part()
                ends = line != boundary
                del self._boundaries[depth + (not ends) :]
                self._headers, self._header_bytes = (None, 0) if ends else ([], 0)
                self._nesting = len(self._boundaries)
                return True
        return False

    def _take_header(self, line: bytes, bare: bytes) -> None:
        assert self._headers is not None, "only asked while headers are read"
        if bare:
            self._header_bytes += len(line)
            if self._header_bytes > MAX_HEADER_BYTES:
                raise refused("LIMIT_SIZE", "The headers of a mail.")
            self._headers.append(line)
            return
        if not self._headers and not self._parts:
            return  # blank lines before the first header of a mail
        headers = BytesHeaderParser(policy=compat32).parsebytes(b"".join(self._headers))
        self._headers = None
        self._begin_part(headers)

    def _begin_part(self, headers: "Message[str, str]") -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise refused("LIMIT_SIZE", f"A mail of more than {MAX_PARTS} parts.")
        boundary = headers.get_boundary()
        if headers.get_content_maintype() == "multipart" and boundary:
            self._boundaries.append(boundary.encode("utf-8", "surrogateescape"))
            self._nest()
        elif headers.get_content_type() == "message/rfc822":
            self._headers, self._header_bytes = [], 0
            self._nest()
        else:
            coding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
            self._part = _Part(_name_of(headers), coding, self._is_wanted, self._spool)

    def _nest(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise refused("LIMIT_NESTING", f"A mail in which parts nest more than {MAX_NESTING} deep.")


class _Part:
    """One attachment or text: decoded line by line, kept in a file from when its first bytes are wanted."""

    def __init__(self, name: str, coding: str, is_wanted: Callable[[str, bytes], bool], spool: Spool) -> None:
        self.name = name
        self._coding, self._is_wanted, self._spool = coding, is_wanted, spool
        self._rest = b""
        self._start = bytearray()
        self._dropped = False
        self._path: Path | None = None
        self._file: BinaryIO | None = None

    def feed(self, line: bytes) -> None:
        """Take the next line of the body."""
        if not self._dropped:
            self._take(self._decoded(line))

    def close(self) -> Path | None:
        """Finish; gives the file, None for a part that is not wanted."""
        if self._file is None and not self._dropped:
            self._decide()
        if self._file is not None:
            self._file.close()
        return self._path

    def _decoded(self, line: bytes) -> bytes:
        if self._coding == "base64":
            signs = self._rest + _NOT_BASE64.sub(b"", line)
            whole = len(signs) // 4 * 4
            self._rest = signs[whole:]
            try:
                return binascii.a2b_base64(signs[:whole])
            except binascii.Error:
                return b""  # what is lost here is found when the volume is checked
        plain = self._rest + (binascii.a2b_qp(line) if self._coding == "quoted-printable" else line)
        kept = plain.removesuffix(b"\n").removesuffix(b"\r")
        self._rest = plain[len(kept) :]  # the last one belongs to the boundary that follows
        return kept

    def _take(self, piece: bytes) -> None:
        if self._file is not None:
            _write(self._file, piece)
            return
        self._start += piece
        if len(self._start) >= FIRST_BYTES:
            self._decide()

    def _decide(self) -> None:
        if not self._is_wanted(self.name, bytes(self._start[:FIRST_BYTES])):
            self._dropped = True
            return
        self._path = self._spool.new()
        self._file = self._path.open("xb")
        _write(self._file, bytes(self._start))


def _write(file: BinaryIO, piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as fault:
        raise refused(
            "IO_ERROR", f"There is no room to unpack the mail ({fault.strerror or fault})."
        ) from fault


def _name_of(headers: "Message[str, str]") -> str:
    """What an attachment is called: a hint for people, never a path."""
    try:
        return str(headers.get_filename("") or "")
    except (ValueError, LookupError, TypeError):  # a name in a form or code that nobody knows
        return ""
