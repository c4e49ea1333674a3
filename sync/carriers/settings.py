"""What a carrier needs to know, asked once: servers, addresses, passwords, when to go by itself.

``SETTINGS`` is the whole list: code, page and ``docs/carriers.md`` follow it (a test compares).
They stay on this computer. Passwords are sealed under the home's master key, so that neither a copied
database nor a backup of headquarters' server gives them away.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import N_, RuleError
from schema.replication import Setting
from sync.installation import Installation
from sync.reasons import refused

_PREFIX: Final = "carrier."
_NONCE_BYTES: Final = 12
_LONGEST: Final = 500


class UnknownSettingError(RuleError):
    """Facts: name."""

    code = "UNKNOWN_SETTING"
    message = N_("There is no setting “{name}”. Nothing was changed.")


class WrongSettingError(RuleError):
    """Facts: name, value (never of a password), allowed (in a word or two)."""

    code = "WRONG_SETTING"
    message = N_("The setting “{name}” cannot be “{value}”, only {allowed}. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting: its default, what it is for, and what it may be.

    choices  the only values; ``pattern`` what any other value must look like, ``allowed`` in words
    secret   a password: sealed, never shown
    """

    default: str
    help: str
    choices: tuple[str, ...] = ()
    pattern: str = r".*"
    allowed: str = "a line of text"
    secret: bool = False

    def fits(self, value: str) -> bool:
        """Whether it may be that."""
        if len(value) > _LONGEST or not (value.isprintable() or self.secret):
            return False
        if self.choices:
            return value in self.choices
        return not value or re.fullmatch(self.pattern, value) is not None


_HOST: Final = r"[A-Za-z0-9.:_-]{1,255}"
_MAIL: Final = r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}"
_NUMBER: Final = r"[1-9][0-9]{0,4}"
_TLS: Final = ("tls", "starttls", "none")

SETTINGS: Final[dict[str, Spec]] = {
    "mail.from": Spec("", N_("Address that mails are sent from"), (), _MAIL, "an address"),
    "mail.to": Spec(
        "", N_("Address that mails go to; headquarters has one for each branch"), (), _MAIL, "an address"
    ),
    "smtp.server": Spec("", N_("Server that takes mails"), (), _HOST, "the name of a server"),
    "smtp.port": Spec("587", N_("Its port"), (), _NUMBER, "a number"),
    "smtp.tls": Spec("starttls", N_("How it is talked to; none only on this computer"), _TLS),
    "smtp.user": Spec("", N_("Name to log in with, empty for none")),
    "smtp.password": Spec("", N_("Password to send mails"), secret=True),
    "imap.server": Spec("", N_("Server that mails are fetched from"), (), _HOST, "the name of a server"),
    "imap.port": Spec("993", N_("Its port"), (), _NUMBER, "a number"),
    "imap.tls": Spec("tls", N_("How it is talked to; none only on this computer"), _TLS),
    "imap.user": Spec("", N_("Name of the mailbox")),
    "imap.password": Spec("", N_("Password of the mailbox"), secret=True),
    "imap.folder": Spec("INBOX", N_("Folder of the mailbox that is looked into")),
    "imap.done": Spec(
        "", N_("Folder for mails whose bundle is in the books; empty: they are marked as read")
    ),
    "line.url": Spec(
        "",
        N_("Address of headquarters, such as https://hq.example:8621"),
        (),
        r"https?://[^\s/]+/?",
        "an address that begins with https://",
    ),
    "line.pin": Spec(
        "",
        N_("Fingerprint (SHA-256) of headquarters' certificate; empty: any that this computer trusts"),
        (),
        r"[0-9a-f]{64}",
        "64 hexadecimal digits",
    ),
    "folder.path": Spec("", N_("Folder that bundles are sent to and fetched from, such as a network drive")),
    "schedule.send": Spec(
        "", N_("How bundles are sent by themselves; empty: they are not"), ("", "folder", "smtp", "https")
    ),
    "schedule.fetch": Spec(
        "", N_("How bundles are fetched by themselves; empty: they are not"), ("", "folder", "imap", "https")
    ),
    "schedule.minutes": Spec("60", N_("Minutes from one time to the next"), (), _NUMBER, "a number"),
}
"""Name: what it is."""


class Carriers:
    """The settings of one installation, read at one moment."""

    def __init__(self, values: Mapping[str, str], key: bytes) -> None:
        self._values, self._key = values, key

    @classmethod
    def read(cls, installation: Installation) -> "Carriers":
        """Read them."""
        with installation.database.reading() as session:
            rows = session.scalars(select(Setting).where(Setting.name.startswith(_PREFIX)))
            values = {row.name.removeprefix(_PREFIX): row.value for row in rows}
        return cls(values, installation.carrier_key)

    def text(self, name: str) -> str:
        """Give a setting that is no password."""
        spec = spec_of(name)
        assert not spec.secret, "a password is opened only to be used"
        return self._values.get(name, spec.default)

    def number(self, name: str) -> int:
        """Give a setting that is a number."""
        return int(self.text(name) or spec_of(name).default)

    def needed(self, name: str) -> str:
        """Give a setting without which nothing goes; TrustError NO_SETTING names it."""
        value = self.text(name)
        if not value:
            raise refused("NO_SETTING", f"It is {name}.", where=name)
        return value

    def password(self, name: str) -> str:
        """Open a password; empty where none was set."""
        sealed = bytes.fromhex(self._values.get(name, ""))
        if not sealed:
            return ""
        try:
            nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return ChaCha20Poly1305(self._key).decrypt(nonce, body, name.encode()).decode()
        except InvalidTag as fault:
            raise refused("NO_SETTING", f"{name} was sealed in another home.", where=name) from fault

    def has(self, name: str) -> bool:
        """Whether it was set."""
        return bool(self._values.get(name))

    def shown(self, *, is_hq: bool) -> Iterator[tuple[str, str, Spec]]:
        """Every setting with what may be shown of it: of a password, that there is one."""
        for name in SETTINGS:
            spec = SETTINGS[name]
            yield name, ("set" if self.has(name) else "") if spec.secret else self.text(name), spec
        if is_hq:
            for name in sorted(self._values):
                if name not in SETTINGS and _is_of_branch(name):
                    yield name, self._values[name], spec_of(name)


def change(installation: Installation, values: Mapping[str, str]) -> None:
    """Set some of them, all or none; an empty value is the default again.

    raises  UnknownSettingError, WrongSettingError
    """
    for name, value in values.items():
        spec = spec_of(name)
        if not spec.fits(value):
            shown = "…" if spec.secret else value[:60]
            allowed = ", ".join(choice or "“”" for choice in spec.choices) or spec.allowed
            raise WrongSettingError(name=name, value=shown, allowed=allowed)
    with installation.exclusive() as session:
        for name, value in values.items():
            kept = _sealed(installation.carrier_key, name, value) if spec_of(name).secret and value else value
            keep(session, _PREFIX + name, kept)


def keep(session: Session, name: str, value: str) -> None:
    """Keep a small fact about this installation; an empty one is forgotten."""
    found = session.get(Setting, name)
    if found is None and value:
        session.add(Setting(name=name, value=value))
    elif found is not None and value:
        found.value = value
    elif found is not None:
        session.delete(found)


def spec_of(name: str) -> Spec:
    """Give what a setting is; UnknownSettingError."""
    if name in SETTINGS:
        return SETTINGS[name]
    if _is_of_branch(name):
        return SETTINGS["mail.to"]
    raise UnknownSettingError(name=name[:60])


def _is_of_branch(name: str) -> bool:
    """Headquarters' addresses of branches: ``mail.to.KIT``."""
    return re.fullmatch(r"mail\.to\.[A-Z0-9]{1,12}", name) is not None


def _sealed(key: bytes, name: str, value: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    return (nonce + ChaCha20Poly1305(key).encrypt(nonce, value.encode(), name.encode())).hex()
