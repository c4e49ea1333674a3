"""Bundles by e-mail: through a real SMTP server into a real mailbox, and out of it among hostile mails."""

import imaplib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import TrustError
from sync.carriers.mailing import fetch_mails, try_imap, try_smtp
from sync.carriers.sending import send_bundle
from sync.carriers.settings import Carriers, change
from sync.export import write_branch_bundle
from sync.installation import Installation
from tests.support.institution import HQ, TestInstitution, register_savers
from tests.support.postoffice import PASSWORD, PostOffice, post_office

BOX = "hq@bank.example"


@pytest.fixture(scope="module")
def post() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> TestInstitution:
    made = TestInstitution.create(tmp_path_factory.mktemp("mail"))
    with made.open("KIT") as branch:
        register_savers(branch, ["Amina", "Brian"])
    return made


def send(branch: Installation, post: PostOffice, receiver: str) -> str:
    change(branch, post.settings("kit@bank.example") | {"mail.to": receiver})
    written = send_bundle(
        branch,
        "smtp",
        lambda folder, size, way: write_branch_bundle(branch, folder, volume_bytes=size, way=way),
    )
    return written.name


def flags(post: PostOffice, mailbox: str, folder: str = "INBOX") -> list[bool]:
    """Whether each mail of a mailbox is marked as read."""
    with imaplib.IMAP4("127.0.0.1", post.imap) as server:
        server.login(mailbox, PASSWORD)
        server.select(folder, readonly=True)
        _, answer = server.uid("FETCH", "1:*", "(FLAGS)")
        return [b"Seen" in line for line in answer if isinstance(line, bytes)]


def test_a_bundle_goes_by_mail_and_is_imported_from_a_hostile_mailbox(
    made: TestInstitution, post: PostOffice, tmp_path: Path
) -> None:
    """Other mails stay as they are; a copy under another name brings nothing twice."""
    bank = made.copy_to(tmp_path / "bank")
    post.deliver(BOX, b"Subject: lunch\r\n\r\nWhere?\r\n")
    post.deliver(BOX, b"Subject: <b>win</b>\r\nContent-Type: text/html\r\n\r\n<script>1</script>\r\n")
    forged = b"Subject: Satchel KIT-0001\r\nContent-Disposition: attachment; filename=../../1A2B3C4D.S01\r\n"
    post.deliver(BOX, forged + b"\r\nno volume at all\r\n")
    with bank.open("KIT") as branch:
        name = send(branch, post, BOX)
        assert list(branch.home.outbox.iterdir()) == []
    with bank.open(HQ) as hq:
        change(hq, post.settings(BOX))
        results = fetch_mails(hq)
        assert [(result.bundle, result.verdict) for result in results if result.bundle] == [(name, "ADMIT")]
        assert flags(post, BOX) == [False, False, False, True]
        again = fetch_mails(hq)
        assert [result.bundle for result in again if result.bundle] == []
        assert [path.name for path in (hq.home.inbox / "mail").glob("*.eml")] in ([], ["mail-0.eml"])


def test_a_mail_is_marked_only_when_its_bundle_stands_in_the_books(
    made: TestInstitution, post: PostOffice, tmp_path: Path
) -> None:
    """Fetched and left for a person, it stays unread; a second copy is known, and is moved as well."""
    bank = made.copy_to(tmp_path / "bank")
    box = "waiting@bank.example"
    with bank.open("KIT") as branch:
        send(branch, post, box)
    with bank.open(HQ) as hq:
        change(hq, post.settings(box))
        assert fetch_mails(hq, then_import=False) == []
        assert flags(post, box) == [False]
        assert [result.verdict for result in fetch_mails(hq)] == ["ADMIT"]
        assert flags(post, box) == [True]
    with bank.open("KIT") as branch:
        send(branch, post, box)
    with bank.open(HQ) as hq:
        with imaplib.IMAP4("127.0.0.1", post.imap) as server:
            server.login(box, PASSWORD)
            server.create("Done")
        change(hq, {"imap.done": "Done"})
        assert [result.verdict for result in fetch_mails(hq)] == ["NOOP"]
        assert flags(post, box, "Done") == [True]


def test_a_server_that_cannot_be_reached_loses_nothing(made: TestInstitution, tmp_path: Path) -> None:
    """The mails lie in the outbox, to be sent by hand."""
    bank = made.copy_to(tmp_path / "bank")
    with bank.open("KIT") as branch:
        with pytest.raises(TrustError) as refusal:
            send(branch, PostOffice(1, 1, 1), BOX)
        assert refusal.value.code == "NO_LINE"
        assert [path.suffix for path in branch.home.outbox.iterdir()] == [".eml"]
        with pytest.raises(TrustError, match="cannot be reached"):
            try_imap(Carriers.read(branch))
        change(branch, {"smtp.server": "mail.example"})
        with pytest.raises(TrustError, match="open line"):
            try_smtp(Carriers.read(branch))


def test_a_wrong_password_is_told(made: TestInstitution, post: PostOffice, tmp_path: Path) -> None:
    bank = made.copy_to(tmp_path / "bank")
    with bank.open(HQ) as hq:
        change(hq, post.settings(BOX) | {"imap.password": "wrong"})
        with pytest.raises(TrustError) as refusal:
            try_imap(Carriers.read(hq))
        assert refusal.value.code == "NO_LINE"


def test_a_password_is_readable_in_its_own_home_only(made: TestInstitution, tmp_path: Path) -> None:
    bank = made.copy_to(tmp_path / "bank")
    with bank.open("KIT") as branch:
        change(branch, {"smtp.password": "secret words"})
        carriers = Carriers.read(branch)
        assert carriers.password("smtp.password") == "secret words"
        assert "secret" not in str(dict(carriers._values))
        shown = {name: value for name, value, _spec in carriers.shown(is_hq=False)}
        assert shown["smtp.password"] == "set"
        with pytest.raises(TrustError):
            Carriers(carriers._values, bytes(32)).password("smtp.password")
    shutil.rmtree(tmp_path / "bank")
