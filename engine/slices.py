"""Cuts the lake into slices of whole cases that fit the memory that there is."""

import re
from dataclasses import dataclass

from eventlog.errors import UsageError
from eventlog.lake import Lake

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
# What reading, ordering and observing one event takes at its peak, and each case attribute on top
# (measured, docs/benchmarks.md); and the process itself with its libraries.
_EVENT_BYTES = 210
_ATTRIBUTE_BYTES = 12
_PROCESS_BYTES = 380_000_000
_KEYS = 2**64
_LOWEST = -(2**63)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The cases whose keys lie between `low` and `high`, both included."""

    low: int
    high: int


def parse_memory(text: str) -> int:
    """Bytes from "1GB", "800 MB" or "2GiB"; UsageError otherwise, and below 500 MB."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMG]I?)?B?\s*", text.upper())
    if found is None:
        raise UsageError(f'--memory is "{text}"; expected e.g. "1GB" or "800MB"')
    size = int(float(found.group(1)) * _UNITS[found.group(2) or ""])
    if size < 500_000_000:  # noqa: PLR2004 (said in the message)
        raise UsageError(f'--memory is "{text}"; Python and its libraries alone need 500MB')
    return size


def plan(lake: Lake, *, version: int, memory: int | None, attributes: int) -> list[Slice]:
    """Slices that keep a run under `memory` bytes; one slice where `memory` is None.

    Case keys are hashes, so ranges of equal width hold equal shares of the cases, whatever the
    lake looks like. After `tidy` a slice is a few files; before it, every slice reads every
    file and keeps its part: correct, but slower by the number of slices.
    """
    events, _ = lake.counts(version)
    count = 1
    if memory is not None:
        each = _EVENT_BYTES + _ATTRIBUTE_BYTES * attributes
        room = max(memory - _PROCESS_BYTES, memory // 8)
        count = max(1, -(-events * each // room))
    return equal_slices(count)


def equal_slices(count: int) -> list[Slice]:
    """All case keys in `count` ranges of equal width, from the lowest on."""
    return [
        Slice(low=_LOWEST + _KEYS * n // count, high=_LOWEST + _KEYS * (n + 1) // count - 1)
        for n in range(count)
    ]
