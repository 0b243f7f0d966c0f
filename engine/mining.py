"""Mines a lake: every question answered once, written as the files of interface.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import crossing, findings, results
from engine.alerting.life import Reading, beyond
from engine.labels import labels
from engine.looks import CROSSING
from engine.opening import OpeningHours
from engine.progress import Progress
from engine.seeing import Asked, InSlices, Look
from engine.seen import Seen
from engine.stages import Clock
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.errors import UsageError
from eventlog.lake import Lake
from eventlog.moments import microseconds
from eventlog.opening import holidays_known, hours_of
from miners import MINERS, Miner, miners_with, variants
from miners.procedure.bpmn import Procedure

# What --only may name; those after the miners are not additive.
NOT_YET = ("drift",)
QUESTIONS = (*(miner.name for miner in MINERS), "model", *CROSSING, "quality")
# What told in working time belongs to another question's answer.
_PART_OF = {"working": "map"}


@dataclass(frozen=True, kw_only=True)
class Mined:
    """What a run found and left in `folder`.

    `as_of` is the latest event of the lake's `version`; `findings` and `run` are as in
    interface.md; `off` pairs what was switched off with the reason; `readings` are what the alert
    `rules` of the process file read, by the rule's name.
    """

    folder: Path
    process: str
    version: int
    as_of: datetime | None
    events: int
    cases: int
    findings: list[Mapping[str, Any]]
    run: Mapping[str, Any]
    rules: Sequence[Alert]
    readings: Mapping[str, Sequence[Reading]]

    @property
    def of_persons(self) -> int:
        """How many findings tell of officers or other persons: for findings.json only."""
        return sum(findings.names_persons(finding) for finding in self.findings)

    @property
    def tellable(self) -> list[Mapping[str, Any]]:
        """The findings that may be told outside the restricted results: none of a person."""
        return [finding for finding in self.findings if not findings.names_persons(finding)]

    @property
    def beyond(self) -> list[tuple[Alert, Reading]]:
        """What is beyond the threshold of an alert rule now, however long it has been."""
        return beyond(self.rules, self.readings)

    @property
    def off(self) -> list[tuple[str, str]]:
        """What was not analysed, and why."""
        return [(entry["what"], entry["why"]) for entry in self.run["off"]]


def mine(
    lake: Lake,
    definition: Definition,
    folder: Path,
    *,
    as_of: datetime | None = None,
    only: frozenset[str] | None = None,
    procedure: Procedure | None = None,
    look: Look | None = None,
    progress: Progress,
) -> Mined:
    """Answer every question (or those of `only`) on the lake as of a time, into `folder`.

    `folder` must exist and be empty; who wants to replace older results swaps folders afterwards.
    `procedure` is the BPMN file that the definition names. `look` is how the lake is looked at, in
    this process and in one piece without it. UsageError when `only` names a question that there is
    not, or `as_of` lies before the first version that is kept.
    """
    asked = _asked(only)
    clock = Clock(progress)
    version = lake.version_at(as_of)
    now = lake.latest(version)
    # The variants are asked for always: each case is told which one it is. The map says what an
    # open case waits for, whether it is asked for or not.
    crosses = bool(asked & set(CROSSING))
    needed = {"variants", "map"} if crosses else {"variants"}
    miners = _miners(definition, asked | needed)
    seen = (look or InSlices())(
        lake,
        definition,
        folder,
        asked=Asked(
            version=version,
            now=0 if now is None else microseconds(now),
            miners=miners,
            quality="quality" in asked,
            work=crosses,
        ),
        clock=clock,
    )
    with clock.stage("summarise"):
        wanted = _miners(definition, asked)
        answers = {m.name: m.summarise(seen.summaries[m.name]) for m in wanted}
        keys, routes, counts = variants.ranked(seen.summaries["variants"])
    with clock.stage("write"):
        results.write_answers(answers, folder)
    crossed = crossing.answer(
        seen, definition, folder, procedure=procedure, asked=asked, clock=clock
    )
    with clock.stage("model"):
        model = (
            results.write_model(routes, counts, folder, followed=crossed.followed)
            if "model" in asked
            else None
        )
    found = findings.ordered(
        [
            *(findings.data_quality(c, labels(definition)) for c in seen.checks if c.affected),
            *crossed.findings,
        ]
    )
    with clock.stage("write"):
        seen.case_file.finish(keys)
        results.write_findings(found, definition.process, now, folder)
        stored, rejected = lake.counts(version)
        run = {
            "schema_version": findings.SCHEMA_VERSION,
            "process": definition.process,
            "definition": definition.hash,
            "procedure": procedure.fingerprint if procedure else None,
            "runut": results.package_version(),
            "lake_version": version,
            "as_of": now.isoformat() if now else None,
            "period": {
                "from": seen.earliest.isoformat() if seen.earliest else None,
                "to": seen.latest.isoformat() if seen.latest else None,
            },
            "counts": {
                "stored": stored,
                "repeats_dropped": seen.repeats,
                "events": seen.events,
                "executions": seen.executions,
                "cases": seen.cases,
                "rejects": rejected,
                "reject_reasons": dict(sorted(lake.reject_reasons(version).items())),
                "findings": len(found),
            },
            "smallest_cell": definition.privacy.smallest_cell,
            "timezone": definition.timezone,
            "working_day_seconds": _working_day(definition),
            "activities": {code: dict(called) for code, called in definition.activities.items()},
            "labels": {name: dict(called) for name, called in definition.labels.items()},
            "attributes": _attributes(definition),
            "model": model,
            "smallest_seen": list(crossed.smallest_seen),
            "off": [
                {"what": what, "why": why}
                for what, why in [*_off(definition, seen, asked), *crossed.off]
            ],
            "seconds": clock.seconds,
        }
    results.write_json(run, folder / "run.json")
    return Mined(
        folder=folder,
        process=definition.process,
        version=version,
        as_of=now,
        events=seen.events,
        cases=seen.cases,
        findings=list(found),
        run=run,
        rules=definition.alerts,
        readings=crossed.readings,
    )


def _working_day(definition: Definition) -> int | None:
    """The seconds of a working day of the office; None where the process file has no calendar."""
    if "calendar" not in definition.model_fields_set:
        return None
    return sum(until - since for since, until in hours_of(definition.calendar.hours))


def _attributes(definition: Definition) -> list[Mapping[str, Any]]:
    """The case attributes, and what pages must know of each before they show it to anybody.

    `person`: it names somebody, or stands for somebody. `sensitive`: it needs a basis to be looked
    at. `preset`: applications may be sorted by it in front of everybody.
    """
    equity, privacy = definition.equity, definition.privacy
    sensitive = set(equity.sensitive) if equity else set()
    asked = {*equity.groups, *equity.legitimate} if equity else set()
    persons = {
        *privacy.pseudonymise,
        *([definition.applicant_id] if definition.applicant_id else []),
    }
    return [
        {
            "name": name,
            "person": name in persons,
            "sensitive": name in sensitive,
            "preset": name in asked - sensitive - persons,
        }
        for name in definition.case_attributes
    ]


def _miners(definition: Definition, asked: frozenset[str]) -> list[Miner]:
    opening = OpeningHours(definition)
    every = miners_with(opening if opening.known else None)
    return [miner for miner in every if _PART_OF.get(miner.name, miner.name) in asked]


def _asked(only: frozenset[str] | None) -> frozenset[str]:
    if only is None:
        return frozenset(QUESTIONS)
    if not only:
        raise UsageError(f"--only names nothing; expected some of {', '.join(QUESTIONS)}")
    unknown = only - set(QUESTIONS)
    if unknown & set(NOT_YET):
        raise UsageError(
            f"--only names {', '.join(sorted(unknown & set(NOT_YET)))}, which this version of "
            f"Runut does not answer yet; expected some of {', '.join(QUESTIONS)}"
        )
    if unknown:
        raise UsageError(
            f"--only names {', '.join(sorted(unknown))}; expected some of {', '.join(QUESTIONS)}"
        )
    return only


def _off(definition: Definition, seen: Seen, asked: frozenset[str]) -> list[tuple[str, str]]:
    off = [(question, "left out by --only") for question in QUESTIONS if question not in asked]
    if not seen.resources:
        off.append(("handover between resources", "no event names a resource"))
    if not seen.units:
        off.append(("handover between units", "no event names a unit"))
    if not definition.closing:
        off.append(
            (
                "open cases",
                "the process file does not say under clock what closes a case",
            )
        )
    if definition.outcome is None:
        off.append(("outcomes", "the process file has no outcome"))
    if "calendar" not in definition.model_fields_set:
        off.append(("working time", "the process file has no calendar"))
    return [*off, *_holidays_unknown(definition.calendar.country, seen)]


def _holidays_unknown(country: str | None, seen: Seen) -> list[tuple[str, str]]:
    """The years of events in which only the days that the process file closes are holidays."""
    known = holidays_known(country)
    if known is None or seen.earliest is None or seen.latest is None:
        return []
    (first, last), off = known, []
    why = f"no national holiday of {country} is known there; they count as working days"
    if seen.earliest.year < first:
        off.append((f"national holidays before {first}", why))
    if seen.latest.year > last:
        off.append((f"national holidays after {last}", why))
    return off
