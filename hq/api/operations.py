"""An operation of the API, declared once: its checks and its description are both made from this."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from hq.api import errors
from hq.api.kinds import Kind, Schema, Text
from hq.api.tokens import Caller
from sync.installation import Installation

JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
FORM: Final = "multipart/form-data"

KEY: Final = Text(100, pattern=r"^[A-Za-z0-9._:-]+$", example="2026-01-31-0042")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the query, the path or the fields of a JSON body."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """What is posted: fields of a JSON document, or files as they are (``fields`` empty)."""

    media_types: tuple[str, ...]
    fields: tuple[Parameter, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One question: where, who, when, and the values that were read of it.

    link     gives the address of the same question with another cursor
    """

    installation: Installation
    caller: Caller
    now: datetime
    values: Mapping[str, Any]
    link: Callable[[str], str]
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digits(self) -> int:
        """Decimals of the currency."""
        return self.installation.place.digits

    def text(self, name: str) -> str | None:
        """Give a text, or None."""
        return cast("str | None", self.values.get(name))


Answer = tuple[int, object]
"""Status, and the document; or the bytes of a file."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One path and method.

    scope      what the token needs; empty: any token
    run        answers; for what is posted it is called once for each idempotency key
    answer     schema of the document, or None where bytes of a file come
    refusals   statuses beside those that every operation can give
    """

    name: str
    method: str
    path: str
    summary: str
    run: Callable[[Call], Answer]
    answer: Schema | None
    scope: str = ""
    parameters: Sequence[Parameter] = ()
    in_path: Sequence[Parameter] = ()
    body: Body | None = None
    refusals: tuple[int, ...] = ()
    group: str = ""
    status: int = 200

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status of a refusal that it can answer."""
        always = (errors.UNAUTHORIZED, errors.FORBIDDEN, errors.UNREADABLE, errors.TOO_MANY)
        posted: tuple[int, ...] = ()
        if self.body is not None:
            posted = (errors.BAD_REQUEST, errors.CONFLICT, errors.TOO_LARGE, errors.WRONG_TYPE)
        found = (errors.NOT_FOUND,) if self.in_path else ()
        return tuple(sorted({*always, *posted, *found, *self.refusals}))
