"""What headquarters adds to samples: a seed for who brings none, and what its page shows."""

import secrets


def made_up_seed() -> str:
    """Give a seed nobody can know before; it is kept and printed with the sample."""
    return secrets.token_hex(6)
