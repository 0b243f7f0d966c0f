"""What came into the lake since a version that somebody already knows, and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.fs as pafs

from eventlog.lake.store import Lake
from eventlog.lake.tables import EVENTS
from eventlog.lake.verdicts import translated


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """The rows that were added after one version, up to and including `version`."""

    version: int
    rows: pa.Table


def arrivals(lake: Lake, *, after: int, columns: Sequence[str]) -> Arrivals | None:
    """The named columns of all events that were appended after version `after`.

    Reads the files that these commits added, and no others; what `tidy` rewrote is no arrival.
    Texts come as `Lake.read` gives them, rows in no promised order. None when the difference
    cannot be told any more, because events were taken out, or the commits or files were deleted
    meanwhile: then everything has to be read anew.
    """
    filesystem = lake.place.filesystem(EVENTS)
    with translated(lake.uri, "looking for new events"):
        version, paths = after, list[str]()
        while (commit := _commit(filesystem, version + 1)) is not None:
            version += 1
            for line in commit.splitlines():
                action = json.loads(line)
                if action.get("remove", {}).get("dataChange"):
                    return None
                if action.get("add", {}).get("dataChange"):
                    paths.append(unquote(action["add"]["path"]))
        # Commits are deleted from the oldest on: where the last known one is kept, none is missing.
        if _commit(filesystem, version) is None and lake.version != version:
            return None
        try:
            return Arrivals(version=version, rows=_rows(lake, filesystem, paths, columns))
        except FileNotFoundError:
            return None


def _commit(filesystem: pafs.FileSystem, version: int) -> bytes | None:
    """What the Delta log says about one version; None where it does not say anything."""
    path = f"_delta_log/{version:020d}.json"
    if filesystem.get_file_info(path).type == pafs.FileType.NotFound:
        return None
    with filesystem.open_input_stream(path) as file:
        content: bytes = file.read()
    return content


def _rows(
    lake: Lake, filesystem: pafs.FileSystem, paths: Sequence[str], columns: Sequence[str]
) -> pa.Table:
    fields = [lake.schema.field(name) for name in columns]
    texts = [f.name for f in fields if pa.types.is_string(f.type) and f.name != "event_id"]
    coded = [
        field.with_type(pa.dictionary(pa.int32(), field.type)) if field.name in texts else field
        for field in fields
    ]
    options = pads.ParquetReadOptions(dictionary_columns=texts)
    found = pads.dataset(
        list(paths),
        schema=pa.schema(coded),
        format=pads.ParquetFileFormat(read_options=options),
        filesystem=filesystem,
    )
    return found.to_table().unify_dictionaries()
