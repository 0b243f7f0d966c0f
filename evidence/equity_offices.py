"""Mines simulated offices as `runut mine` would, and keeps what is told of their treatment."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import equity_naive
import msgspec
import numpy as np
import pandas as pd
from equity_stories import STORIES, office
from measuring import PROCESSES, stored

from engine.mining import mine
from engine.progress import Silent
from eventlog import definition_file
from miners.cases import FAVOURABLE, UNFAVOURABLE
from simulation.running import simulate

ASKED = frozenset({"equity", "favouritism", "fees"})
KINDS = ("disparity", "favouritism", "fee")
_PROCESS = "building-permit.yaml"
_GROUP = "other"


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison as equity.json has it, shortened; `value`, `low`, `high` are the headline's."""

    attribute: str
    group: str
    measure: str
    activity: str | None = None
    feature: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    told: bool = False
    why: str | None = None


class Officer(msgspec.Struct, frozen=True, kw_only=True):
    """An officer and a group at an activity, as favouritism.json has them."""

    activity: str
    resource: str
    attribute: str
    group: str
    q: float | None = None
    told: bool = False


class Mined(msgspec.Struct, frozen=True, kw_only=True):
    """What one office gave: all comparisons, all findings of ASKED, and the naive p-values.

    `bad` are the officers who truly favour somebody; `seconds` is how long mining took.
    """

    story: str
    seed: int
    cases: int
    gaps: list[Gap]
    picks: list[Gap]
    officers: list[Officer]
    findings: list[dict[str, Any]]
    naive: dict[str, float]
    bad: list[str]
    seconds: float


def mined(name: str, first: int, number: int) -> Mined:
    """Simulate the office of a story and mine its log."""
    story = next(one for one in STORIES if one.name == name)
    place = office(story, first, number)
    simulation = simulate(place, story.plants)
    definition = definition_file.load(PROCESSES / _PROCESS)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lake = stored(simulation, definition, folder)
        out = folder / "out"
        out.mkdir()
        done = mine(lake, definition, out, only=ASKED | {"variants"}, progress=Silent())
        equity, favouritism = (_json(out / f"{part}.json") for part in ("equity", "favouritism"))
        findings = _json(out / "findings.json")["findings"]
        cases = pd.read_parquet(out / "cases.parquet")
    return Mined(
        story=name,
        seed=place.seed,
        cases=len(cases),
        gaps=[_gap(one) for one in (*equity["gaps"], *equity["intersections"])],
        picks=[_picked(one) for one in favouritism["groups"]],
        officers=[_officer(one) for one in favouritism["officers"]],
        findings=[
            {name: one[name] for name in ("id", "kind", "subject", "effect", "strength")}
            for one in findings
            if one["kind"] in KINDS
        ],
        naive=_naive(cases),
        bad=[
            officer
            for plant in simulation.truth["plants"]
            if plant["kind"] == "bad-officers"
            for officer in plant["officers"]
        ],
        seconds=round(sum(_seconds(done.run)), 2),
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _seconds(run: Mapping[str, Any]) -> Sequence[float]:
    return [float(each) for each in run.get("seconds", {}).values()]


def _gap(row: Mapping[str, Any]) -> Gap:
    entry = row["entry"] or {"value": None, "ci_low": None, "ci_high": None}
    return Gap(
        attribute=row["attribute"],
        group=row["group"],
        measure=row["measure"],
        activity=row["activity"],
        feature=row["feature"],
        value=entry["value"],
        low=entry["ci_low"],
        high=entry["ci_high"],
        p=row["p_value"],
        q=row["q_value"],
        told=row["told"],
        why=row["why_not"],
    )


def _picked(row: Mapping[str, Any]) -> Gap:
    return Gap(
        attribute=row["attribute"],
        group=row["group"],
        measure="picks",
        activity=row["activity"],
        value=row["positions"],
        low=row["ci_low"],
        high=row["ci_high"],
        p=row["p_value"],
        q=row["q_value"],
        told=row["told"],
        why=row["why_not"],
    )


def _officer(row: Mapping[str, Any]) -> Officer:
    return Officer(
        activity=row["activity"],
        resource=row["resource"],
        attribute=row["attribute"],
        group=row["group"],
        q=row["q_value"],
        told=row["told"],
    )


def _naive(cases: pd.DataFrame) -> dict[str, float]:
    decided = cases["outcome"].isin([FAVOURABLE, UNFAVOURABLE]).to_numpy()
    found = equity_naive.p_values(
        group=(cases["affiliation"] == _GROUP).to_numpy(),
        ran=cases["throughput_seconds"].to_numpy(np.float64),
        decided=decided,
        approved=(cases["outcome"] == FAVOURABLE).to_numpy(),
        way=cases["variant"].to_numpy().astype(np.int64),
    )
    return {name: float(f"{p:.4g}") for name, p in found.items()}
