"""How often, whether ever more often, and among whom: on offices in which the truth is known."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pytest

from eventlog.coded import Coded, Vocabulary
from eventlog.kernels import Int64s
from miners.detours.episodes import OFFICE, Episodes, Subject
from miners.detours.steps import Steps
from miners.detours.where_found import Cases, where_found

DAY = 86_400_000_000
START = 1_735_689_600_000_000  # 1 January 2025, 00:00 UTC
AGAIN = Subject(kind="repeated", activities=("check",))


@dataclass(frozen=True, kw_only=True)
class Office:
    """A log of `check`, in some cases `check` again, then `decide`; times in µs."""

    steps: Steps
    episodes: Episodes
    entered: Int64s
    is_open: np.ndarray


def coded(texts):
    return Coded.of(pa.array(texts, pa.string()))


def office(entered, again, *, seed, now=None, slow=20.0, held=0):
    """Every case is checked within days; where `again`, after weeks once more; then decided.

    Those that were checked again are `held` for so many days more.
    """
    chance, n = np.random.default_rng(seed), len(entered)
    check = entered + (DAY * chance.exponential(3.0, n)).astype(np.int64)
    twice = check + (DAY * chance.exponential(slow, n)).astype(np.int64)
    decide = np.where(again, twice, check) + (DAY * chance.exponential(15.0, n)).astype(np.int64)
    decide = decide + held * DAY * again
    now = int(decide.max()) if now is None else now
    rows = [
        (np.arange(n), np.zeros(n, np.int32), check),
        (np.flatnonzero(again), np.zeros(int(again.sum()), np.int32), twice[again]),
        (np.arange(n), np.ones(n, np.int32), decide),
    ]
    case, code, done = (np.concatenate(part) for part in zip(*rows, strict=True))
    order = np.lexsort((done, case))
    order = order[done[order] <= now]
    case, code, done = case[order], code[order].astype(np.int32), done[order]
    steps = Steps(
        offsets=np.concatenate([[0], np.cumsum(np.bincount(case, minlength=n))]),
        activity=Coded(codes=code, vocabulary=Vocabulary(labels=("check", "decide"))),
        unit=Coded(codes=np.full(len(case), -1, np.int32), vocabulary=Vocabulary(labels=())),
        began=done,
        done=done,
        item=np.arange(len(case)),
        count=np.ones(len(case), np.int32),
    )
    second = np.flatnonzero((code[1:] == 0) & (code[:-1] == 0) & (case[1:] == case[:-1])) + 1
    return Office(
        steps=steps,
        episodes=repeats(case[second], second),
        entered=entered,
        is_open=decide > now,
    )


def repeats(case, step):
    return Episodes(
        case=case.astype(np.int32),
        subject=np.zeros(len(case), np.int32),
        before=step - 1,
        first=step,
        last=step,
        after=np.full(len(case), -1),
        cause=np.full(len(case), OFFICE, np.int8),
        subjects=[AGAIN],
    )


def found(made, *, now, attributes=None, legitimate=()):
    (one,) = where_found(
        made.episodes,
        made.steps,
        Cases(
            entered=made.entered,
            decided=~made.is_open,
            is_open=made.is_open,
            now=now,
            timezone="Asia/Jakarta",
            attributes=attributes or {},
            legitimate=legitimate,
        ),
    )
    return one


def stable(seed, *, cases=1500, days=400, share=0.15, cut=400, **pace):
    """A tenth and a half of the cases, by lot, whenever they come; the log ends after `cut`."""
    chance = np.random.default_rng(seed)
    entered = START + np.sort(chance.integers(0, days * DAY, cases))
    now = START + cut * DAY
    again = chance.random(cases) < share
    return office(entered, again, seed=seed + 10_000, now=now, **pace), now


def in_hours(words):
    """A step an hour, from `START` on."""
    done = np.array([START + DAY // 24 * n for case in words for n in range(len(case))])
    return Steps(
        offsets=np.cumsum([0, *(len(case) for case in words)]),
        activity=coded([word for case in words for word in case]),
        unit=coded([None] * len(done)),
        began=done,
        done=done,
        item=np.arange(len(done)),
        count=np.ones(len(done), np.int32),
    )


def at_hand(*cases, subject, episodes, decided=None):
    """What is told of cases written as letters; `episodes` are pairs of case and straying step."""
    words = [case.split() for case in cases]
    steps = in_hours(words)
    case, step = (np.array(column, np.int64) for column in zip(*episodes, strict=True))
    (one,) = where_found(
        replace(repeats(case, step), subjects=[subject]),
        steps,
        Cases(
            entered=np.full(len(words), START),
            decided=np.zeros(len(words), bool) if decided is None else np.array(decided),
            is_open=None,
            now=START + DAY,
            timezone="Asia/Jakarta",
        ),
    )
    return one


def test_a_step_can_be_repeated_once_it_was_done():
    one = at_hand("a b a", "a b", "b", subject=Subject(kind="repeated", activities=("a",)),
                  episodes=[(0, 2)])  # fmt: skip
    assert (one.cases, one.eligible, one.times) == (1, 2, 1)
    assert one.share.value == 0.5
    assert (round(one.share.low, 3), round(one.share.high, 3)) == (0.095, 0.905)


def test_a_case_with_the_detour_twice_counts_once():
    one = at_hand("a a a", "a b", subject=Subject(kind="repeated", activities=("a",)),
                  episodes=[(0, 1), (0, 2)])  # fmt: skip
    assert (one.cases, one.eligible, one.times) == (1, 2, 2)


def test_any_case_can_be_sent_through_a_step_that_does_not_belong():
    one = at_hand("a x b", "b", "a", subject=Subject(kind="inserted", activities=("x",)),
                  episodes=[(0, 1)])  # fmt: skip
    assert (one.cases, one.eligible) == (1, 3)


def test_a_step_can_be_left_out_in_cases_that_are_decided_or_past_it():
    one = at_hand("a c", "a b c", "a", "a b", "c",
                  subject=Subject(kind="skipped", activities=("b",)),
                  episodes=[(0, 0), (4, -1)],
                  decided=[True, True, False, False, False])  # fmt: skip
    assert (one.cases, one.eligible) == (2, 4), (
        "the third is neither decided nor past b; the last is past it"
    )


def test_two_steps_can_be_in_wrong_order_where_both_were_done():
    one = at_hand("b a", "a b", "b", "a",
                  subject=Subject(kind="wrong-order", activities=("a", "b")),
                  episodes=[(0, 0)])  # fmt: skip
    assert (one.cases, one.eligible) == (1, 2)


def test_a_step_that_nobody_ever_did_can_be_left_out():
    one = at_hand("a c", "a c", subject=Subject(kind="skipped", activities=("never",)),
                  episodes=[(0, 0)], decided=[True, True])  # fmt: skip
    assert (one.cases, one.eligible) == (1, 2)


def test_months_are_those_of_the_office():
    """Half past six in the evening of 31 January in Greenwich is February in Jakarta."""
    eve = START + 30 * DAY + DAY * 37 // 48
    made = office(np.array([START, eve, START + 80 * DAY]), np.zeros(3, bool), seed=1)
    with_one = replace(made, episodes=repeats(np.array([0]), np.array([0])))
    one = found(with_one, now=START + 900 * DAY)
    assert [(m.month, m.cases, m.eligible) for m in one.months] == [
        ("2025-01", 1, 1),
        ("2025-02", 0, 1),
        ("2025-03", 0, 1),
    ]


def test_an_office_that_never_changes_has_no_trend_where_the_log_is_cut_off():
    """Cases that came lately have not had the time for their detour: that is no improvement."""
    changes, crying = [], 0
    for seed in range(50):
        made, now = stable(seed)
        trend = found(made, now=now).trend
        changes.append(trend.change.value)
        crying += not trend.change.low <= 0 <= trend.change.high
    assert abs(np.mean(changes)) < 0.008
    assert crying <= 6


def test_nor_where_the_log_has_closed_cases_only():
    """Of cases that came lately only the quick ones are there, and these had no detour."""
    changes = []
    for seed in range(40):
        made, now = stable(seed, slow=3.0, held=60)
        changes.append(found(closed_only(made), now=now).trend.change.value)
    assert abs(np.mean(changes)) < 0.008


def test_a_detour_that_is_taken_ever_more_often_has_a_trend():
    chance = np.random.default_rng(3)
    entered = START + np.sort(chance.integers(0, 400 * DAY, 1500))
    share = np.where(entered > START + 180 * DAY, 0.25, 0.1)
    made = office(entered, chance.random(1500) < share, seed=4, now=START + 400 * DAY)
    one = found(made, now=START + 400 * DAY)
    assert one.trend.told
    assert one.trend.change.low > 0.05
    assert one.trend.later - one.trend.earlier == pytest.approx(one.trend.change.value)


def test_no_trend_is_told_of_a_few_cases():
    made, now = stable(1, cases=90)
    assert found(made, now=now).trend is None


def closed_only(made):
    """The log as it is when open cases are left out of it."""
    keep = ~made.is_open
    rows = np.repeat(keep, np.diff(made.steps.offsets))
    places = np.flatnonzero(rows)
    case, step = np.cumsum(keep) - 1, np.cumsum(rows) - 1
    old = made.steps
    steps = replace(
        old,
        offsets=np.concatenate([[0], np.cumsum(np.diff(old.offsets)[keep])]),
        activity=old.activity.take(places),
        unit=old.unit.take(places),
        began=old.began[places],
        done=old.done[places],
        item=np.arange(len(places)),
        count=old.count[places],
    )
    kept = keep[made.episodes.case]
    episodes = repeats(case[made.episodes.case[kept]], step[made.episodes.first[kept]])
    return Office(
        steps=steps, episodes=episodes, entered=made.entered[keep], is_open=made.is_open[keep]
    )


def crowd(seed, *, cases=2000, effect=0.0):
    """Warehouses are sent round more often, and more of them stand in the east; else it is a lot.

    With an `effect`, files of the office on the hill are sent round that much more often.
    """
    chance = np.random.default_rng(seed)
    entered = START + np.sort(chance.integers(0, 400 * DAY, cases))
    now = START + 400 * DAY
    east = chance.random(cases) < 0.4
    warehouse = chance.random(cases) < np.where(east, 0.5, 0.1)
    hill = chance.random(cases) < 0.3
    share = np.where(warehouse, 0.3, 0.05) + effect * hill
    made = office(entered, chance.random(cases) < share, seed=seed + 10_000, now=now)
    attributes = {
        "district": coded(np.where(east, "East", "West")),
        "permit_type": coded(np.where(warehouse, "warehouse", "house")),
        "office": coded(np.where(hill, "hill", "HARBOUR")),
        "lot": coded([f"lot {n}" for n in chance.integers(0, 12, cases)]),
    }
    return made, now, attributes


def told(one):
    return {(row.attribute, row.value) for row in one.concentrates if row.told}


def test_more_warehouses_do_not_make_a_district_one_of_detours():
    """Compared like with like, only the type of permit tells; raw shares accuse the east."""
    accused = innocent = 0
    for seed in range(40):
        made, now, attributes = crowd(seed)
        raw = told(found(made, now=now, attributes=attributes))
        accused += ("district", "east") in raw
        fair = told(found(made, now=now, attributes=attributes, legitimate=("permit_type",)))
        assert ("permit_type", "warehouse") in fair
        innocent += bool(fair - {("permit_type", "warehouse")})
    assert accused >= 36
    assert innocent <= 4


def test_where_everybody_is_treated_alike_nothing_is_told():
    crying = 0
    for seed in range(40):
        chance = np.random.default_rng(seed + 500)
        made, now = stable(seed, cases=1000)
        attributes = {
            f"kind {n}": coded([f"{v}" for v in chance.integers(0, 4, 1000)]) for n in range(5)
        }
        crying += bool(told(found(made, now=now, attributes=attributes, legitimate=("kind 0",))))
    assert crying <= 3


def test_where_a_detour_concentrates_is_told_with_its_size():
    within = 0
    for seed in range(20):
        made, now, attributes = crowd(seed, effect=0.12)
        one = found(made, now=now, attributes=attributes, legitimate=("permit_type",))
        (hill,) = (row for row in one.concentrates if row.value == "hill")
        assert hill.told
        assert hill.compared_on == ("permit_type",)
        within += hill.difference.low <= 0.12 <= hill.difference.high
        assert ("office", "harbour") not in told(one), "nothing is told where it is rarer"
    assert within >= 17


def test_those_who_came_lately_are_not_thought_to_be_spared():
    """An agency that opened last month has files that had no time for a detour yet."""
    falls, as_it_seems = [], []
    for seed in range(40):
        made, now = stable(seed)
        chance = np.random.default_rng(seed + 500)
        odds = np.clip((made.entered - START) / (400 * DAY) * 2 - 1, 0, 1)
        lately = chance.random(1500) < odds
        agency = coded(np.where(lately, "new", "old"))
        one = found(made, now=now, attributes={"agency": agency})
        (new,) = (row for row in one.concentrates if row.value == "new")
        falls.append(new.difference.value)
        had = np.isin(np.arange(1500), made.episodes.case)
        as_it_seems.append(had[lately].mean() - had[~lately].mean())
    assert np.mean(as_it_seems) < -0.02
    assert abs(np.mean(falls)) < 0.015


def test_an_attribute_of_many_values_is_not_compared():
    made, now = stable(2)
    parcels = coded([f"parcel {n % 40}" for n in range(1500)])
    assert found(made, now=now, attributes={"parcel": parcels}).concentrates == ()


def test_without_any_detour_nothing_is_told():
    made, now = stable(2)
    none = replace(repeats(np.empty(0, np.int64), np.empty(0, np.int64)), subjects=[])
    cases = Cases(
        entered=made.entered, decided=~made.is_open, is_open=None, now=now, timezone="UTC"
    )
    assert where_found(none, made.steps, cases) == []


def test_columns_of_unequal_length_are_refused():
    short = coded(["a"])
    with pytest.raises(ValueError, match="differ in length"):
        Cases(
            entered=np.zeros(2, np.int64),
            decided=np.zeros(2, bool),
            is_open=None,
            now=0,
            timezone="UTC",
            attributes={"kind": short},
        )
