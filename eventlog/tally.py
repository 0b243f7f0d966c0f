"""Counts that can be added and taken away again: the one form in which every measure is kept.

A measure is a sum over cases (docs/concepts). Because integers add exactly and keys do not depend
on who did the counting, a block, a slice, a live update and a Spark task may count apart and the
sum is the same to the last bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from eventlog import kernels
from eventlog.errors import StopError
from eventlog.kernels import Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """Integer counts by key, in one canonical form.

    `keys` has shape [n, k], `counts` [n, m], both int64; rows are sorted by key, no key stands
    twice, and rows of zeros are gone, so equal tallies are equal arrays. `meanings` says for
    people what a key stands for: a text (of a label) or a list of keys (of a variant), shape [n].
    """

    keys: Int64s
    counts: Int64s
    meanings: pa.Array | None = None

    @staticmethod
    def of(keys: Int64s, counts: Int64s, meanings: pa.Array | None = None) -> "Tally":
        """Bring rows into canonical form: equal keys are summed, rows of zeros dropped.

        A StopError when one key would stand for two texts: a collision of 64-bit hashes.
        """
        keys = np.asarray(keys, np.int64)
        counts = np.asarray(counts, np.int64)
        keys = keys[:, None] if keys.ndim == 1 else keys
        counts = counts[:, None] if counts.ndim == 1 else counts
        keys = np.ascontiguousarray(keys)
        if kernels.ascending(keys):  # as most come: nothing to sort or to sum
            live = counts.any(axis=1)
            if live.all():
                return Tally(keys=keys, counts=counts, meanings=meanings)
            kept = None if meanings is None else meanings.filter(pa.array(live))
            return Tally(keys=keys[live], counts=counts[live], meanings=kept)
        return Tally._summed(keys, counts, meanings, np.lexsort(keys.T[::-1]))

    @staticmethod
    def _summed(keys: Int64s, counts: Int64s, meanings: pa.Array | None, order: Int64s) -> "Tally":
        """Rows whose `order` is known, in canonical form."""
        keys, counts = keys[order], counts[order]
        first = np.ones(len(keys), bool)
        first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
        starts = np.flatnonzero(first)
        summed = np.add.reduceat(counts, starts, axis=0) if len(starts) else counts
        live = summed.any(axis=1)
        if meanings is not None:
            if len(starts) < len(keys) and pa.types.is_string(meanings.type):
                _refuse_collisions(meanings, order, first, starts)
            meanings = meanings.take(pa.array(order[starts][live]))
        return Tally(keys=keys[starts][live], counts=summed[live], meanings=meanings)

    def __len__(self) -> int:
        """How many keys have a count."""
        return len(self.keys)

    def __add__(self, other: "Tally") -> "Tally":
        """Both counts together."""
        return self._joined(other, other.counts)

    def __sub__(self, other: "Tally") -> "Tally":
        """What is left without `other`."""
        return self._joined(other, -other.counts)

    def __eq__(self, other: object) -> bool:
        """Whether both count the same."""
        if not isinstance(other, Tally):
            return NotImplemented
        return (
            np.array_equal(self.keys, other.keys)
            and np.array_equal(self.counts, other.counts)
            and (
                self.meanings == other.meanings
                if self.meanings is None or other.meanings is None
                else self.meanings.equals(other.meanings)
            )
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def _joined(self, other: "Tally", counts: Int64s) -> "Tally":
        if not len(self) and not len(other):
            return self
        meanings = self.meanings
        if meanings is not None and other.meanings is not None:
            meanings = pa.concat_arrays([meanings, other.meanings])
        if self.keys.shape[1] != other.keys.shape[1]:  # one is empty and does not know better
            return Tally.of(
                *((self.keys, self.counts) if len(self) else (other.keys, counts)), meanings
            )
        return Tally._summed(
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.counts, counts]),
            meanings,
            kernels.merged(self.keys, other.keys),
        )


def _refuse_collisions(meanings: pa.Array, order: Int64s, first: Int64s, starts: Int64s) -> None:
    group = np.cumsum(first) - 1
    repeated = np.flatnonzero(~first)
    texts = meanings.take(pa.array(order[repeated])).to_pylist()
    holders = meanings.take(pa.array(order[starts[group[repeated]]])).to_pylist()
    for text, holder in zip(texts, holders, strict=True):
        if text != holder:
            raise StopError(
                f'"{holder}" and "{text}" have the same 64-bit key; rename one of them in the '
                "source, or map it under activities"
            )


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a miner saw in some cases: named tallies, added and subtracted table by table."""

    tables: Mapping[str, Tally] = field(default_factory=dict)

    def __add__(self, other: "Summary") -> "Summary":
        """What both saw."""
        tables = dict(self.tables)
        for name, tally in other.tables.items():
            tables[name] = tables[name] + tally if name in tables else tally
        return Summary(tables=tables)

    def __sub__(self, other: "Summary") -> "Summary":
        """What was seen without the cases of `other`."""
        tables = dict(self.tables)
        for name, tally in other.tables.items():
            if name not in tables:
                raise ValueError(f"cannot take {name} from a summary that never saw it")
            tables[name] = tables[name] - tally
        return Summary(tables=tables)

    def __getitem__(self, name: str) -> Tally:
        """The tally of that name."""
        return self.tables[name]
