"""Finds event ids that stand in more than one case: the one check that crosses slices."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from eventlog.kernels import Int64s

# Sixteen parts: of fifty million ids each part takes some 25 MB.
_BITS = 4


class SharedIds:
    """Takes the event keys of slice after slice; keys within a case are distinct already.

    With a `folder` the keys wait on disk, by their top bits, so that memory stays bounded.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: list[Int64s] = []
        self.events = 0

    def add(self, event_key: Int64s) -> None:
        """Take the keys of a slice, shape [events]."""
        self.events += len(event_key)
        if self._folder is None:
            self._held.append(event_key)
            return
        part = event_key.view(np.uint64) >> np.uint64(64 - _BITS)
        for number in range(1 << _BITS):
            with (self._folder / f"keys-{number}").open("ab") as file:
                event_key[part == number].tofile(file)

    def twice(self) -> tuple[Int64s, int]:
        """The keys that stand in several cases, and how many events have one of them."""
        found: list[Int64s] = []
        events = 0
        for part in self._parts():
            ordered = part
            ordered.sort()
            again = ordered[1:] == ordered[:-1]
            if again.any():
                keys = np.unique(ordered[1:][again])
                found.append(keys)
                events += int(
                    (
                        np.searchsorted(ordered, keys, side="right")
                        - np.searchsorted(ordered, keys, side="left")
                    ).sum()
                )
        return (np.concatenate(found) if found else np.empty(0, np.int64)), events

    def _parts(self) -> Iterator[Int64s]:
        """The keys, equal ones together, one part after another; each may be changed."""
        if self._folder is None:
            yield np.concatenate([np.empty(0, np.int64), *self._held])
        else:
            for file in sorted(self._folder.glob("keys-*")):
                yield np.fromfile(file, np.int64)
