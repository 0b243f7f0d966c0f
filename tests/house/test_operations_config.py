"""What config/operations brings for Prometheus and its kin fits what a watch tells."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from connectors.alertmanager import as_alert
from engine.alerting.standing import Reading, Standing, Subject
from engine.alerting.telling import message
from engine.ingest import IngestReport
from engine.watching.watch import Evaluated
from eventlog.definition_alert import Alert
from flows.live.operations.metrics import Metrics
from flows.live.telling import Telling

HERE = Path(__file__).parents[2] / "config" / "operations"
DASHBOARD = json.loads((HERE / "grafana-dashboard.json").read_text(encoding="utf-8"))
PANELS = DASHBOARD["panels"]
SHOWN = [panel for panel in PANELS if panel["type"] != "row"]
RULES = yaml.safe_load((HERE / "runut-rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
MANAGER = yaml.safe_load((HERE / "alertmanager.yml").read_text(encoding="utf-8"))
MORNING = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
QUERIES = [
    *[
        pytest.param(target["expr"], id=f"{panel['title'][:40]} {target['refId']}")
        for panel in SHOWN
        for target in panel["targets"]
    ],
    *[pytest.param(rule["expr"], id=rule["alert"]) for rule in RULES],
]
CHECKED = [
    ("promtool", ["check", "rules", "runut-rules.yml"]),
    ("promtool", ["check", "config", "prometheus.yml"]),
    ("amtool", ["check-config", "alertmanager.yml"]),
]


def firing(rule):
    return Standing(
        alert_id=rule.name,
        key=f"{rule.name}/1",
        state="firing",
        severity=rule.severity,
        measure=rule.measure,
        subject=Subject(),
        value=43,
        unit="files",
        threshold=40,
        usual=12,
        since=MORNING,
        evaluated=MORNING,
        cases=(),
        rule=None,
    )


@pytest.fixture(scope="module")
def told():
    """All samples that a watch tells after it has seen everything once, with their labels."""
    rule = Alert(name="queue", measure="queue_length", above_usual=4)
    channel = Telling(channel="webhook", delivered=1, failed=1, last=1.0, waiting=1)
    metrics = Metrics(process="p", rules=[rule], version="1", told=lambda: [channel])
    metrics.ingested(IngestReport(events=1, rejects=1, batches=1, reasons={"other": 1}))
    metrics.lagging(events=1, behind=None)
    read = Reading(subject=Subject(), value=43, unit="files", usual=12.0, spread=2.0)
    found = Evaluated(
        now=MORNING,
        version=1,
        events=1,
        repeats=1,
        heard=MORNING,
        changed=[firing(rule)],
        living=[firing(rule)],
        fired=frozenset(),
        readings={"queue": [read]},
        off={},
        cases=1,
        rows=1,
        rebuilt=False,
        following_seconds=0.1,
        judging_seconds=0.1,
    )
    metrics.evaluated(found)
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(metrics.page("")[1].decode())
        for sample in family.samples
    }


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_asks_for_figures_that_are_told_by_labels_that_they_have(query, told):
    words = re.sub(r'"(\\.|[^"\\])*"', '""', query)
    asked = set(re.findall(r"\brunut_\w+", words))
    assert asked <= set(told), f"nobody tells {asked - set(told)}"
    known = {"le", "instance", "job"}.union(*(told[name] for name in asked))
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=(?!=))", words))
    for group in re.findall(r"\b(?:by|on|without|group_left)\s*\(([^)]*)\)", words):
        labels |= {label.strip() for label in group.split(",")}
    assert labels <= known, f"{labels - known} in {query}"


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_closes_what_it_opens(query):
    words = re.sub(r'"(\\.|[^"\\])*"', "", query)
    assert '"' not in words
    pairs, still = {")": "(", "]": "[", "}": "{"}, []
    for sign in words:
        if sign in pairs.values():
            still.append(sign)
        elif sign in pairs:
            assert still, query
            assert still.pop() == pairs[sign], query
    assert not still, query


def test_every_figure_that_is_told_stands_on_the_dashboard(told):
    shown = " ".join(str(panel.get("targets")) for panel in PANELS)
    kinds = r"_(bucket|count|sum|created)$"
    figures = {re.sub(kinds, "", name) for name in told if not name.endswith("_created")}
    own = {name for name in figures if not name.startswith("runut_process_")}
    assert not {name for name in own if name not in shown}


def test_panels_have_ids_of_their_own_and_do_not_lie_on_each_other():
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in PANELS:
        at = panel["gridPos"]
        assert 0 <= at["x"] < at["x"] + at["w"] <= 24, panel["title"]
        places = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & places, panel["title"]
        taken |= places


@pytest.mark.parametrize("panel", SHOWN, ids=lambda panel: panel["title"][:40])
def test_a_panel_has_a_title_an_explanation_and_asks_the_chosen_prometheus(panel, told):
    assert panel["type"] in {"stat", "timeseries"}
    assert panel["title"]
    assert panel["description"].endswith((".", "?"))
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    letters = [target["refId"] for target in panel["targets"]]
    assert letters == [chr(ord("A") + place) for place in range(len(letters))]
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"]
        labels = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert labels <= set.union(*told.values()) | {"instance"}


def test_what_the_dashboard_leaves_open_can_be_chosen():
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    text = json.dumps(DASHBOARD)
    used = set(re.findall(r"\$\{?([a-z_]+)\}?", text)) - {"__rate_interval", "__all"}
    assert used == names
    assert "__inputs" not in DASHBOARD


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_how_bad_it_is_what_it_means_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"info", "warning", "critical"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["action"].endswith(".")


def test_the_guide_explains_every_rule_of_prometheus():
    guide = (HERE.parents[1] / "docs" / "how-to" / "watch-a-stream.md").read_text(encoding="utf-8")
    assert not [rule["alert"] for rule in RULES if f"`{rule['alert']}`" not in guide]


def test_alertmanager_goes_by_labels_that_runuts_alerts_have():
    rule = Alert(name="queue", measure="queue_length", above=4)
    sent = as_alert(message(firing(rule), timezone="UTC", url=None), process="p", ends=MORNING)
    assert set(MANAGER["route"]["group_by"]) <= set(sent["labels"])
    receivers = {receiver["name"] for receiver in MANAGER["receivers"]}
    routes = [MANAGER["route"], *MANAGER["route"]["routes"]]
    assert {route["receiver"] for route in routes} == receivers
    named = {rule["alert"] for rule in RULES}
    for inhibited in MANAGER["inhibit_rules"]:
        source = re.search(r'"(\w+)"', inhibited["source_matchers"][0])[1]
        prefix, words = re.search(r'"(\w+)\(([\w|]+)\)"', inhibited["target_matchers"][0]).groups()
        assert {source, *(prefix + word for word in words.split("|"))} <= named


def test_the_examples_hold_no_address_of_anybody():
    for path in HERE.iterdir():
        text = path.read_text(encoding="utf-8")
        for host in re.findall(r"(?:@|://)([\w.-]+)", text):
            assert "." not in host or host.endswith(".example"), f"{path.name}: {host}"


@pytest.mark.parametrize(("tool", "words"), CHECKED, ids=str)
def test_their_own_tools_find_no_fault(tool, words):
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    done = subprocess.run([tool, *words], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_itself_understands_the_dashboards_queries(tmp_path):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    rules = [
        {
            "record": f"dashboard:panel{panel['id']}{target['refId']}",
            "expr": target["expr"].replace("$__rate_interval", "5m").replace("$", "any"),
        }
        for panel in SHOWN
        for target in panel["targets"]
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
