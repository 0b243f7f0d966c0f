"""An alert is told once when it begins and once when it is over, also across restarts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from engine.alert_book import encode, raise_alerts
from engine.alerts import Reading, Subject, evaluate, living, message, worth_sending
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
    return Definition.bare(timezone="Asia/Jakarta", alerts=[alert])


def queue(length, **more):
    return {"zoning queue": [Reading(subject=ZONING, value=length, unit="files", **more)]}


def told(definition, lengths, hours=1.0):
    """The states that are sent while the queue has these lengths, one evaluation an hour."""
    history, sent = [], []
    for hour, length in enumerate(lengths):
        now = NOON + timedelta(hours=hours * hour)
        before = living(history)
        readings = {} if length is None else queue(length)
        changed = evaluate(definition.alerts, readings, before, now=now)
        history += changed
        sent += [(hour, alert.state) for alert in worth_sending(changed, before)]
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


def test_below_is_the_other_way_round():
    few = rules(above=None, below=3)
    assert told(few, [5, 3, 2, 4]) == [(2, "firing"), (3, "resolved")]


def test_each_group_has_its_own_alert():
    definition = rules(by="district")
    north, south = (Subject(attribute="district", group=name) for name in ("north", "south"))

    def readings(one, other):
        found = zip((north, south), (one, other), strict=True)
        return {"zoning queue": [Reading(subject=s, value=v, unit="files") for s, v in found]}

    first = evaluate(definition.alerts, readings(50, 1), [], now=NOON)
    assert [alert.subject for alert in first] == [north]
    later = evaluate(definition.alerts, readings(50, 99), living(first), now=NOON)
    assert [alert.subject for alert in later] == [south]
    assert {alert.key for alert in first}.isdisjoint(alert.key for alert in later)


def test_a_rule_that_is_taken_out_of_the_process_file_ends_its_alert():
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    (ended,) = evaluate((), {}, before, now=NOON + timedelta(hours=1))
    assert (ended.state, ended.key) == ("resolved", before[0].key)


def test_an_evaluation_of_an_older_lake_changes_nothing():
    before = evaluate(rules().alerts, queue(50), [], now=NOON)
    earlier = NOON - timedelta(days=1)
    assert evaluate(rules().alerts, queue(3), before, now=earlier) == []
    assert evaluate((), {}, before, now=earlier) == []


def test_the_message_has_the_form_of_the_contract_in_the_time_of_the_office():
    (alert,) = evaluate(rules().alerts, queue(1234, cases=("a", "b")), [], now=NOON)
    sent = message(alert, timezone="Asia/Jakarta", url="https://permits.example/report")
    assert json.loads(encode(sent)) == {
        "alert_id": "zoning queue",
        "key": "zoning queue/2026-03-02T03:00:00+00:00",
        "state": "firing",
        "severity": "warning",
        "measure": "queue_length",
        "subject": {"activity": "Review zoning", "attribute": None, "group": None},
        "value": 1234,
        "unit": "files",
        "threshold": 40.0,
        "usual": None,
        "since": "2026-03-02T10:00:00+07:00",
        "evaluated": "2026-03-02T10:00:00+07:00",
        "cases": ["a", "b"],
        "rule": None,
        "url": "https://permits.example/report",
        "wording": {
            "en": "1,234 files wait at Review zoning (threshold 40), since 2026-03-02 10:00.",
            "id": "1.234 berkas menunggu pada Review zoning (ambang 40), sejak 2026-03-02 10:00.",
        },
    }


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=[])


def run(lake, length, hour, send, cases=()):
    now = NOON + timedelta(hours=hour)
    readings = queue(length, cases=cases)
    return raise_alerts(lake, rules(), readings, now=now, key=b"secret", url=None, send=send)


def test_a_restart_remembers_what_fires_and_cases_leave_under_pseudonyms(lake):
    sent = []
    run(lake, 50, 0, sent.extend, cases=("PBG-1",))
    run(lake, 60, 1, sent.extend)
    run(lake, 5, 2, sent.extend)
    assert [(m["state"], m["key"]) for m in sent] == [
        ("firing", "zoning queue/2026-03-02T10:00:00+07:00"),
        ("resolved", "zoning queue/2026-03-02T10:00:00+07:00"),
    ]
    assert len(sent[0]["cases"]) == 1
    assert "PBG-1" not in json.dumps([sent, lake.alerts().rows().to_pylist()], default=str)


def test_what_could_not_be_sent_is_sent_again_under_the_same_key(lake):
    tried = []

    def fail(messages):
        tried.extend(messages)
        raise RetryError("the broker is away")

    with pytest.raises(RetryError):
        run(lake, 50, 0, fail)
    assert lake.alerts().rows().num_rows == 0
    run(lake, 50, 0, tried.extend)
    assert [m["key"] for m in tried] == [tried[0]["key"]] * 2


def test_of_two_evaluations_at_once_only_one_is_kept(lake):
    run(lake, 50, 0, lambda _: None)
    other = lake.alerts()
    run(lake, 5, 1, lambda _: None)
    with pytest.raises(Conflict):
        other.append(lake.alerts().rows().slice(0, 1))
