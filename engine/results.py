"""The results folder: what `runut mine` leaves for people and scripts (interface.md)."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from eventlog.kernels import Int64s
from miners.dfg import ProcessMap
from miners.discovery.model_colours import Followed, model_colours
from miners.discovery.model_files import render_bpmn
from miners.handover import Handovers
from miners.throughput import Throughput

_FINDING_COLUMNS = (
    "id", "kind", "severity", "strength", "value", "unit", "ci_low", "ci_high", "raw",
    "q_value", "cases", "cost", "cost_unit", "wording_en", "wording_id",
)  # fmt: skip


def package_version() -> str:
    """The version of Runut that is installed."""
    return version("runut")


def write_json(content: Any, path: Path) -> None:
    """One JSON text, indented, the same bytes for the same content; NaN becomes null."""
    text = json.dumps(_plain(content), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_table(table: pa.Table, path: Path) -> None:
    """One Parquet file; the same bytes for the same table."""
    pq.write_table(table, path, compression="zstd")


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """One CSV file, UTF-8, with a header."""
    frame.to_csv(path, index=False, lineterminator="\n")


def write_answers(answers: Mapping[str, Any], folder: Path) -> None:
    """What the miners said, each in its file; questions that were not asked leave none."""
    for name, answer in answers.items():
        if isinstance(answer, ProcessMap):
            working = answers.get("working")
            write_json(map_content(answer, working), folder / "map.json")
        elif name == "working":
            continue  # told on the edges of the map
        elif isinstance(answer, Handovers):
            write_frame(answer.resources, folder / "handover_resources.csv")
            write_frame(answer.units, folder / "handover_units.csv")
        elif isinstance(answer, Throughput):
            write_json(times_content(answer), folder / "times.json")
        else:
            write_frame(answer, folder / f"{name}.csv")


def map_content(process_map: ProcessMap, working: pd.DataFrame | None = None) -> dict[str, Any]:
    """`map.json`: activities, edges with durations in seconds, starts and ends.

    `working` has the same edges with their working time; without it, that is null.
    """
    edges = process_map.edges
    worked: dict[tuple[str, str], Mapping[str, Any]] = {}
    if working is not None:
        rows = working.to_dict("records")
        worked = {(row["source"], row["target"]): _spans(row) for row in rows}
    unknown = {"mean": None, "p50": None, "p90": None}
    return {
        "activities": process_map.activities.to_dict("records"),
        "edges": [
            {
                "source": row["source"],
                "target": row["target"],
                "frequency": row["frequency"],
                "cases": row["cases"],
                "seconds": _spans(row),
                "working_seconds": worked.get((row["source"], row["target"]), unknown),
            }
            for row in edges.to_dict("records")
        ],
        "starts": dict(process_map.starts.itertuples(index=False)),
        "ends": dict(process_map.ends.itertuples(index=False)),
    }


def _spans(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "mean": row["mean_seconds"],
        "p50": _rounded(row["p50_seconds"]),
        "p90": _rounded(row["p90_seconds"]),
    }


def times_content(throughput: Throughput) -> dict[str, Any]:
    """`times.json`: throughput in seconds with its distribution as (from, to, cases)."""
    return {
        "cases": throughput.cases,
        "mean": throughput.mean_seconds,
        "p50": _rounded(throughput.p50_seconds),
        "p90": _rounded(throughput.p90_seconds),
        "bins": [[_rounded(a), _rounded(b), n] for a, b, n in throughput.bins],
    }


def write_model(
    routes: Sequence[tuple[str, ...]],
    counts: Int64s,
    folder: Path,
    *,
    followed: Mapping[str, Followed],
) -> dict[str, Any] | None:
    """`model.bpmn` and `model.pnml`; what is told of the model in `run.json`, None without one.

    Tasks are coloured by how they were `followed`; without that, not at all.
    """
    from miners.discovery import discover_from_variants  # noqa: PLC0415 (pm4py takes seconds)

    cases = counts[:, 0].tolist() if len(counts) else []
    model = discover_from_variants(list(zip(routes, cases, strict=True)))
    if model is None:
        return None
    drawn = render_bpmn(model.diagram, model_colours(followed)) if followed else model.bpmn
    (folder / "model.bpmn").write_bytes(drawn)
    (folder / "model.pnml").write_bytes(model.pnml)
    return {
        "fitness": round(model.quality.fitness, 6),
        "precision": round(model.quality.precision, 6),
        "noise": model.noise,
        "coverage": round(model.coverage, 6),
        "nodes": model.nodes,
        "readable": model.readable,
        "cases_measured": model.measured,
        "activities_left_out": list(model.left_out),
    }


def write_findings(
    found: Sequence[Mapping[str, Any]], process: str, as_of: datetime | None, folder: Path
) -> None:
    """`findings.json` and, flat, `findings.csv`."""
    write_json(
        {
            "schema_version": 1,
            "process": process,
            "as_of": as_of.isoformat() if as_of else None,
            "findings": list(found),
        },
        folder / "findings.json",
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, _FINDING_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for finding in found:
        cost = finding["cost"] or {"value": None, "unit": None}
        row = {
            **{key: finding[key] for key in ("id", "kind", "severity", "strength")},
            **finding["effect"],
            "q_value": finding["q_value"],
            "cases": finding["cases"],
            "cost": cost["value"],
            "cost_unit": cost["unit"],
            "wording_en": finding["wording"]["en"],
            "wording_id": finding["wording"]["id"],
        }
        writer.writerow(row)
    (folder / "findings.csv").write_text(text.getvalue(), encoding="utf-8")


def _rounded(seconds: float | None) -> float | None:
    """Quantiles are good to 3 %: three decimals are for what lies under a second."""
    return None if seconds is None or math.isnan(seconds) else round(seconds, 3)


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(value) for value in content]
    if isinstance(content, np.generic):
        content = content.item()
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
