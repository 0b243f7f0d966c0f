"""Reads XES, the standard file of event logs, as it is written: text by text, in file order.

Python's own expat reader is used, in one pass. The Rust reader r4pm is three times as fast (BPIC
2012, 262,200 events: 1.6 s of CPU against 4.5 s) but takes a time without an offset for UTC, turns
a date that it cannot read into nothing, cannot read "+0700", and needs Polars.
"""

import gzip
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from connectors.tabular import CASE, Raw
from eventlog.errors import StopError

_TYPED = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
_FLUSH = 200_000
_JOIN = "; "
_KEY_AND_VALUE = 4


def read_xes(path: Path, *, source: str) -> Raw:
    """Event attributes under their own names, trace attributes as `case:<name>`, all as text.

    Attributes inside an attribute or a list are called `outer/inner`; where one name stands twice
    in an event its values are joined by "; ". Row numbers count the events of the file. StopError
    when it is not XML, damaged, not XES, or has no events.
    """
    reader = _Reader()
    try:
        with _opened(path) as file:
            reader.parser.ParseFile(file)
    except expat.ExpatError as error:
        where = f"line {error.lineno:,}, column {error.offset + 1:,}"
        what = expat.errors.messages[error.code]
        raise StopError(
            f"{source} is not valid XML: {what} ({where}); is it complete, and an XES file?"
        ) from error
    if reader.root != "log":
        raise StopError(f"{source} is XML but not XES: it begins with <{reader.root}>, not <log>")
    if not reader.events_seen:
        raise StopError(f"{source} is an XES log without events; is it the right file?")
    return Raw(
        source=source,
        table=reader.table(),
        rows=np.arange(reader.events_seen, dtype=np.int64),
        notes=reader.notes(),
    )


def _opened(path: Path) -> Any:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")


class _Sparse:
    """Values of attributes by the number of the event or trace that has them."""

    def __init__(self) -> None:
        self.pending: dict[str, tuple[list[str], list[int]]] = {}
        self.done: dict[str, list[tuple[pa.Array, np.ndarray[Any, Any]]]] = {}
        self.doubled = 0

    def add(self, key: str, value: str, owner: int) -> None:
        held = self.pending.get(key)
        if held is None:
            held = self.pending[key] = ([], [])
        values, owners = held
        if owners and owners[-1] == owner:
            values[-1] += _JOIN + value
            self.doubled += 1
        else:
            values.append(value)
            owners.append(owner)

    def flush(self) -> None:
        """Texts of finished owners move into Arrow, where they take a fifth of the memory."""
        for key, (values, owners) in self.pending.items():
            chunk = (pa.array(values, pa.string()), np.array(owners, np.int64))
            self.done.setdefault(key, []).append(chunk)
        self.pending = {}

    def columns(self, size: int) -> dict[str, pa.ChunkedArray]:
        self.flush()
        out = {}
        for key, chunks in self.done.items():
            at = np.full(size, -1, np.int64)
            owners = np.concatenate([owners for _, owners in chunks])
            at[owners] = np.arange(len(owners))
            values = pa.chunked_array([values for values, _ in chunks])
            out[key] = values.take(pa.array(at, mask=at < 0))
        return out


class _Reader:
    """Collects what expat finds. `owner` is the event or trace whose attributes come now.

    Outside of traces and events nobody owns an attribute: those of the log itself, and of <global>,
    which are examples and no values, are passed over.
    """

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.root = ""
        self.traces, self.events = _Sparse(), _Sparse()
        self.events_seen = self.traces_seen = self.loose = 0
        self.trace_of: list[int] = []
        self.owner: _Sparse | None = None
        self.number = -1  # the owner's place in the file
        self.trace = -1  # the trace being read, -1 between traces
        self.path: list[str] = []  # keys of the owner's attributes that are open

    def _start(self, name: str, attributes: list[str]) -> None:
        kind = _local(name) if ":" in name else name
        if kind in _TYPED and self.owner is not None:
            # Every writer puts the key first; the other way is for completeness.
            if len(attributes) == _KEY_AND_VALUE and attributes[0] == "key":
                _, key, _, value = attributes
            else:
                named = dict(zip(attributes[::2], attributes[1::2], strict=True))
                key, value = named.get("key", ""), named.get("value", "")
            if self.path:
                key = f"{self.path[-1]}/{key}"
            self.path.append(key)
            if value:
                self.owner.add(key, value, self.number)
        elif kind == "event":
            self.owner, self.number = self.events, self.events_seen
            self.events_seen += 1
            self.trace_of.append(self.trace)
            self.loose += self.trace < 0
        elif kind == "trace":
            self.owner, self.number = self.traces, self.traces_seen
            self.trace = self.traces_seen
            self.traces_seen += 1
        elif not self.root:
            self.root = kind

    def _end(self, name: str) -> None:
        kind = _local(name) if ":" in name else name
        if self.path:
            if kind in _TYPED:
                self.path.pop()
        elif kind == "event":
            self.owner, self.number = (self.traces, self.trace) if self.trace >= 0 else (None, -1)
            if self.events_seen % _FLUSH == 0:
                self.events.flush()
        elif kind == "trace":
            self.owner, self.trace = None, -1

    def table(self) -> pa.Table:
        """One row per event, in file order."""
        columns = self.events.columns(self.events_seen)
        of = np.array(self.trace_of, np.int64)
        at = pa.array(of, mask=of < 0)
        for key, values in self.traces.columns(self.traces_seen).items():
            columns[CASE + key] = values.take(at)
        return pa.table(columns)

    def notes(self) -> tuple[str, ...]:
        doubled = self.events.doubled + self.traces.doubled
        said = []
        if doubled:
            said.append(
                f"{doubled:,} attribute values stand beside another of the same name; they are "
                'joined by "; "'
            )
        if self.loose:
            said.append(f"{self.loose:,} events stand outside any trace and so have no case")
        return tuple(said)


def _local(name: str) -> str:
    """An element's name without its namespace prefix."""
    return name.rpartition(":")[2]
