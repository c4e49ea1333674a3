"""The tables that analysts get: their columns, and the statement that reads their rows."""

from dataclasses import dataclass
from typing import Final

from schema.standings import STANDINGS


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file for analysts.

    kind     what stands in it: id, count, text, day, instant (from milliseconds, UTC), rate, or amount, which
             becomes two columns
    private  about persons: left out unless asked for
    """

    name: str
    kind: str = "text"
    private: bool = False

    @property
    def raw(self) -> str:
        """The type of the value as it is read."""
        raw = {"text": "VARCHAR", "day": "DATE", "rate": "DECIMAL(12,6)"}
        return raw.get(self.kind, "BIGINT")

    def shown(self, digits: int) -> str:
        """Give the columns that it becomes, as SQL; ``digits`` are the decimals of the currency."""
        if self.kind == "instant":
            return f"epoch_ms({self.name}) AS {self.name}"
        if self.kind != "amount":
            return self.name
        smallest = f"0.{'0' * (digits - 1)}1" if digits else "1"
        unit = f"CAST('{smallest}' AS DECIMAL({digits + 1},{digits}))"
        exact = f"CAST(CAST({self.name} AS DECIMAL(19,0)) * {unit} AS DECIMAL({19 + digits},{digits}))"
        return f"{self.name} AS {self.name}_minor, {exact} AS {self.name}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the statement gives its columns in order; ``office`` is what narrows it to one office.

    paged   read in pieces by the first column, an id: ``?`` is the last one read, ``{most}`` how many to read
    """

    name: str
    columns: tuple[Column, ...]
    office: str
    statement: str
    paged: bool = True


def _amounts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "amount") for name in names)


JOURNAL: Final = Table(
    "journal",
    (
        Column("line_id", "id"),
        Column("entry_id", "id"),
        Column("office"),
        Column("kind"),
        Column("shown_on", "day"),
        Column("booked_on", "day"),
        Column("value_date", "day"),
        Column("recorded_at", "instant"),
        Column("reverses_id", "id"),
        Column("account"),
        Column("account_name"),
        Column("account_type"),
        Column("currency"),
        *_amounts("debit", "credit"),
        Column("note", private=True),
    ),
    "l.origin_office_id",
    """
SELECT l.id, e.id, o.code, e.kind, coalesce(late.posted_on, e.booked_on), e.booked_on, e.value_date,
       e.recorded_at, e.reverses_id, g.code, g.name, g.type, l.currency, l.debit, l.credit, e.note
  FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id
  JOIN office AS o ON o.id = l.origin_office_id JOIN gl_account AS g ON g.id = l.gl_account_id
  LEFT JOIN late_entry AS late ON late.journal_entry_id = e.id
 WHERE l.id > ?{only} ORDER BY l.id LIMIT {most}
""",
)

_WINDOW: Final = "SELECT a.id FROM loan_account AS a WHERE a.id > ?{only} ORDER BY a.id LIMIT {most}"
_OF_LOANS: Final = STANDINGS.format(which=f"a.id IN ({_WINDOW})")

TABLES: Final = (
    Table(
        "accounts",
        (
            Column("id", "id"),
            Column("code"),
            Column("name"),
            Column("type"),
            Column("parent"),
            Column("usage"),
            Column("role"),
        ),
        "1",
        """
SELECT g.id, g.code, g.name, g.type, p.code, g."usage", g.role
  FROM gl_account AS g LEFT JOIN gl_account AS p ON p.id = g.parent_id ORDER BY g.code
""",
        paged=False,
    ),
    Table(
        "offices",
        (Column("id", "id"), Column("code"), Column("name"), Column("parent"), Column("state")),
        "1",
        """
SELECT o.id, o.code, o.name, p.code, o.state
  FROM office AS o LEFT JOIN office AS p ON p.id = o.parent_id ORDER BY o.code
""",
        paged=False,
    ),
    Table(
        "gl_by_month",
        (Column("office"), Column("account"), Column("month", "day"), *_amounts("debit", "credit")),
        "t.origin_office_id",
        """
SELECT o.code, g.code, substr(t.booked_on, 1, 7) || '-01', CAST(sum(t.debit) AS BIGINT),
       CAST(sum(t.credit) AS BIGINT)
  FROM gl_day_total AS t JOIN office AS o ON o.id = t.origin_office_id
  JOIN gl_account AS g ON g.id = t.gl_account_id WHERE 1 = 1{only} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""",
        paged=False,
    ),
    Table(
        "clients",
        (
            Column("id", "id"),
            Column("office"),
            Column("number"),
            Column("gender"),
            Column("born_in", "count"),
            Column("lending_group"),
            Column("joined_on", "day"),
            Column("state"),
            Column("name", private=True),
            Column("given_name", private=True),
            Column("born_on", "day", private=True),
            Column("national_id", private=True),
            Column("phone", private=True),
            Column("address", private=True),
            Column("village", private=True),
        ),
        "c.origin_office_id",
        """
SELECT c.id, o.code, c.number, c.gender, CAST(substr(c.born_on, 1, 4) AS INTEGER), g.number, c.joined_on,
       c.state, c.name, c.given_name, c.born_on, c.national_id, c.phone, c.address, c.village
  FROM client AS c JOIN office AS o ON o.id = c.origin_office_id
  LEFT JOIN lending_group AS g ON g.id = c.group_id WHERE c.id > ?{only} ORDER BY c.id LIMIT {most}
""",
    ),
    Table(
        "loans",
        (
            Column("id", "id"),
            Column("office"),
            Column("number"),
            Column("client_id", "id"),
            Column("lending_group"),
            Column("product"),
            Column("status"),
            Column("annual_rate", "rate"),
            Column("installments", "count"),
            Column("applied_on", "day"),
            Column("disbursed_on", "day"),
            Column("overdue_from", "day"),
            *_amounts("principal", "outstanding", "owed"),
        ),
        "a.origin_office_id",
        f"""
SELECT a.id, o.code, a.number, a.client_id, g.number, p.code, a.status, a.annual_rate, a.installments,
       a.applied_on, a.disbursed_on, s.overdue_from, a.principal, coalesce(s.principal, 0),
       coalesce(s.owed, 0)
  FROM loan_account AS a JOIN office AS o ON o.id = a.origin_office_id
  JOIN loan_product AS p ON p.id = a.product_id LEFT JOIN lending_group AS g ON g.id = a.group_id
  LEFT JOIN ({_OF_LOANS}) AS s ON s.loan_account_id = a.id
 WHERE a.id IN ({_WINDOW}) ORDER BY a.id
""",  # noqa: S608 - built from our own constants
    ),
    Table(
        "savings",
        (
            Column("id", "id"),
            Column("office"),
            Column("number"),
            Column("client_id", "id"),
            Column("lending_group"),
            Column("product"),
            Column("kind"),
            Column("status"),
            Column("annual_rate", "rate"),
            Column("opened_on", "day"),
            Column("closed_on", "day"),
            *_amounts("balance"),
        ),
        "a.origin_office_id",
        """
SELECT a.id, o.code, a.number, a.client_id, g.number, p.code, p.kind, a.status, a.annual_rate, a.opened_on,
       a.closed_on, CAST(coalesce((SELECT sum(t.amount) FROM savings_transaction AS t
                                    WHERE t.savings_account_id = a.id), 0) AS BIGINT)
  FROM savings_account AS a JOIN office AS o ON o.id = a.origin_office_id
  JOIN savings_product AS p ON p.id = a.product_id LEFT JOIN lending_group AS g ON g.id = a.group_id
 WHERE a.id > ?{only} ORDER BY a.id LIMIT {most}
""",
    ),
)
"""What a DuckDB file holds beside the journal."""
