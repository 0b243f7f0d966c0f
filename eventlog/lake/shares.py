"""Deals the lake's files out, so that many machines can read it, each its share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.dataset as pads

from eventlog.errors import RetryError, StopError
from eventlog.lake import reading
from eventlog.lake.tables import EVENTS, Place, arrow_schema
from eventlog.lake.verdicts import translated

# One batch ahead of who reads, of few rows: many shares are read on one machine at a time.
_BATCH_ROWS = 65_536


@dataclass(frozen=True, kw_only=True)
class Share:
    """Some files of one version of the events: can be sent to another process and read there.

    It holds the lake's storage options, and with them whatever key they name. `paths` are
    relative to the table of events; `schema` is that of the whole table.
    """

    place: Place
    version: int
    schema: pa.Schema
    paths: tuple[str, ...]

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows of these files, texts as plain strings, little by little.

        A column that is younger than a file is null there. RetryError when the files were
        deleted meanwhile or the store does not answer, StopError where this machine cannot see
        the folder.
        """
        local = self.place.local
        if local is not None and not local.is_dir():
            raise StopError(
                f"{local}: not on this machine; a lake in a folder can be read by several machines"
                " only where all share that folder: keep it on object storage, e.g. s3://…"
            )
        with translated(self.place.uri, "reading events"):
            found = pads.dataset(
                list(self.paths),
                schema=self.schema,
                format="parquet",
                filesystem=self.place.filesystem(EVENTS),
            )
            try:
                yield from found.to_batches(
                    columns=list(columns),
                    batch_size=_BATCH_ROWS,
                    batch_readahead=1,
                    fragment_readahead=1,
                )
            except FileNotFoundError as gone:
                raise RetryError(
                    f"{self.place.uri}: files of version {self.version} were put in order and"
                    " deleted while they were read; mine again"
                ) from gone


def shares(place: Place, version: int, rows: int) -> list[Share]:
    """All events of `version` in shares of about `rows` rows; a file is never divided."""
    with translated(place.uri, "listing files"):
        table = place.table(EVENTS, version)
        listed = reading.files(table)
        columns = arrow_schema(table)
    dealt: list[list[str]] = []
    room = 0
    for path, count in zip(
        listed.column("path").to_pylist(), listed.column("num_records").to_pylist(), strict=True
    ):
        if not dealt or room <= 0:
            dealt.append([])
            room = rows
        dealt[-1].append(path)
        room -= count if count is not None else rows
    return [
        Share(place=place, version=version, schema=columns, paths=tuple(paths)) for paths in dealt
    ]
