"""Replaces names by pseudonyms at the door, with a key that never lies inside the lake."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from eventlog.errors import StopError

_KEY_BYTES = 32
# 80 bits: a million names meet by chance once in 10^12 lakes.
_PSEUDONYM_DIGITS = 20


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

    Works once per distinct value, so ten million events of sixty officers cost sixty HMACs.
    """
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
