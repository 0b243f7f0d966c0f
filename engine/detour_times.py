"""By which clock detours are told, and how long applications would take without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.judging import Judged
from engine.looks import Whole
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.causes import Spans as Suspended
from miners.detours.assumptions import ASSUMPTIONS
from miners.detours.cost import excess
from miners.detours.matching import Matching
from miners.detours.spans import Spans, Stopwatch, on_the_clock
from miners.detours.without import Change, Times, without
from miners.survival import Estimate

DAY = 86_400_000
# Draws of the bootstrap: any number, as long as it is the same every time.
_SEED = 50_000


@dataclass(frozen=True, kw_only=True, eq=False)
class OfficeTime:
    """Working days of the office where it has a calendar, else days; `day` is one, in ms."""

    unit: str
    day: int
    whole: Whole

    @staticmethod
    def of(whole: Whole) -> "OfficeTime":
        """By the office's calendar, if there is one."""
        if whole.calendars is None:
            return OfficeTime(unit="days", day=DAY, whole=whole)
        return OfficeTime(unit="working days", day=whole.calendars.office.day_ms, whole=whole)

    def between(self, start: Int64s, end: Int64s) -> Int64s:
        """Milliseconds between moments (µs UTC)."""
        calendars = self.whole.calendars
        return (end - start) // 1000 if calendars is None else calendars.office.between(start, end)

    def took(self, spans: Spans) -> Int64s:
        """Milliseconds that spans took; [spans]."""
        return self.between(spans.start, spans.end)

    def days(self, told: Estimate | None) -> dict[str, float | None]:
        """Milliseconds with their limits as days."""
        if told is None:
            return {"value": None, "ci_low": None, "ci_high": None}
        parts = (told.value, told.low, told.high)
        value, low, high = (None if part is None else round(part / self.day, 4) for part in parts)
        return {"value": value, "ci_low": low, "ci_high": high}


class Straightened:
    """What throughput and lateness would be if applications had gone straight on."""

    def __init__(self, judged: Judged, matching: Matching, span: Int64s, time: OfficeTime) -> None:
        self._judged, self._span, self._time = judged, span, time
        whole = time.whole
        self._times = _times(whole, time)
        ran: Stopwatch = time.took
        if whole.standing is not None:
            # Terms go by the statutory clock: what a detour takes while it stands, saves nothing.
            standing, nobody = whole.standing, np.empty(0, np.int64)
            none = Suspended(
                offsets=np.zeros(len(standing) + 1, np.int64), start=nobody, end=nobody
            )
            ran = on_the_clock(
                time.between,
                entered=standing.entered,
                seen=standing.seen,
                suspended=whole.applicant or none,
            )
        self._found = excess(matching, ran(matching.strayed), ran(matching.straight))

    def without(self, subjects: Sequence[int]) -> dict[str, Any] | None:
        """As detours.json has it: figures in days, with and without the detours of the subjects."""
        told = without(
            subjects,
            episodes=self._judged.episodes,
            span=self._span,
            found=self._found,
            times=self._times,
            now=self._time.whole.now,
            seed=_SEED,
        )
        if told is None or told.p90 is None:
            # Where nine in ten are not over yet, forgotten files make up the mean.
            return None
        return {
            "cases": told.cases,
            "detoured": told.detoured,
            "mean": _told(told.mean, self._time.day),
            "median": _told(told.median, self._time.day),
            "p90": _told(told.p90, self._time.day),
            "over_term": _told(told.over_term, 1),
            "clock": self._time.whole.standing is not None,
            "assumptions": dict(ASSUMPTIONS),
        }


def _told(change: Change | None, unit: int) -> dict[str, float] | None:
    """A figure with and without a detour, in so many of its own units."""
    if change is None:
        return None
    parts = {"now": change.now, "then": change.then, "ci_low": change.low, "ci_high": change.high}
    return {name: round(part / unit, 4) for name, part in parts.items()}


def _times(whole: Whole, time: OfficeTime) -> Times:
    """How long each case's clock ran; without a clock, how long the case took."""
    standing = whole.standing
    if standing is None:
        over = closed(whole)
        seen = np.where(over, whole.ends, np.maximum(whole.ends, whole.now))
        return Times(
            entered=whole.starts,
            seen=seen,
            ran=time.between(whole.starts, seen),
            term=np.full(len(seen), UNKNOWN),
            ended=over,
            counted=np.ones(len(seen), bool),
        )
    working = standing.working is not None
    return Times(
        entered=standing.entered,
        seen=standing.seen,
        ran=standing.working if standing.working is not None else standing.elapsed,
        # A term counted in another way cannot be held against this clock.
        term=np.where(standing.in_working == working, standing.term, UNKNOWN),
        ended=standing.ended,
        counted=standing.started & ~standing.withdrawn,
    )


def closed(whole: Whole) -> Bools:
    """Which cases are over: all, where nobody says what closes one; [cases]."""
    return np.ones(len(whole.case_ids), bool) if whole.is_open is None else ~whole.is_open
