"""Dates on the command line: ISO, and nothing else."""

from datetime import date

import click


class IsoDateType(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date or refuse the usage."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is not a date; write it as 2026-11-22", param, ctx)


DATE = IsoDateType()
