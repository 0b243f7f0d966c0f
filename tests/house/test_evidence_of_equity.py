"""What the page says of equal treatment is counted rightly from what was measured."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from lifelines.statistics import logrank_test
from scipy import stats

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "evidence"
MADE = ("equity_plan", "equity_trials", "equity_scores", "equity_naive", "equity_offices",
        "equity_office_scores", "equity_published", "equity_logs", "equity_stories",
        "equity_worlds", "equity_missed", "page", "verdict")  # fmt: skip


@pytest.fixture
def evidence(monkeypatch):
    """The scripts of the evidence, which are no package."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(EVIDENCE))
    yield SimpleNamespace(**{name.removeprefix("equity_"): import_module(name) for name in MADE})
    for name in set(sys.modules) - before:
        if str(EVIDENCE) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def trial(evidence, measure="time", *, p=0.001, value=2.0, half=0.5, coverage=1.0, group="other"):
    return evidence.trials.Trial(
        measure=measure,
        attribute="affiliation",
        group=group,
        p=p,
        value=value,
        low=value - half,
        high=value + half,
        coverage=coverage,
    )


def worlds(evidence, setting, *trials):
    tried = [
        evidence.trials.Tried(seed=seed, trials=[one], naive={}) for seed, one in enumerate(trials)
    ]
    return evidence.scores.Worlds([evidence.plan.Block(setting=setting.name, worlds=tried)])


def test_a_gap_is_told_if_it_is_sure_large_and_of_enough_comparable_cases(evidence):
    told, least = evidence.trials.told, evidence.trials.MATERIAL
    assert told([trial(evidence)], least)
    for why in ({"p": 0.06}, {"value": 0.9}, {"half": 2.1}, {"coverage": 0.59}):
        assert not told([trial(evidence, **why)], least), why
    # One of twenty that is just significant by itself is not significant among the twenty.
    family = [trial(evidence, p=0.04), *(trial(evidence, p=0.5) for _ in range(19))]
    assert not told(family, least)
    assert told([trial(evidence, value=0.9)], dict.fromkeys(least, 0.0))


def test_shares_are_counted_from_worlds(evidence):
    setting = next(one for one in evidence.plan.CURVES["days to decision"] if "0.8" in one.name)
    found = worlds(
        evidence,
        setting,
        trial(evidence, p=0.01, value=0.9),
        trial(evidence, p=0.05, value=0.5),
        trial(evidence, p=0.06, value=1.4),
        trial(evidence, p=None, value=0.0, group="ruling"),
    )
    seen = found.flagged(setting, "time")
    assert (seen.hits, seen.of) == (2, 3)
    held = found.held(setting, "time")
    assert (held.hits, held.of) == (2, 3)
    away, width = found.off(setting, "time")
    assert (away, width) == (pytest.approx(np.mean([0.1, -0.3, 0.6])), pytest.approx(1.0))
    assert np.isnan(found.flagged(evidence.plan.NULL, "time").value)


def test_what_one_treatment_makes_of_other_measures_is_said_only_where_it_is_the_same_for_all(
    evidence,
):
    days = evidence.worlds.Treatment(days=0.8)
    truth = evidence.trials.truth
    assert [truth(name, days) for name in ("time", "outcome", "withdrawn", "decision")] == [
        0.8, 0.0, None, None,
    ]  # fmt: skip
    assert truth("gate", evidence.worlds.Treatment(approval=0.1)) == -0.1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # lifelines uses pandas of old
def test_naive_tests_are_those_of_scipy_and_lifelines(evidence):
    chance = np.random.default_rng(3)
    group = chance.random(300) < 0.4
    ran = chance.gamma(2, 5 + 2 * group).round(1)
    decided, approved = chance.random(300) < 0.8, chance.random(300) < 0.7 - 0.1 * group
    found = evidence.naive.p_values(
        group=group,
        ran=ran,
        decided=decided,
        approved=approved,
        way=chance.integers(0, 4, 300),
    )
    ours = logrank_test(ran[group], ran[~group], decided[group], decided[~group])
    assert found["log-rank without strata"] == pytest.approx(ours.p_value, rel=1e-6)
    table = [
        [(approved & side & decided).sum(), (~approved & side & decided).sum()]
        for side in (group, ~group)
    ]
    chi = stats.chi2_contingency(table, correction=False).pvalue
    assert found["chi-square on approvals"] == pytest.approx(chi)
    assert found["mean gap over 10 %"] == 0.0


def test_the_bound_of_shuffles_is_that_of_clopper_and_pearson(evidence):
    for hits, of in ((0, 10), (3, 1000), (57, 1000)):
        bound = stats.binomtest(hits, of, alternative="less").proportion_ci(0.95, "exact").high
        share = evidence.scores.Share(hits=hits, of=of)
        assert evidence.office_scores.upper(share) == pytest.approx(bound)
    assert evidence.office_scores.upper(evidence.scores.Share(hits=4, of=4)) == 1.0


def test_findings_of_a_log_are_held_against_what_is_known_of_it(evidence):
    log = evidence.published.called("lending")
    first, second, third = log.gates
    said = evidence.logs.Judgement(
        log="lending",
        cases=100,
        gaps=[],
        findings=[
            ("protected", "true", "outcome", first, -0.2),
            ("protected", "false", "outcome", second, 0.2),
            ("protected", "true", "outcome", third, 0.2),
            ("protected", "true", "outcome", "Sign Loan Agreement", -0.2),
            ("protected", "true", "outcome", None, -0.3),
            ("gender+age", "false+under 40", "outcome", None, -0.1),
        ],
    )
    found = evidence.office_scores.found(log, said)
    assert (found.right, found.missed) == ([first, second], [third])
    assert set(found.wrong) == {third, "Sign Loan Agreement"}
    assert found.others == ["gender+age=false+under 40 outcome"]


def test_offices_are_counted_as_seen_as_told_and_as_told_of_others(evidence):
    story = next(one for one in evidence.stories.PLANTED if one.name == "approval-10")
    meant = {name: story.meant[name] for name in ("attribute", "group", "measure", "activity")}

    def mined(p, *findings):
        gap = evidence.offices.Gap(**meant, value=-0.1, p=p)
        told = [{"kind": "disparity", "subject": s, "effect": {"value": v}} for s, v in findings]
        return evidence.offices.Mined(
            story=story.name, seed=1, cases=9, gaps=[gap], picks=[], officers=[], findings=told,
            naive={}, bad=[], seconds=1.0,
        )  # fmt: skip

    offices = evidence.office_scores.Offices(
        [
            mined(0.01, (meant, -0.1)),
            mined(0.03),
            mined(0.2, (meant, 0.1), ({**meant, "attribute": "district"}, -0.1)),
            mined(0.2),
        ]
    )
    shares = [getattr(offices, name)(story) for name in ("seen", "found", "beside", "told")]
    assert [(one.hits, one.of) for one in shares] == [(2, 4), (1, 4), (1, 4), (2, 4)]
    assert offices.gap(story) == pytest.approx(-0.1)


def test_no_seed_is_drawn_twice_and_any_first_part_has_all_stories(evidence):
    plan = evidence.plan
    seeds = [seed for piece in plan.worlds(20_000, 200) for seed in piece.arguments[1]]
    assert len(seeds) == len(set(seeds))
    assert min(seeds) == 20_000
    offices = list(plan.offices(20_000, 100))
    places = [
        evidence.stories.office(by_name(evidence, one), *one.arguments[1:]) for one in offices
    ]
    assert len({place.seed for place in places}) == len(places)
    half = {
        one.arguments[0] for one in offices[: len(offices) // 2 + len(evidence.stories.STORIES)]
    }
    assert half == {story.name for story in evidence.stories.STORIES}


def by_name(evidence, piece):
    return next(one for one in evidence.stories.STORIES if one.name == piece.arguments[0])


def test_every_target_that_is_missed_has_a_reason_beside_it(evidence):
    missed = evidence.verdict.Verdict(
        what="0.8 days longer", target="85 %", measured="73 %", met=False
    )
    assert "scatter" in evidence.missed.reasons([missed])
    other = evidence.verdict.Verdict(what="new", target="1", measured="2", met=False)
    assert "No reason is known" in evidence.missed.reasons([other])
    met = evidence.verdict.Verdict(what="0.8 days longer", target="85 %", measured="93 %", met=True)
    assert not evidence.missed.reasons([met])


def test_a_part_of_the_page_is_put_beside_the_others(evidence, tmp_path):
    file = tmp_path / "evidence.md"
    evidence.page.place(file, "equity", "# One\n\n## Two\n")
    evidence.page.place(file, "detours", "# Before\n")
    evidence.page.place(file, "equity", "# Anew\n")
    text = file.read_text("utf-8")
    assert text.index("## Before") < text.index("## Anew")
    assert "One" not in text
    with pytest.raises(ValueError, match="no part 'other'"):
        evidence.page.place(file, "other", "")


@pytest.mark.long
def test_the_script_draws_worlds_once_and_takes_them_from_the_cache_when_asked_again(tmp_path):
    asked = [sys.executable, EVIDENCE / "equity.py", "--only", "worlds", "--out", tmp_path / "docs"]
    sizes = ["--worlds", "2", "--first", "30", "--processes", "1"]
    place = {**os.environ, "PYTHONPATH": str(ROOT), "RUNUT_EVIDENCE": str(tmp_path / "kept")}
    subprocess.run([*asked, *sizes], env=place, check=True, capture_output=True)
    text = (tmp_path / "docs" / "evidence.md").read_text("utf-8")
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept" / "equity").iterdir()}
    assert "seeds 30 to 31" in text
    assert "0 of 2" in text
    for name in ("calibration", "power", "coverage"):
        picture = tmp_path / "docs" / "images" / f"evidence-equity-{name}.svg"
        assert picture.read_text("utf-8").startswith("<?xml")
    subprocess.run([*asked, *sizes, "--resume"], env=place, check=True, capture_output=True)
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    assert (tmp_path / "docs" / "evidence.md").read_text("utf-8") == text


def test_the_published_part_is_of_seeds_that_nobody_built_with():
    text = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    part = text.split("<!-- part: equity -->")[1]
    assert "with seeds from 20,000 on" in part
    for what in ("calibration", "power", "coverage"):
        assert f"images/evidence-equity-{what}.svg" in part
    for naive in ("Mann-Whitney", "log-rank without strata", "chi-square"):
        assert naive in part
