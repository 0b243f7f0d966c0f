"""Mines a lake: every question answered once, written as the files of interface.md."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine import findings, results
from engine.batch import case_ids, observe, read_log
from engine.progress import Progress
from eventlog.definition import Definition
from eventlog.errors import UsageError
from eventlog.kernels import Int64s
from eventlog.lake import Lake
from eventlog.log import Log
from miners import MINERS, variants
from miners.cases import case_table
from miners.quality import check

# What --only may name; "model" and "quality" are not additive miners.
QUESTIONS = (*(miner.name for miner in MINERS), "model", "quality")


@dataclass(frozen=True, kw_only=True)
class Mined:
    """What a run found and left in `folder`.

    `as_of` is the latest event of the lake's `version`; `findings` and `run` are as in
    interface.md; `off` pairs what was switched off with the reason.
    """

    folder: Path
    process: str
    version: int
    as_of: datetime | None
    events: int
    cases: int
    findings: list[Mapping[str, Any]]
    run: Mapping[str, Any]

    @property
    def off(self) -> list[tuple[str, str]]:
        """What was not analysed, and why."""
        return [(entry["what"], entry["why"]) for entry in self.run["off"]]


@dataclass
class _Clock:
    """Adds up the seconds of each stage."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        with self.progress.stage(name):
            yield
        self.seconds[name] = round(time.perf_counter() - began, 3)


def mine(
    lake: Lake,
    definition: Definition,
    folder: Path,
    *,
    as_of: datetime | None = None,
    only: frozenset[str] | None = None,
    progress: Progress,
) -> Mined:
    """Answer every question (or those of `only`) on the lake as of a time, into `folder`.

    `folder` must exist and be empty; who wants to replace older results swaps folders afterwards.
    UsageError when `only` names a question that there is not, or `as_of` lies before the first
    version that is kept.
    """
    asked = _asked(only)
    clock = _Clock(progress)
    version = lake.version_at(as_of)
    with clock.stage("read"):
        log = read_log(lake, definition, version=version)
        ids = case_ids(lake, version=version)
    miners = [miner for miner in MINERS if miner.name in asked]
    with clock.stage("observe"):
        summaries = observe(log, [m for m in MINERS if m.name in asked | {"map", "variants"}])
    with clock.stage("summarise"):
        answers = {m.name: m.summarise(summaries[m.name]) for m in miners}
    keys, routes, counts = variants.ranked(summaries["variants"])
    with clock.stage("model"):
        model = results.write_model(routes, counts, folder) if "model" in asked else None
    found: list[Mapping[str, Any]] = []
    with clock.stage("quality"):
        if "quality" in asked:
            found = [
                findings.data_quality(result)
                for result in check(
                    log,
                    timezone=definition.timezone,
                    entry_attributes=_entry_attributes(definition),
                )
                if result.affected and not _absent(result.column, log)
            ]
    found = findings.ordered(found)
    with clock.stage("write"):
        results.write_answers(answers, folder)
        ranks = {(int(a), int(b)): at + 1 for at, (a, b) in enumerate(keys.tolist())}
        cases = case_table(log, definition, case_ids=ids, ranks=ranks)
        results.write_table(cases, folder / "cases.parquet")
        now = _latest(log.timestamp)
        results.write_findings(found, definition.process, now, folder)
        run = {
            "schema_version": findings.SCHEMA_VERSION,
            "process": definition.process,
            "definition": definition.hash,
            "runut": results.package_version(),
            "lake_version": version,
            "as_of": now.isoformat() if now else None,
            "period": {
                "from": _moment(log.timestamp.min()).isoformat() if len(log) else None,
                "to": now.isoformat() if now else None,
            },
            "counts": _counts(lake, log, version, len(found)),
            "smallest_cell": definition.privacy.smallest_cell,
            "timezone": definition.timezone,
            "model": model,
            "off": _off(definition, log, asked),
            "seconds": clock.seconds,
        }
    results.write_json(run, folder / "run.json")
    return Mined(
        folder=folder,
        process=definition.process,
        version=version,
        as_of=now,
        events=len(log),
        cases=log.cases,
        findings=list(found),
        run=run,
    )


def _asked(only: frozenset[str] | None) -> frozenset[str]:
    if only is None:
        return frozenset(QUESTIONS)
    unknown = only - set(QUESTIONS)
    if unknown:
        raise UsageError(
            f"--only names {', '.join(sorted(unknown))}; expected some of {', '.join(QUESTIONS)}"
        )
    return only


def _counts(lake: Lake, log: Log, version: int, found: int) -> dict[str, Any]:
    stored, rejected = lake.counts(version)
    return {
        "stored": stored,
        "repeats_dropped": int(log.repeats.sum()),
        "events": len(log),
        "executions": len(log.executions.activity),
        "cases": log.cases,
        "rejects": rejected,
        "reject_reasons": dict(sorted(lake.reject_reasons().items())),
        "findings": found,
    }


def _entry_attributes(definition: Definition) -> tuple[str, ...]:
    if definition.equity is None:
        return ()
    named = [*definition.equity.groups, *definition.equity.legitimate]
    return tuple(dict.fromkeys(n for n in named if n in definition.case_attributes))


def _absent(column: str | None, log: Log) -> bool:
    """A column that no event fills is not of poor quality: the process does not record it."""
    coded = {"resource": log.resource, "unit": log.unit}.get(column or "")
    return coded is not None and len(coded.vocabulary) == 0


def _off(definition: Definition, log: Log, asked: frozenset[str]) -> list[dict[str, str]]:
    off = [(question, "left out by --only") for question in QUESTIONS if question not in asked]
    if not len(log.resource.vocabulary):
        off.append(("handover between resources", "no event names a resource"))
    if not len(log.unit.vocabulary):
        off.append(("handover between units", "no event names a unit"))
    if not definition.closing:
        off.append(
            (
                "open cases and lateness",
                "the process file does not say under clock what closes a case",
            )
        )
    if definition.outcome is None:
        off.append(("outcomes", "the process file has no outcome"))
    return [{"what": what, "why": why} for what, why in off]


def _moment(microseconds: np.int64) -> datetime:
    whole, rest = divmod(int(microseconds), 1_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest)


def _latest(timestamp: Int64s) -> datetime | None:
    return _moment(timestamp.max()) if len(timestamp) else None
