"""One look at every case of the lake, slice by slice: what all later answers are drawn from."""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.abstraction import coarsened, coarser
from engine.allocation import give_back, hold_little
from engine.batch import case_ids, instances, observe, read_log
from engine.case_file import CaseFile
from engine.case_look import case_columns, look_at
from engine.data_checks import all_checks, checked, shared
from engine.looks import CROSSING, Looks
from engine.opening import OpeningHours
from engine.seen import Seen
from engine.shared_ids import SharedIds
from engine.slices import Slice, crossing, plan
from engine.stages import Clock
from eventlog.definition import Definition
from eventlog.lake import Lake
from miners import Miner, variants
from miners.cases import case_table
from miners.quality import unfinished


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
        seen.off = dict.fromkeys(CROSSING, room)
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
                seen.checks = all_checks(seen, shared(lake, ids, version=asked.version))
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
