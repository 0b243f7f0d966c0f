"""Reads event logs from files: CSV, Parquet, JSON lines and XES, each also compressed by gzip."""

import gzip
import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pa_parquet

from connectors.delimited import read_csv
from connectors.guess import Guess, guess
from connectors.jsonl import read_jsonl
from connectors.tabular import Raw, Reading, arrange
from connectors.xes import read_xes
from eventlog.definition import Definition
from eventlog.errors import StopError, UsageError

_GZIP = b"\x1f\x8b"


def read(path: Path, definition: Definition) -> Reading:
    """The events of a file, through the columns that `definition` names.

    UsageError where the file or a column is not there; StopError where the file is damaged, empty
    or in an encoding other than UTF-8. Rows that cannot be an event are in `rejects`.
    """
    return arrange(read_raw(path), definition)


def read_guessed(path: Path, definition: Definition) -> tuple[Reading, Definition, Guess]:
    """As `read`, for a file without a process definition: its columns are guessed.

    Gives the definition that holds now, with the guessed columns and case attributes.
    """
    raw = read_raw(path)
    guessed = guess(raw.table, source=raw.source, zone=ZoneInfo(definition.timezone))
    whole = definition.model_copy(
        update={"columns": dict(guessed.columns), "case_attributes": guessed.case_attributes}
    )
    return arrange(raw, whole), whole, guessed


def read_raw(path: Path) -> Raw:
    """A file's own columns, before anything is made of them."""
    kind = _kind(path)
    try:
        return _READERS[kind](path)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder; name the files in it") from error
    except EOFError as error:
        raise StopError(
            f"{path.name} is cut off: its gzip stream ends too early; fetch or copy it again"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise StopError(f"{path.name} is damaged ({error}); fetch or copy it again") from error
    except OSError as error:
        raise StopError(f"{path}: cannot be read: {error.strerror or error}") from error


def fingerprint(path: Path) -> str:
    """The SHA-256 of the file's bytes: by it the same file is known again under any name."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no such file") from error
    except OSError as error:
        raise StopError(f"{path}: cannot be read: {error.strerror}") from error


def _csv(path: Path) -> Raw:
    return read_csv(_content(path), source=path.name)


def _jsonl(path: Path) -> Raw:
    return read_jsonl(_content(path), source=path.name)


def _xes(path: Path) -> Raw:
    _require_bytes(path)
    return read_xes(path, source=path.name)


def _parquet(path: Path) -> Raw:
    _require_bytes(path)
    try:
        names = pa_parquet.read_schema(path).names
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise StopError(f'{path.name}: two columns are called "{twice[0]}"; rename one of them')
        table = pa_parquet.read_table(path)
    except pa.ArrowInvalid as error:
        raise StopError(f"{path.name} is not a whole Parquet file: {error}") from error
    rows = np.arange(table.num_rows, dtype=np.int64)
    return Raw(source=path.name, table=table, rows=rows)


_READERS: dict[str, Callable[[Path], Raw]] = {
    ".csv": _csv, ".tsv": _csv, ".txt": _csv, ".parquet": _parquet, ".pq": _parquet,
    ".jsonl": _jsonl, ".ndjson": _jsonl, ".xes": _xes,
}  # fmt: skip


def _kind(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    kind = Path(name).suffix
    if kind not in _READERS:
        known = ", ".join(_READERS)
        raise UsageError(f'{path.name}: files ending in "{kind}" are not known; known are {known}')
    return kind


def _require_bytes(path: Path) -> None:
    if path.stat().st_size == 0:
        raise StopError(f"{path.name} is empty; is it the right file?")


def _content(path: Path) -> pa.Buffer:
    """All bytes of a file, unzipped; a plain file is mapped, not copied."""
    _require_bytes(path)
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    if zipped:
        with gzip.open(path, "rb") as unzipped:
            return pa.py_buffer(unzipped.read())
    with pa.memory_map(str(path)) as mapped:
        return mapped.read_buffer()
