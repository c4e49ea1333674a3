"""What is refused before an act begins: unknown names, fields, rights, places, files."""

from dataclasses import dataclass

from ledger.errors import N_, RuleError


class UnknownActError(RuleError):
    """Facts: name, near (names that look alike, or a hint how to list them)."""

    code = "UNKNOWN_ACT"
    message = N_("There is no act “{name}”. {near}")


class UnknownFieldError(RuleError):
    """Facts: field, known (the fields of the act)."""

    code = "UNKNOWN_FIELD"
    message = N_("The act has no field “{field}”. Its fields are: {known}.")


class DoubledFieldError(RuleError):
    """Facts: field."""

    code = "DOUBLED_FIELD"
    message = N_("“{field}” is given more than once. Give it once.")


class NotPermittedError(RuleError):
    """Facts: who (the role), permission."""

    code = "NOT_PERMITTED"
    message = N_("A {who} may not do this ({permission}). Nothing was done. Ask somebody who may.")


class WrongPlaceError(RuleError):
    """An act of the other edition, or of two chains in one file. Facts: name, places."""

    code = "WRONG_PLACE"
    message = N_("“{name}” is done at: {places}. Nothing was done.")


class BadActFileError(RuleError):
    """A file of acts that cannot be read. Facts: row (line or number of the act), reason."""

    code = "BAD_ACT_FILE"
    message = N_("Act {row} of the file cannot be read: {reason}. Nothing was done.")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one act, for the person who corrects it.

    number   of the act among those given, from 1; ``field`` is empty when the act as a whole is meant
    message  with amounts in major units
    """

    number: int
    name: str
    field: str
    code: str
    message: str

    def to_json(self) -> dict[str, object]:
        """Give the five parts under their names."""
        return {
            "act": self.number,
            "name": self.name,
            "field": self.field,
            "code": self.code,
            "message": self.message,
        }
