"""What the scheduler runs, on a real Prefect server of this session."""

import json
import re
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment
from prefect.deployments.runner import DeploymentApplyError
from prefect.events import DoNothing, EventTrigger, Resource
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import PrefectHTTPStatusError

from eventlog import definition_file
from eventlog.errors import RetryError, StopError
from flows.scheduler.automations import closer_look_name, failure_name
from flows.scheduler.deploy import automate, deployments, register, when
from flows.scheduler.registered import Change, ask
from flows.scheduler.scheduled import Job, MineJob, look_closer_flow, mine_flow, retrying, tidy_flow
from flows.scheduler.told import Scheduler
from flows.settings import Settings

# A run that the clock begins while a test serves would be one that the test did not ask for.
UNASKED = {f"RUNUT_SCHEDULE_{name}": "off" for name in ("INGEST", "MINE", "TIDY")}


@pytest.fixture
def office(runut, permits, process_file):
    """A lake with the small log, and the settings that name it."""
    assert runut("import", permits, "--process", process_file, "--lake", "lake").code == 0
    return Settings(process=str(process_file), lake="lake", results=Path("results"))


def artifacts():
    with get_client(sync_client=True) as client:
        response = client.request("POST", "/artifacts/filter", json={})
    return {found["key"]: json.dumps(found["data"]) for found in response.json()}


def on_server(ids):
    with get_client(sync_client=True) as client:
        return [client.read_deployment(each) for each in ids]


@pytest.mark.usefixtures("server")
def test_mining_by_schedule_gives_what_the_command_gives_and_shows_no_officer(office, runut, here):
    mine_flow(MineJob(process=office.process, lake="lake", results="scheduled"))
    mine = ["mine", "--process", office.process, "--lake", "lake", "--out", "commanded"]
    assert runut(*mine).code == 0
    for name in ("map.json", "variants.csv", "findings.json", "cases.parquet", "report.html"):
        scheduled, commanded = here / "scheduled" / name, here / "commanded" / name
        assert scheduled.read_bytes() == commanded.read_bytes()
    shown = artifacts()
    assert float(shown["progress-office"]) == 100
    assert {"summary-office", "findings-office", "report-office"} <= shown.keys()
    assert "3 cases" in shown["summary-office"]
    assert "report.html" in shown["report-office"]
    officers = {"ann", "bob", *pseudonyms(here / "scheduled" / "handover_resources.csv")}
    assert len(officers) > 2
    assert not [name for name in officers if re.search(rf"\b{name}\b", " ".join(shown.values()))]


def events(name, of):
    """The payloads and resources of the events of that name and resource, once there is one."""
    until = time.monotonic() + 60
    found = []
    while not found and time.monotonic() < until:
        time.sleep(0.3)
        with get_client(sync_client=True) as client:
            body = {"filter": {"event": {"name": [name]}, "resource": {"id": [of]}}}
            found = client.request("POST", "/events/filter", json=body).json()["events"]
    return [(event["resource"], event["payload"]) for event in found]


@pytest.fixture
def queueing(office, runut, here):
    """The office with two files in a queue that an alert rule allows one in."""
    process = Path(office.process)
    rule = "{name: long queue, measure: queue_length, activity: Check, above: 1}"
    process.write_text(process.read_text() + f"alerts: [{rule}]\n")
    (here / "more.csv").write_text(
        "case,activity,time,officer\n"
        "P4,Submit,2026-03-05 11:00:00,\nP5,Submit,2026-03-05 12:00:00,\n"
    )
    assert runut("import", "more.csv", "-p", process, "--lake", "lake").code == 0
    return MineJob(process=office.process, lake="lake", results="results")


@pytest.mark.usefixtures("server")
def test_an_alert_is_an_event_that_automations_can_match_and_names_nobody(queueing, monkeypatch):
    monkeypatch.setenv("RUNUT_ALERTS_TOPIC", "off")
    mine_flow(queueing)
    ((resource, payload),) = events("runut.alert.firing", "runut.alert/office/long%20queue")
    assert resource == {
        "prefect.resource.id": "runut.alert/office/long%20queue",
        "prefect.resource.name": "long queue",
        "runut.process": "office",
        "runut.severity": "warning",
        "runut.measure": "queue_length",
        "runut.activity": "Check",
    }
    assert (payload["state"], payload["value"]) == ("firing", 2)
    assert len(payload["cases"]) == 2
    assert not re.search(r"\bP[45]\b", json.dumps([resource, payload]))
    page = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-a-schedule.md"
    (said,) = re.findall(r"(?ms)^```yaml\n(type: event\n.*?)^```$", page.read_text())
    trigger = EventTrigger.model_validate(yaml.safe_load(said))
    critical = {**resource, "runut.severity": "critical"}
    assert trigger.match.matches(Resource(root=critical))
    assert not trigger.match.matches(Resource(root=resource))


@pytest.mark.usefixtures("server")
def test_a_watch_posts_its_alerts_as_the_same_events_and_a_repeat_counts_once():
    subject = {"activity": "Check", "attribute": None, "group": None}
    rule = {"alert_id": "live queue", "measure": "queue_length", "severity": "warning"}
    message = {**rule, "key": "live queue/1", "state": "firing", "subject": subject}
    scheduler = Scheduler(process="watched", lake="lake")
    for _ in range(2):
        scheduler.send([message])
    scheduler.send([{**message, "state": "resolved"}])
    scheduler.close()
    resource = "runut.alert/watched/live%20queue"
    assert len(events("runut.alert.resolved", resource)) == 1
    assert [payload for _, payload in events("runut.alert.firing", resource)] == [message]


@pytest.mark.usefixtures("server")
def test_a_run_that_cannot_send_its_alerts_fails_and_leaves_its_results(
    queueing, broker, here, monkeypatch
):
    monkeypatch.setenv("RUNUT_KAFKA", broker.bootstrap)
    monkeypatch.setenv("RUNUT_ALERTS_TOPIC", "no-such-topic")
    with pytest.raises(StopError, match='"no-such-topic" does not exist'):
        mine_flow(queueing)
    assert (here / "results" / "report.html").exists()


@pytest.mark.usefixtures("server")
def test_a_channel_that_is_back_after_a_pause_hears_within_the_same_run(queueing, web, monkeypatch):
    monkeypatch.setenv("RUNUT_ALERTS_TOPIC", "off")
    monkeypatch.setenv("RUNUT_ALERTS_WEBHOOK", web.address)
    web.answers = [503]
    mine_flow(queueing)
    assert [taken["answer"] for taken in web.taken] == [503, 200]
    assert web.taken[0]["json"] == web.taken[1]["json"]


@pytest.mark.usefixtures("server")
def test_a_closer_look_shows_every_step_that_an_alert_fires_about_and_counts_a_run_once(
    queueing, here, monkeypatch
):
    monkeypatch.setenv("RUNUT_ALERTS_TOPIC", "off")
    mine_flow(queueing)
    look_closer_flow(queueing.model_copy(update={"results": "closer"}), "by hand", "Decide")
    shown = artifacts()
    assert {"closer-look-office-decide", "closer-look-office-check"} <= shown.keys()
    said = json.loads(shown["closer-look-office-check"])
    assert said.startswith("# Check\n")
    assert "2 open applications stand here now" in said
    assert not [name for name in ("ann", "bob") if re.search(rf"\b{name}\b", said)]
    assert (here / "closer" / "report.html").exists()
    ((_, told),) = events("runut.run.finished", "runut.run/office/look-closer")
    assert (told["process"], told["flow"]) == ("office", "look-closer")
    counts = told["counts"]
    assert counts["cases"] == 5
    assert counts["places"] == 2


def pseudonyms(path):
    rows = path.read_text().splitlines()[1:]
    return {name for row in rows for name in row.split(",")[:2]}


@pytest.mark.usefixtures("server", "here")
def test_tidying_by_schedule_tells_what_it_did(office):
    tidy_flow(Job(process=office.process, lake="lake"))
    assert "files before" in artifacts()["tidy-office"]


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(("error", "tries"), [(RetryError("busy"), 3), (StopError("broken"), 1)])
def test_only_what_may_heal_by_itself_is_tried_again(error, tries):
    tried = []

    @retrying
    def work():
        tried.append(1)
        if len(tried) < 3:
            raise error

    quick = work.with_options(retry_delay_seconds=0)

    @flow
    def working():
        quick()

    if isinstance(error, StopError):
        with pytest.raises(StopError, match="broken"):
            working()
    else:
        working()
    assert len(tried) == tries


@pytest.fixture
def called(process_file, here):
    """Writes the office's process file anew, under a name that no other test deploys.

    Planned runs of what was deployed under one name would come late to who serves that later.
    """

    def write(name):
        path = here / f"{name}.yaml"
        path.write_text(process_file.read_text().replace("process: office", f"process: {name}"))
        return path

    return write


@pytest.mark.usefixtures("server")
def test_deploying_again_changes_nothing_and_a_new_schedule_only_that(called, here):
    path = called("again")
    settings = Settings(process=str(path), lake="lake", results=Path("results"))
    process = definition_file.load(path)
    made = register(deployments(settings, process, here=here))
    assert {each.change for each in made} == {Change.MADE}
    ids = [each.id for each in made]
    first = on_server(ids)
    again = register(deployments(settings, process, here=here))
    assert [(each.id, each.change) for each in again] == [(id_, Change.SAME) for id_ in ids]
    assert [each.updated for each in on_server(ids)] == [each.updated for each in first]
    assert [each.schedules for each in on_server(ids)] == [each.schedules for each in first]
    assert {str(one.schedule.timezone) for each in first for one in each.schedules} == {
        "Asia/Jakarta"
    }
    assert {each.concurrency_options.collision_strategy for each in first} == {"CANCEL_NEW"}
    assert {each.global_concurrency_limit.limit for each in first} == {1}
    assert first[0].parameters == {"job": {"process": str(path), "lake": str(here / "lake")}}

    later = settings.model_copy(
        update={"schedule_mine": "30 6 * * mon-fri", "schedule_tidy": "off"}
    )
    wanted = deployments(later, process, here=here)
    said = [Change.SAME, Change.CHANGED, Change.CHANGED, Change.SAME]
    assert [each.change for each in register(wanted)] == said
    ingest, mine, tidy, _ = on_server(ids)
    assert ingest.updated == first[0].updated
    assert [one.schedule.cron for one in mine.schedules] == ["30 6 * * mon-fri"]
    assert not tidy.schedules
    assert [when(each) for each in wanted[2:]] == ["only when asked"] * 2


@pytest.mark.usefixtures("server")
def test_the_server_plans_the_runs_of_every_schedule_and_of_no_other(called, here):
    """With some versions of SQLAlchemy beside it, Prefect takes deployments and plans nothing."""
    process = called("planned")
    asked = {"schedule_mine": "20 5 * * *", "schedule_tidy": "off"}
    settings = Settings(process=str(process), lake="lake", results=Path("results"), **asked)
    wanted = deployments(settings, definition_file.load(process), here=here)
    ids = {str(each.id): each.name for each in register(wanted)}
    body = {"deployments": {"id": {"any_": list(ids)}}, "sort": "EXPECTED_START_TIME_ASC"}

    def planned():
        with get_client(sync_client=True) as client:
            runs = client.request("POST", "/flow_runs/filter", json=body).json()
        assert {run["state_type"] for run in runs} <= {"SCHEDULED"}
        found = {}
        for run in runs:
            start = datetime.fromisoformat(run["expected_start_time"]).astimezone(UTC)
            found.setdefault(ids[run["deployment_id"]], []).append(start)
        return found

    until = time.monotonic() + 60
    while len(planned()) < 2 and time.monotonic() < until:
        time.sleep(0.3)
    found = planned()
    assert found.keys() == {"ingest/planned", "mine/planned"}
    assert {start.minute % 10 for start in found["ingest/planned"]} == {0}
    assert {(start.hour, start.minute) for start in found["mine/planned"]} == {(22, 20)}


@pytest.mark.long
def test_the_command_serves_until_it_is_told_to_stop(office, server, spawned, here):
    ran = spawned(
        *("deploy", "-p", office.process, "-l", "lake", "-o", "served"),
        PREFECT_API_URL=server,
        PREFECT_RUNNER_POLL_FREQUENCY="1",
        **UNASKED,
    )
    assert "Serving 4 deployments" in ran.stdout.readline()
    run = run_deployment("mine/office", timeout=120, poll_interval=1, as_subflow=False)
    assert run.state.is_completed(), run.state
    assert (here / "served" / "report.html").exists()
    ran.send_signal(signal.SIGTERM)
    assert ran.wait(timeout=60) == 128 + signal.SIGTERM
    assert "Traceback" not in ran.stderr.read()


@pytest.mark.long
def test_a_server_that_does_not_answer_is_named(spawned, process_file):
    nowhere = "http://127.0.0.1:9/api"
    ran = spawned("deploy", "-p", process_file, "-l", "l", "-o", "r", PREFECT_API_URL=nowhere)
    _, said = ran.communicate(timeout=120)
    assert ran.returncode == 1
    assert said.startswith(f"runut: no Prefect server answers at {nowhere}")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("answer", "error"), [(503, RetryError), (500, RetryError), (401, StopError), (422, StopError)]
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_what_the_server_cannot_do_now_may_be_tried_again_and_what_it_refuses_not(
    answer, error, wrapped
):
    async def talk():
        response = httpx.Response(answer, request=httpx.Request("POST", "http://127.0.0.1:9"))
        said = PrefectHTTPStatusError("no", request=response.request, response=response)
        if wrapped:
            raise DeploymentApplyError("it was about a deployment") from said
        raise said

    with pytest.raises(error):
        ask(talk())


@pytest.fixture
def deployed(called, here):
    """Sets up its automations by these settings besides; what became of them and of blocks."""
    path = called("automated")
    process = definition_file.load(path)
    said = {"process": str(path), "lake": "lake", "results": Path("results")}
    there = register(deployments(Settings(**said), process, here=here))

    def deploy(**given):
        return automate(Settings(**said, **given), process, there)

    yield deploy
    with get_client(sync_client=True) as client:
        for name in (closer_look_name("automated"), failure_name("automated")):
            for each in client.read_automations_by_name(name):
                client.delete_automation(each.id)


def changes(found):
    return {each.name.removeprefix("runut: automated: "): str(each.change) for each in found}


LOOK, TELL = "look closer when an alert fires", "tell when a run fails"
HOOK = "https://hooks.example/token"


def on_automations(ids):
    with get_client(sync_client=True) as client:
        return [client.read_automation(each) for each in ids]


@pytest.mark.usefixtures("server")
def test_automations_are_written_once_and_again_only_where_they_say_something_new(deployed):
    first = deployed()
    assert changes(first.automations) == {LOOK: "made"}
    assert not first.tells_of_failures
    second = deployed(alerts_webhook=HOOK)
    assert changes(second.automations) == {LOOK: "unchanged", TELL: "made"}
    assert changes(second.blocks) == {"runut-automated-webhook": "made"}
    ids = [each.id for each in second.automations]
    before = on_automations(ids)
    third = deployed(alerts_webhook=HOOK)
    assert set(changes([*third.automations, *third.blocks]).values()) == {"unchanged"}
    assert on_automations(ids) == before
    other = deployed(alerts_webhook=HOOK + "2", alerts_apprise="json://127.0.0.1:9")
    assert changes(other.automations) == {LOOK: "unchanged", TELL: "changed"}
    assert [each.id for each in other.automations] == ids
    assert changes(other.blocks) == {
        "runut-automated-webhook": "changed",
        "runut-automated-apprise": "made",
    }
    last = deployed()
    assert changes(last.automations) == {LOOK: "unchanged", TELL: "removed"}
    assert set(changes(last.blocks).values()) == {"removed"}


@pytest.mark.usefixtures("server")
def test_what_others_automate_is_left_alone_and_what_they_switch_off_stays_off(deployed):
    with get_client(sync_client=True) as client:
        (ours,) = deployed().automations
        theirs = AutomationCore(
            name=failure_name("automated"), trigger=EventTrigger(), actions=[DoNothing()]
        )
        other = client.create_automation(theirs)
        client.pause_automation(ours.id)
        there = client.read_automation(ours.id)
        says = there.description.replace("[", "[0")[:-2] + "]"
        old = AutomationCore(
            **{**there.model_dump(exclude={"id", "owner_resource"}), "description": says}
        )
        client.update_automation(ours.id, old)
        before = client.read_automation(other)
        again = deployed(alerts_webhook=HOOK).automations
        assert changes(again) == {LOOK: "changed", TELL: "made"}
        assert other not in {each.id for each in again}
        assert not client.read_automation(ours.id).enabled
        deployed()
        assert client.read_automation(other) == before
        client.delete_automation(other)
