"""Promised terms as offices write them: "14 working days", "8 weeks", "2h"."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_PARTS = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(working\s+)?([a-z]+)\s*$", re.IGNORECASE)
_UNITS: dict[str, timedelta] = {
    **dict.fromkeys(("s", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time, in elapsed time or in working days of the calendar.

    `amount` counts `unit`s; `working` is true only for days. `str()` gives back a text that
    `parse` reads.
    """

    amount: float
    unit: str
    working: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "14 working days", "8 weeks" or "2h"; ValueError says what is expected."""
        found = _PARTS.match(text)
        unit = found.group(3).lower() if found else ""
        if found is None or unit not in _UNITS:
            raise ValueError('expected e.g. "14 working days", "8 weeks" or "2h"')
        working = found.group(2) is not None
        if working and _UNITS[unit] != timedelta(days=1):
            raise ValueError('only days can be working days: expected e.g. "14 working days"')
        amount = float(found.group(1))
        if amount <= 0:
            raise ValueError("must be longer than zero")
        return cls(amount=amount, unit=unit, working=working)

    @property
    def elapsed(self) -> timedelta:
        """The term in elapsed time; for working days the number of days taken as calendar days."""
        return self.amount * _UNITS[self.unit]

    def __str__(self) -> str:
        """The term as `parse` reads it."""
        working = "working " if self.working else ""
        return f"{self.amount:g} {working}{self.unit}"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: type[Any], _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Terms are texts in a process file."""
        return core_schema.no_info_after_validator_function(
            cls.parse,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


def _elapsed(text: str) -> timedelta:
    found = _PARTS.match(text)
    if found is None or found.group(2) or found.group(3).lower() not in _UNITS:
        raise ValueError('expected elapsed time, e.g. "90 days" or "2h"')
    return Term.parse(text).elapsed


class Elapsed(timedelta):
    """Elapsed time in a process file, written "90 days" or "2h"; a `timedelta` everywhere else."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: type[Any], _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Elapsed times are texts in a process file."""
        return core_schema.no_info_after_validator_function(
            _elapsed,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: f"{value.total_seconds():g} seconds"
            ),
        )
