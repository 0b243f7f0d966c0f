"""Whether a group waits longer than it used to, in offices in which that is known."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from engine.alerting.drift import drift_readings
from engine.watching.watched import Cases, Ever, Watched, Work
from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN

DAY = 86_400_000_000
NOW = 20_000 * DAY
FILES = 2_100
IN_WINDOW = np.arange(FILES) >= FILES * 6 // 7
RULE = {"name": "drift", "measure": "disparity_drift", "by": "kind", "above": 0}
CHANCE = np.random.default_rng(7)
KIND = CHANCE.permutation(np.resize(["shop", "house", "house"], FILES))
SHOP = KIND == "shop"
# Ten files a day are taken up, after three days or so.
USUALLY = CHANCE.gamma(6, 0.5, FILES)


def office(**parts):
    attributes = ["kind", "size", "owner"]
    return Definition.bare(case_attributes=attributes, alerts=[{**RULE, **parts.pop("rule", {})}],
                           **parts)  # fmt: skip


def seen(days, *, kind=KIND, size=None, owner=None, calendars=None, activity=None):
    """An office that took up file after file, each after so many `days`; all [files]."""
    started = NOW - np.arange(FILES)[::-1] * DAY // 10
    texts = {"kind": kind, "size": size, "owner": owner}
    nobody = Coded.of(pa.nulls(FILES, pa.string()))
    return Watched(
        now=NOW,
        heard=NOW,
        cases=Cases(
            key=np.arange(FILES),
            began=started,
            last=started,
            closed=np.full(FILES, UNKNOWN),
            is_open=None,
            over=None,
            due=None,
            suspended=None,
            ended=None,
            attributes={
                name: nobody if values is None else Coded.of(pa.array(values.tolist()))
                for name, values in texts.items()
            },
        ),
        ids=lambda places: [f"P{place}" for place in places],
        open=None,
        work=Work(
            case=np.arange(FILES, dtype=np.int32),
            activity=Coded.of(pa.array(["look"] * FILES if activity is None else activity)),
            resource=nobody,
            unit=nobody,
            enabled=started - (days * DAY).astype(np.int64),
            started=started,
            completed=started,
            again=np.zeros(FILES, bool),
        ),
        ever=Ever(items={}, waited={}, known={}, cases={}),
        standing=lambda: None,
        calendars=calendars,
        applicants=frozenset({"answer"}),
    )


def read(watched, definition=None):
    definition = definition or office()
    found = drift_readings(watched, definition.alerts[0], definition)
    return {reading.subject.group: reading for reading in found}


def test_where_nothing_changes_nothing_is_told_however_much_longer_a_group_waits():
    found = read(seen(USUALLY + 4 * SHOP))
    assert {name: one.value for name, one in found.items()} == {"house": 0.0, "shop": 0.0}
    assert found["shop"].usual == pytest.approx(4, abs=0.3)
    assert found["shop"].unit == "days"


def test_a_group_that_waits_longer_now_is_told_of_with_what_is_sure_and_no_more():
    found = read(seen(USUALLY + 2 * (SHOP & IN_WINDOW)))
    assert 1 < found["shop"].value < 2
    assert found["house"].value == pytest.approx(-found["shop"].value, abs=0.01)


def test_a_group_that_has_to_wait_no_longer_is_told_of_below_zero():
    found = read(seen(USUALLY + 2 * (SHOP & ~IN_WINDOW)))
    assert -2 < found["shop"].value < -1


def test_when_all_have_to_wait_longer_no_group_is_told_of():
    found = read(seen(USUALLY + 9 * IN_WINDOW))
    assert found["shop"].value == 0


@pytest.mark.parametrize(("legitimate", "told"), [(["size"], False), ([], True)])
def test_what_may_make_a_difference_explains_a_longer_wait(legitimate, told):
    large = IN_WINDOW & SHOP & (np.arange(FILES) % 5 > 0) | (np.arange(FILES) % 5 == 0)
    watched = seen(USUALLY + 3 * large, size=np.where(large, "900", "80"))
    equity = {"groups": ["kind"], "legitimate": legitimate}
    definition = office(equity=equity, bands={"size": [500]})
    assert (read(watched, definition)["shop"].value > 0) is told


def test_one_applicant_whose_many_files_wait_is_no_group():
    slow = SHOP & IN_WINDOW & (np.arange(FILES) % 2 == 0)
    owner = np.where(slow, "one", np.arange(FILES).astype(str))
    watched = seen(USUALLY + 2 * slow, owner=owner)
    assert read(watched)["shop"].value > 0
    assert read(watched, office(applicant_id="owner"))["shop"].value == 0


@pytest.mark.parametrize(("left", "told"), [(29, False), (30, True)])
def test_of_a_group_with_fewer_than_thirty_files_nothing_is_told(left, told):
    lately = np.flatnonzero(SHOP & IN_WINDOW)
    kind = KIND.copy()
    kind[lately[left:]] = "house"
    assert ("shop" in read(seen(USUALLY, kind=kind))) is told


def test_of_a_group_smaller_than_the_smallest_cell_nothing_is_told():
    lately = int((SHOP & IN_WINDOW).sum())
    assert read(seen(USUALLY), office(privacy={"smallest_cell": lately}))
    assert not read(seen(USUALLY), office(privacy={"smallest_cell": lately + 1}))


def test_where_hardly_anybody_is_comparable_nothing_is_told():
    watched = seen(USUALLY, size=np.where(SHOP & (np.arange(FILES) % 3 > 0), "large", "small"))
    definition = office(equity={"groups": ["kind"], "legitimate": ["size"]})
    assert "shop" not in read(watched, definition)


def test_only_the_window_and_the_half_year_before_count_whatever_else_is_kept():
    later = seen(USUALLY + 2 * (SHOP & IN_WINDOW))
    work = later.work
    away = np.where(np.arange(FILES) % 4 == 0, -400 * DAY, 0)
    older = replace(work, enabled=work.enabled + away - 9 * DAY * SHOP, started=work.started + away)
    without = seen(USUALLY + 2 * (SHOP & IN_WINDOW))
    keep = np.flatnonzero(away == 0)
    fewer = replace(
        without.work,
        case=work.case[keep],
        activity=work.activity.take(keep),
        resource=work.resource.take(keep),
        unit=work.unit.take(keep),
        enabled=older.enabled[keep],
        started=older.started[keep],
        completed=work.completed[keep],
        again=work.again[keep],
    )
    assert read(replace(later, work=older)) == read(replace(without, work=fewer))


def test_a_rule_may_look_at_one_activity_and_at_another_span():
    activity = np.where(np.arange(FILES) % 2 == 0, "look", "sign").tolist()
    watched = seen(USUALLY + 3 * (SHOP & IN_WINDOW & (np.arange(FILES) % 2 == 0)),
                   activity=activity)  # fmt: skip
    values = [
        read(watched, office(rule=rule))["shop"].value
        for rule in ({"activity": "look"}, {"activity": "sign"})
    ]
    assert values[0] > 1
    assert values[1] == 0
    assert "shop" not in read(watched, office(rule={"window": "5 days"}))


def test_what_applicants_do_themselves_is_no_waiting_for_the_office():
    watched = seen(USUALLY + 2 * (SHOP & IN_WINDOW), activity=["answer"] * FILES)
    assert read(watched) == {}
    assert read(watched, office(rule={"activity": "answer"}))["shop"].value > 0


def test_days_are_working_days_where_the_office_has_a_calendar():
    definition = office(calendar={"days": "mon-fri", "hours": "00:00-24:00"})
    calendars = Calendars.of(definition, NOW - 400 * DAY, NOW)
    found = read(seen(USUALLY + 7 * SHOP, calendars=calendars), definition)
    assert found["shop"].unit == "working days"
    assert found["shop"].usual == pytest.approx(5, abs=0.3)
