"""Looks for the planted detours of one office, and holds what is found against the truth."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from offices import Case
from scipy import stats

from engine.detour_results import DetourResults, find_detours
from engine.detour_times import OfficeTime, closed
from engine.judging import BPMN, RULES, USUAL, judge
from engine.looks import Whole
from engine.mining import mine
from engine.progress import Silent
from engine.seeing import Asked, InSlices
from engine.seen import Seen
from engine.stages import Clock
from eventlog import definition_file, schema
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.kernels import Bools
from eventlog.lake import Lake
from miners import dfg
from miners.detours.episodes import KINDS
from miners.procedure.bpmn import Procedure, read_procedure
from simulation.running import Simulation, simulate

ROOT = Path(__file__).parents[1]
PROCESSES = ROOT / "config" / "processes"
MEANS = (RULES, BPMN, USUAL)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure in working days with its 95 % limits."""

    value: float
    low: float
    high: float

    def holds(self, truth: float) -> bool:
        """Whether the truth lies within the limits."""
        return self.low <= truth <= self.high

    @property
    def width(self) -> float:
        """From one limit to the other."""
        return self.high - self.low


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is found of one kind: so many cases, `right` of which are among the `planted` ones.

    `days` is what the planted detour truly added to a case that no other detour held up meanwhile,
    None for what adds nothing; `cost` is what Runut says it adds, None where it says that nobody
    can tell.
    """

    kind: str
    found: int
    planted: int
    right: int
    days: float | None = None
    cost: Interval | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One office judged by one means.

    `findings` were told, the `wrong` ones (kind and activities) of what nobody planted; `strayed`
    is how many cases were said to stray at all, `total` what all detours added, in case-days.
    """

    by: str
    kinds: Sequence[Found]
    findings: int
    wrong: Sequence[str]
    strayed: int
    total: Interval | None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One office: what was planted, what was found by each means, and the naive figures by kind.

    `total` is what all detours truly added, in case-days, each stretch of time once; `summed` is
    the sum of what each of them added.
    """

    name: str
    cases: int
    planted: Sequence[str]
    innocent: Sequence[str]
    total: float
    summed: float
    judged: Sequence[Judged]
    naive: Mapping[str, Interval]


def measure(case: Case) -> Measured:
    """Simulate the office, judge its log by all means, and compare with the truth."""
    plants = (*case.detours, *case.innocent)
    simulation = simulate(case.office, plants)
    truth = [one for one in simulation.truth["plants"] if one["kind"] in KINDS]
    judges = _judges()
    with tempfile.TemporaryDirectory() as folder:
        whole = _whole(simulation, judges[RULES][0], Path(folder))
    ids = np.array(whole.case_ids.to_pylist())
    judged = []
    for by, (definition, procedure) in judges.items():
        results = find_detours(whole, definition, judge(whole, definition, procedure))
        judged.append(_held_against(by, results, truth, ids))
    return Measured(
        name=case.name,
        cases=len(ids),
        planted=[one["kind"] for one in truth],
        innocent=[one.kind for one in case.innocent],
        total=simulation.truth["days"]["working"],
        summed=sum(one["days"]["working"] for one in truth if one["days"]),
        judged=judged,
        naive=_naive(whole, truth, ids),
    )


def _judges() -> dict[str, tuple[Definition, Procedure | None]]:
    """The process file with its rules, with the same procedure drawn, and without any."""
    ruled = definition_file.load(PROCESSES / "building-permit.yaml")
    said = ruled.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    file = PROCESSES / "building-permit.bpmn"
    drawn = Definition.model_validate({**said, "procedure": {"bpmn": file.name}})
    free = Definition.model_validate({k: v for k, v in said.items() if k != "procedure"})
    return {RULES: (ruled, None), BPMN: (drawn, read_procedure(file)), USUAL: (free, None)}


def stored(simulation: Simulation, definition: Definition, folder: Path) -> Lake:
    """The log of the office in a new lake, `folder`/lake."""
    events = as_written(simulation.events, definition)
    lake = Lake.create(
        folder / "lake", process=definition.process, case_attributes=definition.case_attributes
    )
    nothing = schema.REJECTS.empty_table()
    lake.writer("file/evidence").append(events, nothing, start=0, next=events.num_rows)
    return lake


def as_written(told: pa.Table, definition: Definition) -> pa.Table:
    """Events of a simulation as a lake takes them in."""
    given = schema.incoming(definition.case_attributes)
    columns = [
        told[field.name].cast(field.type)
        if field.name in told.column_names
        else pa.array(
            ["simulated"] * told.num_rows if field.name == "source" else [None] * told.num_rows,
            field.type,
        )
        for field in given
    ]
    return finish(pa.table(columns, schema=given))


def _whole(simulation: Simulation, definition: Definition, folder: Path) -> Whole:
    """The log of the office by way of a lake, as `runut mine` would see it."""
    lake = stored(simulation, definition, folder)
    out = folder / "out"
    out.mkdir()
    kept: list[Seen] = []

    def look(
        lake: Lake, definition: Definition, folder: Path, *, asked: Asked, clock: Clock
    ) -> Seen:
        kept.append(InSlices()(lake, definition, folder, asked=asked, clock=clock))
        return kept[0]

    mine(lake, definition, out, only=frozenset({"detours"}), look=look, progress=Silent())
    (seen,) = kept
    assert seen.looks is not None
    edges = dfg.summarise(seen.summaries["map"]).edges
    return seen.looks.whole(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))


def _held_against(
    by: str, results: DetourResults, truth: Sequence[Mapping[str, Any]], ids: Any
) -> Judged:
    episodes, content = results.judged.episodes, results.content
    kinds = []
    for code, kind in enumerate(KINDS):
        found = set(ids[episodes.case[episodes.kind == code]].tolist())
        plants = [one for one in truth if one["kind"] == kind]
        planted = {case for one in plants for case in one["cases"]}
        kinds.append(
            Found(
                kind=kind,
                found=len(found),
                planted=len(planted),
                right=len(found & planted),
                days=_days(plants[0]) if plants else None,
                cost=_cost(content["detours"], plants[0]) if plants else None,
            )
        )
    meant = {_subject(one["kind"], _activities(one)) for one in truth}
    told = [
        _subject(one["subject"]["type"], one["subject"]["activities"]) for one in results.findings
    ]
    return Judged(
        by=by,
        kinds=kinds,
        findings=len(told),
        wrong=sorted(one for one in told if one not in meant),
        strayed=content["detoured_cases"],
        total=_interval(content, "days", "ci_low", "ci_high"),
    )


def _days(plant: Mapping[str, Any]) -> float | None:
    """The working days that a planted detour added to each case that it alone held up."""
    alone = plant.get("alone")
    return alone["working"] / alone["cases"] if alone and alone["cases"] else None


def _cost(rows: Sequence[Mapping[str, Any]], plant: Mapping[str, Any]) -> Interval | None:
    """What is said of the planted detour: of the row with most cases, if there are several."""
    meant = _subject(plant["kind"], _activities(plant))
    mine = [one for one in rows if _subject(one["type"], one["activities"]) == meant]
    if not mine:
        return None
    most = max(mine, key=lambda one: int(one["cases"]))
    return _interval(most, "days_per_case", "days_ci_low", "days_ci_high")


def _interval(content: Mapping[str, Any], *names: str) -> Interval | None:
    value, low, high = (content[name] for name in names)
    if value is None or low is None or high is None:
        return None
    return Interval(value=value, low=low, high=high)


def _activities(plant: Mapping[str, Any]) -> Sequence[str]:
    told = plant["parameters"]
    return told["activities"] if "activities" in told else [told["activity"]]


def _subject(kind: str, activities: Sequence[str]) -> str:
    return f"{kind} of {' and '.join(sorted(activities))}"


def _naive(whole: Whole, truth: Sequence[Mapping[str, Any]], ids: Any) -> dict[str, Interval]:
    """By kind, how much longer closed cases took in all that strayed (Welch's interval)."""
    time, over = OfficeTime.of(whole), closed(whole)
    took = time.between(whole.starts, whole.ends) / time.day
    answer = {}
    for one in truth:
        strayed: Bools = np.isin(ids, one["cases"])
        those, others = took[over & strayed], took[over & ~strayed]
        if _days(one) is None or len(those) < 2:
            continue
        compared = stats.ttest_ind(those, others, equal_var=False)
        limits = compared.confidence_interval(0.95)
        answer[one["kind"]] = Interval(
            value=float(those.mean() - others.mean()),
            low=float(limits.low),
            high=float(limits.high),
        )
    return answer
