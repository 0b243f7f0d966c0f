"""Looks at the lake on many machines: Spark brings each case together, our miners observe it there.

The only module that knows Spark (the extra `runut[spark]`). Spark moves rows and starts Python;
reading, ordering and counting are the functions that run without it, so the answers are the same.
"""

import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from engine import spark_blocks as blocks
from engine.abstraction import coarser
from engine.batch import require_columns
from engine.case_file import Ranks
from engine.opening import OpeningHours
from engine.seeing import Asked, Clock, Seen, all_checks
from engine.slices import Slice, equal_slices
from engine.spark_master import require_reachable
from engine.wire_format import unpacked
from eventlog.definition import Definition
from eventlog.errors import RetryError, RunutError, StopError
from eventlog.kernels import Int64s
from eventlog.lake import Lake, Share
from miners.labels import texts
from miners.quality import Check, shared_ids

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# About a minute of work in a Python worker; a file is dealt to one of them as a whole.
_SHARE_ROWS = 2_000_000
_SLICE_ROWS = 2_000_000
_ONE_MACHINE = (
    "--engine spark writes the work items, but queues and terms are told from all of them on one "
    "machine: use --engine local, or --memory, for these"
)
_ARROW_ROWS = "65536"
_QUIET = {
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.maxRecordsPerBatch": _ARROW_ROWS,
}


@contextmanager
def session(
    master: str | None, options: Mapping[str, str] | None = None
) -> Iterator["SparkSession"]:
    """A Spark session on `master` (None: what Spark is set up for, else all processors here).

    `options` are Spark's own. A session that runs already is used and left running. StopError
    where pyspark or Java is missing or Spark does not start, RetryError where no master answers.
    """
    try:
        with _unwarned():
            from pyspark.errors import PySparkException  # noqa: PLC0415 (an extra, and seconds)
            from pyspark.sql import SparkSession  # noqa: PLC0415 (as above)
    except ImportError as error:
        raise StopError(
            f"--engine spark needs pyspark ({error.name} is missing); pip install 'runut[spark]'"
        ) from error
    running = SparkSession.getActiveSession()
    if running is not None:
        yield running
        return
    require_reachable(master)
    # Without it Spark's workers take whatever `python3` is on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("runut").config(map={**_QUIET, **(options or {})})
    if master is not None:
        builder = builder.master(master)
    try:
        with _unwarned():
            started = builder.getOrCreate()
    except PySparkException as error:
        raise StopError(
            f"Spark did not start on {master or 'its default master'} ({_line(str(error))}); what "
            "it said itself stands above; it needs Java 17 or newer, found through JAVA_HOME or "
            "the path, and for yarn HADOOP_CONF_DIR"
        ) from error
    except Exception as error:  # Java's own errors have no common Python class without py4j
        raise StopError(
            f"Spark did not start on {master or 'its default master'} ({_line(str(error))}); name "
            "one with --master, e.g. local[*] or spark://host:7077"
        ) from error
    try:
        yield started
    finally:
        started.stop()


@dataclass(frozen=True, kw_only=True)
class OnSpark:
    """Looks at the lake through a Spark session; `cases.parquet` becomes a folder of parts.

    The lake and the folder of results must be where every machine sees them under one address.
    """

    spark: "SparkSession"

    def __call__(
        self,
        lake: Lake,
        definition: Definition,
        folder: Path,
        *,
        asked: Asked,
        clock: Clock,
    ) -> Seen:
        """As `engine.seeing.Look` has it. RetryError when machines were lost for good."""
        require_columns(lake, definition.case_attributes)
        cases = CaseParts(self.spark, folder.absolute() / "cases.parquet")
        try:
            return self._seen(
                lake,
                definition,
                cases,
                asked=asked,
                clock=clock,
            )
        except BaseException:
            cases.discard()
            raise

    def _seen(
        self,
        lake: Lake,
        definition: Definition,
        cases: "CaseParts",
        *,
        asked: Asked,
        clock: Clock,
    ) -> Seen:
        attributes = definition.case_attributes
        events, _ = lake.counts(asked.version)
        shares = lake.shares(version=asked.version, rows=_SHARE_ROWS)
        least = max(1, self.spark.sparkContext.defaultParallelism)
        slices = equal_slices(max(least, -(-events // _SLICE_ROWS)))
        seen = Seen(case_file=cases)
        coarse = None
        if definition.abstract is not None:
            with clock.stage("abstract"), translated():
                counts = self._label_counts(shares, slices)
                coarse = coarser(counts, definition.abstract)
        observer = blocks.Observer(
            definition=definition,
            coarse=coarse,
            miners=frozenset(miner.name for miner in asked.miners),
            quality=asked.quality,
            work=asked.work,
            now=asked.now,
            drafts=cases.drafts,
        )
        nothing = blocks.no_events(attributes)
        cases.begin(*observer.observe(nothing, seen, OpeningHours(definition)))
        with clock.stage("observe"), translated():
            grouped = self._grouped(shares, slices, blocks.travelling(attributes))
            told = _mapped(grouped, observer, blocks.TOLD).collect()
        for row in sorted(told, key=lambda row: int(row["part"])):
            blocks.joined(seen, row.asDict())
            cases.add(Path(row["draft"]), None if row["items"] is None else Path(row["items"]))
        if asked.work:
            seen.off = dict.fromkeys(("bottlenecks", "lateness"), _ONE_MACHINE)
        if asked.quality:
            with clock.stage("quality"), translated():
                seen.checks = all_checks(seen, self._shared(shares, slices, total=seen.events))
        return seen

    def _rows(
        self, shares: Sequence[Share], slices: Sequence[Slice], columns: pa.Schema
    ) -> "DataFrame":
        """The events of all shares with `part`, the slice that each one's case is in."""
        deal = partial(blocks.dealt, shares=shares, slices=slices, columns=columns)
        return _mapped(_numbers(self.spark, len(shares)), deal, columns)

    def _grouped(
        self, shares: Sequence[Share], slices: Sequence[Slice], columns: pa.Schema
    ) -> "DataFrame":
        """One partition for each slice, its rows in the order of case keys."""
        rows = self._rows(shares, slices, columns)
        return rows.repartitionById(len(slices), "part").sortWithinPartitions("case_key")

    def _label_counts(self, shares: Sequence[Share], slices: Sequence[Slice]) -> dict[str, int]:
        grouped = self._grouped(shares, slices, blocks.travelling(()))
        counted = _mapped(grouped, blocks.count_activities, blocks.COUNTED)
        totals: dict[str, int] = {}
        for row in counted.collect():
            for summary in unpacked(row["summaries"]).values():
                if "labels" not in summary.tables:  # a slice without events
                    continue
                tally = summary["labels"]
                labels = texts(tally).values()
                for label, count in zip(labels, tally.counts[:, 0].tolist(), strict=True):
                    totals[label] = totals.get(label, 0) + count
        return totals

    def _shared(self, shares: Sequence[Share], slices: Sequence[Slice], *, total: int) -> Check:
        """Event ids that stand in several cases; within a case an id counts once."""
        wanted = ("part", "event_key", "case_key")
        columns = pa.schema([f for f in blocks.travelling(()) if f.name in wanted])
        pairs = self._rows(shares, slices, columns).select("event_key", "case_key").distinct()
        twice = pairs.groupBy("event_key").count().where("count > 1").persist()
        events = sum(row["sum(count)"] or 0 for row in twice.groupBy().sum("count").collect())
        cases = 0
        if events:
            cases = (
                pairs.join(twice, "event_key", "left_semi").select("case_key").distinct().count()
            )
        twice.unpersist()
        return shared_ids(events=events, cases=cases, total=total)


class CaseParts:
    """`cases.parquet` as a folder of parts, each written by the machine that had its cases.

    Parts stand in the order of case keys, as the rows do within each; `drafts` is the folder for
    those in the making.
    """

    def __init__(self, spark: "SparkSession", path: Path) -> None:
        self._spark = spark
        self._path = path
        self.drafts = Path(tempfile.mkdtemp(dir=path.parent, prefix=".cases-"))
        self._empty: pa.Table | None = None
        self._no_items: pa.Table | None = None
        self._drafts: list[Path] = []
        self._items: list[Path] = []

    def begin(self, empty: pa.Table, items: pa.Table | None) -> None:
        """Take the tables of no cases (and of no work, where asked for), for an empty lake."""
        self._empty, self._no_items = empty, items

    def add(self, draft: Path, items: Path | None) -> None:
        """Take the next part and its work items; StopError where this machine sees no such file."""
        if not draft.exists():
            raise StopError(
                f"{draft}: another machine wrote its part of the case table there, and this one "
                "does not see it; --out must be a folder that all of them share"
            )
        self._drafts.append(draft)
        if items is not None:
            self._items.append(items)

    def finish(self, ranked: Int64s) -> None:
        """Tell each case its variant, on many machines again."""
        ranks = Ranks.of(ranked)
        self._path.mkdir()
        if not self._drafts:
            assert self._empty is not None
            table = ranks.filled(self._empty)
            pq.write_table(table, self._path / _part(0), compression="zstd")
        else:
            fill = partial(blocks.rank_drafts, drafts=tuple(self._drafts), ranks=ranks)
            numbers = _numbers(self._spark, len(self._drafts))
            with translated():
                done = _mapped(numbers, fill, blocks.RANKED).collect()
            for row in done:
                Path(row["path"]).rename(self._path / _part(row["id"]))
        if self._no_items is not None:
            folder = self._path.with_name("work_items.parquet")
            folder.mkdir()
            if not self._items:
                pq.write_table(self._no_items, folder / _part(0), compression="zstd")
            for number, items in enumerate(self._items):
                items.rename(folder / _part(number))
        self.discard()

    def discard(self) -> None:
        """Leave nothing behind but finished parts."""
        shutil.rmtree(self.drafts, ignore_errors=True)


def _part(number: int) -> str:
    return f"part-{number:05d}.parquet"


@contextmanager
def translated() -> Iterator[None]:
    """Turn what Spark raises into one of Runut's verdicts, in one line."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 (an extra, and seconds)

    try:
        yield
    except RunutError:
        raise
    except PySparkException as error:
        raise _verdict(str(error)) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "py4j":
            raise
        raise RetryError(f"Spark gave up: {_line(str(error))}") from error


def _verdict(text: str) -> RunutError:
    """What a worker's error means: its own verdict where it is one of ours."""
    found = re.findall(r"^([\w.]+): (.+)$", text.partition("JVM stacktrace")[0], re.MULTILINE)
    name, words = found[-1] if found else ("", _line(text))
    ours = {kind.__name__: kind for kind in (StopError, RetryError)}
    kind = name.rpartition(".")[2]
    if name.startswith("eventlog."):
        retry = kind in {"RetryError", "Conflict"}
        return (RetryError if retry else ours.get(kind, StopError))(words)
    if "An exception was thrown from the Python worker" in text:
        return StopError(
            f"a Spark worker failed: {kind}: {words}; the executor's log has the whole trace, and "
            "--engine local shows whether it fails here too"
        )
    return RetryError(f"Spark gave up: {_line(text)}")


def _line(text: str) -> str:
    """The first line that says something; which call into Java it was says nothing."""
    lines = [line.strip(" :") for line in text.splitlines() if line.strip(" :")]
    if len(lines) > 1 and lines[0].startswith("An error occurred while calling"):
        del lines[0]
    return lines[0][:300] if lines else "no reason given"


def _numbers(spark: "SparkSession", count: int) -> "DataFrame":
    """The numbers below `count`, each in a partition of its own."""
    return spark.range(0, max(1, count) if count else 0, 1, max(1, count))


def _mapped(rows: "DataFrame", function: Any, columns: pa.Schema) -> "DataFrame":
    """What `function` makes of each partition's batches, with these columns."""
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 (an extra)

    with _unwarned():
        return rows.mapInArrow(function, from_arrow_schema(columns))


@contextmanager
def _unwarned() -> Iterator[None]:
    """Without what pyspark 4.3 says whatever one uses of it: nothing here goes through pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield
