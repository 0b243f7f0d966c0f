"""Before and after a day: both sides alike in length, and nobody told by the quick ones alone."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest

from eventlog.errors import UsageError
from reports.explore.before_after import before_after, horizon_of
from reports.explore.before_after_cases import Cases, Waits, read_cases
from reports.explore.before_after_found import DETOURS, ON_TIME, TIME, WAITING, Asked
from reports.explore.before_after_view import asked_of, at_month, steps_of, view_of
from reports.explore.traces import read_traces
from reports.explore.withhold_before_after import withhold_before_after
from reports.language import speaking
from reports.pages import Around, render_in_shell

DAY = date(2025, 7, 1)
AT = (DAY - date(1970, 1, 1)).days


def cases_of(entered, days, *, late=0, detoured=0, kind=None, today=AT + 300, **changes):
    """Cases by the day they came, counted from DAY; closed once their days are over."""
    entered = np.asarray(entered) + AT
    size = len(entered)
    days = np.asarray(days, np.float64) * np.ones(size)
    kind = np.zeros(size, np.int32) if kind is None else np.asarray(kind, np.int32)
    waits = Waits(
        activities=("check", "sign"),
        office=np.array([True, True]),
        case=np.arange(size, dtype=np.int32),
        activity=np.zeros(size, np.int32),
        day=entered.astype(np.int32),
        days=days / 2,
        started=np.ones(size, bool),
    )
    parts = {
        "entered": entered.astype(np.int32),
        "days": np.minimum(days, today - entered),
        "closed": entered + days <= today,
        "closing_known": True,
        "late": np.asarray(late, np.int8) * np.ones(size, np.int8),
        "detoured": np.asarray(detoured, np.int8) * np.ones(size, np.int8),
        "stratum": kind.astype(np.int64),
        "alike": ("kind",),
        "values": {"kind": (("house", "shop"), kind)},
        "waits": waits,
        "today": today,
        "smallest_cell": 5,
    }
    return Cases(**{**parts, **changes})


def year(seed=1, size=2000):
    chance = np.random.default_rng(seed)
    return np.sort(chance.integers(-200, 200, size)), chance


def test_a_planted_change_is_found_with_its_size():
    came, chance = year()
    days = chance.gamma(9, 2, len(came)) - 3.0 * (came >= 0)
    found = before_after(cases_of(came, np.maximum(days, 1)), Asked(day=DAY))
    assert found.length == -came.min()
    assert found.comparable.low < -2.5 < found.comparable.high
    assert found.comparable.high < 0
    assert found.before.value.value - found.after.value.value == pytest.approx(
        -found.raw.value, abs=1e-9
    )


def test_both_sides_are_as_long_and_nobody_else_is_counted():
    came = np.arange(-150, 200)
    found = before_after(cases_of(came, 5), Asked(day=DAY))
    assert (found.length, found.before.cases, found.after.cases) == (150, 150, 150)


def test_who_came_last_is_left_out_so_that_the_slow_are_in():
    """All take 20 days; today is 60 days after the day, so the last weeks have only open ones."""
    came = np.arange(-100, 60)
    cases = cases_of(came, 20, today=AT + 60)
    assert horizon_of(cases) == 20
    found = before_after(cases, Asked(day=DAY))
    assert found.after.cases == 41
    assert found.raw is None or abs(found.raw.value) < 1e-9
    assert (found.after.value.value, found.after.open) == (20.0, 0)


def test_other_applications_are_no_change_among_comparable_ones():
    """After the day more shops come, which always take longer."""
    came, chance = year(2, 3000)
    shop = chance.random(len(came)) < np.where(came >= 0, 0.8, 0.2)
    days = 10 + 10 * shop + chance.random(len(came))
    found = before_after(cases_of(came, days, kind=shop), Asked(day=DAY))
    assert found.raw.low > 4
    assert abs(found.comparable.value) < 0.2
    assert found.comparable.low <= 0 <= found.comparable.high


def test_where_nothing_changes_a_change_is_rarely_sure():
    wrong, rounds = 0, 150
    for seed in range(rounds):
        came, chance = year(seed, 400)
        found = before_after(cases_of(came, chance.gamma(4, 3, 400)), Asked(day=DAY))
        wrong += not found.comparable.low <= 0 <= found.comparable.high
    assert wrong / rounds <= 0.1


def queue(chance, busy, a_day, days):
    """The day on which each came to one desk that is so busy, and how long it took there, days."""
    warm = 200
    many = int(a_day * (days + warm) * 1.2)
    at = np.cumsum(chance.exponential(1 / a_day, many))
    work = chance.exponential(busy / a_day, many)
    gone = np.concatenate([[0.0], np.cumsum(work[:-1] - np.diff(at))])
    took = gone - np.minimum.accumulate(gone) + work  # Lindley 1952
    kept = (at >= warm) & (at < warm + days)
    return (at[kept] - warm).astype(np.int64), took[kept]


@pytest.mark.parametrize(("busy", "a_day"), [(0.8, 20), (0.9, 3)])
def test_busy_weeks_are_no_change(busy, a_day):
    """By the limits of independent applications, most days seem to have changed something."""
    chance, wrong, naive, rounds = np.random.default_rng(1), 0, 0, 100
    for _ in range(rounds):
        came, took = queue(chance, busy, a_day, 400)
        found = before_after(cases_of(came - 180, took, today=AT + 220), Asked(day=DAY))
        wrong += not found.comparable.low <= 0 <= found.comparable.high
        before, after = found.before.value, found.after.value
        reach = np.hypot(before.high - before.value, after.high - after.value)
        naive += abs(after.value - before.value) > reach
    assert wrong / rounds <= 0.08
    assert naive / rounds >= 0.7


def test_a_change_in_a_queue_is_found():
    """Of two queues with the same rush, work that takes half as long from the day on is seen."""
    chance, seen, rounds = np.random.default_rng(2), 0, 40
    for _ in range(rounds):
        came, took = queue(chance, 0.5, 20, 400)
        took = np.where(came >= 180, 0.5 * took, took)
        found = before_after(cases_of(came - 180, took, today=AT + 220), Asked(day=DAY))
        seen += found.comparable.high < 0
    assert seen / rounds >= 0.9


def test_detours_that_have_not_shown_yet_are_no_improvement():
    """One in ten takes half a year and shows a detour at its end; those of late have shown none."""
    chance, size = np.random.default_rng(3), 4000
    came = np.sort(chance.integers(-300, 150, size))
    slow = chance.random(size) < 0.05
    days = np.where(slow, 100 + 40 * chance.random(size), 5 + 20 * chance.random(size))
    shown = slow & (came + days <= 150)
    cases = cases_of(came, days, detoured=shown, today=AT + 150)
    found = before_after(cases, Asked(day=DAY - timedelta(days=100), measure=DETOURS))
    assert found.horizon > 100
    assert found.comparable.low <= 0 <= found.comparable.high


def test_the_order_of_cases_does_not_matter():
    came, chance = year()
    days = chance.gamma(9, 2, len(came))
    order = chance.permutation(len(came))
    one, other = (
        before_after(cases_of(c, d), Asked(day=DAY))
        for c, d in ((came, days), (came[order], days[order]))
    )
    assert one.before.cases == other.before.cases
    assert one.comparable.value == pytest.approx(other.comparable.value)
    assert [m.cases for m in one.months] == [m.cases for m in other.months]


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (Asked(day=DAY, measure=WAITING, step="check"), 5.0),
        (Asked(day=DAY, measure=ON_TIME), 0.5),
        (Asked(day=DAY, measure=DETOURS), 1.0),
    ],
)
def test_every_measure_is_told(asked, value):
    came = np.arange(-120, 160)
    cases = cases_of(came, 10, late=came % 2, detoured=1)
    found = before_after(cases, asked)
    assert found.before.value.value == pytest.approx(value)


def test_lateness_that_nobody_knows_is_left_out():
    came = np.arange(-120, 160)
    found = before_after(cases_of(came, 10, late=-(came % 2)), Asked(day=DAY, measure=ON_TIME))
    assert found.before.cases == 60


def test_only_some_applications_can_be_asked_for():
    came = np.arange(-120, 160)
    cases = cases_of(came, 10, kind=came % 2)
    found = before_after(cases, Asked(day=DAY, only=("kind", "shop")))
    assert found.before.cases == 60
    with pytest.raises(UsageError, match="only is kind=castle; expected one of kind=house, kind="):
        before_after(cases, Asked(day=DAY, only=("kind", "castle")))


def test_too_near_the_end_or_with_too_few_it_says_so():
    came = np.arange(-120, 160)
    cases = cases_of(came, 10)
    late = before_after(cases, Asked(day=DAY + timedelta(days=290)))
    assert (late.why, late.comparable) == ("near the end", None)
    assert late.earliest == DAY - timedelta(days=92)
    few = before_after(cases_of(came[::20], 10), Asked(day=DAY))
    assert (few.why, few.before) == ("few", None)


def test_what_may_be_told_is_rounded_and_tells_of_no_few():
    came = np.arange(-120, 160)
    late = np.where((came >= 0) & (came < 2), 1, 0)
    asked = Asked(day=DAY, measure=ON_TIME)
    told = withhold_before_after(before_after(cases_of(came, 10, late=late), asked), least=5)
    assert told.after.value.value == 1.0
    assert (told.raw, told.comparable) == (None, None)
    assert told.after.cases % 5 == 0
    assert all(month.cases % 5 == 0 for month in told.months)
    assert told.after.hits is None


def test_the_page_holds_without_javascript_and_says_never_why():
    came, chance = year()
    cases = cases_of(came, chance.gamma(9, 2, len(came)), kind=came % 2)
    pairs = [("measure", "waiting"), ("only", "kind=shop"), ("lang", "id")]
    for language in ("en", "id"):
        with speaking(language):
            view = view_of(cases, asked_of(pairs, cases))
            page = render_in_shell(
                "sections/before-after.html.j2",
                Around(language=language, path="/before-after"),
                before_after=view,
            )
        assert '<form method="get" action="/before-after"' in page
        assert '<option value="kind=shop" selected>' in page
        assert "because" not in page.lower()
        assert "style=" not in page
        assert "<svg" in page


def test_a_page_is_empty_where_nobody_asks():
    assert "<section" not in render_in_shell(
        "sections/before-after.html.j2", Around(language="en", path="/")
    )


def test_what_cannot_be_asked_for_is_refused_with_what_can():
    cases = cases_of(np.arange(-120, 160), 10)
    for pairs, said in (
        ([("day", "soon")], "day is soon; expected a date"),
        ([("measure", "joy")], "measure is joy; expected one of time, waiting, on-time, detours"),
        ([("measure", "waiting"), ("step", "nap")], "step is nap; expected one of check"),
    ):
        with pytest.raises(UsageError, match=said):
            asked_of(pairs, cases)
    assert asked_of([], cases).measure == TIME
    assert at_month(Asked(day=date(2025, 7, 19))).day == DAY


def test_the_steps_of_applicants_are_not_waited_for():
    cases = cases_of(np.arange(-120, 160), 10)
    waits = replace(cases.waits, office=np.array([False, True]))
    assert steps_of(cases) == ("check",)
    assert steps_of(replace(cases, waits=waits)) == ()


def test_a_folder_of_results_is_read_as_it_was_mined(mined, permits):
    """The figures of the whole are those of the case table, whatever is counted from it."""
    lines, by = permits(240, seed=9)
    only = frozenset({"map", "variants", "bottlenecks", "detours"})
    folder = mined(
        *lines, by=by, only=only, clock={"starts": ["apply"], "stops": ["issue"]},
        procedure={"once": ["check"]}, equity={"groups": ["district"], "legitimate": ["kind"]},
    )  # fmt: skip
    traces = read_traces(folder)
    cases = read_cases(folder, traces)
    table = pq.read_table(folder / "cases.parquet").to_pandas()
    assert len(cases) == len(table)
    assert int(cases.closed.sum()) == int((~table["open"]).sum())
    closed = ~table["open"].to_numpy()
    took = table["throughput_seconds"].to_numpy()[closed] / 86_400
    assert cases.days[closed] == pytest.approx(took, abs=1e-6)
    taken = pq.read_table(folder / "detour_cases.parquet").column("case_id").to_pylist()
    marked = cases.detoured == 1
    assert {*table["case_id"][marked]} == {*taken}
    work = pq.read_table(folder / "work_items.parquet").to_pandas()
    left = work["started"].fillna(work["completed"])
    waited = (left - work["enabled"])[work["activity"] == "check"].dropna()
    at = cases.waits.activities.index("check")
    mine = (cases.waits.activity == at) & cases.waits.started
    assert cases.waits.days[mine].sum() == pytest.approx(waited.dt.total_seconds().sum() / 86_400)
    assert (cases.days >= 0).all()


def test_what_few_have_or_all_but_few_is_not_offered(mined):
    """Neither a district of two, nor a kind that all but two are of, nor the step of two."""
    lines = [f"P{n:02}: ask sign+{60 + n}" for n in range(40)]
    lines += ["Q: ask court+30 sign+90", "R: ask court+40 sign+99"]
    names = [line.partition(":")[0] for line in lines]
    by = {
        "district": {name: "isle" if name in "QR" else "north" for name in names},
        "kind": {name: "house" if name < "P20" else "shop" for name in names},
    }
    equity = {"groups": ["district", "kind"], "horizon": "90 days"}
    folder = mined(*lines, by=by, equity=equity)
    there = read_cases(folder, read_traces(folder))
    assert {name: labels for name, (labels, _) in there.values.items()} == {
        "kind": ("house", "shop")
    }
    codes = dict(there.values)["kind"][1]
    assert (codes == 0).sum() == 20
    assert "court" not in steps_of(there)
    with pytest.raises(UsageError) as refused:
        before_after(there, Asked(day=DAY, only=("district", "mars")))
    assert "isle" not in str(refused.value)


def test_a_month_in_which_only_a_few_were_not_chosen_has_no_value():
    came = np.repeat(np.arange(-100, 100, 5), 5)
    kind = np.zeros(len(came), np.int32)
    kind[np.flatnonzero((came >= 0) & (came < 31))[:2]] = 1  # two shops in July
    kind[came < -60] = 1
    cases = cases_of(came, 10, kind=kind)
    found = before_after(cases, Asked(day=DAY, only=("kind", "house")))
    told = {one.month: one for one in withhold_before_after(found, least=5).months}
    assert found.after.of - found.after.cases == 2
    assert told["2025-07"].value is None
    assert told["2025-08"].value is not None
    sides = withhold_before_after(found, least=5)
    assert sides.after.value is None
    assert sides.raw is sides.comparable is None


def test_viewers_see_larger_groups_alone():
    came, _ = year(size=260)
    cases = cases_of(came, 10)
    sharp, blunt = (view_of(cases, Asked(day=DAY), blunt=times).found for times in (1, 2))
    assert all(one.cases % 10 == 0 for one in blunt.months)
    assert any(one.cases % 10 for one in sharp.months)
    assert blunt.before.cases % 10 == 0
