"""What a process file may say: the permit process as the office describes it.

Every part but `process` has a sensible default or switches its analysis off. The file is checked in
full before anything runs; `eventlog/definition_file.py` reads it and words the errors.
"""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import AfterValidator, Field, model_validator

from eventlog.definition_alert import Alert
from eventlog.definition_parts import (
    Abstraction,
    Calendar,
    Clock,
    Costs,
    Equity,
    Favouritism,
    Fees,
    Indicator,
    Name,
    Names,
    Outcome,
    Part,
    Privacy,
    Procedure,
    Standard,
    Stream,
    Voice,
    known_timezone,
)
from eventlog.schema import RESERVED

# The case table's own columns, which a case attribute of that name would be lost behind.
CASE_COLUMNS = frozenset(
    {
        "open", "start", "end", "events", "variant", "variant_high", "variant_low",
        "throughput_seconds", "working_seconds", "clock_seconds", "clock_working_seconds",
        "applicant_seconds", "external_seconds", "office_seconds", "waiting_seconds",
        "waiting_working_seconds", "service_seconds", "over_term",
    }
)  # fmt: skip
# Who did a step may be hidden and favour somebody; a case has no one officer and no one unit.
_TOLD_OF_EVENTS = frozenset(
    {"alerts.by", "privacy.pseudonymise", "favouritism.favoured", "fees.by"}
)


class Definition(Part):
    """A whole process file. `hash` names its content, so that results can say what held."""

    process: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,79}$")]
    timezone: Annotated[str, AfterValidator(known_timezone)] = "UTC"
    source: Stream = Stream()
    columns: dict[Name, Name] = Field(default_factory=dict)
    case_attributes: Names = ()
    applicant_id: Name | None = None
    bands: dict[Name, tuple[float, ...]] = Field(default_factory=dict)
    activities: dict[Name, dict[Literal["en", "id", "nl"], Name]] = Field(default_factory=dict)
    labels: dict[Name, dict[Literal["en", "id", "nl"], Name]] = Field(default_factory=dict)
    abstract: Abstraction | None = None
    calendar: Calendar = Calendar()
    clock: Clock = Clock()
    applicant_steps: Names = ()
    external_units: Names = ()
    standard: Standard | None = None
    procedure: Procedure | None = None
    outcome: Outcome | None = None
    equity: Equity | None = None
    favouritism: Favouritism | None = None
    fees: Fees | None = None
    voice: Voice | None = None
    costs: Costs | None = None
    scorecard: tuple[Indicator, ...] = ()
    privacy: Privacy = Privacy()
    alerts: tuple[Alert, ...] = ()

    @classmethod
    def bare(cls, **parts: Any) -> Self:
        """What holds for a file that came without a process file."""
        return cls.model_validate({"process": "unnamed", **parts})

    @property
    def hash(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of all that the definition says."""
        content = self.model_dump(mode="json", by_alias=True)
        return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:16]

    @property
    def closing(self) -> Names:
        """The activities that close a case; empty when the file does not say."""
        return self.clock.closing

    @model_validator(mode="before")
    @classmethod
    def _name_implied_attributes(cls, content: Any) -> Any:
        """Naming the applicant or the satisfaction answer declares that attribute."""
        if not isinstance(content, dict):
            return content
        voice = content.get("voice")
        implied = [
            content.get("applicant_id"),
            voice.get("satisfaction") if isinstance(voice, dict) else None,
        ]
        declared = content.get("case_attributes", ())
        if not isinstance(declared, list | tuple):
            return content
        more = [name for name in implied if isinstance(name, str) and name not in declared]
        return {**content, "case_attributes": [*declared, *more]}

    @model_validator(mode="after")
    def _attributes_are_declared(self) -> Self:
        taken = RESERVED.intersection(self.case_attributes)
        if taken:
            raise ValueError(
                f"case_attributes names {_some(taken)}, which the lake keeps for itself; "
                "map the column to another name under columns"
            )
        hidden = CASE_COLUMNS.intersection(self.case_attributes)
        if hidden:
            raise ValueError(
                f"case_attributes names {_some(hidden)}, which the case table keeps for itself; "
                "map the column to another name under columns"
            )
        twice = {name for name in self.case_attributes if self.case_attributes.count(name) > 1}
        if twice:
            raise ValueError(f"case_attributes names {_some(twice)} twice")
        for where, names in self._attribute_uses():
            named = list(names)
            again = {name for name in named if named.count(name) > 1}
            if again:
                raise ValueError(f"{where} names {_some(again)} twice; name each once")
            # What is told of whole cases needs one value a case; officers and units change.
            events = {"resource", "unit"} if where in _TOLD_OF_EVENTS else set()
            unknown = set(named) - set(self.case_attributes) - events
            if unknown:
                raise ValueError(
                    f"{where} names {_some(unknown)}, which is not among case_attributes "
                    f"({', '.join(self.case_attributes) or 'none declared'})"
                )
        known = {"event_id", "case_id", "activity", "timestamp", "sequence", "lifecycle"}
        known |= {"resource", "unit", *self.case_attributes}
        strange = set(self.columns) - known
        if strange:
            raise ValueError(
                f"columns names {_some(strange)}; expected one of {', '.join(sorted(known))}"
            )
        return self

    @model_validator(mode="after")
    def _alerts_have_names_of_their_own(self) -> Self:
        names = [alert.name for alert in self.alerts]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"alerts has the name {_some(twice)} twice; name each rule once")
        return self

    @model_validator(mode="after")
    def _scorecard_tells_of_no_person(self) -> Self:
        persons = {*self.privacy.pseudonymise, self.applicant_id}
        for line in self.scorecard:
            if line.by is not None and line.by != "unit" and line.by in persons:
                raise ValueError(f'scorecard.by names "{line.by}", which stands for persons')
        told = [(line.indicator, line.unit, line.by) for line in self.scorecard]
        twice = {line for line in told if told.count(line) > 1}
        if twice:
            name, unit, by = min(twice, key=str)
            of = f" of {unit or by}" if unit or by else ""
            raise ValueError(f"scorecard has {name}{of} twice; give each line once")
        return self

    def _attribute_uses(self) -> Iterable[tuple[str, Iterable[str]]]:
        yield "applicant_id", [self.applicant_id] if self.applicant_id else []
        yield "bands", self.bands
        yield "labels", self.labels
        yield "standard.by", self.standard.by if self.standard else []
        if self.outcome and self.outcome.attribute:
            yield "outcome.attribute", [self.outcome.attribute]
        if self.equity:
            for key in ("groups", "legitimate", "service_class", "sensitive", "basis"):
                yield f"equity.{key}", getattr(self.equity, key)
        if self.favouritism:
            yield "favouritism.favoured", self.favouritism.favoured
        if self.fees:
            yield "fees.charged", [self.fees.charged]
            yield "fees.official", [self.fees.official]
            yield "fees.by", self.fees.by
        if self.voice and self.voice.satisfaction:
            yield "voice.satisfaction", [self.voice.satisfaction]
        yield "scorecard.by", {line.by for line in self.scorecard if line.by and line.by != "unit"}
        yield "privacy.pseudonymise", self.privacy.pseudonymise
        yield "alerts.by", {alert.by for alert in self.alerts if alert.by}


def _some(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))
