"""`runut alerts`: a person sees what fires, silences it for a time, and says that it was seen."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from engine.alerting.book import deliver, judge
from engine.alerting.life import Reading, Subject
from eventlog.definition_file import load
from eventlog.lake import Lake
from flows.alerts import MARGIN

RULES = """alerts:
  - {name: check queue, measure: queue_length, activity: Check, above: 1, severity: critical}
  - {name: district queue, measure: queue_length, by: district, above: 1, for: 2h}
"""


@pytest.fixture
def office(here, process_file):
    """An office with two rules; judges queues as they were some minutes before now."""
    process_file.write_text(process_file.read_text() + f"case_attributes: [district]\n{RULES}")
    known = load(process_file)
    lake = Lake.create(here / "lake", process="office", case_attributes=["district"])
    began = datetime.now(UTC).replace(microsecond=0)

    def judged(minutes, *, check=0, north=0):
        readings = {
            "check queue": [
                Reading(subject=Subject(activity="Check"), value=check, unit="files", usual=1.5)
            ],
            "district queue": [
                Reading(
                    subject=Subject(attribute="district", group="north"), value=north, unit="files"
                )
            ],
        }
        now = began - timedelta(minutes=minutes)
        judge(lake, known, readings, now=now, key=b"k")
        sent = deliver(lake, known, "topic", url=None, send=lambda _: None)
        return [message["key"] for message in sent]

    return judged


@pytest.fixture
def alerts(runut, process_file):
    def call(*arguments):
        return runut("alerts", *arguments, "--process", process_file, "--lake", "lake")

    return call


@pytest.mark.usefixtures("office")
def test_where_there_are_none_it_says_so(alerts):
    assert alerts().out == "No alerts.\n"
    assert json.loads(alerts("--json").out) == {"alerts": [], "silences": []}


def test_a_person_reads_what_fires_what_waits_and_what_is_over(office, alerts):
    (key,) = office(60, check=3, north=5)
    said = alerts().out
    assert (
        "Firing:\n- check queue (critical): 3 files wait at Check (threshold 1; usual for" in said
    )
    assert f"  key: {key}\n" in said
    assert "Not firing yet:\n- district queue (warning): 5 files wait, for district" in said
    office(10)
    over = alerts().out
    assert "Over in the last 7 days:\n- check queue (critical): Over after 50 minutes:" in over
    assert "district queue" not in over
    assert "key:" not in over


def test_a_script_reads_the_same_alerts_as_messages(office, alerts):
    (key,) = office(60, check=3, north=5)
    found = json.loads(alerts("--json").out)
    firing, pending = found["alerts"]
    assert (firing["key"], firing["state"], firing["usual"]) == (key, "firing", 1.5)
    assert (firing["silenced"], firing["acknowledged"]) == (None, None)
    assert (pending["state"], pending["subject"]["group"]) == ("pending", "north")


def test_what_is_silenced_is_kept_shown_and_told_to_nobody(office, alerts):
    said = alerts(
        "silence", "check queue", "--for", "2h", "--reason", "moving house", "--by", "ann"
    )
    assert said.code == 0, said
    assert said.out.startswith("Silenced: check queue until ")
    assert said.out.endswith(" (moving house, ann).\n")
    assert office(-1, check=3) == []
    shown = alerts().out
    assert "\n  silenced until " in shown
    assert "Silenced:\n- check queue until " in shown
    (found,) = json.loads(alerts("--json").out)["silences"]
    lasts = datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["from"])
    assert lasts == timedelta(hours=2) - MARGIN
    assert (found["rule"], found["by"], found["reason"]) == ("check queue", "ann", "moving house")

    assert alerts("unsilence", "check queue").out == "No longer silenced: check queue.\n"
    assert len(office(-2, check=4)) == 1


def test_what_was_told_stays_told_and_what_was_not_is_told_though_clocks_differ(office, alerts):
    """Whoever judges is ahead of whoever silences by ten minutes."""
    assert len(office(-10, check=3)) == 1
    alerts("silence", "check queue", "--for", "1h", "--reason", "moving house")
    assert office(-11, check=0) != []
    assert office(-12, check=3) == []
    alerts("unsilence", "check queue")
    assert len(office(-13, check=3)) == 1


@pytest.mark.usefixtures("office")
def test_a_silence_may_be_for_one_group(alerts):
    scope = ("district queue", "--group", "district=north")
    said = alerts("silence", *scope, "--for", "3 days", "--reason", "flood", "--json")
    assert json.loads(said.out)["group"] == "north"
    wrong = alerts("unsilence", "check queue")
    assert wrong.failed_clearly('for "check queue"; silenced are "district queue"') == 2
    assert alerts("unsilence", "district queue").out == (
        "No longer silenced: district queue, district=north.\n"
    )


def test_who_has_seen_an_alert_is_shown_with_it(office, alerts):
    (key,) = office(60, check=3)
    assert alerts("acknowledge", key, "--by", "desk-3").out == f"Acknowledged by desk-3: {key}.\n"
    (found,) = json.loads(alerts("--json").out)["alerts"]
    assert found["acknowledged"]["by"] == "desk-3"
    assert " Acknowledged by desk-3." in " ".join(alerts().out.split())


def test_quiet_says_nothing(office, alerts):
    (key,) = office(60, check=3)
    assert alerts("-q").out == alerts("acknowledge", key, "-q").out == ""


SILENCE = ("--for", "2h", "--reason", "why")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("silence", "chek queue", *SILENCE), 'no alert rule "chek queue"; did you mean "check'),
        (("silence", "x", *SILENCE), 'rule "x"; there are "check queue", "district queue"'),
        (
            ("silence", "check queue", "--for", "2 moons", "--reason", "w"),
            '--for is "2 moons"; exp',
        ),
        (("silence", "check queue", "--for", "2h", "--reason", " "), "--reason is empty"),
        (("silence", "check queue", *SILENCE, "--group", "north"), '"north"; expected attribute='),
        (
            ("silence", "check queue", *SILENCE, "--group", "district=north"),
            '--group names "district", but "check queue" is told by no attribute',
        ),
        (
            ("silence", "*", *SILENCE, "--group", "unit=a"),
            "but the rules are told by district",
        ),
        (("unsilence", "check queue"), "nothing is silenced"),
        (
            ("acknowledge", "check queue/1"),
            'no alert pending or firing with the key "check queue/1"',
        ),
    ],
)
@pytest.mark.usefixtures("office")
def test_what_is_wrong_is_named_with_the_way_out(alerts, arguments, said):
    assert alerts(*arguments).failed_clearly(said) == 2


@pytest.mark.usefixtures("office")
def test_options_before_the_word_are_not_lost_in_silence(runut):
    ran = runut("alerts", "--lake", "lake", "acknowledge", "x")
    assert ran.failed_clearly("put --process and --lake after acknowledge") == 2
