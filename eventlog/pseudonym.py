"""Replaces names by pseudonyms at the door, with a key that never lies inside the lake."""

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlog.errors import StopError

_KEY_BYTES = 32
# 80 bits: a million names meet by chance once in 10^12 lakes.
_PSEUDONYM_DIGITS = 20

_ATTRIBUTES = "attributes"
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements = msgspec.json.Decoder(list[msgspec.Raw])


def read_or_make_key(path: Path) -> bytes:
    """The pseudonym key at `path`, made on first use with mode 0600; 32 bytes.

    Two processes that start at once agree: the file appears whole or not at all.
    """
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = _make(path)
    except OSError as error:
        raise StopError(
            f"the pseudonym key {path} cannot be read: {error.strerror}; "
            "set RUNUT_KEY_FILE to the file that holds it"
        ) from error
    if len(key) != _KEY_BYTES:
        raise StopError(
            f"the pseudonym key {path} has {len(key)} bytes instead of {_KEY_BYTES}; restore it "
            "from its copy, or move it away to start with a new one (old pseudonyms then differ)"
        )
    return key


def _make(path: Path) -> bytes:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails when another process was first: then its key holds
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_bytes()
    except OSError as error:
        raise StopError(
            f"the pseudonym key {path} cannot be made: {error.strerror}; "
            "set RUNUT_KEY_FILE to a place that can be written"
        ) from error


def pseudonym(name: str, key: bytes) -> str:
    """The pseudonym of one name: keyed HMAC-SHA256, 20 hexadecimal digits after "p-"."""
    digest = hmac.new(key, name.encode(), hashlib.sha256).hexdigest()
    return f"p-{digest[:_PSEUDONYM_DIGITS]}"


def pseudonymise(table: pa.Table, columns: Sequence[str], key: bytes) -> pa.Table:
    """The same table with every value of `columns` replaced; nulls stay null.

    The JSON of `attributes` is searched too, because sources say some things twice: what stands
    under a name in `columns` is replaced there, at any depth, in any case, and also with a prefix
    (`org:resource`, `case:agent`, `event.agent`). Works once per distinct value, so ten million
    events of sixty officers cost sixty HMACs; only rows that have such a key are parsed.
    """
    table = _in_attributes(table, columns, key)
    for name in columns:
        at = table.schema.get_field_index(name)
        if at < 0:
            continue
        encoded = pc.dictionary_encode(table.column(name)).combine_chunks()
        encoded = encoded if isinstance(encoded, pa.Array) else encoded.chunk(0)
        names = [pseudonym(value, key) for value in encoded.dictionary.to_pylist()]
        values = pa.DictionaryArray.from_arrays(encoded.indices, pa.array(names, pa.string()))
        table = table.set_column(at, table.schema.field(at), values.cast(pa.string()))
    return table


def _in_attributes(table: pa.Table, columns: Sequence[str], key: bytes) -> pa.Table:
    """The table with the names in the JSON of its `attributes` replaced."""
    at = table.schema.get_field_index(_ATTRIBUTES)
    if at < 0 or not columns:
        return table
    column = table.column(at)
    found = pc.fill_null(pc.match_substring_regex(column, _mention(columns)), False)
    if not pc.any(found).as_py():
        return table
    names = _Names(columns, key)
    encoded = pc.dictionary_encode(column.filter(found).combine_chunks())
    encoded = encoded if isinstance(encoded, pa.Array) else encoded.chunk(0)
    hidden = [names.hidden_in(text.encode()).decode() for text in encoded.dictionary.to_pylist()]
    rows = np.full(len(column), -1, np.int64)
    rows[np.asarray(found.to_numpy(), bool)] = encoded.indices.to_numpy()
    replaced = pa.array(hidden, pa.string()).take(pa.array(rows, mask=rows < 0))
    return table.set_column(at, table.schema.field(at), pc.coalesce(replaced, column))


def _mention(columns: Sequence[str]) -> str:
    """A pattern that every JSON text with such a key matches; one that matches may have none."""
    spelt = [re.escape(msgspec.json.encode(name).decode()[1:-1]) for name in columns]
    # A key may be followed by a path inside it, or by what tells two of one name apart; a producer
    # may write any letter as \u and its number.
    return rf'(?i)(?:{"|".join(spelt)})(?:_*|/[^"]*)"\s*:|\\u'


class _Names:
    """Which keys of JSON objects hold names, and what stands for the names."""

    def __init__(self, columns: Sequence[str], key: bytes) -> None:
        self._columns = frozenset(name.casefold() for name in columns)
        self._key = key
        self._holds: dict[str, bool] = {}  # keys are few, rows are many

    def hidden_in(self, text: bytes) -> bytes:
        """The JSON text with every value under such a key replaced, all else as it was."""
        if text.startswith(b"{"):
            members = {name: bytes(value) for name, value in _members.decode(text).items()}
            without = {
                name: self._hidden(value) if self._holds_names(name) else self.hidden_in(value)
                for name, value in members.items()
            }
            if without != members:
                raw = {name: msgspec.Raw(value) for name, value in without.items()}
                return msgspec.json.encode(raw)
        elif text.startswith(b"["):
            elements = [bytes(value) for value in _elements.decode(text)]
            hidden = [self.hidden_in(value) for value in elements]
            if hidden != elements:
                return msgspec.json.encode([msgspec.Raw(value) for value in hidden])
        return text  # to the letter, spaces and all, where no name is in it

    def _holds_names(self, name: str) -> bool:
        if name not in self._holds:
            self._holds[name] = not self._columns.isdisjoint(_bare(name))
        return self._holds[name]

    def _hidden(self, text: bytes) -> bytes:
        """Every text and number in the JSON text replaced, by what a column of them would get."""
        if text in {b"null", b'""'}:
            return text
        if text.startswith(b"{"):
            members = _members.decode(text).items()
            hidden = {name: msgspec.Raw(self._hidden(bytes(value))) for name, value in members}
            return msgspec.json.encode(hidden)
        if text.startswith(b"["):
            elements = _elements.decode(text)
            return msgspec.json.encode([msgspec.Raw(self._hidden(bytes(v))) for v in elements])
        said = msgspec.json.decode(text, type=str) if text.startswith(b'"') else text.decode()
        return msgspec.json.encode(pseudonym(said, self._key))


def _bare(name: str) -> Iterator[str]:
    """What a key may be called without prefixes, for each part of a path, in small letters."""
    for part in name.casefold().split("/"):
        for spelt in {part, part.rstrip("_")}:
            yield spelt
            yield from (spelt[match.end() :] for match in re.finditer(r"[:.]", spelt))
