"""Reads JSON lines: events as interface.md writes them on the topic, or flat rows."""

import codecs
from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa

from connectors import text
from connectors.delimited import require_utf8
from connectors.tabular import ATTRIBUTE, CASE, Raw
from eventlog.errors import StopError

_LINES = 100_000
_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NESTED = (("case", CASE), ("attributes", ATTRIBUTE))


def read_jsonl(content: pa.Buffer, *, source: str) -> Raw:
    """Every key as a column, values as their producer wrote them (numbers keep all digits).

    The members of `case` and `attributes` become columns `case:…` and `attributes:…`. A line that
    is not a JSON object is set aside. StopError when there is no line, or the file is not UTF-8.
    """
    require_utf8(content, source)
    tables: list[pa.Table] = []
    numbers: list[int] = []
    rejects: list[tuple[int, str, bytes]] = []
    rows: list[dict[str, bytes]] = []
    for number, line in _lines(content):
        try:
            rows.append(_flat(_decoder.decode(line)))
        except msgspec.DecodeError:
            rejects.append((number, "the line is not a JSON object", line))
            continue
        numbers.append(number)
        if len(rows) == _LINES:
            tables.append(_table(rows))
            rows = []
    tables.append(_table(rows))
    if not numbers and not rejects:
        raise StopError(f"{source} is empty; is it the right file?")
    if not numbers:
        raise StopError(f"{source}: none of its {len(rejects):,} lines is a JSON object")
    return Raw(
        source=source,
        table=pa.concat_tables([t for t in tables if t.num_rows], promote_options="default"),
        rows=np.array(numbers, np.int64),
        rejects=rejects,
    )


def _lines(content: pa.Buffer) -> Iterator[tuple[int, bytes]]:
    reader = pa.BufferReader(content)
    number = -1
    left = b""
    if reader.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
        reader.seek(0)
    while part := reader.read(1 << 24):
        *whole, left = (left + part).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield number, line
    if left.strip():
        yield number + 1, left


def _flat(members: dict[str, msgspec.Raw]) -> dict[str, bytes]:
    row: dict[str, bytes] = {}
    for name, prefix in _NESTED:
        value = members.get(name)
        if value is not None and bytes(value).startswith(b"{"):
            del members[name]
            inner = _decoder.decode(value)
            row |= {prefix + key: bytes(found) for key, found in inner.items()}
    row |= {key: bytes(value) for key, value in members.items()}
    return row


def _table(rows: list[dict[str, bytes]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        values = [None if (value := row.get(name)) == b"null" else value for row in rows]
        written = pa.array(values, pa.binary()).cast(pa.string())
        columns[name] = pa.ExtensionArray.from_storage(text.JSON, written)
    return pa.table(columns)
