"""Compares the detours of two municipalities: which one has and the other has not.

The logs are BPIC15_1 and BPIC15_2 (doi:10.4121/uuid:31a308ef-c844-48da-948c-305d167a0ec1). Only
what a report may pass on is told: counts are rounded, and nothing of fewer cases than its smallest
cell.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from measuring import PROCESSES, ROOT

from engine.importing import import_files
from engine.mining import mine
from engine.progress import Silent
from eventlog import definition_file
from eventlog.definition import Definition
from eventlog.lake import Lake
from reports.contents.detours import Detours, read_detours
from reports.withheld.detours import withhold_detours

DATA = Path(os.environ.get("RUNUT_DATA") or ROOT.parent / "shared" / "data")
LOGS = ("BPIC15_1", "BPIC15_2")
_PROCESS = "bpic15.yaml"

Key = tuple[str, tuple[str, ...]]
"""The kind of a detour and the activities that it is about."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One detour of one municipality: `share` of `eligible` applications with limits, and days."""

    kind: str
    activities: tuple[str, ...]
    cases: int
    eligible: int
    share: float
    low: float
    high: float
    days: float | None
    days_low: float | None
    days_high: float | None


class Municipality(msgspec.Struct, frozen=True, kw_only=True):
    """The detours of one log, as a report passes them on; `told` are those worth a finding.

    `usual` are the detours that there could be: what its usual routes ask for, once or in an order.
    """

    log: str
    by: str
    unit: str
    cases: int
    detoured: int | None
    smallest_cell: int
    detours: list[Told]
    told: list[Key]
    usual: list[Key]
    labels: dict[str, str]


def compare(path: Path) -> None:
    """Mine both logs, and keep what may be told of them; without the logs, leave what is kept."""
    files = [DATA / f"{name}.xes.gz" for name in LOGS]
    if not all(file.exists() for file in files):
        print("the logs of BPIC 2015 are not here; RUNUT_DATA names their folder", flush=True)
        return
    definition = definition_file.load(PROCESSES / _PROCESS)
    found = [_municipality(file, name, definition) for file, name in zip(files, LOGS, strict=True)]
    path.with_suffix(".part").write_bytes(msgspec.json.encode(found))
    path.with_suffix(".part").rename(path)


def read(path: Path) -> Sequence[Municipality]:
    """What `compare` kept; nothing if it never could."""
    if not path.exists():
        return []
    return msgspec.json.decode(path.read_bytes(), type=list[Municipality])


def _municipality(file: Path, name: str, definition: Definition) -> Municipality:
    least = definition.privacy.smallest_cell
    with tempfile.TemporaryDirectory() as made:
        lake = Lake.create(
            Path(made) / "lake",
            process=definition.process,
            case_attributes=definition.case_attributes,
        )
        import_files([file], lake, definition, key=bytes(32), progress=Silent())
        out = Path(made) / "out"
        out.mkdir()
        mine(lake, definition, out, only=frozenset({"detours"}), progress=Silent())
        exact = read_detours(json.loads((out / "detours.json").read_text("utf-8")))
        findings = json.loads((out / "findings.json").read_text("utf-8"))["findings"]
        usual = json.loads((out / "detours.json").read_text("utf-8"))["reference"]
    told = withhold_detours(exact, least=least)
    labels = {code: dict(each.items()) for code, each in definition.activities.items()}
    return Municipality(
        log=name,
        by=told.by,
        unit=told.unit,
        cases=told.cases,
        detoured=told.detoured,
        smallest_cell=least,
        detours=_rows(told),
        told=[
            (one["subject"]["type"], tuple(one["subject"]["activities"]))
            for one in findings
            if one["kind"] == "detour"
        ],
        usual=sorted({key for each in usual for key in _asked(each)}),
        labels={code: each["en"] for code, each in labels.items() if "en" in each},
    )


def _rows(told: Detours) -> list[Told]:
    return [
        Told(
            kind=one.kind,
            activities=one.activities,
            cases=one.cases,
            eligible=one.eligible,
            share=one.share.value,
            low=one.share.low or 0.0,
            high=1.0 if one.share.high is None else one.share.high,
            days=None if one.days is None else one.days.value,
            days_low=None if one.days is None else one.days.low,
            days_high=None if one.days is None else one.days.high,
        )
        for one in told.detours
    ]


def _asked(reference: Mapping[str, Any]) -> Iterator[Key]:
    """What would be a detour by these usual routes: orders that follow from others included."""
    yield from (("skipped", (name,)) for name in reference["mandatory"])
    yield from (("repeated", (name,)) for name in reference["once"])
    later: dict[str, set[str]] = {}
    for first, second in reference["order"]:
        later.setdefault(first, set()).add(second)
    for first in later:
        seen, ahead = set[str](), [first]
        while ahead:
            more = later.get(ahead.pop(), set()) - seen
            seen |= more
            ahead += more
        yield from (("wrong-order", (first, second)) for second in seen)


def only_here(here: Municipality, there: Municipality) -> list[tuple[Told, Told | None]]:
    """The detours that are told of one municipality and clearly rarer in the other.

    Beside each stands the same of the other, None where so few took it that it may not be told.
    Clearly: the 95 % limits of the two shares lie apart. The commonest come first.
    """
    rows, others = _by_key(here), _by_key(there)
    told = {(kind, tuple(names)) for kind, names in here.told}
    pairs = [(one, others.get(key)) for key, one in rows.items() if key in told]
    return sorted(
        ((one, other) for one, other in pairs if other is None or other.high < one.low),
        key=lambda pair: -pair[0].share,
    )


def in_both(one: Municipality, other: Municipality) -> int:
    """How many detours are told of both."""
    return len({(k, tuple(n)) for k, n in one.told} & {(k, tuple(n)) for k, n in other.told})


def _by_key(one: Municipality) -> Mapping[Key, Told]:
    """The commonest row of each kind and activities, whoever causes it."""
    found: dict[Key, Told] = {}
    for row in one.detours:
        key = (row.kind, row.activities)
        if key not in found or row.share > found[key].share:
            found[key] = row
    return found
