"""The core pass as Runut and its peers do it: each takes a lake's files and gives what it counted.

Runut drops repeats, breaks ties and bins durations; its peers are spared what they cannot do or
take too long for, and `ENGINES` says what. All of them read the same Parquet files.
"""

import contextlib
import hashlib
import io
import json
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

Edges = Mapping[tuple[str, str], int]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What two engines must agree on: edges, how many cases each variant has, starts and ends.

    `starts` and `ends` are None where the engine did not count them.
    """

    edges: Edges
    variants: Iterable[int]
    starts: Mapping[str, int] | None = None
    ends: Mapping[str, int] | None = None

    def digests(self) -> dict[str, str]:
        """A fingerprint of each count; equal counts, equal fingerprints."""
        said: dict[str, Any] = {
            "edges": sorted([a, b, int(n)] for (a, b), n in self.edges.items() if n),
            "variants": sorted(int(n) for n in self.variants),
        }
        for name, counts in (("starts", self.starts), ("ends", self.ends)):
            if counts is not None:
                said[name] = sorted([a, int(n)] for a, n in counts.items() if n)
        return {
            name: hashlib.sha256(json.dumps(counts).encode()).hexdigest()[:16]
            for name, counts in said.items()
        }


def files(lake: Path) -> list[str]:
    """The Parquet files that the lake consists of now."""
    return list(DeltaTable(str(lake / "events")).file_uris())


def runut(lake: Path) -> Counted:
    """All measures, by the functions that `runut mine` calls."""
    from engine.batch import observe, read_log
    from eventlog.lake import Lake
    from miners import MINERS

    opened = Lake.open(lake)
    seen = observe(read_log(opened, None, version=opened.version), MINERS)
    said = {miner.name: miner.summarise(seen[miner.name]) for miner in MINERS}
    drawn = said["map"]
    edges = drawn.edges
    return Counted(
        edges=dict(
            zip(zip(edges["source"], edges["target"], strict=True), edges["frequency"], strict=True)
        ),
        variants=said["variants"]["cases"].tolist(),
        starts=dict(drawn.starts.itertuples(index=False)),
        ends=dict(drawn.ends.itertuples(index=False)),
    )


def polars(lake: Path) -> Counted:
    """The same measures as Polars expressions, on its streaming engine where it helps itself."""
    import polars as pl

    names = ["case_key", "activity", "timestamp", "sequence", "resource"]
    rows = (
        pl.scan_parquet(files(lake)).select(names).sort("case_key", "timestamp", "sequence")
    ).collect()
    rows = rows.with_columns(pl.col("activity", "resource").cast(pl.Categorical))
    same = pl.col("case_key") == pl.col("case_key").shift(1)
    steps = rows.with_columns(
        source=pl.col("activity").shift(1),
        giver=pl.col("resource").shift(1),
        gap=(pl.col("timestamp") - pl.col("timestamp").shift(1)).dt.total_milliseconds(),
        inside=same.fill_null(False),
        last=(pl.col("case_key") != pl.col("case_key").shift(-1)).fill_null(True),
    )
    inner = steps.lazy().filter("inside")
    told = [
        pl.len().alias("frequency"),
        pl.col("case_key").n_unique().alias("cases"),
        pl.col("gap").mean().alias("mean"),
        pl.col("gap").quantile(0.5).alias("p50"),
        pl.col("gap").quantile(0.9).alias("p90"),
    ]
    whole = steps.lazy()
    length = pl.col("timestamp").max() - pl.col("timestamp").min()
    edges, handover, variants, rework, times, starts, ends = pl.collect_all(
        [
            inner.group_by("source", "activity").agg(told),
            inner.filter(pl.col("giver") != pl.col("resource"))
            .group_by("giver", "resource").agg(told),
            whole.group_by("case_key", maintain_order=True)
            .agg(pl.col("activity").cast(pl.String).str.join(">"))
            .group_by("activity").len(),
            whole.group_by("case_key", "activity").len().group_by("activity")
            .agg((pl.col("len") > 1).sum(), pl.len().alias("cases")),
            whole.group_by("case_key").agg(length.alias("length")).select(
                pl.col("length").mean().alias("mean"),
                pl.col("length").quantile(0.5).alias("p50"),
                pl.col("length").quantile(0.9).alias("p90"),
            ),
            whole.filter(~pl.col("inside")).group_by("activity").len(),
            whole.filter("last").group_by("activity").len(),
        ]
    )  # fmt: skip
    assert min(map(len, (handover, rework, times))) > 0
    return Counted(
        edges={(a, b): n for a, b, n in edges.select("source", "activity", "frequency").rows()},
        variants=variants["len"].to_list(),
        starts=dict(starts.rows()),
        ends=dict(ends.rows()),
    )


_TOLD = """count(*) frequency, count(distinct case_key) cases, avg(gap) mean,
    quantile_cont(gap, 0.5) p50, quantile_cont(gap, 0.9) p90"""


def duckdb(lake: Path) -> Counted:
    """The same measures in SQL."""
    import duckdb

    database = duckdb.connect()
    database.execute(
        """create table steps as
        select case_key, activity, timestamp, sequence, resource,
            lag(activity) over moment as source, lag(resource) over moment as giver,
            epoch_ms(timestamp) - epoch_ms(lag(timestamp) over moment) as gap,
            lead(activity) over moment is null as last
        from read_parquet($files)
        window moment as (partition by case_key order by timestamp, sequence)""",
        {"files": files(lake)},
    )

    def ask(query: str) -> list[tuple[Any, ...]]:
        return database.execute(query).fetchall()

    edges = ask(
        f"select source, activity, {_TOLD} from steps where source is not null group by all"
    )
    handover = ask(
        f"select giver, resource, {_TOLD} from steps where giver <> resource group by all"
    )
    variants = ask(
        """select count(*) from (select string_agg(activity, '>' order by timestamp, sequence) way
        from steps group by case_key) group by way"""
    )
    rework = ask(
        """select activity, count(*) filter (n > 1), count(*) from
        (select case_key, activity, count(*) n from steps group by all) group by activity"""
    )
    times = ask(
        """select avg(length), quantile_cont(length, 0.5), quantile_cont(length, 0.9) from
        (select epoch_ms(max(timestamp)) - epoch_ms(min(timestamp)) length
        from steps group by case_key)"""
    )
    starts = ask("select activity, count(*) from steps where source is null group by activity")
    ends = ask("select activity, count(*) from steps where last group by activity")
    assert min(map(len, (handover, rework, times))) > 0
    return Counted(
        edges={(a, b): n for a, b, n, *_ in edges},
        variants=[n for (n,) in variants],
        starts=dict(starts),
        ends=dict(ends),
    )


def r4pm(lake: Path) -> Counted:
    """Only the directly-follows graph and the variants."""
    import polars as pl
    import r4pm.bindings as rust
    from r4pm import import_item_from_df

    rows = (
        pl.scan_parquet(files(lake))
        .select("case_id", "activity", "timestamp", "sequence")
        .sort("case_id", "timestamp", "sequence")
        .select(
            pl.col("case_id").alias("case:concept:name"),
            pl.col("activity").alias("concept:name"),
            pl.col("timestamp").alias("time:timestamp"),
        )
        .collect()
    )
    log = import_item_from_df("EventLog", rows)
    graph = rust.discover_dfg(log)
    variants = rust.get_variants(rust.log_to_activity_projection(log))
    edges = graph["directly_follows_relations"]
    return Counted(
        edges={(a, b): n for (a, b), n in edges},
        variants=[variant["count"] for variant in variants],
    )


def pm4py_pandas(lake: Path) -> Counted:
    """Edges with durations, variants, starts, ends, rework and throughput; no handover."""
    import pandas as pd

    names = ["case_id", "activity", "timestamp", "sequence"]
    rows = pd.read_parquet(files(lake), columns=names)
    rows = rows.sort_values(["case_id", "timestamp", "sequence"], kind="stable")
    return _pm4py(rows.rename(columns=_PM4PY))


def pm4py_polars(lake: Path) -> Counted:
    """The same on what pm4py takes of Polars: a LazyFrame, here over rows that are in memory.

    Over the files themselves it would read and order them anew for each of its answers.
    """
    import polars as pl

    names = ["case_id", "activity", "timestamp", "sequence"]
    rows = pl.scan_parquet(files(lake)).select(names).sort("case_id", "timestamp", "sequence")
    return _pm4py(rows.rename(_PM4PY).collect().lazy())


_PM4PY = {
    "case_id": "case:concept:name",
    "activity": "concept:name",
    "timestamp": "time:timestamp",
}


def _pm4py(log: Any) -> Counted:
    import pm4py

    edges, starts, ends = pm4py.discover_dfg(log)
    durations, _, _ = pm4py.discover_performance_dfg(log)
    variants = pm4py.get_variants(log)
    rework = pm4py.get_rework_cases_per_activity(log)
    times = pm4py.get_all_case_durations(log)
    assert min(map(len, (durations, rework, times))) > 0
    return Counted(edges=edges, variants=list(variants.values()), starts=starts, ends=ends)


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One way to do the core pass; `less` says what it is spared."""

    name: str
    work: Callable[[Path], Counted]
    less: str


ENGINES = (
    Engine(name="Runut", work=runut, less="nothing: repeats dropped, ties broken, units too"),
    Engine(name="DuckDB", work=duckdb, less="no repeats dropped; reads `case_key`, not the texts"),
    Engine(name="Polars", work=polars, less="no repeats dropped; reads `case_key`, not the texts"),
    Engine(name="r4pm", work=r4pm, less="edges without durations, and variants; nothing else"),
    Engine(
        name="pm4py on pandas",
        work=pm4py_pandas,
        less="no repeats dropped, no handover, durations of edges without the 90th percentile",
    ),
    Engine(
        name="pm4py on Polars",
        work=pm4py_polars,
        less="as on pandas, with durations of edges in whole seconds; its functions are handed a "
        "LazyFrame over rows that are in memory, which they take in place of a DataFrame",
    ),
)


def quietly(work: Callable[[Path], Counted], lake: Path) -> Counted:
    """Do the work without what libraries print about themselves."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return work(lake)
