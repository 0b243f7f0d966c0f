"""Why files waited: the split against the simulator's account, a slow oracle and small stories."""

from datetime import date

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventlog.calendar import Calendars, WorkingTime
from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import UNKNOWN
from miners.causes import CAUSES, Spans, split
from miners.hands import in_hand
from miners.work_items import Items, Pauses
from simulation.innocence import Batches, FastLane, Strike
from simulation.misconduct import DuplicateApproval, Favouritism, PingPong, SlowStep, Understaffed
from simulation.office import Office
from simulation.running import simulate

HOUR = 3_600_000_000
DAY = 24 * HOUR
MONDAY = 20_458 * DAY  # 5 January 2026
OFFICERS = ("ann", "bob", "eve")


def week(days=30):
    """Every day from 8 to 16 UTC; the clock tells 8 hours a day."""
    opens = MONDAY + np.arange(days, dtype=np.int64) * DAY + 8 * HOUR
    office = WorkingTime(
        opens=opens,
        closes=opens + 8 * HOUR,
        begins=MONDAY,
        ends=MONDAY + (days + 1) * DAY,
        day_ms=8 * 3_600_000,
    )
    return Calendars(office=office, units={})


def coded(values, labels):
    codes = np.array([-1 if value is None else labels.index(value) for value in values], np.int32)
    return Coded(codes=codes, vocabulary=Vocabulary(labels=tuple(labels)))


def items_of(*rows, pauses=None):
    """Items from (officer, enabled, started, completed[, activity]) in hours since Monday."""

    def moments(values):
        return np.array(
            [UNKNOWN if v is None else MONDAY + round(v * HOUR) for v in values], np.int64
        )

    n = len(rows)
    return Items(
        case=np.arange(n, dtype=np.int32),
        position=np.zeros(n, np.int32),
        activity=coded([row[4] if len(row) > 4 else "a" for row in rows], ["a", "b"]),
        resource=coded([row[0] for row in rows], OFFICERS),
        unit=coded([None] * n, []),
        enabled=moments([row[1] for row in rows]),
        started=moments([row[2] for row in rows]),
        completed=moments([row[3] for row in rows]),
        scheduled=np.zeros(n, bool),
        pauses=Pauses() if pauses is None else pauses,
    )


def split_of(items, **given):
    now = MONDAY + 29 * DAY
    return split(items, in_hand(items, now), now=now, **{"calendars": week(), **given})


def hours(causes, row):
    """The causes of one item, in hours, those without any left out."""
    spent = dict(zip(CAUSES, (causes.milliseconds[row] / 3_600_000).tolist(), strict=True))
    return {cause: amount for cause, amount in spent.items() if amount}


def test_a_file_waits_for_earlier_ones_by_contention_and_for_later_ones_by_prioritisation():
    causes = split_of(items_of(("ann", 8, 9, 11), ("ann", 10, 11, 13), ("ann", 9, 13, 14)))
    assert hours(causes, 2) == {"contention": 2, "prioritisation": 2}
    assert CAUSES[causes.main[2]] == "prioritisation"


def test_files_taken_up_together_wait_until_the_last_of_them_is_ready():
    causes = split_of(items_of(("ann", 8, 13, 14), ("ann", 12, 13, 14), ("ann", 9, 13, 15, "b")))
    assert hours(causes, 0) == {"batching": 4, "extraneous": 1}
    assert hours(causes, 1) == {"extraneous": 1}
    assert hours(causes, 2) == {"extraneous": 4}


def test_whole_days_on_which_an_officer_takes_nothing_up_are_days_away():
    causes = split_of(items_of(("ann", 8, 8, 10), ("ann", 9, 3 * 24 + 12, 3 * 24 + 13)))
    # One hour of the first file, the rest of Monday idle, two days away, four hours idle.
    assert hours(causes, 1) == {"contention": 1, "extraneous": 10, "unavailability": 16}


def test_the_rest_of_a_day_on_which_something_was_only_finished_goes_with_the_days_away():
    rows = [("ann", 8, 15, 24 + 9), ("ann", 9, 3 * 24 + 8, 3 * 24 + 9)]
    assert hours(split_of(items_of(*rows)), 1) == {
        "extraneous": 6,
        "contention": 2,
        "unavailability": 15,
    }
    rows[1] = ("ann", 9, 2 * 24 + 8, 2 * 24 + 9)
    assert hours(split_of(items_of(*rows)), 1) == {"extraneous": 13, "contention": 2}


def test_a_completion_without_a_start_shows_that_the_officer_was_there():
    rows = [("ann", 8, 8, 9), ("ann", None, None, 24 + 10), ("ann", 9, 2 * 24 + 9, 2 * 24 + 10)]
    causes = split_of(items_of(*rows))
    assert hours(causes, 2) == {"extraneous": 16}
    assert not causes.known[1]
    assert hours(causes, 1) == {}


def test_without_a_calendar_eight_hours_without_a_sign_are_an_absence():
    rows = [("ann", 8, 8, 9), ("ann", 9, 16, 17), ("ann", 16, 26, 27)]
    causes = split_of(items_of(*rows), calendars=None)
    assert hours(causes, 1) == {"extraneous": 7}
    assert hours(causes, 2) == {"contention": 1, "unavailability": 9}


def test_what_waits_while_the_applicant_has_the_file_is_the_applicants():
    items = items_of(("ann", 8, 8, 10), ("ann", 8, 14, 15))
    spans = Spans(
        offsets=np.array([0, 0, 2]),
        start=MONDAY + np.array([9, 10]) * HOUR,
        end=MONDAY + np.array([11, 12]) * HOUR,
    )
    causes = split_of(items, applicant=spans)
    assert hours(causes, 1) == {"contention": 1, "applicant": 3, "extraneous": 2}


def test_a_suspended_file_is_not_in_hand():
    pauses = Pauses(
        item=np.array([0]), start=np.array([MONDAY + 9 * HOUR]), end=np.array([MONDAY + 12 * HOUR])
    )
    causes = split_of(items_of(("ann", 8, 8, 13), ("ann", 8, 14, 15), pauses=pauses))
    assert hours(causes, 1) == {"contention": 2, "extraneous": 4}


def test_what_cannot_be_told_has_no_cause():
    causes = split_of(
        items_of((None, 8, 9, 10), ("ann", None, 9, 10), ("ann", 8, None, 10), ("ann", 8, 9, 10)),
        vague=np.array([False, False, False, True]),
    )
    assert not causes.known.any()
    assert causes.main.tolist() == [-1] * 4
    assert not causes.milliseconds.any()


# Times in half hours of ten days; officers work on several files at once, and at night.
moments = st.integers(0, 480).map(lambda half: half / 2)
rows = st.builds(
    lambda officer, times, activity, missing: (
        officer,
        *[None if n == missing else time for n, time in enumerate(sorted(times))],
        activity,
    ),
    st.sampled_from([*OFFICERS[:2], None]),
    st.tuples(moments, moments, moments),
    st.sampled_from("ab"),
    st.sampled_from([None, None, None, 0, 1, 2]),
)
logs = st.lists(rows, min_size=1, max_size=25)


def slowly_away(signs, at):
    """Whether an officer with empty hands is gone at this reading; signs are (seen, free again)."""
    free = max([end for start, end in signs if start <= at], default=None)
    back = min(start for start, _ in signs if start > at)
    day = at // (8 * HOUR)
    if day in {start // (8 * HOUR) for start, _ in signs}:
        return False
    if free is None or free <= day * 8 * HOUR:
        return True
    return back // (8 * HOUR) > day + 1


def slow_split(items, row):
    """Half hour by half hour of the working clock, every item against every other."""
    office = week().office

    def clock(moment):
        return int(office.worked(np.array([moment], np.int64))[0])

    mine = [
        at for at in range(len(items)) if items.resource.codes[at] == items.resource.codes[row] >= 0
    ]
    begun = {at: int(items.started[at]) for at in mine if items.started[at] != UNKNOWN}

    def done(at):
        if items.completed[at] != UNKNOWN:
            return int(items.completed[at])
        return min([b for b in begun.values() if b > begun[at]], default=MONDAY + 29 * DAY)

    def folder(at):
        mates = [
            int(items.enabled[b])
            for b, moment in begun.items()
            if moment == begun[at] and items.activity.codes[b] == items.activity.codes[at]
        ]
        return max(mates)

    signs = [(clock(b), clock(done(at))) for at, b in begun.items()]
    signs += [
        (clock(int(items.completed[at])),) * 2
        for at in mine
        if at not in begun and items.completed[at] != UNKNOWN
    ]
    out = dict.fromkeys(CAUSES, 0)
    step = HOUR // 2
    low, high = clock(int(items.enabled[row])), clock(int(items.started[row]))
    for at in range(low, high, step):
        hand = [b for b in begun if clock(begun[b]) <= at < clock(done(b))]
        if at < clock(folder(row)):
            cause = "batching"
        elif any(folder(b) > items.enabled[row] for b in hand):
            cause = "prioritisation"
        elif hand:
            cause = "contention"
        else:
            cause = "unavailability" if slowly_away(signs, at) else "extraneous"
        out[cause] += step // 1000
    return list(out.values())


@example([("ann", 0.0, 0.0, 0.0, "a"), ("ann", 0.0, 16.0, 16.0, "a")])
@given(logs)
def test_the_split_is_what_a_slow_look_at_every_half_hour_finds(some):
    items = items_of(*some)
    causes = split_of(items)
    for row in np.flatnonzero(causes.known):
        assert causes.milliseconds[row].tolist() == slow_split(items, row)


@given(logs, st.randoms(use_true_random=False))
def test_causes_sum_to_the_waiting_and_do_not_depend_on_the_order_of_rows(some, chance):
    items = items_of(*some)
    causes = split_of(items)
    waited = np.where(causes.known, items.waiting_working_ms(week()), 0)
    assert causes.milliseconds.sum(axis=1).tolist() == waited.tolist()
    assert (causes.milliseconds >= 0).all()
    order = list(range(len(some)))
    chance.shuffle(order)
    again = split_of(items_of(*(some[at] for at in order)))
    assert again.milliseconds.tolist() == causes.milliseconds[order].tolist()


@given(logs)
def test_units_with_hours_of_their_own_go_by_these(some):
    units = ["desk", "field"]
    items = items_of(*some)
    where = coded([units[row % 2] for row in range(len(some))], units)
    items = Items(**{**vars(items), "unit": where})
    calendars = Calendars(office=week().office, units={"field": half_days()})
    causes = split_of(items, calendars=calendars)
    waited = np.where(causes.known, items.waiting_working_ms(calendars), 0)
    assert causes.milliseconds.sum(axis=1).tolist() == waited.tolist()
    only = split_of(items, calendars=Calendars(office=half_days(), units={}))
    field = items.unit.codes == 1
    assert causes.milliseconds[field].tolist() == only.milliseconds[field].tolist()


def half_days():
    whole = week().office
    return WorkingTime(
        opens=whole.opens,
        closes=whole.opens + 4 * HOUR,
        begins=whole.begins,
        ends=whole.ends,
        day_ms=4 * 3_600_000,
    )


PLANTED = {
    "nothing": [],
    "too few officers": [Understaffed()],
    "slow step": [SlowStep()],
    "folders": [Batches(activity="Review zoning")],
    "fast lane": [FastLane(), Understaffed(factor=0.75)],
    "favourites": [
        Favouritism(attribute="affiliation", group="ruling"),
        Understaffed(factor=0.75),
    ],
    "strike": [Strike(begins=date(2024, 10, 21))],
    "ping-pong": [PingPong(share=0.3), DuplicateApproval(share=0.3)],
}


@pytest.mark.parametrize("plants", PLANTED.values(), ids=PLANTED)
def test_the_split_is_within_a_tenth_of_the_simulators_own_account(mined, plants):
    found = mined(simulate(Office(cases=700, seed=11), plants))
    truth = found.truth["waiting"]
    days = dict(zip(CAUSES, found.causes.milliseconds.sum(axis=0) / 28_800_000, strict=True))
    missed = sum(abs(amount - truth.get(cause, 0)) for cause, amount in days.items())
    assert missed <= 0.1 * truth["total"]
    assert sum(days.values()) == pytest.approx(truth["total"], rel=1e-6)
