"""The tables that many machines write in parts: the case table, and the work items."""

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from engine import spark_blocks as blocks
from engine.case_file import Ranks
from engine.spark_calls import mapped, numbers, translated
from eventlog.errors import StopError
from eventlog.kernels import Int64s

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
            places = numbers(self._spark, len(self._drafts))
            with translated():
                done = mapped(places, fill, blocks.RANKED).collect()
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
