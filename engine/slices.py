"""Cuts the lake into slices of whole cases that fit the memory that there is."""

import re
from dataclasses import dataclass

from eventlog.errors import UsageError
from eventlog.lake import Lake

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "KI": 2**10, "MI": 2**20, "GI": 2**30}
# What reading, ordering and observing one event takes at its peak, and each case attribute on top.
# Measured 45 on a tidied lake and 65 on one that is not; starts beside ends, ties and events out of
# order, which are copied once more, are allowed for. And what is there whatever the slice: Python,
# its libraries and compiled loops, batches being decoded, histograms, the report in the end.
_EVENT_BYTES = 130
_ATTRIBUTE_BYTES = 16
_PROCESS_BYTES = 550_000_000
_WORK_BYTES = 300
_LEAST = 700_000_000
_KEYS = 2**64
_LOWEST = -(2**63)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The cases whose keys lie between `low` and `high`, both included."""

    low: int
    high: int


def parse_memory(text: str) -> int:
    """Bytes from "1GB", "800 MB" or "2GiB"; UsageError otherwise, and below 700 MB."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMG]I?)?B?\s*", text.upper())
    if found is None:
        raise UsageError(f'--memory is "{text}"; expected e.g. "1GB" or "800MB"')
    size = int(float(found.group(1)) * _UNITS[found.group(2) or ""])
    if size < _LEAST:
        raise UsageError(
            f'--memory is "{text}"; expected 700MB or more: Python and its libraries alone need '
            "most of that"
        )
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
        room = max(memory, _LEAST) - _PROCESS_BYTES
        count = max(1, -(-events * each // room))
    return equal_slices(count)


def crossing(lake: Lake, *, version: int, memory: int | None) -> str | None:
    """Why what crosses cases cannot be held within `memory` bytes; None where it can.

    Queues and terms are told from the work on all cases at once, so that slices do not help.
    """
    if memory is None:
        return None
    events, _ = lake.counts(version)
    room, needed = max(memory - _PROCESS_BYTES, 0), events * _WORK_BYTES
    if needed <= room:
        return None
    enough = -(-(needed + _PROCESS_BYTES) // 10**8) / 10
    return f"all queues at once need --memory {enough:g}GB for {events:,} events"


def equal_slices(count: int) -> list[Slice]:
    """All case keys in `count` ranges of equal width, from the lowest on."""
    return [
        Slice(low=_LOWEST + _KEYS * n // count, high=_LOWEST + _KEYS * (n + 1) // count - 1)
        for n in range(count)
    ]
