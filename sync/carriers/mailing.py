"""Bundles by e-mail where there is a line: sent by SMTP, fetched by IMAP.

A mailbox is hostile ground. Nothing is taken from a mail but files that are volumes by what stands in them;
who sent it, what it is called and what it says do not count. A mail is kept here until its bundle stands in
the books, and only then is it marked, or moved, in the mailbox: by its bundle's id, after verification.
"""

import email.policy
import imaplib
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Final

from ledger.errors import TrustError
from schema.replication import Setting
from sync.bundle_files import Found, find_volumes
from sync.carriers.settings import Carriers, keep
from sync.home import Home
from sync.import_watch import QUIET, ImportWatch
from sync.inbox import import_paths
from sync.installation import Installation
from sync.reasons import refused
from sync.receiving import FINE, BundleResult

MAX_MAIL_BYTES: Final = 64 << 20
"""Larger mails are no concern of ours: a volume for mails has 7 MiB."""
MAILS_AT_ONCE: Final = 500

_SECONDS: Final = 60
_CHUNK_BYTES: Final = 1 << 20
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_NAME: Final = re.compile(r"mail-(\d+)-(\d+)\.eml")
_LOOKED: Final = "carrier-state.imap"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_FAULTS: Final = (smtplib.SMTPException, imaplib.IMAP4.error, OSError)
_MAILED: Final = "mail"
_NAMELESS: Final = "[127.0.0.1]"
"""What this computer calls itself to servers: its own name is nobody's business."""


def send_mails(carriers: Carriers, files: Iterable[Path]) -> None:
    """Send mails that were written as files, each on its own.

    raises  TrustError NO_SETTING, NO_LINE
    """
    host, port = carriers.needed("smtp.server"), carriers.number("smtp.port")
    with _line_named(host), _smtp(carriers, host, port) as server:
        for file in files:
            with file.open("rb") as content:
                server.send_message(BytesParser(policy=email.policy.SMTP).parse(content))


def send_letter(carriers: Carriers, letter: EmailMessage) -> None:
    """Send a mail that carries no bundle; TrustError NO_SETTING, NO_LINE."""
    host, port = carriers.needed("smtp.server"), carriers.number("smtp.port")
    with _line_named(host), _smtp(carriers, host, port) as server:
        server.send_message(letter)


def try_smtp(carriers: Carriers) -> None:
    """Log in where mails are sent, and send nothing; TrustError as ``send_mails``."""
    host, port = carriers.needed("smtp.server"), carriers.number("smtp.port")
    with _line_named(host), _smtp(carriers, host, port) as server:
        server.noop()


def try_imap(carriers: Carriers) -> None:
    """Log in where mails are fetched, and look at none; TrustError NO_SETTING, NO_LINE."""
    with _mailbox(carriers):
        pass


@dataclass(frozen=True, slots=True)
class _Kept:
    """A mail that was fetched and is not done with: its file here, its place in the mailbox."""

    path: Path
    validity: int
    uid: int


def fetch_mails(
    installation: Installation, *, then_import: bool = True, watch: ImportWatch = QUIET
) -> list[BundleResult]:
    """Fetch mails with volumes into the inbox, import them, and mark those whose bundle stands in the books.

    then_import  False leaves them in the inbox, for a person
    watch        is told of each bundle
    raises       TrustError NO_SETTING, NO_LINE, IO_ERROR: what was fetched before stays in the inbox
    """
    carriers = Carriers.read(installation)
    folder = installation.home.inbox / _MAILED
    folder.mkdir(exist_ok=True)
    with _mailbox(carriers) as mailbox:
        validity = _validity(mailbox)
        _download(installation, mailbox, validity, folder)
        if not then_import:
            return []
        results = import_paths(installation, [folder], carrier="imap", watch=watch)
        done = _done(folder, results, installation.home)
        _mark(mailbox, [kept for kept in done if kept.validity == validity], carriers.text("imap.done"))
    for kept in done:
        kept.path.unlink(missing_ok=True)
    return results


def _download(installation: Installation, mailbox: imaplib.IMAP4, validity: int, folder: Path) -> None:
    """Keep every new mail that holds a volume; remember up to where the mailbox was looked through."""
    for uid in _new(mailbox, _looked(installation, validity))[:MAILS_AT_ONCE]:
        if _size(mailbox, uid) <= MAX_MAIL_BYTES:
            path = folder / f"mail-{validity}-{uid}.eml"
            _keep(mailbox, uid, path, installation.home.spool)
            found = find_volumes([path], installation.home.spool)
            if not found.bundles and not _is_damaged(found):
                path.unlink()
        with installation.exclusive() as session:
            keep(session, _LOOKED, f"{validity}:{uid}")


def _is_damaged(found: Found) -> bool:
    """Whether something in a mail claims to be ours and is not whole: a person should know."""
    return any(fault.place is not None for fault in found.faults)


def _keep(mailbox: imaplib.IMAP4, uid: int, path: Path, workshop: Path) -> None:
    workshop.mkdir(exist_ok=True)
    temporary = workshop / path.name
    with temporary.open("wb") as file:
        at = 0
        while piece := _piece(mailbox, uid, at):
            file.write(piece)
            at += len(piece)
            if at > MAX_MAIL_BYTES or len(piece) < _CHUNK_BYTES:
                break
    temporary.replace(path)


def _piece(mailbox: imaplib.IMAP4, uid: int, at: int) -> bytes:
    _, answer = mailbox.uid("FETCH", str(uid), f"(BODY.PEEK[]<{at}.{_CHUNK_BYTES}>)")
    return next((part[1] for part in answer if isinstance(part, tuple)), b"")


def _size(mailbox: imaplib.IMAP4, uid: int) -> int:
    _, answer = mailbox.uid("FETCH", str(uid), "(RFC822.SIZE)")
    told = b" ".join(part for part in answer if isinstance(part, bytes))
    found = _SIZE.search(told)
    return int(found[1]) if found else 0


def _new(mailbox: imaplib.IMAP4, looked: int) -> list[int]:
    """UIDs after the last that was looked at; ``n:*`` names the last mail even where it is older."""
    _, answer = mailbox.uid("SEARCH", f"UID {looked + 1}:* UNDELETED")
    uids = [int(word) for part in answer if isinstance(part, bytes) for word in part.split()]
    return sorted(uid for uid in uids if uid > looked)


def _validity(mailbox: imaplib.IMAP4) -> int:
    _, answer = mailbox.response("UIDVALIDITY")
    return int(answer[0]) if answer and answer[0] else 0


def _looked(installation: Installation, validity: int) -> int:
    with installation.database.reading() as session:
        row = session.get(Setting, _LOOKED)
    known, _, uid = row.value.partition(":") if row else ("", "", "")
    return int(uid) if known == str(validity) else 0


def _done(folder: Path, results: Iterable[BundleResult], home: Home) -> list[_Kept]:
    """Mails all of whose bundles are in the books, complete."""
    fine = {result.bundle for result in results if result.verdict in FINE}
    done = []
    complete = {
        bundle.index.bundle: bundle.code is None for bundle in find_volumes([folder], home.spool).bundles
    }
    for path in sorted(folder.iterdir()):
        named = _NAME.fullmatch(path.name)
        if named is None:
            continue
        found = find_volumes([path], home.spool)
        ids = [bundle.index.bundle for bundle in found.bundles]
        if ids and all(complete.get(one) and one.hex()[:8].upper() in fine for one in ids):
            done.append(_Kept(path, int(named[1]), int(named[2])))
    return done


def _mark(mailbox: imaplib.IMAP4, done: Iterable[_Kept], move_to: str) -> None:
    _, told = mailbox.capability()
    can_move = any(b"MOVE" in part.split() for part in told if isinstance(part, bytes))
    for kept in done:
        mailbox.uid("STORE", str(kept.uid), "+FLAGS.SILENT", r"(\Seen)")
        if move_to and can_move:
            mailbox.uid("MOVE", str(kept.uid), _quoted(move_to))


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def _mailbox(carriers: Carriers) -> Iterator[imaplib.IMAP4]:
    host, port, tls = carriers.needed("imap.server"), carriers.number("imap.port"), carriers.text("imap.tls")
    with _line_named(host):
        _refuse_open_line(host, tls)
        if tls == "tls":
            server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                host, port, ssl_context=ssl.create_default_context(), timeout=_SECONDS
            )
        else:
            server = imaplib.IMAP4(host, port, timeout=_SECONDS)
        with server:
            if tls == "starttls":
                server.starttls(ssl.create_default_context())
            server.login(carriers.needed("imap.user"), carriers.password("imap.password"))
            answer, told = server.select(_quoted(carriers.text("imap.folder") or "INBOX"))
            if answer != "OK":
                raise imaplib.IMAP4.error(str(told[0] or ""))
            yield server


@contextmanager
def _smtp(carriers: Carriers, host: str, port: int) -> Iterator[smtplib.SMTP]:
    tls = carriers.text("smtp.tls")
    _refuse_open_line(host, tls)
    context = ssl.create_default_context()
    if tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, _NAMELESS, timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, _NAMELESS, timeout=_SECONDS)
    with server:
        if tls == "starttls":
            server.starttls(context=context)
        if carriers.text("smtp.user"):
            server.login(carriers.text("smtp.user"), carriers.password("smtp.password"))
        yield server


def _refuse_open_line(host: str, tls: str) -> None:
    if tls == "none" and host not in _LOOPBACK:
        raise refused("NO_SETTING", "A password never goes over an open line.", where="tls")


@contextmanager
def _line_named(host: str) -> Iterator[None]:
    """Whatever goes wrong with a server means one thing to the reader; its own words are shown."""
    try:
        yield
    except TrustError:
        raise
    except _FAULTS as fault:
        told = " ".join(str(fault).split())[:200] or type(fault).__name__
        raise refused("NO_LINE", f"It said: {told.rstrip('.')}. Nothing was lost.", where=host) from fault
