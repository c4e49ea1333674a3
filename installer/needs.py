"""Programs of the system that the tests start, and the packages of Debian that bring them."""

import glob
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from installer import debian


@dataclass(frozen=True, slots=True)
class Need:
    """One program or set of files of the system."""

    package: str
    purpose: str
    programs: tuple[str, ...] = ()  # any one of these on the path is enough
    files: str = ""  # or any file that this pattern finds

    def is_met(self) -> bool:
        """Whether it is there."""
        return any(shutil.which(program) for program in self.programs) or bool(
            self.files and glob.glob(self.files)  # noqa: PTH207 - an absolute pattern, which pathlib refuses
        )


FOR_TESTS = (
    Need("chromium", "pages are tried in a real browser", ("chromium", "chromium-browser", "google-chrome")),
    Need("fonts-dejavu-core", "the browser needs letters to draw", files="/usr/share/fonts/*/*/*.[to]tf"),
    Need("libatomic1", "and the program that steers it needs this", files="/usr/lib/*/libatomic.so.1"),
    Need("postgresql", "headquarters' tables are tried on it", files="/usr/lib/postgresql/*/bin/initdb"),
    Need("age", "bundles are opened without us", ("age",)),
    Need("zstd", "and unpacked without us", ("zstd",)),
    Need("libarchive-tools", "and from the image of a disc", ("bsdtar",)),
    Need("xorriso", "whose label another program reads", ("xorriso",)),
    Need("dovecot-imapd", "mails are fetched from a real mailbox", files="/usr/lib/dovecot/imap"),
    Need("dovecot-lmtpd", "and brought there", files="/usr/lib/dovecot/lmtp"),
    Need("poppler-utils", "printed pages are read back", ("pdftotext",)),
    Need("hledger", "adds up the exported journal", ("hledger",)),
    Need("git", "house rules are checked on the files that are kept", ("git",)),
)


def missing(needs: Sequence[Need] = FOR_TESTS) -> list[Need]:
    """Those that are not there."""
    return [need for need in needs if not need.is_met()]


def meet(needs: Sequence[Need] = FOR_TESTS) -> None:
    """Install what is missing, or raise SetupError that names all of it."""
    lacking = missing(needs)
    if lacking:
        purposes = ", ".join(f"{need.package} ({need.purpose})" for need in lacking)
        debian.install([need.package for need in lacking], reason=f"Tests need {purposes}")
