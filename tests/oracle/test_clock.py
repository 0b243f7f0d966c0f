"""Clocks, parties and deadlines are what one finds who looks at every case, hour after hour."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import files
from eventlog import definition_file, schema
from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.definition_parts import Standard
from eventlog.identity import finish
from eventlog.kernels import UNKNOWN
from eventlog.letters import table
from eventlog.log import Log
from miners.clock import CLOSED, NEVER, RUNNING, STOPPED, clock_times
from miners.deadlines import deadlines
from miners.parties import parties
from simulation.hours import WorkingHours
from simulation.office import Office
from simulation.running import simulate

SECOND = 1_000_000
QUARTER = 900_000_000
MS = QUARTER // 1000
PAIRS = [("p", "q"), ("r", "t")]
DEFINITION = Definition.bare(
    calendar={"hours": "07:00-12:00, 13:00-17:00", "days": "mon-sat"},
    clock={
        "starts": ["s", "S"],
        "stops": ["d", "D"],
        "closes": ["d", "D", "x"],
        "suspended": [{"from": begin, "until": end} for begin, end in PAIRS],
    },
    applicant_steps=["w", "s"],
    external_units=["fire"],
    standard={"term": "2 working days", "by": {"kind": {"big": "30h"}}},
    case_attributes=["kind"],
)


def opened(quarter):
    """Whether the office works in this quarter of UTC, by the words of the definition."""
    moment = datetime.fromtimestamp(quarter * 900, tz=UTC)
    return moment.weekday() < 6 and (7 <= moment.hour < 12 or 13 <= moment.hour < 17)


class Case:
    """One case, looked at in the slow way; moments are in quarters."""

    def __init__(self, log, case, now):
        rows = range(log.offsets[case], log.offsets[case + 1])
        labels, units = log.activity.vocabulary.labels, log.unit.vocabulary.labels
        self.events = [
            (
                labels[log.activity.codes[row]],
                log.lifecycle[row] == 4,
                int(log.timestamp[row]) // QUARTER,
                units[log.unit.codes[row]] if log.unit.codes[row] >= 0 else None,
            )
            for row in rows
        ]
        self.now = now
        done = [
            (place, name) for place, (name, complete, _, _) in enumerate(self.events) if complete
        ]
        self.start = next((place for place, name in done if name in "sS"), None)
        after = [(place, name) for place, name in done if self.start is not None]
        after = [(place, name) for place, name in after if place > self.start]
        stop = next((place for place, name in after if name in "dD"), None)
        close = next((place for place, name in after if name == "x"), None)
        if stop is not None and close is not None and close < stop:
            renewed = any(name in "sS" and close < place < stop for place, name in after)
            stop = None if renewed else stop
        self.end = stop if stop is not None else close
        self.stands = NEVER if self.start is None else RUNNING
        if self.end is not None:
            self.stands = STOPPED if stop is not None else CLOSED

    def still(self, quarter):
        """Whether a suspension lasts in this quarter."""
        seen = [place for place, event in enumerate(self.events) if event[2] <= quarter]
        first = self.end + 1 if self.end is not None and self.end in seen else 0
        names = [
            self.events[place][0] for place in seen if place >= first and self.events[place][1]
        ]
        last = [next((name for name in reversed(names) if name in pair), None) for pair in PAIRS]
        return any(name == begin for name, (begin, _) in zip(last, PAIRS, strict=True))

    @property
    def clock_quarters(self):
        if self.start is None:
            return range(0)
        until = self.now if self.end is None else self.events[self.end][2]
        return range(self.events[self.start][2], until)

    def whose(self, quarter):
        if self.still(quarter):
            return "applicant"
        later = [event for event in self.events if event[2] > quarter]
        name, _, _, unit = next((event for event in later if event[1]), later[0])
        return "applicant" if name in "ws" else "external" if unit == "fire" else "office"

    def due(self, term, counts):
        """The quarter by which the clock has counted so many quarters, going on after now."""
        ran, quarter = 0, self.events[self.start][2]
        while ran < term:
            inside = self.end is None or quarter < self.events[self.end][2]
            still = self.still(quarter) if inside and quarter < self.now else False
            ran += counts(quarter) and not still
            quarter += 1
        return quarter


NAMES = st.sampled_from(["s", "S", "d", "x", "p", "q", "r", "t", "w", "n@fire", "n", "d", "D", "s"])
WORDS = st.builds(
    lambda name, lifecycle, gap: (
        name.replace("@", f"{lifecycle}+{gap}@", 1) if "@" in name else f"{name}{lifecycle}+{gap}"
    ),
    NAMES,
    st.sampled_from(["", "", "", "/start", "/schedule"]),
    st.sampled_from([0, 0, 15, 60, 240, 705, 1440]),
)


def made(words, kinds):
    """A log of one case per list of words; whoever has a resource has it as the unit."""
    cases = [f"C{n}: {' '.join(words[n])}" for n in range(len(words))]
    values = {f"C{n}": kind for n, kind in enumerate(kinds) if kind}
    rows = table(*cases, case_attributes={"kind": values})
    place = rows.column_names.index("unit")
    rows = rows.set_column(place, rows.schema.field("unit"), rows.column("resource"))
    return Log.of(rows, attributes=("kind",))


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.lists(WORDS, min_size=1, max_size=9), st.sampled_from(["big", "Big", None])),
        min_size=1,
        max_size=3,
    )
)
def test_every_case_is_as_it_looks_quarter_by_quarter_of_an_hour(cases):
    log = made([words for words, _ in cases], [kind for _, kind in cases])
    now = int(log.timestamp.max()) + 6 * QUARTER
    calendars = Calendars.of(DEFINITION, int(log.timestamp.min()), now)
    clock = clock_times(log, DEFINITION, calendars, now)
    split = parties(log, DEFINITION, calendars)
    late = deadlines(log, DEFINITION, calendars, clock)
    kind = log.entry_values("kind")
    for number in range(log.cases):
        case = Case(log, number, now // QUARTER)
        assert clock.stands[number] == case.stands
        quarters = case.clock_quarters
        ran = [quarter for quarter in quarters if not case.still(quarter)]
        whole = range(case.events[0][2], case.events[-1][2])
        for shares, counts in (
            (split.elapsed, whole),
            (split.working, [quarter for quarter in whole if opened(quarter)]),
        ):
            whose = [case.whose(quarter) for quarter in counts]
            for party in ("applicant", "external", "office"):
                assert getattr(shares, party)[number] == whose.count(party) * MS, party
        if case.start is None:
            for column in (
                clock.started,
                clock.running_ms,
                clock.running_working_ms,
                clock.stopped,
            ):
                assert column[number] == UNKNOWN
            assert late.due[number] == late.due_ms[number] == late.ran_ms[number] == UNKNOWN
            assert late.over_term[number].as_py() is None
            continue
        working = [quarter for quarter in ran if opened(quarter)]
        assert clock.running_ms[number] == len(ran) * MS
        assert clock.running_working_ms[number] == len(working) * MS
        assert clock.suspended_ms[number] == (len(quarters) - len(ran)) * MS
        running = case.stands == RUNNING
        assert clock.suspended_now[number] == (running and case.still(now // QUARTER))
        big = kind[number] >= 0
        term, used = (30 * 4, ran) if big else (2 * 9 * 4, working)
        assert late.due_ms[number] == term * MS
        assert late.ran_ms[number] == len(used) * MS
        expected = True if len(used) > term else None if running else False
        assert late.over_term[number].as_py() is expected
        due = case.due(term, (lambda _: True) if big else opened)
        assert late.due[number] == due * QUARTER


def test_the_office_of_this_page_opens_as_its_calendar_says():
    first = 1_767_600_000_000_000  # where the letters begin
    calendars = Calendars.of(DEFINITION, first, first)
    quarters = first // QUARTER + np.arange(0, 96)
    worked = calendars.office.worked(quarters * QUARTER) // QUARTER
    steps = [b - a for a, b in pairwise(worked.tolist())]
    assert steps == [opened(quarter) for quarter in quarters.tolist()[:-1]]
    assert sum(steps) > 0


# Real and simulated permits, case by case in plain Python.

PROCESSES = Path(__file__).parents[2] / "config" / "processes"


def plainly(events, clock):
    """One case's clock: (start, end or None, suspensions), of (activity, moment) in order."""
    start = next((n for n, (name, _) in enumerate(events) if name in clock.starts), None)
    if start is None:
        return None
    ends = [
        next((n for n, (name, _) in enumerate(events) if n > start and name in names), None)
        for names in (clock.stops, clock.closing)
    ]
    end = ends[0] if ends[0] is not None else ends[1]
    moment = {start: events[start][1], end: events[end][1] if end is not None else None}
    spans = []
    for pair in clock.suspended:
        since = None
        for name, at in events[:end]:
            if name == pair.until and since is not None:
                spans.append((since, at))
                since = None
            elif name == pair.from_ and since is None:
                since = at
        if since is not None:
            spans.append((since, moment[end]))
    return moment[start], moment[end], spans


def passed(spans, start, end, between):
    """How much of start to end the union of the spans covers, in the measure of `between`."""
    covered, reached = 0, start
    for since, until in sorted((a, end if b is None else b) for a, b in spans):
        low, high = max(since, reached), min(until, end)
        if high > low:
            covered += between(low, high)
            reached = high
    return covered


def agrees_with_plain_python(log, definition, hours):
    """Every clock of the log in elapsed time, and in working time by the simulator's timetable."""
    now = int(log.timestamp.max())
    calendars = Calendars.of(definition, int(log.timestamp.min()), now)
    clock = clock_times(log, definition, calendars, now)
    labels = log.activity.vocabulary.labels
    span = (int(log.timestamp.min()), now)
    first, last = (datetime.fromtimestamp(at // SECOND, tz=UTC).date() for at in span)
    timetable = hours.timetable(first - timedelta(days=2), last + timedelta(days=2))

    def working(a, b):
        corners = timetable.overlap(a // SECOND, -(-b // SECOND))
        return sum(max(0, min(to * SECOND, b) - max(at * SECOND, a)) for at, to in corners)

    for case in np.flatnonzero(~clock.restarted).tolist():
        rows = slice(log.offsets[case], log.offsets[case + 1])
        codes, moments = log.activity.codes[rows].tolist(), log.timestamp[rows].tolist()
        done = (log.lifecycle[rows] == 4).tolist()
        events = [(labels[c], m) for c, m, d in zip(codes, moments, done, strict=True) if d]
        found = plainly(events, definition.clock)
        if found is None:
            assert clock.stands[case] == NEVER
            continue
        start, end, spans = found
        stopped = UNKNOWN if end is None else end
        assert (clock.started[case], clock.stopped[case]) == (start, stopped)
        end = now if end is None else end
        for measure, told in (
            (lambda a, b: b - a, clock.running_ms[case]),
            (working, clock.running_working_ms[case]),
        ):
            expected = measure(start, end) - passed(spans, start, end, measure)
            assert told == expected // 1000
    return calendars, clock


def keeps_the_laws(log, split, clock, late, office):
    """What must hold for any log that has a calendar, a clock, parties and a term."""
    for shares, ends in (
        (split.elapsed, (log.starts, log.ends)),
        (split.working, (office.worked(log.starts), office.worked(log.ends))),
    ):
        parts = [shares.applicant, shares.external, shares.office]
        parts = [part for part in parts if part is not None]
        assert all((part >= 0).all() for part in parts)
        assert (sum(parts) == (ends[1] - ends[0]) // 1000).all()
    assert (clock.running_working_ms <= clock.running_ms).all()
    running = clock.stands == RUNNING
    judged = late.due_ms != UNKNOWN
    assert (late.judged | running | ~judged).all()
    # A case is over its term exactly when its clock went on after the moment when it was there.
    after = np.where(
        late.in_working, office.between(late.due, clock.seen) > 0, clock.seen > late.due
    )
    went_on = judged & after & ~clock.suspended_now
    open_or_over = late.over | clock.suspended_now
    assert not (went_on & ~open_or_over).any()
    assert not (late.over & (clock.seen <= late.due)).any()


def test_the_simulated_office_is_as_its_own_timetable_says():
    office = Office(cases=300, seed=11, lifecycle=("schedule", "start", "complete"))
    definition = definition_file.load(PROCESSES / "building-permit.yaml")
    attributes = definition.case_attributes
    events = simulate(office).events
    fields = schema.incoming(attributes)
    columns = [
        events.column(field.name).cast(field.type)
        if field.name in events.column_names
        else pa.nulls(len(events), field.type)
        for field in fields
    ]
    log = Log.of(finish(pa.table(columns, schema=fields)), attributes=attributes)
    calendars, clock = agrees_with_plain_python(log, definition, office.hours)
    late = deadlines(log, definition, calendars, clock)
    assert set((late.due_ms // calendars.working_day_ms).tolist()) == {14, 20}
    # A promise that this office does not always keep.
    terms = Standard.model_validate({"term": "2 working days"})
    late = deadlines(log, definition.model_copy(update={"standard": terms}), calendars, clock)
    split = parties(log, definition, calendars)
    keeps_the_laws(log, split, clock, late, calendars.office)
    assert not split.missing
    assert {RUNNING, STOPPED} == set(clock.stands.tolist())
    assert late.over.any()
    # The fire brigade advises on warehouses only.
    kinds = log.attributes["permit_type"].vocabulary.labels
    warehouse = np.array([kinds[code] == "warehouse" for code in log.entry_values("permit_type")])
    assert (split.elapsed.external[~warehouse] == 0).all()
    assert (split.elapsed.external[warehouse] > 0).any()
    assert (split.elapsed.applicant > 0).any()


def test_a_dutch_municipality_is_as_plain_python_finds_it(real_log):
    definition = definition_file.load(PROCESSES / "bpic15.yaml")
    attributes = definition.case_attributes
    events = files.read(real_log("BPIC15_1.xes.gz"), definition).events
    log = Log.of(finish(events, numbered_by_reader=True), attributes=attributes)
    hours = WorkingHours(zone="Europe/Amsterdam", country="NL")
    calendars, clock = agrees_with_plain_python(log, definition, hours)
    late = deadlines(log, definition, calendars, clock)
    split = parties(log, definition, calendars)
    keeps_the_laws(log, split, clock, late, calendars.office)
    assert split.missing == ("external_units",)
    assert not late.in_working.any()  # weeks are elapsed time
    assert set((late.due_ms[late.due_ms != UNKNOWN] // (7 * 86_400_000)).tolist()) == {8, 26}
    assert np.bincount(clock.stands, minlength=4).tolist() == [0, 231, 898, 70]
