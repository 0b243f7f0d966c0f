"""What is said of the published logs, and of the same logs with the label dealt anew."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv
from equity_published import DATA, LABEL, Published, called, definition, every

from connectors.xes import read_xes
from engine.importing import import_files
from engine.judging import Judged, judge
from engine.looks import Whole
from engine.mining import mine
from engine.progress import Silent
from engine.seeing import Asked, InSlices
from engine.seen import Seen
from engine.stages import Clock
from engine.treatment.answer import find_treatment
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.lake import Lake
from miners import dfg

ASKED = frozenset({"equity"})
# Ages of ten years; below and above there are few.
_AGES = (40, 50, 60)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A gap of a published log; `direct` is what the other attributes leave of it."""

    attribute: str
    group: str
    measure: str
    activity: str | None
    value: float | None
    low: float | None
    high: float | None
    raw: float | None
    direct: float | None
    direct_low: float | None
    direct_high: float | None
    p: float | None
    told: bool
    why: str | None


class Judgement(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is said of a log: all gaps, and the findings (attribute, group, measure, activity)."""

    log: str
    cases: int
    gaps: list[Compared]
    findings: list[tuple[str, str, str, str | None, float]]


class Shuffled(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How many findings there are about the label when it is shuffled, one for each seed."""

    log: str
    seeds: tuple[int, int]
    findings: list[int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """A log as `runut mine` sees it, before anything is compared."""

    whole: Whole
    judged: Judged


def opened(log: Published, said: Definition) -> Opened:
    """Import the log into a lake and look at its cases."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / f"{log.name}.csv"
        pyarrow.csv.write_csv(_table(log), file)
        lake = Lake.create(
            folder / "lake", process=said.process, case_attributes=said.case_attributes
        )
        import_files([file], lake, said, key=bytes(32), progress=Silent())
        out = folder / "out"
        out.mkdir()
        kept: list[Seen] = []

        def look(
            lake: Lake, definition: Definition, folder: Path, *, asked: Asked, clock: Clock
        ) -> Seen:
            kept.append(InSlices()(lake, definition, folder, asked=asked, clock=clock))
            return kept[0]

        mine(lake, said, out, only=ASKED, look=look, progress=Silent())
        (seen,) = kept
        assert seen.looks is not None
        edges = dfg.summarise(seen.summaries["map"]).edges
        pairs = zip(edges["source"].tolist(), edges["target"].tolist(), strict=True)
        whole = seen.looks.whole(pairs)
    return Opened(whole=whole, judged=judge(whole, said, None))


def _table(log: Published) -> pa.Table:
    """The columns that matter, with ages in bands; the file's own serial numbers are left out."""
    raw = read_xes(DATA / log.file, source=log.file).table
    age = np.asarray(raw["case:age"].to_pylist(), np.float64)
    band = np.searchsorted(_AGES, age, side="right")
    spans = (f"{low} to {high - 1}" for low, high in pairwise(_AGES))
    names = np.array([f"under {_AGES[0]}", *spans, f"{_AGES[-1]} or more"], object)
    return pa.table(
        {
            "case": raw["case:concept:name"],
            "activity": raw["concept:name"],
            "timestamp": raw["time:timestamp"],
            LABEL: raw["case:protected"],
            **{name: raw[column] for name, column in log.attributes.items()},
            "age": pa.array(names[band].tolist()),
            "legitimate": raw[log.legitimate],
        }
    )


def judgement(name: str) -> Judgement:
    """What is said of the treatment of all groups of a log."""
    log = called(name)
    said = definition(log, every(log))
    found = opened(log, said)
    told = find_treatment(found.whole, said, found.judged, ASKED)
    assert told.equity is not None
    return Judgement(
        log=log.name,
        cases=len(found.whole.case_ids),
        gaps=[_compared(one) for one in told.equity["gaps"]],
        findings=[
            (
                one["subject"]["attribute"],
                one["subject"]["group"],
                one["subject"]["measure"],
                one["subject"].get("activity"),
                one["effect"]["value"],
            )
            for one in told.findings
            if one["kind"] == "disparity"
        ],
    )


def _compared(row: Mapping[str, Any]) -> Compared:
    nothing = {"value": None, "ci_low": None, "ci_high": None}
    entry, direct = row["entry"] or nothing, row["direct"] or nothing
    return Compared(
        attribute=row["attribute"],
        group=row["group"],
        measure=row["measure"],
        activity=row["activity"],
        value=entry["value"],
        low=entry["ci_low"],
        high=entry["ci_high"],
        raw=(row["raw"] or nothing)["value"],
        direct=direct["value"],
        direct_low=direct["ci_low"],
        direct_high=direct["ci_high"],
        p=row["p_value"],
        told=row["told"],
        why=row["why_not"],
    )


def shuffled(name: str, seeds: range) -> Shuffled:
    """How many findings there are about the label alone when it is dealt anew, for each seed."""
    log = called(name)
    said = definition(log, (LABEL,))
    found = opened(log, said)
    counts = []
    for seed in seeds:
        whole = _dealt(found.whole, seed)
        counts.append(len(find_treatment(whole, said, found.judged, ASKED).findings))
    return Shuffled(log=log.name, seeds=(seeds.start, seeds.stop), findings=counts)


def _dealt(whole: Whole, seed: int) -> Whole:
    label = whole.attributes[LABEL]
    codes = np.random.default_rng(seed).permutation(label.codes)
    dealt = Coded(codes=codes, vocabulary=label.vocabulary)
    return replace(whole, attributes={**whole.attributes, LABEL: dealt})
