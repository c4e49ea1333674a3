"""What the API refuses: a status of HTTP, a code and a sentence (interfaces, section 1)."""

from collections.abc import Mapping
from typing import Final

from ledger.errors import NotFoundError, RuleError, TrustError
from ledger.money import Money, format_major

BAD_REQUEST: Final = 400
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
NOT_ALLOWED: Final = 405
CONFLICT: Final = 409
TOO_LARGE: Final = 413
WRONG_TYPE: Final = 415
UNREADABLE: Final = 422
TOO_MANY: Final = 429

MEANINGS: Final[Mapping[int, str]] = {
    BAD_REQUEST: "The body is not what its type says.",
    UNAUTHORIZED: "There is no token, or it is wrong, ended or revoked.",
    FORBIDDEN: "The token has not the scope, or is bound to another office.",
    NOT_FOUND: "There is no such thing, or not in the office of the token.",
    CONFLICT: "The books do not allow it, or the idempotency key was used for something else.",
    TOO_LARGE: "The body is larger than is taken.",
    WRONG_TYPE: "The body is of a type that is not taken here.",
    UNREADABLE: "A parameter or a field is unknown, missing, doubled or unreadable.",
    TOO_MANY: "Too many wrong tokens came from this address.",
}
"""What a status means, for the description."""


class ApiError(Exception):
    """A refusal that leaves everything as it was.

    ``where`` names the parameter or the field; ``next_step`` says what the caller does next.
    """

    def __init__(self, status: int, code: str, message: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.where = where
        self.next_step = next_step

    def document(self) -> dict[str, object]:
        """Give it as JSON."""
        return {
            "error": {"code": self.code, "message": self.message, "where": self.where, "next": self.next_step}
        }


def of_rule(refusal: RuleError, digits: int) -> ApiError:
    """Tell what a rule of the house refused, amounts in major units."""

    def show(fact: object) -> object:
        return format_major(fact, digits) if isinstance(fact, Money) else fact

    status = NOT_FOUND if isinstance(refusal, NotFoundError) else CONFLICT
    return ApiError(status, refusal.code, refusal.told(show=show))


def of_trust(refusal: TrustError) -> ApiError:
    """Tell what could not be trusted, or cannot be written now."""
    return ApiError(CONFLICT, refusal.code, refusal.message, where=refusal.where, next_step=refusal.next_step)
