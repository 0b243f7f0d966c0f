"""The page of evidence is made of what was measured, and tells nothing of the machine."""

import json
import os
import platform
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from eventlog import definition_file
from miners.detours import episodes
from miners.procedure.bpmn import read_procedure

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "evidence"
MADE = ("offices", "measuring", "scores", "municipalities", "telling", "detours")


@pytest.fixture
def evidence(monkeypatch):
    """The scripts of the evidence, which are no package."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(EVIDENCE))
    yield SimpleNamespace(**{name: import_module(name) for name in MADE})
    for name in set(sys.modules) - before:
        if str(EVIDENCE) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def script(folder, *options):
    asked = [sys.executable, EVIDENCE / "detours.py", "--only", "offices", "--out", folder / "docs"]
    sizes = ["--seeds", "2", "--first", "30", "--cases", "150", "--processes", "1"]
    place = {**os.environ, "PYTHONPATH": str(ROOT), "RUNUT_EVIDENCE": str(folder / "kept")}
    subprocess.run([*asked, *sizes, *options], env=place, check=True, capture_output=True)
    return (folder / "docs" / "evidence.md").read_text("utf-8")


def names_no_place(text):
    assert platform.node() not in text.split()
    assert not re.search(r"(?<![\w.)])/(home|root|tmp|work|usr)\b", text)


def tables_are_whole(text):
    for above, below in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if above.startswith("|") and below.startswith("|"):
            assert above.count("|") == below.count("|"), below


@pytest.mark.long
def test_the_script_measures_two_seeds_and_takes_them_from_the_cache_when_asked_again(tmp_path):
    text = script(tmp_path)
    names_no_place(text)
    tables_are_whole(text)
    assert "with the seeds 30 to 31" in text
    assert "6 such offices" in text
    assert (tmp_path / "docs" / "images" / "evidence-costs.svg").read_text("utf-8")
    kept = sorted((tmp_path / "kept").glob("seed-*.json"))
    assert [path.name for path in kept] == ["seed-30.json", "seed-31.json"]
    content = json.loads(kept[0].read_text("utf-8"))
    assert [one["name"] for one in content["offices"]] == ["together", "alone", "clean"]
    content["offices"][2]["judged"][0]["wrong"] = ["repeated of Sign decision"]
    kept[0].write_text(json.dumps(content), encoding="utf-8")
    again = script(tmp_path, "--resume")
    clean = "rules: clean offices in which any detour is told"
    assert f"| {clean} | at most 5 % | 0 of 2 | met |" in text
    assert f"| {clean} | at most 5 % | 1 of 2 | **not met** |" in again


def test_the_page_that_is_published_is_of_seeds_that_nobody_built_with():
    text = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    names_no_place(text)
    tables_are_whole(text)
    assert "with the seeds 9000 to 9099" in text
    for name in re.findall(r"\]\((images/[^)]+)\)", text):
        assert (ROOT / "docs" / name).read_text("utf-8").startswith("<?xml")


def test_every_seed_has_other_offices_and_every_kind_is_planted_alone_in_some(evidence):
    assert set(evidence.offices.KINDS) == set(episodes.KINDS)
    made = [evidence.offices.offices(seed, 100) for seed in range(5000, 5018)]
    together, alone, clean = zip(*made, strict=True)
    assert {one.detours[0].kind for one in alone} == set(episodes.KINDS)
    assert len({one.detours for one in together}) == len(made)
    assert not any(one.detours for one in clean)
    assert len({one.office.seed for each in made for one in each}) == 3 * len(made)
    assert made[0] == evidence.offices.offices(5000, 100)


def office(evidence, name, *, found, planted, right, cost, wrong=()):
    """An office with one repeated step that truly adds three days."""
    m = evidence.measuring
    told = m.Found(
        kind="repeated",
        found=found,
        planted=planted,
        right=right,
        days=3.0 if planted else None,
        cost=m.Interval(value=sum(cost) / 2, low=cost[0], high=cost[1]) if cost else None,
    )
    judged = m.Judged(by="rules", kinds=[told], findings=1, wrong=wrong, strayed=found, total=None)
    return m.Measured(
        name=name,
        cases=200,
        planted=["repeated"] if planted else [],
        innocent=[],
        total=0.0,
        summed=0.0,
        judged=[judged],
        naive={"repeated": m.Interval(value=9.0, low=8.0, high=10.0)} if planted else {},
    )


def test_what_is_found_is_counted_against_what_was_planted(evidence):
    offices = [
        office(evidence, "alone", found=40, planted=50, right=40, cost=(2.0, 4.0)),
        office(evidence, "alone", found=50, planted=50, right=50, cost=(4.0, 6.0)),
        office(evidence, "alone", found=0, planted=10, right=0, cost=None),
        office(evidence, "clean", found=10, planted=0, right=0, cost=None),
    ]
    scores = evidence.scores
    kind = scores.kind(offices, "rules", "repeated")
    assert (kind.offices, kind.precision, kind.worst) == (3, 0.9, 0.0)
    assert kind.recall == pytest.approx(90 / 110)
    assert scores.rare(offices, "rules", "repeated", least=0.2, most=0.3) == (2, 0.9)
    price = scores.price(offices, "rules", "repeated")
    assert (price.offices, price.priced, price.held, price.off, price.width) == (3, 2, 1, 1.0, 2.0)
    assert scores.naive(offices, "repeated").held == 0
    told = {one.what: (one.measured, one.met) for one in scores.verdicts(offices)}
    assert told["rules: recall of the worst kind"] == ("81.8 % (repeated)", False)
    assert told["rules: intervals with the planted cost in them, worst kind"] == (
        "50.0 % (repeated)",
        False,
    )
    assert told["rules: clean offices in which any detour is told"] == ("0 of 1", True)
    assert told["BPMN drawing: recall of the worst kind"][1] is None
    assert scores.wrong(offices, "rules", "clean").marked == 1


def municipality(evidence, log, *rows, usual=()):
    m = evidence.municipalities
    detours = [
        m.Told(
            kind="repeated",
            activities=(name,),
            cases=round(share * 100),
            eligible=100,
            share=share,
            low=share - 0.05,
            high=share + 0.05,
            days=None,
            days_low=None,
            days_high=None,
        )
        for name, share in rows
    ]
    return m.Municipality(
        log=log,
        by="usual routes",
        unit="working days",
        cases=100,
        detoured=None,
        smallest_cell=5,
        detours=detours,
        told=[("repeated", (name,)) for name, _ in rows],
        usual=[("repeated", (name,)) for name in usual],
        labels={"b": "Review"},
    )


def test_what_one_municipality_has_is_told_apart_from_what_both_have(evidence):
    one = municipality(evidence, "one", ("a", 0.3), ("b", 0.4), ("c", 0.2), ("d", 0.25))
    other = municipality(evidence, "other", ("a", 0.29), ("b", 0.1), usual="ac")
    pairs = evidence.municipalities.only_here(one, other)
    told = [(row.activities[0], beside and beside.share) for row, beside in pairs]
    assert told == [("b", 0.1), ("d", None), ("c", None)]
    assert evidence.municipalities.only_here(other, one) == []
    text = evidence.telling._municipalities(one, other)
    tables_are_whole(text)
    assert "| repeated | Review | 40 % (40 of 100) | 10 % (10 of 100) | cannot be told |" in text
    assert "| repeated | d | 25 % (25 of 100) | no such habit | cannot be told |" in text
    assert "| repeated | c | 20 % (20 of 100) | few | cannot be told |" in text


def test_the_drawing_that_ships_is_of_the_process_file_that_ships():
    processes = ROOT / "config" / "processes"
    drawn = read_procedure(processes / "building-permit.bpmn")
    file = definition_file.load(processes / "building-permit.yaml")
    assert set(drawn.activities) == set(file.activities)
    assert not drawn.notes
