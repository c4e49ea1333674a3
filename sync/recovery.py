"""The recovery key: an age identity that is kept offline and opens what the institution lost the way into."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyrage

from sync.reasons import refused


@dataclass(frozen=True, slots=True)
class RecoveryIdentity:
    """Both halves; ``identity`` (``AGE-SECRET-KEY-1…``) goes into a safe, the recipient into every home."""

    identity: str = field(repr=False)
    recipient: str

    def key_file(self, made_at: datetime) -> bytes:
        """Give the file as ``age-keygen`` writes it, so that stock ``age`` takes it with ``-i``."""
        created = made_at.replace(microsecond=0).isoformat()
        return f"# created: {created}\n# public key: {self.recipient}\n{self.identity}\n".encode()


def read_identity(file: Path) -> str:
    """Read the identity from a key file of ``age``: TrustError IO_ERROR or NOT_FOR_US where there is none."""
    try:
        lines = file.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as fault:
        raise refused("IO_ERROR", "The file with the recovery key.", where=str(file)) from fault
    found = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    if not found:
        raise refused("NOT_FOR_US", "The file holds no recovery key.", where=str(file))
    return found[0]


def new_recovery_identity() -> RecoveryIdentity:
    """Make one from the operating system's randomness."""
    identity = pyrage.x25519.Identity.generate()
    return RecoveryIdentity(str(identity), str(identity.to_public()))
