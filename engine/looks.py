"""What was looked at slice by slice, in one piece for what crosses cases: queues and terms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from engine import joining
from engine.applicants import applicants
from engine.case_look import CaseLook
from engine.known_at_entry import KnownLate, known_late
from engine.looked_at import looked_at
from engine.opening import OpeningHours
from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import Bools, Int64s
from eventlog.log import Log
from eventlog.plain_numbers import plain_number
from miners import open_items
from miners.causes import Spans
from miners.clock import ClockTimes
from miners.deadlines import Deadlines
from miners.durations import Floats
from miners.open_items import OpenItems
from miners.standing import Standing
from miners.work_items import Items, Pauses

CROSSING = (
    "bottlenecks", "lateness", "detours", "equity", "favouritism", "fees", "voice", "scorecard",
)  # fmt: skip
"""The questions that need all cases at once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Whole:
    """All cases; arrays have shape [cases], in the order of `cases.parquet`.

    `closed` is when each case was closed, `suspended` whether its clock runs and stands still now;
    `outcome` is how it ended (miners.cases); `starts` and `ends` are its first and its last
    event. `attributes` are the values at entry by which waiting, terms, detours and treatment are
    told, `known_late` how many cases got them later; `fees` what was charged and what the tariff
    says, NaN where that is no number (`fees_unread`: of how many cases either is told, and is no
    plain number); `answers` what the applicants answered, NaN where nobody did
    (`answers_unread`: of how many it is no plain number); `applicants` are the activities that
    applicants do, `coarse` the coarser activity of each label where the map has any. `began` and
    `now` are the first event and the end of what is known. Moments are microseconds UTC.
    """

    case_ids: pa.Array
    items: Items | None
    still: OpenItems | None
    applicant: Spans | None
    standing: Standing | None
    over: Bools | None
    due: Int64s | None
    is_open: Bools | None
    closed: Int64s
    suspended: Bools | None
    outcome: Coded
    starts: Int64s
    ends: Int64s
    attributes: dict[str, Coded]
    known_late: Mapping[str, KnownLate]
    fees: tuple[Floats, Floats] | None
    calendars: Calendars | None
    applicants: frozenset[str]
    coarse: Mapping[str, str] | None
    began: int
    now: int
    fees_unread: int = 0
    answers: Floats | None = None
    answers_unread: int = 0


class Looks:
    """Takes look after look, in the order of case keys; holds only what crosses cases."""

    def __init__(
        self,
        definition: Definition,
        opening: OpeningHours,
        *,
        now: int,
        coarse: Mapping[str, str] | None,
    ) -> None:
        self._definition = definition
        self._coarse = coarse
        self._opening = opening
        self._now = now
        self._names = _kept(definition)
        self._items: list[Items] = []
        self._clocks: list[ClockTimes] = []
        self._standing: list[Standing] = []
        self._due: list[Deadlines] = []
        self._is_open: list[Bools] = []
        self._outcome: list[Coded] = []
        self._closed: list[Int64s] = []
        self._spans: list[tuple[Int64s, Int64s]] = []
        self._case_ids: list[pa.Array] = []
        self._still: list[tuple[Log, Items, Int64s]] = []
        self._attributes: list[dict[str, Coded]] = []
        self._fees: list[tuple[Floats, Floats]] = []
        self._fees_unread = 0
        self._answers: list[Floats] = []
        self._answers_unread = 0
        self._late: dict[str, KnownLate] = {}
        self._cases: list[int] = []
        self._began = now

    def add(self, log: Log, mined: Log, look: CaseLook, case_ids: pa.Array) -> None:
        """Take the look at the cases of `log`, with their ids [cases].

        `mined` has the same cases with the activities of the map.
        """
        if len(log):
            self._began = min(self._began, int(log.timestamp.min()))
        before = sum(self._cases)
        if look.is_open is not None and look.items is not None:
            own = _of_cases(look.items, look.is_open)
            cases = np.flatnonzero(look.is_open) + before
            self._still.append((mined.select(look.is_open), own, cases))
        if look.items is not None:
            self._items.append(look.items)
        if look.clock is not None:
            self._clocks.append(look.clock)
        if look.standing is not None:
            self._standing.append(look.standing)
        if look.due is not None:
            self._due.append(look.due)
        if look.is_open is not None:
            self._is_open.append(look.is_open)
        self._outcome.append(Coded.of(look.outcome))
        self._closed.append(look.closed)
        self._spans.append((log.starts, log.ends))
        self._case_ids.append(case_ids)
        self._cases.append(log.cases)
        self._add_numbers(log)
        theirs = applicants(self._definition, None)
        for name in self._names:
            late = known_late(log, name, theirs)
            self._late[name] = self._late.get(name, KnownLate()) + late
        self._attributes.append(
            {
                name: Coded(
                    codes=log.entry_values(name), vocabulary=log.attributes[name].vocabulary
                )
                for name in self._names
            }
        )

    def _add_numbers(self, log: Log) -> None:
        """Take what was charged, and what was answered."""
        fees = self._definition.fees
        if fees is not None:
            charged, official = _amounts(log, fees.charged), _amounts(log, fees.official)
            self._fees.append((charged, official))
            unread = _unread(log, fees.charged, charged) | _unread(log, fees.official, official)
            self._fees_unread += int(unread.sum())
        voice = self._definition.voice
        if voice is not None and voice.satisfaction is not None:
            answers = _amounts(log, voice.satisfaction)
            self._answers.append(answers)
            self._answers_unread += int(_unread(log, voice.satisfaction, answers).sum())

    def whole(self, successors: Iterable[tuple[str, str]]) -> Whole:
        """Everything in one piece; `successors` are the pairs of activities on the map."""
        items, is_open, due = self._items, self._is_open, self._due
        known = self._opening.known and bool(self._cases)
        joined = joining.items(items, self._cases) if items else None
        return Whole(
            case_ids=pa.concat_arrays([pa.array([], pa.string()), *self._case_ids]),
            items=joined,
            still=None if joined is None or not is_open else self._open(joined, list(successors)),
            applicant=joining.suspensions(self._clocks) if self._clocks else None,
            standing=joining.standing(self._standing) if self._standing else None,
            over=np.concatenate([part.over for part in due]) if due else None,
            due=joining.column([part.due for part in due]) if due else None,
            is_open=np.concatenate(is_open) if is_open else None,
            closed=joining.column(self._closed),
            suspended=_suspended(self._clocks),
            outcome=joining.coded(self._outcome),
            starts=joining.column([starts for starts, _ in self._spans]),
            ends=joining.column([ends for _, ends in self._spans]),
            attributes={
                name: joining.coded([part[name] for part in self._attributes])
                for name in (self._names if self._cases else ())
            },
            known_late=self._late,
            fees=_both(self._fees) if self._fees else None,
            fees_unread=self._fees_unread,
            answers=np.concatenate(self._answers) if self._answers else None,
            answers_unread=self._answers_unread,
            calendars=self._opening(self._began, self._now) if known else None,
            applicants=applicants(self._definition, self._coarse),
            coarse=self._coarse,
            began=self._began,
            now=self._now,
        )

    def _open(self, items: Items, successors: list[tuple[str, str]]) -> OpenItems:
        """What the open cases wait for, with cases and items as places in the whole."""
        found, owned = list[OpenItems](), list[tuple[Int64s, Int64s]]()
        for log, own, cases in self._still:
            all_open = np.ones(log.cases, bool)
            found.append(
                open_items.open_items(own, log, self._definition, successors, is_open=all_open)
            )
            # Items stand in the order of cases, here as in the whole.
            rows = np.flatnonzero(np.isin(items.case, cases))
            owned.append((cases, rows))
        still = joining.open_items(found, owned)
        # What lies in the future was mistyped: nobody waits for less than no time.
        return replace(
            still,
            enabled=np.minimum(still.enabled, self._now),
            started=np.minimum(still.started, self._now),
        )


def _of_cases(items: Items, marked: Bools) -> Items:
    """The items of the cases that are marked [cases], which are counted anew from 0."""
    rows = np.flatnonzero(marked[items.case])
    place = np.cumsum(marked, dtype=np.int32) - np.int32(1)
    return Items(
        case=place[items.case[rows]],
        position=items.position[rows],
        activity=items.activity.take(rows),
        resource=items.resource.take(rows),
        unit=items.unit.take(rows),
        enabled=items.enabled[rows],
        started=items.started[rows],
        completed=items.completed[rows],
        scheduled=items.scheduled[rows],
        pauses=Pauses(),
    )


def _suspended(clocks: list[ClockTimes]) -> Bools | None:
    return np.concatenate([clock.suspended_now for clock in clocks]) if clocks else None


def _amounts(log: Log, attribute: str) -> Floats:
    """The current value of an attribute per case as a number; NaN where it is none; [cases]."""
    labels = log.attributes[attribute].vocabulary.labels
    numbers = np.array([*(plain_number(label) for label in labels), np.nan])
    return numbers[log.current_values(attribute)]


def _unread(log: Log, attribute: str, amounts: Floats) -> Bools:
    """Of which cases an amount is told that is no plain number; [cases]."""
    return np.asarray((log.current_values(attribute) >= 0) & np.isnan(amounts))


def _both(fees: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    charged, official = zip(*fees, strict=True)
    return np.concatenate(charged), np.concatenate(official)


def compared(definition: Definition) -> tuple[str, ...]:
    """The case attributes by whose values waiting, terms and promises are told."""
    named: list[str] = []
    if definition.standard is not None:
        named += definition.standard.by
    if definition.equity is not None:
        named += [*definition.equity.groups, *definition.equity.legitimate]
    named += [alert.by for alert in definition.alerts if alert.by is not None]
    known = set(definition.case_attributes)
    return tuple(dict.fromkeys(name for name in named if name in known))


def _kept(definition: Definition) -> tuple[str, ...]:
    """Those, those by which it is said where detours are found, and whoever may be favoured."""
    named = [*compared(definition), *looked_at(definition).names]
    if definition.equity is not None:
        named += definition.equity.service_class
    if definition.favouritism is not None:
        named += definition.favouritism.favoured
    if definition.fees is not None:
        named += definition.fees.by
    named += [line.by for line in definition.scorecard if line.by is not None]
    if definition.applicant_id is not None:
        named.append(definition.applicant_id)
    known = set(definition.case_attributes)
    return tuple(dict.fromkeys(name for name in named if name in known))
