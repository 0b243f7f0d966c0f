"""How closely somebody may look at chosen applications: exactly, or with everything rounded."""

from collections.abc import Callable
from dataclasses import dataclass

from eventlog.kernels import Bools
from reports.explore.arrays import Traces
from reports.explore.beside import SideBySide, beside, rounded_beside
from reports.explore.filters import Filter, Pairs, chosen, parse_filter, parse_preset
from reports.explore.half import throughput
from reports.explore.medians import Median
from reports.explore.protected import ToldMap, rounded_map, told_map
from reports.explore.replay import Replay, rounded_sample, sample


@dataclass(frozen=True, kw_only=True)
class Eyes:
    """The functions through which somebody looks; small groups are left out by all of them.

    `parse` reads a filter from the pairs of an address; UsageError for one not to be asked for.
    """

    parse: Callable[[Pairs, Traces], Filter]
    told: Callable[[Traces, Bools], ToldMap]
    beside: Callable[[Traces, Bools, Bools], SideBySide]
    replay: Callable[[Traces, Bools], Replay]

    def look(self, traces: Traces, wanted: Filter) -> "Looked":
        """The applications that a filter asks for."""
        cases = chosen(traces, wanted)
        told = self.told(traces, cases)
        half = None if told.reason else throughput(traces, cases, told)
        return Looked(cases=cases, told=told, half=half)


@dataclass(frozen=True, kw_only=True, eq=False)
class Looked:
    """The chosen `cases` [cases of all], the map that may be told of them, and their `half`.

    `half` is the median time from first to last event of those that are over, None where too few
    are.
    """

    cases: Bools
    told: ToldMap
    half: Median | None


SHARP = Eyes(parse=parse_filter, told=told_map, beside=beside, replay=sample)
"""For analysts, who may choose freely: exact."""
BLUNT = Eyes(parse=parse_preset, told=rounded_map, beside=rounded_beside, replay=rounded_sample)
"""For viewers, who may choose one value of one attribute: counts and times rounded, no case."""
