"""Two published logs with known discrimination (Pohl et al. 2023): what is said, and of whom."""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

EVIDENCE = Path(__file__).parents[2] / "evidence"
LOGS = ("hiring", "lending")
EACH = ("hiring", pytest.param("lending", marks=pytest.mark.long))


@pytest.fixture(scope="module")
def evidence():
    """The scripts of the evidence, which are no package."""
    with pytest.MonkeyPatch.context() as path:
        path.syspath_prepend(str(EVIDENCE))
        names = ("equity_published", "equity_logs", "equity_office_scores")
        yield SimpleNamespace(**{name: import_module(name) for name in names})


@pytest.fixture(scope="module")
def judged(evidence, real_log):
    """A log and what is said of it; each is judged once."""
    known = {}

    def find(name):
        log = evidence.equity_published.called(name)
        real_log(log.file)
        if name not in known:
            known[name] = evidence.equity_logs.judgement(name)
        return log, known[name]

    return find


@pytest.fixture
def shuffled(evidence, real_log):
    """In how many shuffles of a log anything is told, with its upper 95 % limit."""

    def find(name, seeds):
        real_log(evidence.equity_published.called(name).file)
        one = evidence.equity_logs.shuffled(name, seeds)
        share = evidence.equity_office_scores.shuffles([one], name)
        assert share.of == len(seeds)
        return share.hits, evidence.equity_office_scores.upper(share)

    return find


@pytest.mark.parametrize("name", EACH)
def test_the_protected_are_told_to_be_refused_at_every_gate_where_they_are_and_at_no_other(
    evidence, judged, name
):
    log, said = judged(name)
    found = evidence.equity_office_scores.found(log, said)
    assert list(found.right) == list(log.gates)
    assert not found.missed
    assert not found.wrong


@pytest.mark.parametrize("name", EACH)
def test_nothing_is_told_of_what_only_makes_people_protected(evidence, judged, name):
    log, said = judged(name)
    assert not evidence.equity_office_scores.found(log, said).others
    # Not for want of a gap: women, say, are refused more often at the first gate.
    alike = [gap for gap in said.gaps if gap.why == "not direct"]
    assert {gap.attribute for gap in alike} >= {"gender", "citizen"}


@pytest.mark.parametrize("name", EACH)
def test_where_the_label_is_shuffled_hardly_anything_is_told(shuffled, name):
    assert shuffled(name, range(10, 20))[0] <= 1


@pytest.mark.long
@pytest.mark.parametrize("name", EACH)
def test_of_a_thousand_shuffles_seven_of_a_hundred_at_most_tell_anything(shuffled, name):
    assert shuffled(name, range(1_000, 2_000))[1] <= 0.07
