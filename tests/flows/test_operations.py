"""Who runs a watch sees how it does: figures, health and a log, and nothing about anybody."""

import http.client
import io
import json
import logging
import math
import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from engine.alerting.standing import Reading, Standing, Subject
from engine.ingest import IngestReport
from engine.watching.watch import Evaluated
from eventlog.definition_alert import Alert
from eventlog.errors import RetryError, UsageError
from eventlog.reasons import in_short
from flows.live.operations.health import Heartbeats, Readiness
from flows.live.operations.http import answering
from flows.live.operations.logs import log_to
from flows.live.operations.metrics import Metrics
from flows.live.telling import Telling

MORNING = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
QUEUE = Alert(name="zoning queue", measure="queue_length", activity="Review zoning", above=40)
LATE = Alert(
    name="late permits", measure="overdue_cases", by="affiliation", above=10, severity="critical"
)
# Who is in the events, and must not be in anything that operations see.
CASE, GROUP, OFFICER = "PBG-2026-000123", "nahdliyin", "Siti Rahmawati"
NOBODY = (CASE, GROUP, OFFICER)
NOTHING = Evaluated(
    now=MORNING,
    version=9,
    events=2500,
    repeats=0,
    heard=MORNING,
    changed=(),
    living=(),
    fired=frozenset(),
    readings={},
    off={},
    cases=310,
    rows=2496,
    rebuilt=False,
    following_seconds=0.2,
    judging_seconds=0.1,
)


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self, now=0.0):
        self.now = now

    def __call__(self):
        return self.now


def standing(rule, state, group=None):
    return Standing(
        alert_id=rule.name,
        key=f"{rule.name}/{rule.by}={group}/2026-03-02",
        state=state,
        severity=rule.severity,
        measure=rule.measure,
        subject=Subject(activity=rule.activity, attribute=rule.by, group=group),
        value=43,
        unit="files",
        threshold=40,
        usual=None,
        since=MORNING,
        evaluated=MORNING,
        cases=(CASE,),
        rule=None,
    )


def reading(value, group=None, usual=None):
    subject = Subject(attribute="affiliation" if group else None, group=group)
    return Reading(subject=subject, value=value, unit="files", cases=(CASE,), usual=usual)


def a_morning(clock):
    """The figures of a watch after some batches, an alert for a group, and a mail that failed."""
    told = [
        Telling(channel="webhook", delivered=3, last=clock.now),
        Telling(channel="apprise/mailto", failed=2, waiting=1),
    ]
    metrics = Metrics(
        process="building-permit",
        rules=[QUEUE, LATE],
        version="0.1.0",
        told=lambda: told,
        seconds=clock,
    )
    missing = {"timestamp missing": 2}
    first = IngestReport(events=2000, rejects=2, batches=1, reasons=missing, seconds=0.02)
    metrics.ingested(first)
    metrics.ingested(replace(first, conflicts=1, compactions=1))
    metrics.ingested(IngestReport(events=500, rejects=1, batches=1, reasons={"other": 1}))
    metrics.lagging(events=120, behind=timedelta(seconds=7))
    firing = standing(LATE, "firing", GROUP)
    metrics.evaluated(
        replace(
            NOTHING,
            changed=[firing],
            living=[firing, standing(QUEUE, "pending")],
            readings={QUEUE.name: [reading(43, usual=12)], LATE.name: [reading(14, GROUP)]},
            repeats=4,
        )
    )
    return metrics


def figures(metrics, accept=""):
    kind, page = metrics.page(accept)
    read = open_metrics if "openmetrics" in kind else plain_text
    return {
        (sample.name, *(v for k, v in sorted(sample.labels.items()) if k != "process")): (
            sample.value
        )
        for family in read(page.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_a_mornings_figures_are_told_in_both_formats(accept):
    told = figures(a_morning(Clock(MORNING.timestamp())), accept)
    wanted = {
        ("runut_events_total",): 2500,
        ("runut_rejects_total", "timestamp missing"): 2,
        ("runut_rejects_total", "other"): 1,
        ("runut_repeats_total",): 4,
        ("runut_batches_total",): 2,
        ("runut_conflicts_total",): 1,
        ("runut_batch_seconds_count",): 2,
        ("runut_lag_events",): 120,
        ("runut_oldest_unprocessed_seconds",): 7,
        ("runut_latest_event_timestamp_seconds",): MORNING.timestamp(),
        ("runut_lake_version",): 9,
        ("runut_cases_kept",): 310,
        ("runut_rows_kept",): 2496,
        ("runut_alerts", "zoning queue", "warning", "pending"): 1,
        ("runut_alerts", "zoning queue", "warning", "firing"): 0,
        ("runut_alerts", "late permits", "critical", "firing"): 1,
        ("runut_alert_transitions_total", "late permits", "critical", "firing"): 1,
        ("runut_reading", "queue_length", "zoning queue", "files"): 43,
        ("runut_reading_usual", "queue_length", "zoning queue", "files"): 12,
        ("runut_reading_threshold", "queue_length", "zoning queue", "files"): 40,
        ("runut_rule_read", "late permits"): 1,
        ("runut_deliveries_total", "webhook", "delivered"): 3,
        ("runut_deliveries_total", "apprise/mailto", "failed"): 2,
        ("runut_delivery_waiting", "apprise/mailto"): 1,
        ("runut_delivery_last_success_timestamp_seconds", "webhook"): MORNING.timestamp(),
        ("runut_compactions_total",): 1,
        ("runut_build_info", "0.1.0"): 1,
    }
    assert {name: told.get(name) for name in wanted} == wanted
    assert told["runut_process_resident_memory_bytes",] > 2**20
    assert all(name.startswith("runut_") for name, *_ in told)


def test_no_figure_says_which_group_or_whom():
    metrics = a_morning(Clock())
    page = metrics.page("")[1].decode()
    assert not [name for name in NOBODY if name in page]
    assert ("runut_reading", "overdue_cases", "late permits", "files") not in figures(metrics)


def test_the_oldest_event_ages_while_the_watch_stands_still():
    clock = Clock(1000.0)
    metrics = a_morning(clock)
    clock.now += 60
    assert figures(metrics)["runut_oldest_unprocessed_seconds",] == 67
    metrics.lagging(events=None, behind=None)
    assert figures(metrics)["runut_oldest_unprocessed_seconds",] == 0
    assert ("runut_lag_events",) not in figures(metrics)


def test_what_is_committed_waits_until_it_is_judged():
    clock = Clock(1000.0)
    metrics = a_morning(clock)
    metrics.lagging(events=0, behind=timedelta(0))
    metrics.ingested(IngestReport(events=1, batches=1))  # the first of a new run
    clock.now += 5
    metrics.ingested(IngestReport(events=2, batches=2))
    assert figures(metrics)["runut_oldest_unprocessed_seconds",] == 5
    metrics.evaluated(NOTHING)
    assert figures(metrics)["runut_oldest_unprocessed_seconds",] == 0


def test_an_alert_that_is_told_again_has_not_begun_anew():
    metrics, stream = a_morning(Clock()), io.StringIO()
    again = standing(LATE, "firing", GROUP)
    reminded = replace(NOTHING, changed=[again], living=[again], fired=frozenset({again.key}))
    metrics.evaluated(reminded)
    changes = "runut_alert_transitions_total", "late permits", "critical", "firing"
    assert figures(metrics)[changes] == 1
    with log_to(stream, "json") as log:
        log.evaluated(reminded)
    assert lines(stream)[0]["event"] == "alert still firing"


def test_what_is_over_or_cannot_be_read_any_more_is_not_told_as_if_it_were():
    metrics = a_morning(Clock())
    over, why = [standing(LATE, "resolved", GROUP)], {QUEUE.name: "nothing closes a case"}
    metrics.evaluated(replace(NOTHING, changed=over, readings={LATE.name: []}, off=why))
    told = figures(metrics)
    assert told["runut_alerts", "late permits", "critical", "firing"] == 0
    assert told["runut_alert_transitions_total", "late permits", "critical", "resolved"] == 1
    assert told["runut_rule_read", "zoning queue"] == 0
    assert ("runut_reading", "queue_length", "zoning queue", "files") not in told


def test_a_rule_that_is_read_rarely_is_told_as_it_was_read_last():
    metrics = a_morning(Clock())
    metrics.evaluated(replace(NOTHING, readings={LATE.name: []}))
    told = figures(metrics)
    assert told["runut_reading", "queue_length", "zoning queue", "files"] == 43
    assert told["runut_rule_read", "zoning queue"] == 1


def test_a_rule_against_the_usual_has_no_threshold_until_it_has_learnt_one():
    busy = Alert(name="busy", measure="queue_length", above_usual=4)
    metrics = Metrics(process="p", rules=[busy], version="1", told=list)
    at_ten = Reading(subject=Subject(), value=30, unit="files")
    metrics.evaluated(replace(NOTHING, readings={"busy": [at_ten]}))
    threshold = "runut_reading_threshold", "queue_length", "busy", "files"
    assert threshold not in figures(metrics)
    learnt = replace(at_ten, usual=12.0, spread=4.0)
    metrics.evaluated(replace(NOTHING, readings={"busy": [learnt]}))
    assert figures(metrics)[threshold] == 28


def test_two_watches_in_one_process_count_apart():
    one, other = a_morning(Clock()), a_morning(Clock())
    one.evaluated(replace(NOTHING, repeats=1))
    assert figures(one)["runut_repeats_total",] == 5
    assert figures(other)["runut_repeats_total",] == 4


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("case_id is missing", "case_id missing"),
        ("activity is empty", "activity missing"),
        (f'timestamp is "{OFFICER}"; expected text', "timestamp unusable"),
        ("value is not JSON: trailing characters", "value unusable"),
        (f"header {OFFICER} is not UTF-8", "header unusable"),
        (OFFICER, "other"),
        ("", "other"),
    ],
)
def test_a_reject_is_counted_by_what_was_wrong_and_not_by_what_it_said(reason, told):
    assert in_short(reason) == told


def test_a_loop_that_does_not_come_round_is_stuck_and_no_other():
    clock = Clock()
    beats = Heartbeats(clock)
    ingest, watch = beats.expect("ingest", within=30), beats.expect("watch", within=60)
    clock.now = 31
    assert beats.stuck() == ["ingest"]
    ingest()
    watch.next_within(3600)
    clock.now = 600
    ingest()
    assert beats.stuck() == []
    assert beats.quiet() == {"ingest": 0, "watch": 569}
    clock.now = 4000
    beats.ended("ingest")
    assert beats.stuck() == ["watch"]


@contextmanager
def asked(address="127.0.0.1:0", heartbeats=None, readiness=None, metrics=None):
    """Asks a watch on loopback: ask("/health") gives status, headers and text."""
    with answering(
        address,
        metrics=metrics or a_morning(Clock()).page,
        heartbeats=heartbeats or Heartbeats(),
        readiness=readiness or Readiness(),
    ) as where:

        def ask(path, method="GET", **headers):
            with closing(http.client.HTTPConnection(where, timeout=10)) as connection:
                connection.request(method, path, headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.headers, answer.read().decode()

        ask.where = where
        yield ask


def test_prometheus_reads_the_figures_in_the_format_that_it_asks_for():
    with asked() as ask:
        status, headers, text = ask("/metrics")
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
        assert 'runut_lag_events{process="building-permit"} 120.0' in text
        _, headers, text = ask("/metrics", Accept="application/openmetrics-text; version=1.0.0")
        assert headers["Content-Type"].startswith("application/openmetrics-text")
        assert text.endswith("# EOF\n")


def test_health_names_the_loop_that_is_stuck():
    clock = Clock()
    beats = Heartbeats(clock)
    beats.expect("ingest", within=1000)
    beats.expect("watch", within=60)
    with asked(heartbeats=beats) as ask:
        status, _, text = ask("/health")
        assert (status, json.loads(text)["status"]) == (200, "ok")
        clock.now = 90
        status, _, text = ask("/health")
        assert status == 503
        assert json.loads(text) == {
            "status": "stuck",
            "stuck": ["watch"],
            "quiet_seconds": {"ingest": 90.0, "watch": 90.0},
        }


def test_ready_says_what_is_missing_until_nothing_is():
    readiness = Readiness("lake", "source", "first evaluation")
    with asked(readiness=readiness) as ask:
        readiness.reached("lake")
        status, _, text = ask("/ready")
        assert (status, json.loads(text)["missing"]) == (503, ["source", "first evaluation"])
        readiness.reached("source")
        readiness.reached("first evaluation")
        assert ask("/ready")[0] == 200
        readiness.lost("source")
        assert ask("/ready")[0] == 503


def test_head_says_how_long_it_would_be_and_nothing_else():
    with asked() as ask:
        _, headers, text = ask("/health")
        host, _, port = ask.where.rpartition(":")
        with closing(socket.create_connection((host, int(port)))) as asking:
            asking.sendall(b"HEAD /health HTTP/1.0\r\n\r\n")
            said = asking.makefile("rb").read().decode()
        assert f"Content-Length: {headers['Content-Length']}" in said
        assert said.endswith("\r\n\r\n")
        assert len(text) == int(headers["Content-Length"])


@pytest.mark.parametrize("path", ["/", "/metrics/", "/../etc/passwd", "/%6detrics"])
def test_there_are_three_pages_and_no_others(path):
    with asked() as ask:
        status, _, text = ask(path)
        assert status == 404
        assert "/metrics, /health, /ready" in text
        assert "passwd" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_nothing_can_be_changed(method):
    with asked() as ask:
        status, headers, _ = ask("/health", method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_who_says_nothing_or_nonsense_holds_up_nobody():
    with asked() as ask:
        host, _, port = ask.where.rpartition(":")
        with closing(socket.create_connection((host, int(port)))) as silent:
            assert ask("/health")[0] == 200
            silent.sendall(b"<script>\r\n\r\n")
            said = silent.makefile("rb").read()
        assert b"script" not in said
        assert b"400" in said or b"Bad" in said


def test_more_than_a_few_at_once_are_turned_away_and_then_let_in_again():
    with asked() as ask:
        host, _, port = ask.where.rpartition(":")
        crowd = [socket.create_connection((host, int(port))) for _ in range(30)]
        with pytest.raises((http.client.HTTPException, OSError)):
            ask("/health")
        for one in crowd:
            one.close()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                assert ask("/health")[0] == 200
                break
            except (http.client.HTTPException, OSError):
                time.sleep(0.05)
        else:
            pytest.fail("nobody is let in any more")


def test_a_page_that_fails_is_an_empty_answer_and_a_line_in_the_log_without_what_it_was_about():
    def broken(_):
        raise ValueError(OFFICER)

    stream = io.StringIO()
    with log_to(stream, "json"), asked(metrics=broken) as ask:
        with pytest.raises((http.client.HTTPException, OSError)):
            ask("/metrics")
        assert ask("/health")[0] == 200
    assert lines(stream)[-1]["error"] == "ValueError"
    assert OFFICER not in stream.getvalue()


def test_a_port_that_is_taken_is_told_with_the_way_out():
    with asked() as ask, pytest.raises(UsageError) as told, asked(ask.where):
        pass
    assert f'operations_address is "{ask.where}"' in str(told.value)
    assert "perhaps another watch" in str(told.value)
    assert "RUNUT_OPERATIONS_ADDRESS" in str(told.value)


def test_an_address_that_is_none_is_told_with_the_way_out():
    with pytest.raises(UsageError, match=r"cannot be had.*name another"), asked("192.0.2.1:9464"):
        pass


def test_off_answers_nobody():
    with asked("off") as ask:
        assert ask.where is None


def test_what_has_been_answered_is_all_gone_at_the_end():
    with asked() as ask:
        ask("/health")
    with pytest.raises(ConnectionRefusedError):
        ask("/health")
    assert not [thread for thread in threading.enumerate() if thread.name == "operations"]


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def a_logged_morning(log):
    """Everything that a watch says, with people and cases in all that it says it of."""
    log.started(process="building-permit", version="0.1.0", address="127.0.0.1:9464", rules=2)
    log.ingested(IngestReport(events=2000, rejects=2, batches=1))
    why = {"zoning queue": "no event tells when work was started"}
    changed = [standing(LATE, "firing", GROUP), standing(LATE, "resolved", GROUP)]
    log.evaluated(replace(NOTHING, changed=changed, off=why, rebuilt=True))
    log.evaluated(replace(NOTHING, off=why))  # nothing new
    log.delivered("webhook", messages=1)
    log.undelivered("webhook", RetryError("hooks.example: 503"), again=4.0)
    log.undelivered("apprise/mailto", ValueError(f"{CASE} of {OFFICER}"), again=None)
    log.waiting("ingest", RetryError("kafka://u:secret@broker:9092 is silent"), again=1.0)
    try:
        {}[OFFICER]  # as where an event is used for a key
    except KeyError as error:
        log.failed("watch", error)
    log.stopping("SIGTERM")
    log.stopped()


@pytest.mark.parametrize("manner", ["json", "text"])
def test_the_log_names_no_case_no_person_no_group_and_no_secret(manner):
    stream = io.StringIO()
    with log_to(stream, manner) as log:
        a_logged_morning(log)
    assert stream.getvalue().count("\n") == 13
    assert not [word for word in (*NOBODY, "secret") if word in stream.getvalue()]
    assert "\n\n" not in stream.getvalue()


def test_a_line_of_the_log_says_when_how_bad_what_and_how_much():
    stream = io.StringIO()
    with log_to(stream, "json") as log:
        a_logged_morning(log)
    said = {line["event"]: line for line in lines(stream)}
    assert {"time", "level", "event"} <= set.intersection(*(set(line) for line in said.values()))
    assert datetime.fromisoformat(said["started"]["time"]).tzinfo is not None
    assert said["alert firing"]["level"] == "warning"
    assert said["alert firing"]["rule"] == "late permits"
    assert said["alert firing"]["by"] == "affiliation"
    assert said["ingested"]["events"] == 2000
    assert said["not delivered"]["trouble"].startswith("ValueError")
    assert said["failed"]["trouble"].startswith("KeyError at test_operations.py:")


def test_what_came_is_summed_up_once_a_minute_and_nothing_is_lost_over_a_new_start():
    stream = io.StringIO()
    with log_to(stream, "json") as log:
        log._seconds = clock = Clock()
        log._since = 0.0
        for second in range(150):
            clock.now = float(second)
            log.ingested(IngestReport(events=10 * (second + 1), batches=second + 1))
        log.ingested(IngestReport(events=5, batches=1))  # the broker had been away
        log.stopped()
    came = [line["events"] for line in lines(stream) if line["event"] == "ingested"]
    assert len(came) == 3
    assert sum(came) == 1505


def test_libraries_are_heard_from_warnings_upwards_without_what_they_filled_in():
    stream = io.StringIO()
    library = logging.getLogger("kafka.conn")
    with log_to(stream, "json"):
        library.info("connecting to %s", OFFICER)
        library.warning("cannot decode %(case)s", {"case": OFFICER})
        library.warning("node %s of %d: %s", OFFICER, 3, CASE)
        library.error(f"Unsupported URL mailto://office:secret@mail.example/?to={OFFICER}")
        library.error(f'no such case "{CASE}" for {{"resource": "{OFFICER}"}}')
        try:
            int(OFFICER)
        except ValueError:
            library.exception("gave up")
    assert not [word for word in (*NOBODY, "secret", "Siti") if word in stream.getvalue()]
    said = lines(stream)
    assert len(said) == 5
    assert {line["library"] for line in said} == {"kafka.conn"}
    assert said[1]["message"] == "node … of …: …"
    assert said[-1]["error"] == "ValueError"


def test_the_log_is_text_for_a_terminal_and_json_for_all_else():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, manner, begins in [
        (io.StringIO(), "auto", "{"),
        (Terminal(), "auto", "2"),
        (Terminal(), "json", "{"),
        (io.StringIO(), "off", ""),
    ]:
        with log_to(stream, manner) as log:
            log.stopped()
            logging.getLogger("apprise").error("gave up")
        assert stream.getvalue()[:1] == begins


def test_afterwards_logging_is_as_it_was_before():
    root = logging.getLogger()
    before = list(root.handlers), root.level
    with log_to(io.StringIO(), "json"):
        pass
    assert (list(root.handlers), root.level) == before


def test_that_nobody_reads_the_log_any_more_does_not_stop_the_watch(capsys):
    class Gone(io.StringIO):
        def write(self, _):
            raise BrokenPipeError

    with log_to(Gone(), "json") as log:
        log.stopped()
    assert capsys.readouterr().err == ""


def test_no_figure_is_told_that_is_not_known_yet():
    metrics = Metrics(process="p", rules=[QUEUE], version="1", told=list)
    told = figures(metrics)
    assert ("runut_last_evaluation_timestamp_seconds",) not in told
    assert told["runut_alerts", "zoning queue", "warning", "firing"] == 0
    assert not [name for name, value in told.items() if math.isnan(value)]
