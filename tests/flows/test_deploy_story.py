"""An alert fires: the server looks closer by itself, and tells when a run of ours fails."""

import json
import signal
import time

import pytest
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment

from flows.scheduler.closer_look import key

# Named to upset whoever takes it for a template or for a piece of a page.
STEP = "Check <fee> {{ 1 }}"
pytestmark = pytest.mark.long


def until(found, *, seconds=180):
    """What `found` gives once it gives something."""
    end = time.monotonic() + seconds
    while not (there := found()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.5)
    return there


def asked(path, **body):
    with get_client(sync_client=True) as client:
        return client.request("POST", path, json=body).json()


def runs_of(flow):
    ours = {"flows": {"name": {"any_": [flow]}}, "deployments": {"name": {"any_": ["licence"]}}}
    return asked("/flow_runs/filter", **ours)


@pytest.fixture
def licences(runut, here):
    """A lake of another process than other tests have, with two rules that its queue breaks."""
    rows = [f"L{n},Submit,2026-03-0{1 + n % 5} 11:00:00,\n" for n in range(8)]
    rows += ["L8,Submit,2026-03-01 09:00:00,\n", f"L8,{STEP},2026-03-06 09:00:00,ann\n"]
    rows += ["L8,Decide,2026-03-06 10:00:00,bob\n"]
    (here / "licences.csv").write_text("case,activity,time,officer\n" + "".join(rows))
    path = here / "licence.yaml"
    path.write_text(
        "process: licence\ntimezone: Asia/Jakarta\n"
        "columns: {case_id: case, activity: activity, timestamp: time, resource: officer}\n"
        "clock: {closes: [Decide]}\n"
        "privacy: {pseudonymise: [resource], smallest_cell: 1}\n"
        "alerts:\n"
        f"- {{name: long queue, measure: queue_length, activity: '{STEP}', above: 1}}\n"
        f"- {{name: very long queue, measure: queue_length, activity: '{STEP}', above: 2}}\n"
    )
    assert runut("import", "licences.csv", "-p", path, "--lake", "lake").code == 0
    return path


def test_an_alert_is_looked_into_once_and_a_failed_run_is_told_of(
    licences, server, spawned, web, other_web, here
):
    """One look for two alerts of a step; the notice reaches two servers that are really there."""
    ran = spawned(
        *("deploy", "-p", licences, "-l", "lake", "-o", "served", "--json"),
        PREFECT_API_URL=server,
        PREFECT_RUNNER_POLL_FREQUENCY="1",
        # a run that the clock begins is one that nobody asked for here
        RUNUT_SCHEDULE_INGEST="off",
        RUNUT_SCHEDULE_MINE="off",
        RUNUT_SCHEDULE_TIDY="off",
        RUNUT_ALERTS_TOPIC="off",
        RUNUT_ALERTS_WEBHOOK=web.address,
        RUNUT_ALERTS_APPRISE=other_web.address.replace("http", "json"),
    )
    said = read_json(ran)
    assert {each["change"] for each in said["deployments"]} == {"made"}
    assert {each["change"] for each in said["automations"]} == {"made"}
    mined = run_deployment("mine/licence", timeout=120, poll_interval=1, as_subflow=False)
    assert mined.state.is_completed(), mined.state
    (look,) = until(lambda: [run for run in runs_of("look-closer") if done(run)])
    assert look["state_type"] == "COMPLETED", look
    assert look["parameters"]["activity"] == STEP
    assert look["parameters"]["alert"] in {"long queue", "very long queue"}
    (shown,) = until(
        lambda: asked("/artifacts/filter", artifacts={"key": {"any_": [key("licence", STEP)]}})
    )
    assert "8 open applications stand here now" in shown["data"]
    assert (here / "served-alerts" / "report.html").exists()

    nowhere = {"job": {"process": str(licences), "lake": str(here / "nowhere")}}
    failed = run_deployment(
        "tidy/licence", parameters=nowhere, timeout=120, poll_interval=1, as_subflow=False
    )
    assert failed.state.is_failed(), failed.state
    posted = until(lambda: [each for each in web.posted if each.get("event")])
    assert [(each["event"], each["flow"], each["state"]) for each in posted] == [
        ("runut.run.failed", "tidy", "Failed")
    ]
    assert posted[0]["key"] == f"run/{failed.id}"
    assert posted[0]["run"] == failed.name
    assert posted[0]["url"].endswith(f"/runs/flow-run/{failed.id}")
    mailed = until(lambda: [each for each in other_web.posted if "Runut: tidy" in each["title"]])
    assert "nowhere" not in json.dumps([posted, mailed])
    assert len(runs_of("look-closer")) == 1
    ran.send_signal(signal.SIGTERM)
    assert ran.wait(timeout=60) == 128 + signal.SIGTERM


def done(run):
    return run["state_type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def read_json(ran):
    """The one JSON object that a command prints while it goes on."""
    text = ""
    for line in ran.stdout:
        text += line
        if line == "}\n":
            return json.loads(text)
    pytest.fail(f"no JSON came: {text}, {ran.stderr.read()}")
