"""Every channel hears of every alert in its order, whatever fails and comes back meanwhile."""

import json
import logging
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.alerting.life import Reading, Subject
from engine.mining import Mined
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import Lake
from flows.alerting import tell_alerts
from flows.settings import settle

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)  # in Jakarta
KEYS = [f"queue/2026-03-02T{hour}:00:00+07:00" for hour in range(12, 16)]
RULE = "{name: queue, measure: queue_length, activity: Check, above: 1, severity: critical}"


@pytest.fixture
def run(here, process_file):
    """One run that found a queue of some length at some hour; what the scheduler was told."""
    process_file.write_text(process_file.read_text() + f"alerts:\n  - {RULE}\n")
    Lake.create(here / "lake", process="office", case_attributes=[])
    hours = iter(range(100))

    def call(length, **flags):
        reading = Reading(subject=Subject(activity="Check"), value=length, unit="files")
        mined = Mined(
            folder=Path("results"),
            process="office",
            version=0,
            as_of=NOON + timedelta(hours=next(hours)),
            events=0,
            cases=0,
            findings=[],
            run={},
            rules=[],
            readings={"queue": [reading]},
        )
        settled = settle(
            {"process": str(process_file), "lake": "lake", "alerts_topic": "off", **flags},
            environment=os.environ,
            folder=here,
        ).settings
        told = []
        try:
            tell_alerts(settled, mined, here=here, tell=told.append)
        finally:
            call.scheduler += [message["state"] for message in told]

    call.scheduler = []
    return call


def heard(messages):
    return [(message["key"], message["state"]) for message in messages]


BEGINS, ENDS, AGAIN = (KEYS[0], "firing"), (KEYS[0], "resolved"), (KEYS[2], "firing")


def test_a_webhook_hears_of_an_alert_once_when_it_fires_and_once_when_it_is_over(run, web):
    for length in (2, 3, 1, 1):
        run(length, alerts_webhook=f"{web.address}/hook", report_url="https://office.example")
    assert heard(web.posted) == [BEGINS, ENDS]
    assert [taken["path"] for taken in web.taken] == ["/hook", "/hook"]
    assert [taken["headers"]["Idempotency-Key"] for taken in web.taken] == [
        f"{KEYS[0]}/firing/2026-03-02T12:00:00+07:00",
        f"{KEYS[0]}/resolved/2026-03-02T14:00:00+07:00",
    ]
    assert web.posted[0] == {
        "alert_id": "queue",
        "key": KEYS[0],
        "state": "firing",
        "severity": "critical",
        "measure": "queue_length",
        "subject": {"activity": "Check", "attribute": None, "group": None},
        "value": 2,
        "unit": "files",
        "threshold": 1,
        "usual": None,
        "since": "2026-03-02T12:00:00+07:00",
        "evaluated": "2026-03-02T12:00:00+07:00",
        "reminder": 0,
        "acknowledged": None,
        "cases": [],
        "rule": None,
        "url": "https://office.example/map/details?place=Check",
        "wording": {
            "en": "2 files wait at Check (threshold 1), since 2026-03-02 12:00.",
            "id": "2 berkas menunggu di Check (ambang 1), sejak 2026-03-02 12:00.",
        },
    }


def test_a_message_has_the_fields_that_the_reference_shows(run, web):
    run(2, alerts_webhook=web.address)
    page = Path(__file__).parents[2] / "docs" / "reference.md"
    (shown,) = re.findall(r'(?ms)^```json\n(\{"alert_id".*?)^```$', page.read_text())
    shown, (sent,) = json.loads(shown), web.posted
    assert list(shown) == list(sent)
    assert list(shown["subject"]) == list(sent["subject"])
    assert list(shown["wording"]) == list(sent["wording"])


def test_while_one_channel_is_away_the_others_hear_and_it_hears_all_later(
    run, web, other_web, post_office
):
    to = {
        "alerts_webhook": web.address,
        "alerts_alertmanager": other_web.address,
        "alerts_apprise": mail(post_office),
    }
    web.close()
    with pytest.raises(RetryError, match="does not answer: Connection refused"):
        run(2, **to)
    web.open()
    web.usual = 503
    with pytest.raises(RetryError, match="answers 503"):
        run(1, **to)
    assert run.scheduler == ["firing", "resolved"]
    assert [alert["annotations"]["key"] for (alert,) in other_web.posted] == [KEYS[0], KEYS[0]]
    assert post_office.subjects == ["critical: queue (office)", "over / selesai: queue (office)"]
    web.usual = 200
    run(2, **to)
    assert heard(web.posted) == [BEGINS, ENDS, AGAIN]
    assert run.scheduler == ["firing", "resolved", "firing"]
    assert len(post_office.mails) == 3


def test_what_was_sent_before_one_failed_is_not_sent_again(run, web):
    to = {"alerts_webhook": web.address}
    web.answers = [503, 200, 503]
    with pytest.raises(RetryError):
        run(2, **to)
    with pytest.raises(RetryError):
        run(1, **to)
    run(1, **to)
    assert heard(taken["json"] for taken in web.taken) == [BEGINS, BEGINS, ENDS, ENDS]
    assert heard(web.posted) == [BEGINS, ENDS]


def test_what_was_taken_but_not_answered_comes_again_under_the_same_key(run, web):
    web.answers = [None]
    with pytest.raises(RetryError):
        run(2, alerts_webhook=web.address)
    run(2, alerts_webhook=web.address)
    first, second = web.taken
    assert first["json"] == second["json"]
    assert first["headers"]["Idempotency-Key"] == second["headers"]["Idempotency-Key"]


def test_a_wrong_address_is_told_without_its_secret_and_once_corrected_nothing_is_lost(
    run, web, other_web
):
    others = {"alerts_alertmanager": other_web.address}
    web.usual = 404
    for length in (2, 1):
        with pytest.raises(StopError, match=r"RUNUT_ALERTS_WEBHOOK\) answers 404") as caught:
            run(length, alerts_webhook=f"{web.address}/hook/s3cret", **others)
        assert "s3cret" not in str(caught.value)
    assert len(other_web.posted) == 2
    web.usual = 200
    run(1, alerts_webhook=f"{web.address}/hook/right", **others)
    assert heard(web.posted) == [BEGINS, ENDS]


def test_an_alert_goes_to_the_named_host_alone(run, web, other_web):
    web.usual = (307, ("Location", other_web.address))
    with pytest.raises(StopError, match="redirects are not followed"):
        run(2, alerts_webhook=web.address)
    assert other_web.taken == []


def test_of_several_failures_all_are_told_and_it_is_tried_again_where_that_may_help(
    run, web, other_web
):
    web.usual, other_web.usual = 404, 503
    to = {"alerts_webhook": web.address, "alerts_alertmanager": other_web.address}
    with pytest.raises(RetryError, match=r"(?s)WEBHOOK\) answers 404.*MANAGER\) answers 503"):
        run(2, **to)
    other_web.usual = 400
    with pytest.raises(StopError, match=r"(?s)WEBHOOK\) answers 404.*MANAGER\) answers 400"):
        run(2, **to)


def test_alertmanager_has_an_alert_while_it_fires_and_is_told_its_end(run, web):
    """It forgets when it restarts: what fires is repeated by each run, and lasts beyond it."""
    started = datetime.now(UTC)
    to = {"alerts_alertmanager": f"{web.address}/am/", "report_url": "https://office.example"}
    for length in (2, 3, 1, 1):
        run(length, **to)
    assert {taken["path"] for taken in web.taken} == {"/am/api/v2/alerts"}
    (first,), (repeated,), (over,) = web.posted
    assert first["labels"] == {
        "alertname": "queue",
        "severity": "critical",
        "process": "office",
        "measure": "queue_length",
        "activity": "Check",
    }
    assert first["annotations"] == {
        "summary": "2 files wait at Check (threshold 1), since 2026-03-02 12:00.",
        "summary_id": "2 berkas menunggu di Check (ambang 1), sejak 2026-03-02 12:00.",
        "key": KEYS[0],
        "cases": "",
    }
    assert first["startsAt"] == "2026-03-02T12:00:00+07:00"
    assert datetime.fromisoformat(first["endsAt"]) > started + timedelta(days=31)
    assert first["generatorURL"] == "https://office.example/map/details?place=Check"
    assert {**repeated, "endsAt": ""} == {**first, "endsAt": ""}
    assert over["labels"] == first["labels"]
    assert (over["startsAt"], over["endsAt"]) == (first["startsAt"], "2026-03-02T14:00:00+07:00")


def test_alertmanager_hears_in_one_post_and_in_order_what_it_missed(run, web):
    web.usual = 500
    for length in (2, 1, 2):
        with pytest.raises(RetryError):
            run(length, alerts_alertmanager=web.address)
    web.usual = 200
    run(2, alerts_alertmanager=web.address)
    (alerts,) = web.posted
    ended = [alert["endsAt"].startswith("2026-03-02T") for alert in alerts]
    assert ended == [False, True, False]
    assert [alert["annotations"]["key"] for alert in alerts] == [KEYS[0], KEYS[0], KEYS[2]]


def mail(office, to="operations@office.example"):
    return f"mailto://127.0.0.1:{office.port}/?from=runut@office.example&to={to}&mode=insecure"


def test_an_alert_is_a_mail_in_both_languages(run, post_office):
    run(2, alerts_apprise=mail(post_office), report_url="https://office.example")
    (found,) = post_office.mails
    assert found["Subject"] == "critical: queue (office)"
    assert found["To"] == "operations@office.example"
    text = found.get_body(("plain",)).get_content()
    assert "2 files wait at Check (threshold 1), since 2026-03-02 12:00." in text
    assert "2 berkas menunggu di Check (ambang 1), sejak 2026-03-02 12:00." in text
    assert "https://office.example" in text
    assert KEYS[0] in text


def test_what_a_mail_server_did_not_take_is_mailed_later_in_one_mail_the_worst_first(
    run, post_office
):
    to = {"alerts_apprise": mail(post_office)}
    post_office.close()
    with pytest.raises(RetryError, match=r"apprise/mailto \(RUNUT_ALERTS_APPRISE\) did not take"):
        run(2, **to)
    post_office.open()
    post_office.refuses = "451 come back later"
    with pytest.raises(RetryError, match="apprise/mailto"):
        run(1, **to)
    post_office.refuses = None
    run(2, **to)
    run(2, **to)
    (found,) = post_office.mails
    assert found["Subject"] == "critical: 2 alerts, 1 over / selesai (office)"
    text = found.get_body(("plain",)).get_content()
    assert text.index("1. critical: queue") < text.index(KEYS[2])
    assert text.index(KEYS[2]) < text.index("2. over / selesai: queue") < text.index(KEYS[0])


def test_of_several_services_of_apprise_one_that_is_away_makes_no_other_repeat(
    run, post_office, web, caplog
):
    caplog.set_level(logging.INFO)
    to = {"alerts_apprise": f"json://ann:s3cret@127.0.0.1:{web.port}/\n{mail(post_office)}\n"}
    web.close()
    for length in (2, 1):
        with pytest.raises(RetryError, match="apprise/json"):
            run(length, **to)
    assert len(post_office.mails) == 2
    web.open()
    run(1, **to)
    assert len(post_office.mails) == 2
    assert [post["type"] for post in web.posted] == ["success"]
    assert "s3cret" not in caplog.text


def test_two_addresses_of_one_service_are_two_channels(run, post_office):
    first, second = mail(post_office, "a@office.example"), mail(post_office, "b@office.example")
    run(2, alerts_apprise=first)
    run(2, alerts_apprise=f"{first} {second}")
    run(2, alerts_apprise=f"{first} {second}")
    assert [found["To"] for found in post_office.mails] == ["a@office.example", "b@office.example"]


def test_an_address_that_apprise_does_not_know_is_told_without_its_secret(run, post_office, caplog):
    with (
        caplog.at_level(logging.INFO),
        pytest.raises(UsageError, match=r"address of apprise/nosuch .*_APPRISE") as caught,
    ):
        run(2, alerts_apprise=f"nosuch://s3cret.example/s3cret {mail(post_office)}")
    assert "s3cret" not in str(caught.value) + caplog.text
    assert len(post_office.mails) == 1
