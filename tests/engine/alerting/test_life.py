"""An alert is told once when it begins and once when it is over, also across restarts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.alerting.book import deliver, encode, firing, judge
from engine.alerting.life import Reading, Subject, beyond, evaluate, living
from engine.alerting.standing import Past
from engine.alerting.telling import message, worth_telling
from eventlog.definition import Definition
from eventlog.errors import RetryError
from eventlog.lake import Conflict, Lake

NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
ZONING = Subject(activity="Review zoning")


def rules(**more):
    alert = {
        "name": "zoning queue",
        "measure": "queue_length",
        "activity": "Review zoning",
        "above": 40,
        **more,
    }
    return Definition.bare(
        timezone="Asia/Jakarta",
        case_attributes=["district"],
        clock={"closes": ["Decide"]},
        alerts=[alert],
    )


def queue(length, **more):
    return {"zoning queue": [Reading(subject=ZONING, value=length, unit="files", **more)]}


def told(definition, lengths):
    """The states that are told while the queue has these lengths, one evaluation an hour."""
    history, sent = [], []
    for hour, length in enumerate(lengths):
        heard = len(history)
        readings = {} if length is None else queue(length)
        now = NOON + timedelta(hours=hour)
        history += evaluate(definition.alerts, readings, history, now=now)
        sent += [(hour, news.alert.state) for news in worth_telling(Past(history), heard)]
    return sent


@pytest.mark.parametrize(
    ("lengths", "sent"),
    [
        ([10, 41, 50, 60], [(1, "firing")]),
        ([41, 40, 41], [(0, "firing"), (1, "resolved"), (2, "firing")]),
        ([40, 40], []),
        ([41, None, 42, 3], [(0, "firing"), (3, "resolved")]),
    ],
)
def test_an_alert_is_told_when_it_begins_and_when_it_is_over(lengths, sent):
    assert told(rules(), lengths) == sent


def test_an_alert_that_must_last_waits_that_long_and_is_forgotten_when_it_does_not():
    lasting = rules(**{"for": "2h"})
    assert told(lasting, [41, 41, 30, 30]) == []
    assert told(lasting, [41, 41, 41, 41, 2]) == [(2, "firing"), (4, "resolved")]


def test_what_the_events_tell_of_the_past_counts_towards_how_long_it_lasts():
    since = NOON - timedelta(hours=3)
    (alert,) = evaluate(rules(**{"for": "2h"}).alerts, queue(50, since=since), [], now=NOON)
    assert (alert.state, alert.since) == ("firing", since)


def test_an_alert_that_fires_again_has_another_key_though_the_same_files_still_wait():
    """What left the queue in between is not looked at, so events tell the same moment twice."""
    since, history = NOON - timedelta(hours=3), []
    for hour, length in enumerate([50, 5, 50]):
        now = NOON + timedelta(hours=hour)
        history += evaluate(rules().alerts, queue(length, since=since), history, now=now)
    first, over, again = history
    assert first.since == again.since == since
    assert first.key == over.key == "zoning queue/2026-03-02T03:00:00+00:00"
    assert again.key == "zoning queue/2026-03-02T05:00:00+00:00"


def test_a_threshold_that_is_moved_up_and_down_at_one_moment_makes_alerts_with_keys_of_their_own():
    """Time stands still while no event comes, and every firing must be told apart."""
    history = []
    for above in (40, 60, 40, 60, 40):
        history += evaluate(rules(above=above).alerts, queue(50), history, now=NOON)
    states = [alert.state for alert in history]
    assert states == ["firing", "resolved", "firing", "resolved", "firing"]
    keys = [alert.key for alert in history]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 3


def test_an_alert_keeps_its_key_from_pending_to_its_end():
    lasting, history = rules(**{"for": "2h"}).alerts, []
    for hour, length in enumerate([50, 50, 50, 5]):
        now = NOON + timedelta(hours=hour)
        history += evaluate(lasting, queue(length), history, now=now)
    assert [alert.state for alert in history] == ["pending", "firing", "resolved"]
    assert {alert.key for alert in history} == {"zoning queue/2026-03-02T03:00:00+00:00"}


def test_below_is_the_other_way_round():
    few = rules(above=None, below=3)
    assert told(few, [5, 3, 2, 4]) == [(2, "firing"), (3, "resolved")]


def test_each_group_has_its_own_alert():
    definition = rules(by="district")
    north, south = (
        Subject(activity="Review zoning", attribute="district", group=name)
        for name in ("north", "south")
    )

    def readings(one, other):
        found = zip((north, south), (one, other), strict=True)
        return {"zoning queue": [Reading(subject=s, value=v, unit="files") for s, v in found]}

    first = evaluate(definition.alerts, readings(50, 1), [], now=NOON)
    assert [alert.subject for alert in first] == [north]
    later = evaluate(definition.alerts, readings(50, 99), living(first), now=NOON)
    assert [alert.subject for alert in later] == [south]
    assert {alert.key for alert in first}.isdisjoint(alert.key for alert in later)


@pytest.mark.parametrize(
    "after",
    [
        (),
        rules(activity="Inspect site").alerts,
        rules(by="unit").alerts,
        rules(measure="oldest_item").alerts,
    ],
    ids=["gone", "another step", "apart", "another measure"],
)
def test_a_rule_that_is_gone_or_asks_something_else_withdraws_its_alert(after):
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    (ended,) = evaluate(after, {}, before, now=NOON + timedelta(hours=1))
    assert (ended.state, ended.key, ended.value) == ("withdrawn", before[0].key, 50)
    assert not living([*before, ended])
    sent = message(ended, timezone="Asia/Jakarta", url=None)
    assert sent["state"] == "resolved"
    assert sent["wording"]["en"].startswith("No longer watched; what was told last: 50")
    assert sent["wording"]["id"].startswith("Tidak dipantau lagi; yang terakhir dilaporkan: 50")


def test_a_rule_that_asks_something_else_may_begin_in_the_same_moment():
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    later = NOON + timedelta(hours=1)
    readings = {"zoning queue": [Reading(subject=ZONING, value=99.0, unit="days")]}
    changed = evaluate(rules(measure="oldest_item").alerts, readings, before, now=later)
    assert [alert.state for alert in changed] == ["withdrawn", "firing"]
    assert [alert.measure for alert in living([*before, *changed])] == ["oldest_item"]
    at_once = evaluate(rules(measure="oldest_item").alerts, readings, before, now=NOON)
    assert [alert.state for alert in at_once] == ["withdrawn", "firing"]
    assert at_once[0].key != at_once[1].key


def test_where_nothing_waits_any_more_the_queue_is_empty_and_the_alert_over():
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    later = NOON + timedelta(hours=1)
    (ended,) = evaluate(rules().alerts, {"zoning queue": []}, before, now=later)
    assert (ended.state, ended.value) == ("resolved", 0)


def test_an_empty_queue_is_still_below_what_it_must_not_fall_below():
    few = rules(above=None, below=3)
    before = evaluate(few.alerts, queue(2), [], now=NOON)
    later = NOON + timedelta(hours=1)
    assert evaluate(few.alerts, {"zoning queue": []}, before, now=later) == []


def test_a_wait_that_cannot_be_told_any_more_is_not_over():
    """Where nothing was taken up for a month nobody knows how long files wait; it got no better."""
    slow = rules(measure="waiting_p90", above=5)
    readings = {"zoning queue": [Reading(subject=ZONING, value=9.0, unit="days")]}
    before = evaluate(slow.alerts, readings, [], now=NOON)
    later = NOON + timedelta(days=31)
    assert evaluate(slow.alerts, {"zoning queue": []}, before, now=later) == []


def test_a_threshold_that_was_moved_holds_from_then_on():
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    later = NOON + timedelta(hours=1)
    (ended,) = evaluate(rules(above=60).alerts, queue(55), before, now=later)
    assert (ended.state, ended.value, ended.threshold) == ("resolved", 55, 60)


def test_what_is_beyond_its_threshold_now_is_told_however_long_it_must_last():
    lasting = rules(**{"for": "2h"})
    assert [r.value for _, r in beyond(lasting.alerts, queue(41))] == [41]
    assert beyond(lasting.alerts, queue(40)) == []
    assert beyond(lasting.alerts, {}) == []


def test_an_evaluation_of_an_older_lake_changes_nothing():
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    earlier = NOON - timedelta(days=1)
    assert evaluate(rules().alerts, queue(3), before, now=earlier) == []
    assert evaluate((), {}, before, now=earlier) == []


def test_the_message_has_the_form_of_the_contract_in_the_time_of_the_office():
    (alert,) = evaluate(rules().alerts, queue(1234.0, cases=("a", "b")), [], now=NOON)
    sent = message(alert, timezone="Asia/Jakarta", url="https://permits.example/report")
    assert b'"value": 1234, ' in encode(sent)
    assert json.loads(encode(sent)) == {
        "alert_id": "zoning queue",
        "key": "zoning queue/2026-03-02T03:00:00+00:00",
        "state": "firing",
        "severity": "warning",
        "measure": "queue_length",
        "subject": {"activity": "Review zoning", "attribute": None, "group": None},
        "value": 1234,
        "unit": "files",
        "threshold": 40,
        "usual": None,
        "since": "2026-03-02T10:00:00+07:00",
        "evaluated": "2026-03-02T10:00:00+07:00",
        "reminder": 0,
        "acknowledged": None,
        "cases": ["a", "b"],
        "rule": None,
        "url": "https://permits.example/report",
        "wording": {
            "en": "1,234 files wait at Review zoning (threshold 40), since 2026-03-02 10:00.",
            "id": "1.234 berkas menunggu di Review zoning (ambang 40), sejak 2026-03-02 10:00.",
        },
    }


@pytest.mark.parametrize(
    ("value", "unit", "measure", "en", "indonesian"),
    [
        (1, "files", "queue_length", "1 file waits at", "1 berkas menunggu di"),
        (2.5, "working days", "oldest_item", "has waited 2.5 working days", "2,5 hari kerja"),
        (1, "days", "oldest_item", "has waited 1 day (", "1 hari ("),
        (9, "days", "waiting_p90", "waits longer than 9 days at", "lebih dari 9 hari di"),
        (1, "files", "overdue_cases", "1 open application is past its", "1 permohonan yang belum"),
        (0.125, "share", "share_over_term", "12.5 % of the applications", "12,5% dari permohonan"),
    ],
)
def test_what_is_measured_is_told_in_words(value, unit, measure, en, indonesian):
    readings = {"zoning queue": [Reading(subject=ZONING, value=value, unit=unit)]}
    (alert,) = evaluate(rules(measure=measure, above=0).alerts, readings, [], now=NOON)
    wording = message(alert, timezone="Asia/Jakarta", url=None)["wording"]
    assert en in wording["en"]
    assert indonesian in wording["id"]


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])


def judged(lake, length, hour, cases=()):
    now = NOON + timedelta(hours=hour)
    return judge(lake, rules(), queue(length, cases=cases), now=now, key=b"secret")


def told_to(lake, channel, send=lambda _: None):
    told = deliver(lake, rules(), channel, url=None, send=send)
    return [(message["state"], message["evaluated"][11:13]) for message in told]


def away(_):
    raise RetryError("the broker is away")


def test_a_restart_remembers_what_fires_and_cases_are_kept_and_leave_under_pseudonyms(lake):
    sent = []
    for hour, length in enumerate([50, 60, 5]):
        judged(lake, length, hour, cases=("PBG-1",))
        deliver(lake, rules(), "topic", url=None, send=sent.extend)
    assert [(m["state"], m["key"]) for m in sent] == [
        ("firing", "zoning queue/2026-03-02T10:00:00+07:00"),
        ("resolved", "zoning queue/2026-03-02T10:00:00+07:00"),
    ]
    assert len(sent[0]["cases"]) == 1
    assert "PBG-1" not in json.dumps([sent, lake.alerts().rows().to_pylist()], default=str)


def test_what_could_not_be_sent_is_sent_later_as_it_was_though_it_is_over_by_then(lake):
    tried, sent = [], []

    def fail(messages):
        tried.extend(messages)
        raise RetryError("the broker is away")

    judged(lake, 50, 0)
    with pytest.raises(RetryError):
        deliver(lake, rules(), "topic", url=None, send=fail)
    judged(lake, 5, 1)
    deliver(lake, rules(), "topic", url=None, send=sent.extend)
    assert [m["state"] for m in sent] == ["firing", "resolved"]
    assert sent[:1] == tried
    assert told_to(lake, "topic", away) == []


def test_a_channel_that_is_away_holds_up_no_other(lake):
    judged(lake, 50, 0)
    with pytest.raises(RetryError):
        told_to(lake, "topic", away)
    assert told_to(lake, "prefect") == [("firing", "10")]
    judged(lake, 5, 1)
    assert told_to(lake, "prefect") == [("resolved", "11")]
    assert told_to(lake, "topic") == [("firing", "10"), ("resolved", "11")]


def test_a_new_channel_hears_of_what_fires_and_not_of_what_is_long_over(lake):
    for hour, length in enumerate([50, 5, 60]):
        judged(lake, length, hour)
    assert told_to(lake, "topic") == [("firing", "12")]
    judged(lake, 5, 3)
    assert told_to(lake, "mail") == []
    assert told_to(lake, "topic") == [("resolved", "13")]


def test_what_fires_now_is_neither_what_still_waits_nor_what_is_over(lake):
    lasting = rules(**{"for": "2h"})
    states = []
    for hour, length in enumerate([50, 50, 50, 5]):
        now = NOON + timedelta(hours=hour)
        judge(lake, lasting, queue(length), now=now, key=b"secret")
        states.append([message["state"] for message in firing(lake, lasting, url=None)])
    assert states == [[], [], ["firing"], []]


def test_nobody_is_asked_to_send_nothing(lake):
    assert told_to(lake, "topic", away) == []
    judged(lake, 5, 0)
    assert told_to(lake, "topic", away) == []
    assert not (Path(lake.uri) / "alerts").exists()


def test_of_two_evaluations_at_once_only_one_is_kept(lake):
    first = lake.alerts()
    judged(lake, 50, 0)
    row = lake.alerts().rows().slice(0, 1)
    second = lake.alerts()
    judged(lake, 5, 1)
    for late in (first, second):
        with pytest.raises(Conflict):
            late.append(row)
    assert lake.alerts().rows().num_rows == 2


def test_of_two_deliveries_at_once_one_is_told_to_look_again(lake):
    judged(lake, 50, 0)
    one, other = lake.alerts(), lake.alerts()
    one.note("topic", 1)
    with pytest.raises(Conflict):
        other.note("topic", 1)
