"""Reads CSV files the way offices write them: any delimiter, quoted line breaks, ragged rows."""

import codecs
import csv
import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from connectors.tabular import Raw
from eventlog.errors import StopError

_DELIMITERS = ",;\t|"
_SAMPLE = 1 << 18
_BLOCK = 1 << 24
_QUOTE = ord('"')


def read_csv(content: pa.Buffer, *, source: str) -> Raw:
    """All columns as text, an empty cell as null; rows with too few or many fields set aside.

    StopError where the file as a whole cannot be trusted: not UTF-8, two columns of one name, a
    quote that is never closed, nothing in it.
    """
    sample = _sample(content, source)
    skipped, delimiter = _delimiter(sample, source)
    names = _header(sample, delimiter, skipped, source)
    ragged: list[tuple[int, str, bytes]] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        reason = (
            f"the row has {row.actual_columns} fields where {row.expected_columns} are expected"
        )
        # The reader counts from 1 and counts the header (and Excel's `sep=` line before it).
        ragged.append((row.number - 2 - skipped, reason, row.text.encode()))
        return "skip"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            # One thread, because only then the reader knows the number of a ragged row.
            read_options=pa_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK, skip_rows=skipped
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        require_utf8(content, source)
        if "straddling" in str(error):
            raise StopError(_unclosed(source)) from error
        raise StopError(f"{source} cannot be read as CSV: {error}") from error
    _require_closed_quotes(content, table, ragged, source)
    numbers = np.arange(table.num_rows + len(ragged))
    return Raw(
        source=source,
        table=table,
        rows=np.setdiff1d(numbers, [row for row, _, _ in ragged]),
        rejects=ragged,
    )


def require_utf8(content: pa.Buffer, source: str) -> None:
    """StopError naming the first byte that is not UTF-8, its line, and how to convert the file."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, size = 1, content.size
    for start in range(0, size, _BLOCK):
        part = content.slice(start, min(_BLOCK, size - start)).to_pybytes()
        try:
            decoder.decode(part, final=start + _BLOCK >= size)
        except UnicodeDecodeError as error:
            held = len(error.object) - len(part)  # bytes of a letter that the last part began
            at = start + error.start - held
            line += part[: max(error.start - held, 0)].count(b"\n")
            byte = error.object[error.start]
            raise StopError(
                f"{source} is not UTF-8: byte 0x{byte:02x} at position {at:,}, line {line:,}; "
                "save it as UTF-8, or convert it, e.g. "
                f"iconv -f WINDOWS-1252 -t UTF-8 {source} > utf8-{source}"
            ) from error
        line += part.count(b"\n")


def _sample(content: pa.Buffer, source: str) -> str:
    start = content.slice(0, min(content.size, _SAMPLE)).to_pybytes()
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise StopError(
            f"{source} is UTF-16 (Excel calls it Unicode text); save it as UTF-8, or convert it: "
            f"iconv -f UTF-16 -t UTF-8 {source} > utf8-{source}"
        )
    text: str = start.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
    if not text.strip():
        raise StopError(f"{source} is empty; is it the right file?")
    return text


def _delimiter(sample: str, source: str) -> tuple[int, str]:
    """How many lines to skip (Excel's `sep=;`), and the delimiter that cuts the rows evenly."""
    first = sample.splitlines()[0]
    if first.lower().startswith("sep=") and len(first) == len("sep=;"):
        return 1, str(first[-1])

    def evenness(delimiter: str) -> tuple[float, int]:
        rows = [row for row in _rows(sample, delimiter) if row][:200]
        width = len(rows[0])
        return (sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0), width

    best = max(_DELIMITERS, key=evenness)
    if evenness(best)[0] == 0:
        raise StopError(
            f'{source} has one column only, "{first[:60]}": no comma, semicolon, tab or bar cuts '
            "its rows; is it a CSV file?"
        )
    return 0, best


def _rows(sample: str, delimiter: str) -> list[list[str]]:
    """The sample's whole rows: the last one, which the sample may have cut, is left out."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows.append(row)  # noqa: PERF402 (list() would lose the rows before an error)
    except csv.Error:
        # A cell over 128 KB, which only this reader minds: the rows before it tell enough.
        return rows or [[""]]
    return rows[:-1] if len(sample) >= _SAMPLE // 4 and len(rows) > 2 else rows  # noqa: PLR2004 (a header, a row, a cut row)


def _header(sample: str, delimiter: str, skipped: int, source: str) -> Sequence[str]:
    names = next((row for row in _rows(sample, delimiter)[skipped:] if row), None)
    if names is None:
        raise StopError(f"{source} is empty but for the line that names its delimiter")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        shown = ", ".join(f'"{name}"' for name in twice)
        raise StopError(f"{source}: more than one column is called {shown}; rename all but one")
    return names


def _require_closed_quotes(
    content: pa.Buffer, table: pa.Table, ragged: list[tuple[int, str, bytes]], source: str
) -> None:
    """A quote that is never closed swallows the rest of the file without a word: refuse it."""
    quotes = int(np.count_nonzero(np.frombuffer(content, np.uint8) == _QUOTE))
    if quotes % 2 == 0:
        return
    last = table.column(-1)[-1].as_py() or "" if table.num_rows else ""
    swallowed = [last, *(value.decode() for _, _, value in ragged[-1:])]
    if any("\n" in value or "\r" in value for value in swallowed):
        raise StopError(_unclosed(source))


def _unclosed(source: str) -> str:
    return (
        f"{source}: a quotation mark is opened and never closed, so that everything after it is "
        'one cell; look for a lone " in the last rows that came out right'
    )
