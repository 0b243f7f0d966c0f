"""The parts of a process file, one class each: calendar, clock, procedure, equity and the rest."""

import re
from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from eventlog.indicators import INDICATORS, known_indicator
from eventlog.procedure_rules import circles, in_words
from eventlog.terms import Elapsed, Term


def known_timezone(name: str) -> str:
    """The name, if the IANA list has it; ValueError otherwise."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("expected a time zone of the IANA list, e.g. Asia/Jakarta") from error
    return name


def _country(code: str) -> str:
    if code not in holidays.list_supported_countries():
        raise ValueError("expected a country code with known holidays, e.g. ID or NL")
    return code


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _days(text: str) -> str:
    for part in text.split(","):
        ends = part.strip().lower().split("-")
        if len(ends) > 2 or any(end not in _DAYS for end in ends):  # noqa: PLR2004 (a pair)
            raise ValueError('expected days, e.g. "mon-fri" or "mon-thu, sat"')
    return text


def _hours(text: str) -> str:
    for part in text.split(","):
        if not re.fullmatch(r"\s*([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)\s*", part):
            raise ValueError('expected hours, e.g. "08:00-16:00" or "08:00-12:00, 13:00-16:00"')
        opens, closes = part.strip().split("-")
        if opens >= closes:
            raise ValueError(f"{opens} is not before {closes}")
    return text


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if groups != 1:
        raise ValueError(
            "expected a regular expression with one group in parentheses, the part to keep"
        )
    return text


class Part(BaseModel):
    """A part of a process file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, Field(min_length=1)]
Names = tuple[Name, ...]
Share = Annotated[float, Field(ge=0, le=1)]


class Stream(Part):
    """The Kafka topic that the events come from, and the consumer group that reads it."""

    topic: Name = "permit.events"
    group: Name = "runut"


class Abstraction(Part):
    """How fine-grained activity codes become fewer: named `groups` of them, then `pattern`'s group.

    Of what comes of that the `keep` commonest stay.
    """

    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    groups: dict[Name, Annotated[Names, Field(min_length=1)]] = {}
    keep: int = Field(default=40, ge=1)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.pattern is None and not self.groups:
            raise ValueError("give pattern, groups or both: what makes codes fewer")
        group: dict[str, str] = {}
        for name, codes in self.groups.items():
            for code in codes:
                if group.setdefault(code, name) != name:
                    raise ValueError(
                        f'groups has "{code}" in "{group[code]}" and in "{name}"; '
                        "leave it in one of them"
                    )
        return self


class UnitCalendar(Part):
    """When one unit works, where it differs from the office."""

    days: Annotated[str, AfterValidator(_days)] | None = None
    hours: Annotated[str, AfterValidator(_hours)] | None = None
    holidays: tuple[date, ...] = ()


class Calendar(Part):
    """When the office works: days, hours, national holidays and its own closed days."""

    country: Annotated[str, AfterValidator(_country)] | None = None
    days: Annotated[str, AfterValidator(_days)] = "mon-fri"
    hours: Annotated[str, AfterValidator(_hours)] = "08:00-16:00"
    holidays: tuple[date, ...] = ()
    units: dict[Name, UnitCalendar] = {}


class Suspension(Part):
    """The clock stands from one activity until another: the applicant has the file."""

    from_: Name = Field(alias="from")
    until: Name


class Clock(Part):
    """The statutory clock, and the activities that close a case (`stops` unless given)."""

    starts: Names = ()
    stops: Names = ()
    closes: Names = ()
    suspended: tuple[Suspension, ...] = ()

    @property
    def closing(self) -> Names:
        """The activities that close a case; empty when the file does not say."""
        return self.closes or self.stops


class Standard(Part):
    """The promised term: one for all, by value of a case attribute, by activity."""

    term: Term | None = None
    by: dict[Name, dict[Name, Term]] = {}
    steps: dict[Name, Term] = {}


class Procedure(Part):
    """What should happen: rules, or a BPMN file."""

    mandatory: Names = ()
    once: Names = ()
    order: tuple[tuple[Name, Name], ...] = ()
    bpmn: Name | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.bpmn and (self.mandatory or self.once or self.order):
            raise ValueError("give either rules (mandatory, once, order) or bpmn, not both")
        return self

    @model_validator(mode="after")
    def _order_can_be_kept(self) -> Self:
        for circle in circles(self.order):
            raise ValueError(in_words(circle))
        return self


class Outcome(Part):
    """How a case ended: by an attribute's values or by activities."""

    attribute: Name | None = None
    favourable: Names = ()
    unfavourable: Names = ()
    withdrawn: Names = ()
    favourable_activities: Names = ()
    unfavourable_activities: Names = ()
    withdrawn_activities: Names = ()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        by_value = bool(self.favourable or self.unfavourable or self.withdrawn)
        by_activity = bool(
            self.favourable_activities or self.unfavourable_activities or self.withdrawn_activities
        )
        if by_value != (self.attribute is not None):
            raise ValueError(
                "attribute and its values (favourable, unfavourable, withdrawn) go together"
            )
        if by_value == by_activity:
            raise ValueError(
                "give either attribute with its values or favourable_activities and the like"
            )
        return self


class Material(Part):
    """The smallest gap that is worth a finding."""

    days: float = Field(default=1.0, ge=0)
    share: Share = 0.05
    fee_share: Share = 0.05


class Equity(Part):
    """Between whom treatment is compared, and what may legitimately make a difference."""

    groups: Names = ()
    legitimate: Names = ()
    service_class: Names = ()
    gates: Names = ()
    entry_period: Literal["week", "month", "quarter", "year"] = "month"
    horizon: Elapsed = Elapsed(days=90)
    material: Material = Material()
    sensitive: Names = ()
    basis: dict[Name, Name] = {}


class Favouritism(Part):
    """Who might be picked early."""

    favoured: Names = ()


class Fees(Part):
    """What was charged, what the tariff says, and by whom to scan."""

    charged: Name
    official: Name
    by: Names = ()

    @model_validator(mode="after")
    def _two_amounts(self) -> Self:
        if self.charged == self.official:
            raise ValueError(
                f'charged and official are both "{self.charged}"; expected what was paid and what '
                "the tariff says"
            )
        return self


class Voice(Part):
    """What citizens say: complaint activities and a satisfaction attribute."""

    complaints: Names = ()
    satisfaction: Name | None = None


class Indicator(Part):
    """One line of the scorecard: of the whole office, of one `unit`, or one line a value of `by`.

    `by` is a case attribute, or `unit` for one line a unit.
    """

    indicator: Annotated[Name, AfterValidator(known_indicator)]
    target: float | None = None
    unit: Name | None = None
    by: Name | None = None

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        known = INDICATORS[self.indicator]
        if self.unit is not None and self.by is not None:
            raise ValueError("gives unit and by; give one of them")
        if (self.unit is not None or self.by == "unit") and not known.by_unit:
            raise ValueError(f"{self.indicator} is told of applications, not of units; leave unit")
        if self.by not in {None, "unit"} and not known.by_value:
            raise ValueError(
                f"{self.indicator} is told of the office and its units; expected by: unit, or none"
            )
        return self


class Costs(Part):
    """What work costs: an hour of an officer, and an amount each time an activity is done."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "IDR"
    officer_hour: Annotated[float, Field(ge=0)] | None = None
    activities: dict[Name, Annotated[float, Field(ge=0)]] = {}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.officer_hour is None and not self.activities:
            raise ValueError("give officer_hour, activities or both: what work costs")
        return self


class Privacy(Part):
    """What is replaced by pseudonyms at the door, and what is too small to show."""

    pseudonymise: Names = ()
    smallest_cell: int = Field(default=5, ge=1)
    retention: Elapsed = Elapsed(days=90)
