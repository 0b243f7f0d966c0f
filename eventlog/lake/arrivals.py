"""What came into the lake since a version that somebody already knows, and nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.fs as pafs

from eventlog.lake.finding import coded_schema
from eventlog.lake.store import Lake
from eventlog.lake.tables import EVENTS
from eventlog.lake.verdicts import translated


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """The rows that were added after one version, up to and including `version`.

    `added` and `removed` are the paths of the files that came and went, rewritten ones included.
    """

    version: int
    rows: pa.Table
    added: tuple[str, ...]
    removed: tuple[str, ...]


def arrivals(lake: Lake, *, after: int, columns: Sequence[str]) -> Arrivals | None:
    """The named columns of all events that were appended after version `after`.

    Reads the files that these commits added, and no others; what `tidy` rewrote is no arrival.
    Texts come as `Lake.read` gives them, rows in no promised order. None when the difference
    cannot be told any more, because events were taken out, or the commits or files were deleted
    meanwhile: then everything has to be read anew.
    """
    filesystem = lake.place.filesystem(EVENTS)
    with translated(lake.uri, "looking for new events"):
        version, paths, added, removed = after, list[str](), list[str](), list[str]()
        while (commit := _commit(filesystem, version + 1)) is not None:
            version += 1
            for line in commit.splitlines():
                action = json.loads(line)
                if remove := action.get("remove"):
                    if remove["dataChange"]:
                        return None
                    removed.append(unquote(remove["path"]))
                if add := action.get("add"):
                    added.append(unquote(add["path"]))
                    if add["dataChange"]:
                        paths.append(added[-1])
        if _overtaken(lake, filesystem, version):
            return None
        try:
            rows = _rows(lake, filesystem, paths, columns)
        except FileNotFoundError:
            return None
    return Arrivals(version=version, rows=rows, added=tuple(added), removed=tuple(removed))


def _overtaken(lake: Lake, filesystem: pafs.FileSystem, version: int) -> bool:
    """Whether there are commits after `version` although the one next to it is not there.

    The newest checkpoint is older than any commit that was thinned out, and told in a small file.
    """
    told = _content(filesystem, "_delta_log/_last_checkpoint")
    if told is None or json.loads(told)["version"] <= version:
        # None is missing after the newest checkpoint, unless the last known one is.
        return _commit(filesystem, version) is None and lake.version != version
    return lake.version != version and _commit(filesystem, version + 1) is None


def _commit(filesystem: pafs.FileSystem, version: int) -> bytes | None:
    """What the Delta log says about one version; None where it does not say anything."""
    return _content(filesystem, f"_delta_log/{version:020d}.json")


def _content(filesystem: pafs.FileSystem, path: str) -> bytes | None:
    if filesystem.get_file_info(path).type == pafs.FileType.NotFound:
        return None
    with filesystem.open_input_stream(path) as file:
        content: bytes = file.read()
    return content


def _rows(
    lake: Lake, filesystem: pafs.FileSystem, paths: Sequence[str], columns: Sequence[str]
) -> pa.Table:
    coded = coded_schema(lake, columns)
    texts = [field.name for field in coded if pa.types.is_dictionary(field.type)]
    options = pads.ParquetReadOptions(dictionary_columns=texts)
    found = pads.dataset(
        list(paths),
        schema=coded,
        format=pads.ParquetFileFormat(read_options=options),
        filesystem=filesystem,
    )
    return found.to_table().unify_dictionaries()
