"""What crosses cases: queues, terms and promises, detours, equal treatment, and alerts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine.alerting.life import Reading
from engine.alerting.readings import Readings, read_alerts
from engine.bottleneck_results import find_bottlenecks, write_bottlenecks, write_items
from engine.case_files import write_open, write_taken
from engine.case_look import STEPS, uncounted
from engine.detour_results import find_detours, write_detours
from engine.judging import Judged, judge, unjudged
from engine.lateness_results import find_lateness, write_lateness
from engine.looks import CROSSING, Whole
from engine.results import write_json
from engine.scorecard.answer import find_scorecard, untold, write_scorecard
from engine.seen import Seen
from engine.stages import Clock
from engine.treatment.answer import TREATMENT, find_treatment, write_treatment
from engine.voice.voice_results import find_voice, write_voice
from engine.watching.of_whole import of_whole
from eventlog.definition import Definition
from eventlog.tally import Summary
from miners import clock as clocks
from miners import dfg
from miners.discovery.model_colours import Followed
from miners.procedure.bpmn import Procedure

# What needs to know which applications strayed.
_JUDGING = frozenset(("detours", "voice", "scorecard", *TREATMENT))


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """The findings, what was switched off and why, and what the alert rules read.

    `followed` is how well the activities were done as they should be, where that was asked;
    `smallest_seen` has, for each silent comparison, the smallest gap that it would have seen.
    """

    findings: Sequence[Mapping[str, Any]] = ()
    off: Sequence[tuple[str, str]] = ()
    readings: Mapping[str, Sequence[Reading]] = field(default_factory=dict)
    followed: Mapping[str, Followed] = field(default_factory=dict)
    smallest_seen: Sequence[Mapping[str, Any]] = ()


def answer(
    seen: Seen,
    definition: Definition,
    folder: Path,
    *,
    procedure: Procedure | None,
    asked: frozenset[str],
    clock: Clock,
) -> Crossed:
    """Answer the questions of `CROSSING` that are `asked`, and write their files to `folder`.

    The miner called "map" must have seen the cases: what an open one waits for may be the only
    next step that the map knows. `procedure` is the BPMN file that the process file names.
    """
    off = [(what, why) for what, why in seen.off.items() if what in asked]
    if seen.looks is None:
        why = next(iter(seen.off.values()), f"{', '.join(CROSSING)} are left out by --only")
        off += [(f"alert {alert.name}", why) for alert in definition.alerts]
        return Crossed(off=off)
    with clock.stage("work"):
        whole = seen.looks.whole(_successors(seen.summaries["map"]))
    found: list[Mapping[str, Any]] = []
    followed: Mapping[str, Followed] = {}
    smallest: Sequence[Mapping[str, Any]] = ()
    if "bottlenecks" in asked and whole.items is not None:
        with clock.stage("bottlenecks"):
            found += _queues(whole, definition, folder)
        off += _lacking(whole)
    if "lateness" in asked:
        with clock.stage("lateness"):
            findings, missing = _terms(whole, definition, folder)
        found += findings
        off += missing
    judged = None
    if asked & _JUDGING and whole.items is not None:
        with clock.stage("judge"):
            judged = judge(whole, definition, procedure)
    if "detours" in asked and judged is not None:
        with clock.stage("detours"):
            strayed = find_detours(whole, definition, judged)
            write_detours(strayed, folder / "detours.json")
            write_taken(whole, judged.episodes, folder / "detour_cases.parquet")
            found += strayed.findings
            followed = strayed.followed
        off += unjudged(definition, judged, whole)
    if asked & set(TREATMENT) and judged is not None:
        with clock.stage("treatment"):
            treated = find_treatment(whole, definition, judged, asked)
            write_treatment(treated, folder)
        found += treated.findings
        off += treated.off
        smallest = treated.smallest_seen
    if "voice" in asked and judged is not None:
        with clock.stage("voice"):
            off += _voice(whole, definition, judged, folder)
    if "scorecard" in asked and judged is not None:
        with clock.stage("scorecard"):
            off += _scorecard(whole, definition, judged, folder)
    readings = Readings(found={}, off={})
    if definition.alerts:
        with clock.stage("alerts"):
            readings = read_alerts(of_whole(whole, definition), definition)
        off += [(f"alert {name}", why) for name, why in readings.off.items()]
        write_json(
            {name: [_told(reading) for reading in each] for name, each in readings.found.items()},
            folder / "alerts.json",
        )
    return Crossed(
        findings=found,
        off=off,
        readings=readings.found,
        followed=followed,
        smallest_seen=smallest,
    )


def _queues(whole: Whole, definition: Definition, folder: Path) -> list[dict[str, Any]]:
    queues = find_bottlenecks(whole, definition)
    write_bottlenecks(queues, whole, folder / "bottlenecks.json", timezone=definition.timezone)
    write_items(whole, queues.causes, folder / "work_items.parquet")
    write_open(whole, folder / "open_items.parquet")
    return queues.findings


def _scorecard(
    whole: Whole, definition: Definition, judged: Judged, folder: Path
) -> list[tuple[str, str]]:
    """How the office does by its own measures, and which of them could not be told and why."""
    found = find_scorecard(whole, definition, judged)
    write_scorecard(found, folder / "scorecard.json")
    return untold(found)


def _voice(
    whole: Whole, definition: Definition, judged: Judged, folder: Path
) -> list[tuple[str, str]]:
    """What citizens say, and what of it could not be told and why."""
    voice = find_voice(whole, definition, judged)
    write_voice(voice, folder / "voice.json")
    return voice.off


def _terms(
    whole: Whole, definition: Definition, folder: Path
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """What is late, and why not all of it could be told."""
    if whole.standing is None:
        missing = ", ".join(clocks.missing(definition))
        return [], [("lateness", f"the process file has no {missing}")]
    if clocks.never_started(whole.standing.entered):
        names = ", ".join(f'"{name}"' for name in definition.clock.starts)
        return [], [("lateness", f"no event completes one of clock.starts ({names})")]
    late = find_lateness(whole, definition)
    write_lateness(late, folder / "lateness.json")
    off = _uncounted(definition)
    standard = definition.standard
    if standard is None or not (standard.term or standard.by):
        off.append(("late cases", "the process file promises no term under standard"))
    return late.findings, off


def _told(reading: Reading) -> dict[str, Any]:
    told = asdict(reading)
    return {**told, "since": reading.since.isoformat() if reading.since else None}


def _successors(seen: Summary) -> list[tuple[str, str]]:
    """Which activity was ever done right after which."""
    edges = dfg.summarise(seen).edges
    return list(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))


def _uncounted(definition: Definition) -> list[tuple[str, str]]:
    """The terms that nobody can count, and why."""
    why = "the process file has no calendar to count working days by"
    return [(f"late {_whose(name)} by {name}", why) for name in uncounted(definition)]


def _whose(name: str) -> str:
    return "steps" if name.startswith(STEPS) else "cases"


def _lacking(whole: Whole) -> list[tuple[str, str]]:
    items = whole.items
    assert items is not None
    off = []
    if not items.served.any():
        off.append(
            (
                "waiting apart from service",
                "no event tells when work was started; both are reported as one",
            )
        )
    if whole.still is None:
        off.append(
            (
                "what waits now",
                "the process file does not say under clock what closes a case",
            )
        )
    return off
