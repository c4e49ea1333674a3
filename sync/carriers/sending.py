"""Sending a bundle by a line or to a folder: written as always, then handed over; nothing depends on it."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ledger.errors import TrustError
from sync.carriers import FOLDER, HTTPS, SMTP, mailing
from sync.carriers.letter import MAIL_BYTES, Address
from sync.carriers.line import Line
from sync.carriers.settings import Carriers
from sync.carriers.writing import Way
from sync.export import WrittenBundle
from sync.installation import Installation
from sync.reasons import refused

Write = Callable[[Path, int, Way], WrittenBundle]
"""Writes the bundle: into a folder, of volumes of at most so many bytes, in a way."""


def send_bundle(installation: Installation, via: str, write: Write, *, office: str = "") -> WrittenBundle:
    """Write the next bundle and hand it over.

    office  short code of the branch that headquarters writes to; empty at a branch
    raises  TrustError NO_SETTING, NO_LINE, IO_ERROR: the bundle counts as written, not as arrived, and the
            next one carries the same again
    """
    carriers = Carriers.read(installation)
    if via == FOLDER:
        return write(Path(carriers.needed("folder.path")), MAIL_BYTES, Way(carrier=FOLDER))
    if via == SMTP:
        return _by_mail(installation, carriers, write, office)
    if via == HTTPS and not office:
        return _by_line(installation, write)
    raise refused("NO_SETTING", f"There is no way “{via[:20]}”.", where="via")


def _by_line(installation: Installation, write: Write) -> WrittenBundle:
    with Line.of(installation) as line:
        line.hello()  # nothing is written where there is no line
        with tempfile.TemporaryDirectory(prefix="sending-", dir=installation.home.outbox) as folder:
            written = write(Path(folder), MAIL_BYTES, Way(carrier=HTTPS))
            line.put(written.volumes)
            return written


def _by_mail(installation: Installation, carriers: Carriers, write: Write, office: str) -> WrittenBundle:
    receiver = carriers.needed(f"mail.to.{office}" if office else "mail.to")
    address = Address(carriers.needed("mail.from"), receiver)
    carriers.needed("smtp.server")
    with tempfile.TemporaryDirectory(prefix="sending-", dir=installation.home.outbox) as folder:
        written = write(Path(folder), MAIL_BYTES, Way("eml", carrier=SMTP, address=address))
        try:
            mailing.send_mails(carriers, written.volumes)
        except TrustError:
            for path in written.volumes:  # a person can send them with any mail program
                shutil.move(path, installation.home.outbox / path.name)
            raise
    return written
