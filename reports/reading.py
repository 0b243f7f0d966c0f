"""Turns a folder of results into what people look at: the map, the report, the public part."""

import json
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds

from reports.contents.detours import Detours, read_detours
from reports.contents.equity import Equity
from reports.contents.equity_reading import read_equity
from reports.contents.favour import Favouritism, read_favouritism
from reports.contents.scorecard import Scorecard, read_scorecard
from reports.contents.terms import Terms, read_terms
from reports.contents.voice import Voice, read_voice
from reports.contents.waiting import Waiting, read_waiting
from reports.language import LANGUAGES
from reports.maps.graph import read_map, with_standing
from reports.publish import publish
from reports.results import Giver, Handover, Party, Results, Rework, Throughput
from reports.words.names import Names, names_of

_NEEDED = ("map.json", "variants.csv")


def can_report(folder: Path) -> bool:
    """Whether the folder has what a report is drawn from; `--only` may have left it out."""
    return all((folder / name).exists() for name in _NEEDED)


def write_report(folder: Path) -> None:
    """Write map.svg, the reports and public/ into a folder of results."""
    names = {code: read_names(folder, code) for code in LANGUAGES}
    publish(read_results(folder), folder, names)


def read_names(folder: Path, language: str) -> Names:
    """What activities and attributes are called in a language, by the process file of the run."""
    codes = [a.name for a in read_map(_json(folder / "map.json")).activities]
    run = _json(folder / "run.json")
    # Results of an earlier version have no labels.
    of_attributes = {
        name: told[language] for name, told in run.get("labels", {}).items() if language in told
    }
    return {**of_attributes, **names_of(run.get("activities", {}), codes, language)}


def read_results(folder: Path, language: str = "en") -> Results:
    """What `runut mine` left in the folder, exact, in the shape that reports are drawn from.

    `names` are in the language.
    """
    run = _json(folder / "run.json")
    giver, handovers = _handovers(folder)
    reject_reasons = run["counts"].pop("reject_reasons", {})
    waiting = _waiting(folder / "bottlenecks.json")
    graph = read_map(_json(folder / "map.json"))
    return Results(
        process=run["process"],
        as_of=_local(run["as_of"], run["timezone"]),
        first=_local(run["period"]["from"], run["timezone"]),
        last=_local(run["period"]["to"], run["timezone"]),
        cases=run["counts"]["cases"],
        open_cases=_open_cases(folder / "cases.parquet"),
        graph=with_standing(graph, waiting.standing if waiting else {}),
        variants=_table(folder / "variants.csv"),
        throughput=_throughput(folder),
        rework=_rework(folder / "rework.csv"),
        handover_by=giver,
        handover=handovers,
        findings=tuple(_json(folder / "findings.json")["findings"]),
        run={
            "counts": run["counts"],
            "rejects": reject_reasons,
            "switched_off": {entry["what"]: entry["why"] for entry in run["off"]},
            "lake_version": run["lake_version"],
            "definition": run["definition"],
            "package_version": run["runut"],
        },
        waiting=waiting,
        terms=_terms(folder / "lateness.json"),
        detours=_detours(folder / "detours.json"),
        equity=_equity(folder / "equity.json"),
        favouritism=_favouritism(folder / "favouritism.json"),
        voice=_voice(folder / "voice.json"),
        scorecard=_scorecard(folder / "scorecard.json"),
        parties=_parties(folder / "cases.parquet"),
        names=read_names(folder, language),
        labels={**run.get("labels", {}), **run.get("activities", {})},
        smallest_cell=run["smallest_cell"],
    )


def _local(moment: str | None, timezone: str) -> str:
    """The same moment by the office's clock; empty for none."""
    if moment is None:
        return ""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(timezone)).isoformat()


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _table(path: Path) -> pd.DataFrame:
    """A CSV file of ours: a name such as "NA" is a name, only numbers may be missing."""
    names = ("activity", "activities", "source", "target")
    return pd.read_csv(
        path,
        keep_default_na=False,
        na_values={"p50_seconds": [""]},
        dtype=dict.fromkeys(names, "str"),
    )


def _open_cases(path: Path) -> int | None:
    column = _cases(path).to_table(columns=["open"]).column("open")
    if column.null_count == len(column):
        return None
    return int(pc.sum(column).as_py())


def _throughput(folder: Path) -> Throughput | None:
    if not (folder / "times.json").exists():
        return None
    content = _json(folder / "times.json")
    if not content["cases"]:
        return None
    return Throughput(
        cases=content["cases"],
        mean=content["mean"],
        p50=content["p50"],
        p90=content["p90"],
        bins=tuple((low, high, n) for low, high, n in content["bins"]),
        working=_working(folder / "cases.parquet", content["cases"]),
    )


def _cases(path: Path) -> ds.Dataset:
    """The case table: one file, or the folder of parts that Spark wrote."""
    return ds.dataset(path, format="parquet")


def _working(path: Path, cases: int) -> tuple[float, float] | None:
    """P50 and P90 (nearest rank) of the working time of so many cases; None where some have none.

    The elapsed times of fewer or more cases could not be told beside it.
    """
    table = _cases(path)
    if "working_seconds" not in table.schema.names:
        return None
    column = table.to_table(columns=["working_seconds"]).column(0)
    known = np.sort(column.drop_null().to_numpy())
    if not cases or len(known) != cases:
        return None
    p50, p90 = (float(known[max(ceil(share * cases) - 1, 0)]) for share in (0.5, 0.9))
    return p50, p90


def _parties(path: Path) -> tuple[Party, ...]:
    """The elapsed time of all cases by whose it was, as far as the process file tells parties."""
    table = _cases(path)
    told = []
    for party in ("office", "applicant", "external"):
        if f"{party}_seconds" not in table.schema.names:
            continue
        spent = table.to_table(columns=[f"{party}_seconds"]).column(0).drop_null().to_numpy()
        if len(spent):
            told.append(Party(name=party, cases=int((spent > 0).sum()), seconds=float(spent.sum())))
    return tuple(told)


def _waiting(path: Path) -> Waiting | None:
    return read_waiting(_json(path)) if path.exists() else None


def _terms(path: Path) -> Terms | None:
    return read_terms(_json(path)) if path.exists() else None


def _detours(path: Path) -> Detours | None:
    return read_detours(_json(path)) if path.exists() else None


def _equity(path: Path) -> Equity | None:
    return read_equity(_json(path)) if path.exists() else None


def _favouritism(path: Path) -> Favouritism | None:
    return read_favouritism(_json(path)) if path.exists() else None


def _voice(path: Path) -> Voice | None:
    return read_voice(_json(path)) if path.exists() else None


def _scorecard(path: Path) -> Scorecard | None:
    return read_scorecard(_json(path)) if path.exists() else None


def _rework(path: Path) -> tuple[Rework, ...]:
    if not path.exists():
        return ()
    return tuple(
        Rework(activity=row["activity"], cases=row["repeated_cases"], executions=row["rework"])
        for row in _table(path).to_dict("records")
        if row["rework"]
    )


def _handovers(folder: Path) -> tuple[Giver, tuple[Handover, ...]]:
    """Between units where events name them, else between resources."""
    for giver, name in (
        (Giver.UNIT, "handover_units.csv"),
        (Giver.RESOURCE, "handover_resources.csv"),
    ):
        if (folder / name).exists() and len(rows := _table(folder / name)):
            return giver, tuple(
                Handover(
                    source=row["source"],
                    target=row["target"],
                    frequency=row["frequency"],
                    cases=row["cases"],
                    p50_seconds=None if pd.isna(row["p50_seconds"]) else row["p50_seconds"],
                )
                for row in rows.to_dict("records")
            )
    return Giver.UNIT, ()
