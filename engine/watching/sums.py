"""Sums over all cases that ever were: what a case adds is taken away again when it changes."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.followers import Block
from engine.watching.of_whole import cases_by_value, count_pairs
from engine.watching.watched import Ever
from eventlog.log import Log
from miners.work_items import Items

_Key = TypeVar("_Key")
_Counts = dict[tuple[str, str | None], int]


class EverSeen:
    """`Ever`, kept up to date; `names` are the attributes by whose values cases are counted."""

    def __init__(self, names: Sequence[str]) -> None:
        self._items: _Counts = {}
        self._waited: _Counts = {}
        self._known: _Counts = {}
        self._cases: dict[str, dict[str, int]] = {name: {} for name in names}

    def add(self, block: Block, items: Items, sign: int = 1) -> None:
        """Count the cases of a block and the work on them in, or out again where `sign` is -1."""
        named = items.waited & (items.resource.codes >= 0)
        for counts, rows in (
            (self._items, None),
            (self._waited, items.waited),
            (self._known, named),
        ):
            _change(counts, count_pairs(items.activity, items.unit, rows), sign)
        for name, counted in self._cases.items():
            column = replace(block.log.attributes[name], codes=block.log.entry_values(name))
            _change(counted, cases_by_value(column), sign)

    def ever(self) -> Ever:
        """All of it as it is now."""
        return Ever(
            items=dict(self._items),
            waited=dict(self._waited),
            known=dict(self._known),
            cases={name: dict(counted) for name, counted in self._cases.items()},
        )


class Successors:
    """Which activity was ever done right after which, as `miners.dfg` counts it."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._after: dict[str, set[str]] = {}

    def change(self, before: Log | None, after: Log) -> list[str]:
        """Replace what cases show; the activities of which other ones come next than before."""
        changes: dict[tuple[str, str], int] = {} if before is None else _pairs(before)
        changes = {pair: -count for pair, count in changes.items()}
        _change(changes, _pairs(after), 1)
        changed = set[str]()
        for pair, count in changes.items():
            was = self._counts.get(pair, 0)
            left = was + count
            if left:
                self._counts[pair] = left
            else:
                self._counts.pop(pair, None)
            if bool(was) != bool(left):
                source, target = pair
                (set.add if left else set.discard)(self._after.setdefault(source, set()), target)
                changed.add(source)
        return sorted(changed)

    def of(self, sources: Iterable[str]) -> list[tuple[str, str]]:
        """The pairs that begin with one of these."""
        return [(source, target) for source in sources for target in self._after.get(source, ())]


def _change(total: MutableMapping[_Key, int], counts: Mapping[_Key, int], sign: int) -> None:
    """Add counts to a total, `sign` times; what comes to nothing is dropped."""
    for key, count in counts.items():
        left = total.get(key, 0) + sign * count
        if left:
            total[key] = left
        else:
            total.pop(key, None)


def _pairs(log: Log) -> dict[tuple[str, str], int]:
    """How often which activity was done right after which."""
    done, labels = log.executions, log.activity.vocabulary.labels
    follows = np.ones(len(done.activity), bool)
    follows[done.offsets[:-1][np.diff(done.offsets) > 0]] = False
    second = np.flatnonzero(follows)
    key = done.activity[second - 1].astype(np.int64) * len(labels) + done.activity[second]
    found, counts = np.unique(key, return_counts=True)
    return {
        (labels[pair // len(labels)], labels[pair % len(labels)]): count
        for pair, count in zip(found.tolist(), counts.tolist(), strict=True)
    }
