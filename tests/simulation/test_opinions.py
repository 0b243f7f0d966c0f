"""What applicants say afterwards is drawn apart, and who is silent is written down."""

import numpy as np
import pytest

from simulation.misconduct import PingPong
from simulation.office import Office
from simulation.opinions import ANSWERS
from simulation.running import simulate


@pytest.fixture(scope="module")
def simulation():
    return simulate(Office(cases=900, seed=7), [PingPong(share=0.3)])


def answers_in(simulation):
    """The outcome and the score of every decided case."""
    return [
        (row["outcome"], row["satisfaction_score"])
        for row in simulation.events.select(["outcome", "satisfaction_score"]).to_pylist()
        if row["outcome"] is not None
    ]


def test_the_truth_counts_what_the_log_shows(simulation):
    told = simulation.truth["voice"]
    said = answers_in(simulation)
    assert sum(told["over"].values()) == len(said)
    assert sum(told["answered"].values()) == sum(score is not None for _, score in said)
    scores = [int(score) for _, score in said if score is not None]
    assert told["mean_of_answers"] == pytest.approx(np.mean(scores))
    assert set(scores) <= {1, 2, 3, 4, 5}


def test_the_refused_are_less_content_and_answer_less(simulation):
    said = answers_in(simulation)
    mean, share = {}, {}
    for outcome in ("approved", "rejected"):
        mine = [score for ended, score in said if ended == outcome]
        scores = [int(score) for score in mine if score is not None]
        mean[outcome], share[outcome] = np.mean(scores), len(scores) / len(mine)
    assert mean["rejected"] < mean["approved"] - 1
    assert share["rejected"] < share["approved"] <= ANSWERS["approved"] + 0.05


def test_so_the_mean_of_answers_is_too_high(simulation):
    told = simulation.truth["voice"]
    assert told["mean_of_answers"] > told["mean_of_all"]
