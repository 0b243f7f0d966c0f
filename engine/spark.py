"""Looks at the lake on many machines: Spark brings each case together, our miners observe it there.

The only module that knows Spark (the extra `runut[spark]`). Spark moves rows and starts Python;
reading, ordering and counting are the functions that run without it, so the answers are the same.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from engine import spark_blocks as blocks
from engine.abstraction import coarser
from engine.batch import require_columns
from engine.data_checks import all_checks
from engine.looks import CROSSING
from engine.opening import OpeningHours
from engine.seeing import Asked
from engine.seen import Seen
from engine.slices import Slice, equal_slices
from engine.spark_calls import first_line, mapped, numbers, translated, unwarned
from engine.spark_master import require_reachable
from engine.spark_parts import CaseParts
from engine.stages import Clock
from engine.wire_format import unpacked
from eventlog.definition import Definition
from eventlog.errors import StopError
from eventlog.lake import Lake, Share
from miners.labels import texts
from miners.quality import Check, shared_ids

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# About a minute of work in a Python worker; a file is dealt to one of them as a whole.
_SHARE_ROWS = 2_000_000
_SLICE_ROWS = 2_000_000
_ONE_MACHINE = (
    "--engine spark writes the work items, but queues, terms and detours are told from all on one "
    "machine: use --engine local, or --memory, for these; executions of one activity that overlap "
    "in a case are paired first in, first out, whatever concept:instance says"
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
        with unwarned():
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
        with unwarned():
            started = builder.getOrCreate()
    except PySparkException as error:
        raise StopError(
            f"Spark did not start on {master or 'its default master'} "
            f"({first_line(str(error))}); what it said itself stands above; it needs Java 17 or "
            "newer, found through JAVA_HOME or the path, and for yarn HADOOP_CONF_DIR"
        ) from error
    except Exception as error:  # Java's own errors have no common Python class without py4j
        raise StopError(
            f"Spark did not start on {master or 'its default master'} "
            f"({first_line(str(error))}); name one with --master, e.g. local[*] or spark://host:7077"
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
            told = mapped(grouped, observer, blocks.TOLD).collect()
        for row in sorted(told, key=lambda row: int(row["part"])):
            blocks.joined(seen, row.asDict())
            cases.add(Path(row["draft"]), None if row["items"] is None else Path(row["items"]))
        if asked.work:
            seen.off = dict.fromkeys(CROSSING, _ONE_MACHINE)
        if asked.quality:
            with clock.stage("quality"), translated():
                seen.checks = all_checks(seen, self._shared(shares, slices, total=seen.events))
        return seen

    def _rows(
        self, shares: Sequence[Share], slices: Sequence[Slice], columns: pa.Schema
    ) -> "DataFrame":
        """The events of all shares with `part`, the slice that each one's case is in."""
        deal = partial(blocks.dealt, shares=shares, slices=slices, columns=columns)
        return mapped(numbers(self.spark, len(shares)), deal, columns)

    def _grouped(
        self, shares: Sequence[Share], slices: Sequence[Slice], columns: pa.Schema
    ) -> "DataFrame":
        """One partition for each slice, its rows in the order of case keys."""
        rows = self._rows(shares, slices, columns)
        return rows.repartitionById(len(slices), "part").sortWithinPartitions("case_key")

    def _label_counts(self, shares: Sequence[Share], slices: Sequence[Slice]) -> dict[str, int]:
        grouped = self._grouped(shares, slices, blocks.travelling(()))
        counted = mapped(grouped, blocks.count_activities, blocks.COUNTED)
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
