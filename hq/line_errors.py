"""What the line says no to: each with the status of HTTP that a program acts by."""

from ledger.errors import TrustError


class LineError(TrustError):
    """A request on the line that is not heard. ``status`` is that of HTTP, ``received`` what is here."""

    def __init__(self, status: int, code: str, message: str, received: int | None = None) -> None:
        super().__init__(code, message)
        self.status, self.received = status, received
