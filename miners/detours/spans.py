"""From where a file leaves its way until it is back on it, and how others went that same way.

A *strayed span* reaches from the completion of the conforming step before a detour to that of the
conforming step after it; detours whose spans overlap share one. A *straight span* joins the same
two activities in a case (another one, or the same one elsewhere) with the same conforming
activities between them, in any order, and nothing that strays. What the strayed one takes longer
is what the detour adds.

To compare only as far as where the file is back is to look at what came after the detour, on
purpose. The time that remains until the case ends would be right even where a detour changes the
way ahead (a file inspected twice is refused more often); but most of it has nothing to do with the
detour, and a refusal, which shortens the way, would be booked as time saved. What is told is the
delay on the way that was taken; it assumes that the detour does not choose where the file goes
next. The conforming activities between must be the same, because a file that goes past three steps
is no yardstick for one that does them.

A file that strays from its first step is followed from its entry; one that ends before it is back
on its way is followed to its end. Where the case is open still, nobody knows when it will be
back: such spans are `open`, see `miners.detours.matching` for why no bias comes of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from eventlog.calendar import Calendars
from eventlog.coded import Vocabulary
from eventlog.identity import hash_strings
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from miners import causes
from miners.detours import span_loops as loops
from miners.detours.circling_loops import previous
from miners.detours.episodes import DUPLICATE, KINDS, PING_PONG, REPEATED, SKIPPED, Episodes
from miners.detours.marks import AGAIN, FOREIGN, Marks
from miners.detours.steps import Steps

ENOUGH = 3
"""Straight spans that a mean and its spread need to be of use."""
ENTRY = -1
"""Stands for the activity before a case's first one."""
# Numbers for entry and end; those of activities are hashes, so that sums of them do not collide.
_ENTERS, _ENDS = 0x2545F4914F6CDD1D, 0x1B03738712FAD5C9


@dataclass(frozen=True, kw_only=True, eq=False)
class Followed:
    """From when until when each case is known (µs UTC), and whether it is over; each [cases].

    What is over was `seen` until its end, what is open until now.
    """

    entered: Int64s
    seen: Int64s
    over: Bools


def followed(steps: Steps, over: Bools, now: int) -> Followed:
    """Follow the cases from their first step to their last, or to `now` where they are open."""
    some = np.diff(steps.offsets) > 0
    first, last = steps.offsets[:-1][some], steps.offsets[1:][some] - 1
    entered, ended = np.full(steps.cases, now), np.full(steps.cases, now)
    entered[some], ended[some] = steps.began[first], steps.done[last]
    seen = np.where(over, ended, np.maximum(ended, now))
    return Followed(entered=entered, seen=seen, over=over)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spans:
    """Ways from one step to another; arrays [spans], `start` and `end` in microseconds UTC.

    `before` is the code of the activity that the way begins with (or ENTRY). Spans of equal
    `route` have the same activity before, after and the same ones between. `open` marks those that
    had not come to their end when they were last seen, at `end`.
    """

    case: Int32s
    start: Int64s
    end: Int64s
    before: Int32s
    route: Int64s
    open: Bools

    def __len__(self) -> int:
        """How many there are."""
        return len(self.case)

    def take(self, which: Bools | Int64s) -> "Spans":
        """Some of them: a mark a span, or places."""
        return Spans(
            case=self.case[which],
            start=self.start[which],
            end=self.end[which],
            before=self.before[which],
            route=self.route[which],
            open=self.open[which],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Sides:
    """The spans that strayed and the straight ones on the same routes.

    `span` [episodes] is the place in `strayed` that each detour is part of.
    """

    strayed: Spans
    straight: Spans
    span: Int64s


def sides(steps: Steps, marks: Marks, episodes: Episodes, cases: Followed) -> Sides:
    """The spans of the detours, each stretch of time once, and those to compare them with.

    What is done again within a circle is no part of the way, whether or not it may be done twice. A
    file may also leave its way in the middle of a circle (review, ask, review again): where nobody
    goes on straight from the step before the repetition, the whole circle is taken for the detour,
    from the first execution of what is repeated.
    """
    earlier = previous(steps.offsets, steps.activity.codes, len(steps.activity.vocabulary.labels))
    kinds = episodes.kind
    circles = np.flatnonzero((kinds == REPEATED) | (kinds == PING_PONG) | (kinds == DUPLICATE))
    first, last = episodes.first[circles], episodes.last[circles]
    again = _inside(first, last, len(steps)) & (earlier >= 0)
    found = _sides(steps, marks, episodes, cases, again)
    since = loops.circled(first, last, earlier, marks.stray)
    routes, straight = np.unique(found.straight.route, return_counts=True)
    usual = np.isin(found.strayed.route, routes[straight >= ENOUGH])
    nobody = ~(usual | found.strayed.open)[found.span[circles]] & (since >= 0)
    if not nobody.any():
        return found
    before = episodes.before.copy()
    before[circles[nobody]] = since[nobody]
    again |= _inside(since[nobody] + 1, last[nobody], len(steps))
    return _sides(steps, marks, replace(episodes, before=before), cases, again)


def _inside(first: Int64s, last: Int64s, size: int) -> Bools:
    """Which steps lie in one of the ranges, both ends included; shape [size]."""
    depth = np.zeros(size + 1, np.int64)
    np.add.at(depth, first, 1)
    np.add.at(depth, last + 1, -1)
    return np.asarray(np.cumsum(depth)[:-1] > 0)


def _sides(steps: Steps, marks: Marks, episodes: Episodes, cases: Followed, again: Bools) -> Sides:
    line = _Line.of(steps, marks, cases, again)
    begins = line.place(episodes.before, line.entry[episodes.case])
    ends = line.place(episodes.after, line.end[episodes.case])
    ends = np.maximum(ends, begins + 1)
    line.bend[_inside(begins, ends - 1, len(line.at))] = True
    order = np.argsort(begins, kind="stable")
    reach = np.maximum.accumulate(ends[order]) if len(order) else ends
    heads = np.flatnonzero(np.append(True, begins[order][1:] >= reach[:-1])[: len(order)])
    span = np.empty(len(order), np.int64)
    span[order] = np.repeat(np.arange(len(heads)), np.diff(np.append(heads, len(order))))
    begin, end = begins[order][heads], np.maximum.reduceat(reach, heads) if len(heads) else reach
    left_out, number = _left_out(episodes)
    summed, counted = np.zeros(len(heads), np.int64), np.zeros(len(heads), np.int64)
    np.add.at(summed, span, left_out[episodes.subject])
    np.add.at(counted, span, number[episodes.subject])
    strayed = line.spans(begin, end, line.route(begin, end) + loops.BETWEEN * summed)
    known = ~strayed.open
    routes = np.unique(strayed.route[known])
    between = np.unique((end - begin - 1 + counted)[known])
    bends: Int64s = np.cumsum(line.bend) - line.bend
    begin, end, which = loops.straight(line.keys, line.ahead, bends, between, routes)
    straight = line.spans(begin, end, routes[which])
    return Sides(strayed=strayed, straight=straight.take(~straight.open), span=span)


def _left_out(episodes: Episodes) -> tuple[Int64s, Int64s]:
    """By subject: the number that stands for the steps it leaves out, and how many they are."""
    skips = [subject.kind == KINDS[SKIPPED] for subject in episodes.subjects]
    pairs = list(zip(episodes.subjects, skips, strict=True))
    keys = [hash_strings(one.activities).sum() if skip else 0 for one, skip in pairs]
    counts = [len(one.activities) if skip else 0 for one, skip in pairs]
    return np.array([*keys, 0], np.int64), np.array([*counts, 0], np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Line:
    """All cases in a line: entry, the steps that the way is made of, end; arrays [places].

    A step that comes again or is foreign is no part of the way. `keys` stand for activities,
    `ahead` sums them; `bend` says that there is no straight way from this place to the next.
    `kept` [steps] is the place of each step (or of the last one on the way before it), `entry` and
    `end` [cases] are those of the ends.
    """

    case: Int32s
    at: Int64s
    activity: Int32s
    keys: Int64s
    ahead: Int64s
    bend: Bools
    open: Bools
    kept: Int64s
    entry: Int64s
    end: Int64s

    @staticmethod
    def of(steps: Steps, marks: Marks, cases: Followed, again: Bools) -> "_Line":
        on = (marks.stray != AGAIN) & (marks.stray != FOREIGN) & ~again
        counted = np.append(0, np.cumsum(on))
        twice = 2 * np.arange(steps.cases)
        entry = counted[steps.offsets[:-1]] + twice
        end = counted[steps.offsets[1:]] + twice + 1
        kept = counted[1:] + 2 * steps.case.astype(np.int64)
        places, size = kept[on], int(counted[-1]) + 2 * steps.cases
        at, activity = np.empty(size, np.int64), np.full(size, ENTRY, np.int32)
        keys, bend = np.empty(size, np.int64), np.zeros(size, bool)
        at[entry], at[end], at[places] = cases.entered, cases.seen, steps.done[on]
        activity[places] = steps.activity.codes[on]
        names = Vocabulary(labels=steps.activity.vocabulary.labels).keys
        keys[entry], keys[end], keys[places] = _ENTERS, _ENDS, names[activity[places]]
        # From one case to the next there is no way, nor where nothing was done.
        bend[end], bend[entry[np.diff(steps.offsets) == 0]] = True, True
        is_open = np.zeros(size, bool)
        is_open[end] = ~cases.over
        return _Line(
            case=np.repeat(np.arange(steps.cases, dtype=np.int32), end - entry + 1),
            at=at,
            activity=activity,
            keys=keys,
            ahead=np.cumsum(keys) - keys,
            bend=bend,
            open=is_open,
            kept=kept,
            entry=entry,
            end=end,
        )

    def place(self, steps: Int64s, otherwise: Int64s) -> Int64s:
        """The places of steps; `otherwise` where there is none (-1)."""
        return np.where(steps < 0, otherwise, np.append(self.kept, 0)[steps])

    def route(self, begin: Int64s, end: Int64s) -> Int64s:
        """A number for the way from one place to another: what it begins, ends and passes with."""
        passed = self.ahead[end] - self.ahead[begin + 1]
        return np.asarray(
            loops.BEFORE * self.keys[begin] + loops.AFTER * self.keys[end] + loops.BETWEEN * passed
        )

    def spans(self, begin: Int64s, end: Int64s, route: Int64s) -> Spans:
        """The spans between places; a step dated before the one it follows took no time."""
        return Spans(
            case=self.case[begin],
            start=self.at[begin],
            end=np.maximum(self.at[end], self.at[begin]),
            before=self.activity[begin],
            route=route,
            open=self.open[end],
        )


Stopwatch = Callable[[Spans], Int64s]
"""How long spans took, in milliseconds, by whatever clock; [spans]."""


def elapsed(spans: Spans) -> Int64s:
    """Milliseconds by the clock on the wall."""
    return (spans.end - spans.start) // 1000


def working(calendars: Calendars) -> Stopwatch:
    """Working milliseconds by the office's calendar."""
    return lambda spans: calendars.between(spans.start, spans.end)


def on_the_clock(
    took: Callable[[Int64s, Int64s], Int64s],
    *,
    entered: Int64s,
    seen: Int64s,
    suspended: causes.Spans,
) -> Stopwatch:
    """How long the statutory clock ran meanwhile: what happens while it stands costs nothing.

    `took` tells milliseconds between moments; the clock ran from `entered` (UNKNOWN: it never
    did) to `seen`, each [cases], less what was `suspended`.
    """

    def ran(spans: Spans) -> Int64s:
        case = spans.case.astype(np.int64)
        never = entered[case] == UNKNOWN
        start = np.where(never, spans.start, np.maximum(spans.start, entered[case]))
        end = np.where(never, spans.start, np.maximum(np.minimum(spans.end, seen[case]), start))
        row, since, until = loops.stood(
            case, start, end, suspended.offsets, suspended.start, suspended.end
        )
        out = took(start, end).copy()
        np.subtract.at(out, row, took(since, until))
        return out

    return ran
