"""The recovery key: an age identity that is kept offline and opens what the institution lost the way into."""

from dataclasses import dataclass, field
from datetime import datetime

import pyrage


@dataclass(frozen=True, slots=True)
class RecoveryIdentity:
    """Both halves; ``identity`` (``AGE-SECRET-KEY-1…``) goes into a safe, the recipient into every home."""

    identity: str = field(repr=False)
    recipient: str

    def key_file(self, made_at: datetime) -> bytes:
        """Give the file as ``age-keygen`` writes it, so that stock ``age`` takes it with ``-i``."""
        created = made_at.replace(microsecond=0).isoformat()
        return f"# created: {created}\n# public key: {self.recipient}\n{self.identity}\n".encode()


def new_recovery_identity() -> RecoveryIdentity:
    """Make one from the operating system's randomness."""
    identity = pyrage.x25519.Identity.generate()
    return RecoveryIdentity(str(identity), str(identity.to_public()))
