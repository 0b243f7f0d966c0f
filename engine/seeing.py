"""One look at every case of the lake, slice by slice: what all later answers are drawn from."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.abstraction import coarsened, coarser
from engine.allocation import give_back, hold_little
from engine.batch import added, case_ids, instances, observe, read_log
from engine.case_file import CaseFile
from engine.case_look import case_columns, look_at
from engine.looks import Looks
from engine.opening import OpeningHours
from engine.progress import Progress
from engine.shared_ids import SharedIds
from engine.slices import Slice, crossing, plan
from eventlog.definition import Definition
from eventlog.kernels import Int64s
from eventlog.lake import Lake
from eventlog.log import Log
from eventlog.tally import Summary
from miners import Miner, variants
from miners.cases import case_table, open_cases
from miners.quality import (
    ALONE,
    Check,
    alone_at_the_end,
    check,
    never_completed,
    shared_ids,
    unfinished,
)


@dataclass
class Clock:
    """Announces stages and adds up the seconds of each."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what the block does under `name`."""
        began = time.perf_counter()
        with self.progress.stage(name):
            yield
        spent = time.perf_counter() - began
        self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)


class CaseTable(Protocol):
    """`cases.parquet` in the making."""

    def finish(self, ranked: Int64s) -> None:
        """Tell each case its variant; `ranked` [n, 2] are the variant keys from rank 1 on."""


@dataclass(kw_only=True)
class Sums:
    """What was counted over cases so far.

    `unfinished` is what `never_completed` needs; `resources` and `units`: whether any event
    names one.
    """

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    unfinished: Summary = field(default_factory=Summary)
    events: int = 0
    executions: int = 0
    cases: int = 0
    repeats: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    resources: bool = False
    units: bool = False

    def add(self, summaries: Mapping[str, Summary]) -> None:
        """Add what the miners saw in a slice."""
        self.summaries = added(self.summaries, summaries) if self.summaries else summaries

    def doubt(self, checks: list[Check], open_ends: Summary) -> None:
        """Add what a slice's events lack."""
        if not self.checks:
            self.checks = checks
        else:
            self.checks = [a + b for a, b in zip(self.checks, checks, strict=True)]
        self.unfinished += open_ends

    def note(self, log: Log) -> None:
        """Count a slice in."""
        self.events += len(log)
        self.executions += len(log.executions.activity)
        self.cases += log.cases
        self.repeats += int(log.repeats.sum())
        self.resources |= len(log.resource.vocabulary) > 0
        self.units |= len(log.unit.vocabulary) > 0
        if len(log):
            first, last = (_moment(f(log.timestamp)) for f in (np.min, np.max))
            self.earliest = min(first, self.earliest or first)
            self.latest = max(last, self.latest or last)


@dataclass(kw_only=True)
class Seen(Sums):
    """What one look at the lake gave: sums over cases, and the case table in the making.

    `looks` is what crosses cases, None where nobody asked; `off` what could not be looked at, why.
    """

    case_file: CaseTable
    looks: Looks | None = None
    off: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a look has to tell: of which `version`, with `now` (µs UTC) as the end of what is known.

    `miners` must have the one called "variants" among them; `quality` asks for the checks,
    `work` for what crosses cases: work items, clocks and terms.
    """

    version: int
    now: int
    miners: Sequence[Miner]
    quality: bool
    work: bool


class Look(Protocol):
    """How a lake is looked at: here in slices, or on many machines (`engine.spark`)."""

    def __call__(
        self,
        lake: Lake,
        definition: Definition,
        folder: Path,
        *,
        asked: Asked,
        clock: Clock,
    ) -> Seen:
        """Look at every case once."""


@dataclass(frozen=True, kw_only=True)
class InSlices:
    """Looks at the lake in this process, in slices that keep it under `memory` bytes."""

    memory: int | None = None

    def __call__(
        self,
        lake: Lake,
        definition: Definition,
        folder: Path,
        *,
        asked: Asked,
        clock: Clock,
    ) -> Seen:
        """As `Look` has it."""
        attributes = len(definition.case_attributes)
        if self.memory is not None:
            hold_little()
        slices = plan(lake, version=asked.version, memory=self.memory, attributes=attributes)
        room = crossing(lake, version=asked.version, memory=self.memory)
        if not asked.work or room is None:
            return see(lake, definition, folder, asked=asked, slices=slices, clock=clock)
        asked = replace(asked, work=False)
        seen = see(lake, definition, folder, asked=asked, slices=slices, clock=clock)
        seen.off = dict.fromkeys(("bottlenecks", "lateness"), room)
        return seen


def see(
    lake: Lake,
    definition: Definition,
    folder: Path,
    *,
    asked: Asked,
    slices: Sequence[Slice],
    clock: Clock,
) -> Seen:
    """Look at every slice once."""
    parts: Sequence[Slice | None] = slices if len(slices) > 1 else [None]
    with ExitStack() as stack:
        spool = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
            if len(slices) > 1
            else None
        )
        ids = SharedIds(spool)
        cases = CaseFile(folder / "cases.parquet")
        opening = OpeningHours(definition)
        coarse = None
        if definition.abstract is not None:
            with clock.stage("abstract"):
                counts = _label_counts(lake, parts, version=asked.version)
                coarse = coarser(counts, definition.abstract)
        looks = Looks(definition, opening, now=asked.now, coarse=coarse) if asked.work else None
        seen = Seen(case_file=cases, looks=looks)
        for part in parts:
            # In a function of its own: nothing of a slice may be held while the next one is read.
            _see_slice(
                lake,
                definition,
                part,
                asked=asked,
                opening=opening,
                coarse=coarse,
                ids=ids,
                seen=seen,
                cases=cases,
                clock=clock,
            )
            if part is not None:
                give_back()
        if asked.quality:
            with clock.stage("quality"):
                seen.checks = all_checks(seen, _shared(lake, ids, version=asked.version))
    return seen


def _see_slice(
    lake: Lake,
    definition: Definition,
    part: Slice | None,
    *,
    asked: Asked,
    opening: OpeningHours,
    coarse: Mapping[str, str] | None,
    ids: SharedIds,
    seen: Seen,
    cases: CaseFile,
    clock: Clock,
) -> None:
    """Count one slice in."""
    version = asked.version
    with clock.stage("read"):
        log = read_log(lake, part, version=version, attributes=definition.case_attributes)
    with clock.stage("observe"):
        mined = coarsened(log, coarse)
        seen.add(observe(mined, asked.miners))
    with clock.stage("work"):
        look = look_at(
            log,
            mined if asked.work else None,
            definition,
            opening,
            now=asked.now,
            instances=partial(instances, lake, version),
        )
    with clock.stage("cases"):
        names = case_ids(lake, log.case_key, part, version=version)
        table = case_table(log, definition, case_ids=names, looked=case_columns(look, log.cases))
        cases.append(table, variants.keys(mined))
    if seen.looks is not None:
        seen.looks.add(log, mined, look, names)
    if asked.quality:
        with clock.stage("quality"):
            seen.doubt(checked(log, definition, now=asked.now), unfinished(log))
            ids.add(log.event_key)
    seen.note(log)


def checked(log: Log, definition: Definition, *, now: int) -> list[Check]:
    """The checks of whole cases that add up; `now` as in `Asked`."""
    is_open = None
    if definition.closing:
        is_open = np.asarray(open_cases(log, definition).to_numpy(zero_copy_only=False), bool)
    return check(
        log,
        timezone=definition.timezone,
        now=now,
        is_open=is_open,
        applicant_steps=definition.applicant_steps,
        entry_attributes=_entry_attributes(definition),
    )


def all_checks(seen: Sums, shared: Check) -> list[Check]:
    """The checks of everything seen; `shared` is the one that crosses cases."""
    return [shared, *_recorded(seen), never_completed(seen.unfinished)]


def _label_counts(lake: Lake, parts: Sequence[Slice | None], *, version: int) -> Mapping[str, int]:
    """Events per activity, each counted once however often it was sent."""
    totals: dict[str, int] = {}
    for part in parts:
        activity = read_log(lake, part, version=version).activity
        counts = np.bincount(activity.codes, minlength=len(activity.vocabulary)).tolist()
        for label, count in zip(activity.vocabulary.labels, counts, strict=True):
            totals[label] = totals.get(label, 0) + count
        if part is not None:
            give_back()
    return totals


def _shared(lake: Lake, ids: SharedIds, *, version: int) -> Check:
    twice, events = ids.twice()
    cases = np.empty(0, np.int64)
    if len(twice):
        columns = ["event_key", "case_key"]
        for batch in lake.batches(columns, version=version, between=None):
            keys = batch.column("event_key").to_numpy()
            place = np.minimum(np.searchsorted(twice, keys), len(twice) - 1)
            hit = batch.column("case_key").to_numpy()[twice[place] == keys]
            cases = np.union1d(cases, hit) if len(hit) else cases
    return shared_ids(events=events, cases=len(cases), total=ids.events)


def _recorded(seen: Sums) -> list[Check]:
    """Without checks of columns that no event fills: the process does not record them.

    Whether the latest event stands alone shows only here, where all are counted.
    """
    absent = {"resource": not seen.resources, "unit": not seen.units}
    return [
        alone_at_the_end(found) if found.check == ALONE else found
        for found in seen.checks
        if not absent.get(found.column or "", False)
    ]


def _entry_attributes(definition: Definition) -> tuple[str, ...]:
    if definition.equity is None:
        return ()
    named = [*definition.equity.groups, *definition.equity.legitimate]
    return tuple(dict.fromkeys(n for n in named if n in definition.case_attributes))


def _moment(microseconds: np.int64) -> datetime:
    whole, rest = divmod(int(microseconds), 1_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest)
