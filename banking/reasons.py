"""A refusal with everything that is wrong, so that one look is enough to put all of it right."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ledger.errors import N_, RuleError


class FieldsError(RuleError):
    """Fields that cannot be used; ``reasons`` holds each with its own rule. Facts: count, first."""

    code = "BAD_FIELDS"
    message = N_("{count} field(s) cannot be used. Nothing was done. The first: {first}")

    def __init__(self, reasons: Sequence[tuple[str, RuleError]]) -> None:
        super().__init__(count=len(reasons), first=reasons[0][1])
        self.reasons = tuple(reasons)


@dataclass(slots=True)
class Reasons:
    """Collects what is wrong; ``refuse`` says no when there is anything."""

    found: list[tuple[str, RuleError]] = field(default_factory=list)

    def add(self, name: str, reason: RuleError) -> None:
        """Note one thing."""
        self.found.append((name, reason))

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Note whatever rule says no inside, and go on."""
        try:
            yield
        except FieldsError as several:
            self.found.extend(
                (f"{name}.{inner}" if name else inner, reason) for inner, reason in several.reasons
            )
        except RuleError as reason:
            self.add(name, reason)

    def refuse(self) -> None:
        """Refuse when something was noted.

        raises   FieldsError
        """
        if self.found:
            raise FieldsError(self.found)
