"""The part of the evidence about the watch says what was measured, and what was promised."""

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

EVIDENCE = Path(__file__).parents[2] / "evidence"
MADE = ("watch_drift", "watch_quiet", "watch_rules", "watch_strike", "watch_telling")


@pytest.fixture
def evidence(monkeypatch):
    """The scripts of the evidence, which are no package."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(EVIDENCE))
    yield SimpleNamespace(**{name: import_module(name) for name in MADE})
    for name in set(sys.modules) - before:
        if str(EVIDENCE) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def quiet(evidence, seed, **alerts):
    rules = evidence.watch_rules
    names = [*rules.MEASURED, *(rule["name"] for rule in rules.unusual())]
    said = dict.fromkeys(names, 0) | {name.replace("_", " "): n for name, n in alerts.items()}
    return evidence.watch_quiet.Quiet(seed=seed, weeks=15, above={}, alerts=said)


def told(evidence, **more):
    fields = {"rule": "queue", "above": 50.0, "held": 1000, "fired": 1020, "passed": 9000}
    return evidence.watch_strike.Told(**{**fields, "over": 9100, "alerts": 1, "before": 0, **more})


def test_what_was_measured_is_held_against_what_was_promised(evidence, tmp_path):
    offices = [quiet(evidence, 7, queue_5_spreads_above_usual=4), quiet(evidence, 8)]
    struck = [
        evidence.watch_strike.Struck(
            seed=9, evaluations=100, alike=99, told=[told(evidence), told(evidence, over=None)]
        )
    ]
    drifted = [
        evidence.watch_drift.Drifted(seed=5, days=365, told=10, raised=["a=b"], after=[3, None, 2])
    ]
    evidence.watch_telling.write(tmp_path, quiet=offices, drifted=drifted, struck=struck)
    text = (tmp_path / "evidence.md").read_text("utf-8")
    at_most = "at most one in 20 rule-weeks"
    assert f"false alerts of fixed thresholds | {at_most} | 0 in 90 rule-weeks | met |" in text
    usual = "quiet offices: false alerts of 5 spreads above the usual"
    assert f"| {usual} | {at_most} | 4 in 60 rule-weeks | **not met** |" in text
    assert "within one evaluation (an hour) of the condition | all | 2 of 2 | met |" in text
    assert "taken back after recovery | all | 1 of 2 | **not met** |" in text
    assert "to the digit | all | 99 of 100 | **not met** |" in text
    assert "an office with 10 groups | at most 1 | 1.0 | met |" in text
    assert "seeds 7 to 8" in text
    for above, below in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if above.startswith("|") and below.startswith("|"):
            assert above.count("|") == below.count("|"), below


def test_what_was_not_measured_is_not_told(evidence, tmp_path):
    evidence.watch_telling.write(tmp_path, quiet=[], drifted=[], struck=[])
    text = (tmp_path / "evidence.md").read_text("utf-8")
    assert "| met |" not in text
    assert "**not met**" not in text
