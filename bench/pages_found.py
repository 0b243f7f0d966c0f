"""What was measured of the pages: when they are there, how long answers take, for how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

REPORTS = ("mailed report of `receipt`", "mailed report of this office")


@dataclass(frozen=True, kw_only=True)
class Started:
    """One start of a server: seconds from the command until it was `well` and until it `answered`.

    `answered` is the first answer to a filter of the map, for which every case must be read.
    `idle` are bytes of memory then.
    """

    well: float
    answered: float
    idle: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One page in Chromium, opened several times with an empty cache; times in milliseconds.

    From the beginning of the navigation: `first` paint with content, the event `load`, and
    `drawn`: two frames later. `size` are bytes on the way; a `mailed` page is a file.
    """

    name: str
    size: int
    mailed: bool
    first: Sequence[float]
    load: Sequence[float]
    drawn: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Different filters of one kind, none of them asked before: milliseconds of each answer."""

    kind: str
    times: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Many readers at once: milliseconds of each answer by who asked for what.

    `errors` are answers that were none; `seconds` how long it went on; `cores` the processor time
    of the server by real time; `most` the most memory it ever held, in bytes.
    """

    readers: int
    analysts: int
    seconds: float
    times: Mapping[str, Sequence[float]]
    errors: Mapping[str, int]
    cores: float
    most: int

    def of(self, who: str = "") -> np.ndarray:
        """The times of these, such as "reader" or "analyst: the map"; of all without a name."""
        chosen = [t for name, times in self.times.items() if name.startswith(who) for t in times]
        return np.array(chosen)


@dataclass(frozen=True, kw_only=True)
class Visited:
    """All of it, on results of so many `events` and `cases`."""

    events: int
    cases: int
    started: Sequence[Started]
    seen: Sequence[Seen]
    asked: Sequence[Asked]
    crowds: Sequence[Crowd]


def visited(told: Mapping[str, object]) -> Visited:
    """The same, from what JSON kept of it."""
    parts = {"started": Started, "seen": Seen, "asked": Asked, "crowds": Crowd}
    found = {name: [one(**each) for each in told[name]] for name, one in parts.items()}  # type: ignore[attr-defined]  # JSON has lists there
    return Visited(**{**told, **found})  # type: ignore[arg-type]  # as above
