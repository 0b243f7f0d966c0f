"""What was measured of a watch: its alerts at a pace, and how it did over a longer time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FULL = "full"
_BLOCKS = 8


@dataclass(frozen=True, kw_only=True)
class Paced:
    """What was measured at one pace: events a second as asked for, or `FULL`.

    `rate` are the events a second that were committed, `seconds` those of each alert; `lost`
    alerts did not come. `cores` is the processor time of the watch by real time; `batch`, `follow`
    and `evaluate` are mean milliseconds of a commit, of taking it in, and of judging; `commits` and
    `evaluations` how many there were a second. `before` are the commits that the lake had had,
    `memory` bytes.
    """

    pace: str
    before: int
    rate: float
    seconds: Sequence[float]
    lost: int
    cores: float
    batch: float
    follow: float
    evaluate: float
    commits: float
    evaluations: float
    memory: float

    @property
    def quantiles(self) -> tuple[float, float, float, float]:
        """P50, P95, P99 and the longest, in seconds."""
        p50, p95, p99 = np.percentile(self.seconds, [50, 95, 99]).tolist()
        return p50, p95, p99, max(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """What a run of so many `minutes` showed after `warming` ones.

    `seen` are figures by name, one value a second from the beginning: `at` (seconds), `memory`
    (bytes), `lag` (events that were not read), `behind` (seconds of the oldest event that was not
    judged), `events` and `commits` so far and the seconds `spent` on these, `rows` and `cases` that
    were kept, and the `latest` event (seconds since 1970). `seconds` are those of each alert.
    """

    minutes: float
    warming: float
    seen: Mapping[str, Sequence[float]]
    seconds: Sequence[float]
    lost: int

    def after(self, name: str) -> np.ndarray:
        """A figure after warming up."""
        return np.array(self.seen[name])[np.array(self.seen["at"]) >= 60 * self.warming]

    @property
    def rate(self) -> float:
        """Events a second."""
        events, at = self.after("events"), self.after("at")
        return float((events[-1] - events[0]) / (at[-1] - at[0]))

    @property
    def memory(self) -> tuple[float, float, float]:
        """Bytes at first, by how many they rise an hour, and the standard error of that.

        Of a straight line through the least of each part: closed cases are let go of many at a
        time, and between these times memory rises.
        """
        at, memory = self.after("at") - 60 * self.warming, self.after("memory")
        blocks = np.array_split(np.arange(len(at)), _BLOCKS)
        lowest = [block[np.argmin(memory[block])] for block in blocks]
        (growth, start), spread = np.polyfit(at[lowest] / 3600, memory[lowest], 1, cov=True)
        return float(start), float(growth), float(np.sqrt(spread[0, 0]))

    @property
    def lag(self) -> tuple[float, float]:
        """P99 of the events that were not read, and of the age of the oldest not judged."""
        lag, behind = (float(np.nanpercentile(self.after(n), 99)) for n in ("lag", "behind"))
        return lag, behind

    @property
    def commits(self) -> tuple[float, float]:
        """Seconds of a commit in the first third, and in the last one."""
        spent, commits = np.diff(self.after("spent")), np.diff(self.after("commits"))
        third = len(spent) // 3
        first, last = (
            float(spent[part].sum() / max(commits[part].sum(), 1))
            for part in (slice(third), slice(-third, None))
        )
        return first, last

    @property
    def days(self) -> float:
        """Days that went by for the office, by its events."""
        latest = self.after("latest")
        return float(latest[-1] - latest[0]) / 86_400
