"""A mail server of our own on loopback: SMTP in, a real Dovecot behind it, IMAP out."""

import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

PASSWORD = "four-words-of-mail"

CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
{users}
mail_location = maildir:{root}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
"""


def free_port() -> int:
    """Give a port of loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class _Relay:
    """Hands every mail on to the mailboxes."""

    def __init__(self, lmtp: int) -> None:
        self.lmtp = lmtp

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Deliver by LMTP."""
        assert envelope.mail_from is not None
        assert envelope.content is not None
        with smtplib.LMTP("127.0.0.1", self.lmtp, "[127.0.0.1]") as server:
            server.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return "250 OK"


class PostOffice:
    """The ports of a running one."""

    def __init__(self, smtp: int, imap: int, lmtp: int) -> None:
        """Keep them."""
        self.smtp, self.imap, self.lmtp = smtp, imap, lmtp

    def settings(self, mailbox: str) -> dict[str, str]:
        """Give what an installation has to know of it."""
        return {
            "smtp.server": "127.0.0.1",
            "smtp.port": str(self.smtp),
            "smtp.tls": "none",
            "imap.server": "127.0.0.1",
            "imap.port": str(self.imap),
            "imap.tls": "none",
            "imap.user": mailbox,
            "imap.password": PASSWORD,
            "mail.from": mailbox,
        }

    def deliver(self, mailbox: str, content: bytes) -> None:
        """Put a mail into a mailbox, as a stranger would."""
        with smtplib.LMTP("127.0.0.1", self.lmtp, "[127.0.0.1]") as server:
            server.sendmail("stranger@else.example", [mailbox], content)


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Run one for a while."""
    root = Path(tempfile.mkdtemp(prefix="post-"))
    smtp, imap, lmtp = free_port(), free_port(), free_port()
    configuration = root / "dovecot.conf"
    configuration.write_text(_configuration(root, imap, lmtp))
    server = subprocess.Popen(["dovecot", "-F", "-c", configuration])
    controller = Controller(_Relay(lmtp), hostname="127.0.0.1", port=smtp, decode_data=False)
    try:
        _wait_for(imap, root / "log")
        _wait_for(lmtp, root / "log")
        controller.start()
        yield PostOffice(smtp, imap, lmtp)
    finally:
        controller.stop(no_assert=True)
        server.terminate()
        server.wait(20)
        shutil.rmtree(root, ignore_errors=True)


def _configuration(root: Path, imap: int, lmtp: int) -> str:
    """Run by root, its parts drop to users of their own, and mailboxes belong to nobody."""
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    users = (
        ""
        if os.getuid() == 0
        else f"default_internal_user = {user.pw_name}\ndefault_login_user = {user.pw_name}"
    )
    (root / "mail").mkdir()
    os.chown(root / "mail", user.pw_uid, user.pw_gid)
    root.chmod(0o755)
    return CONFIGURATION.format(
        root=root, users=users, uid=user.pw_uid, gid=user.pw_gid, password=PASSWORD, imap=imap, lmtp=lmtp
    )


def _wait_for(port: int, log: Path) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text() if log.exists() else "no log")
