"""What carries a gap: the parts add up, in whatever order they are named."""

import numpy as np
import pytest

from miners.equity.gelbach import decompose
from miners.equity.rows import Grouping, Strata
from miners.equity.within import Codes, Numbers


def office(seed, n, applicants=0):
    """A gap of 5.2 days in a stratum: 1.2 by officers, 2 by requests, 1 by rework, 1 by no one."""
    chance = np.random.default_rng(seed)
    if applicants:
        cluster = chance.integers(0, applicants, n)
        mark = (chance.random(applicants) < 0.4)[cluster].astype(np.int64)
        noise = chance.normal(size=applicants)[cluster] * 2
    else:
        cluster, noise = None, 0
        mark = (chance.random(n) < 0.4).astype(np.int64)
    stratum = chance.integers(0, 5, n)
    requests = chance.poisson(1 + mark).astype(float)
    rework = (chance.random(n) < 0.2 + 0.25 * mark) * 1.0
    usual, other = [0.4, 0.4, 0.2], [0.2, 0.2, 0.6]
    officer = np.where(mark == 1, chance.choice(3, n, p=other), chance.choice(3, n, p=usual))
    score = stratum + mark + 2 * requests + 4 * rework + 3 * (officer == 2) + noise
    score += chance.normal(size=n) * (1 + mark)
    group = Grouping(attribute="group", names=("a", "b"), place=mark)
    blocks = {
        "requests": Numbers(values=requests[:, None]),
        "rework": Numbers(values=rework[:, None]),
        "officers": Codes(code=officer, count=3),
    }
    return score, group, Strata(stratum=stratum, count=5, cluster=cluster), blocks


TRUE = np.array([2.0, 1.0, 1.2])


def test_the_parts_and_what_is_left_add_up_to_the_gap():
    score, group, strata, blocks = office(31, 3000)
    found = decompose(score, group, strata, blocks)
    whole = found.full.value + found.parts.value.sum(axis=0)
    assert whole == pytest.approx(found.base.value, abs=1e-9)
    assert found.parts.value[:, 1] == pytest.approx(TRUE, abs=0.3)
    assert found.full.value[1] == pytest.approx(1, abs=0.2)
    assert found.parts.value[:, 0] == pytest.approx(-found.parts.value[:, 1])


def test_no_order_is_chosen():
    score, group, strata, blocks = office(32, 800)
    found = decompose(score, group, strata, blocks)
    turned = decompose(score, group, strata, dict(reversed(blocks.items())))
    assert turned.blocks == tuple(reversed(found.blocks))
    assert turned.parts.value[::-1] == pytest.approx(found.parts.value)
    assert turned.parts.error[::-1] == pytest.approx(found.parts.error)
    assert turned.full.value == pytest.approx(found.full.value)


@pytest.mark.long
@pytest.mark.parametrize("applicants", [0, 150])
def test_limits_hold_what_is_true_about_95_times_of_100(applicants):
    held = np.zeros(5)
    for seed in range(200):
        found = decompose(*office(1000 + seed, 400, applicants))
        figures = [(found.parts.low[k, 1], TRUE[k], found.parts.high[k, 1]) for k in range(3)]
        figures.append((found.base.low[1], 5.2, found.base.high[1]))
        figures.append((found.full.low[1], 1.0, found.full.high[1]))
        held += [low <= truth <= high for low, truth, high in figures]
    assert (held / 200 >= 0.9).all()
    assert held.mean() / 200 == pytest.approx(0.95, abs=0.025)


def test_a_block_that_differs_by_group_but_costs_nothing_carries_nothing():
    score, group, strata, _ = office(33, 3000)
    chance = np.random.default_rng(34)
    idle = chance.normal(size=(3000, 1)) + group.place[:, None]
    found = decompose(score, group, strata, {"idle": Numbers(values=idle)})
    assert found.parts.low[0, 1] < 0 < found.parts.high[0, 1]
    assert abs(found.parts.value[0, 1]) < 0.3


def test_what_two_blocks_both_say_counts_for_the_first():
    score, group, strata, blocks = office(35, 500)
    once = decompose(score, group, strata, {"requests": blocks["requests"]})
    again = decompose(
        score, group, strata, {"requests": blocks["requests"], "again": blocks["requests"]}
    )
    assert again.parts.value[0] == pytest.approx(once.parts.value[0])
    assert again.parts.value[1].tolist() == [0, 0]


def test_where_the_process_says_who_has_the_value_only_the_base_is_told():
    score, group, strata, _ = office(36, 300)
    same = {"officers": Codes(code=group.place, count=2)}
    found = decompose(score, group, strata, same)
    assert not np.isnan(found.base.low).any()
    assert np.isnan(found.full.value).all()
    assert np.isnan(found.parts.value).all()


def test_a_row_with_an_unknown_number_is_left_out():
    score, group, strata, blocks = office(37, 300)
    requests = blocks["requests"].values.copy()
    requests[::4] = np.nan
    found = decompose(score, group, strata, {"requests": Numbers(values=requests)})
    kept = np.arange(300) % 4 != 0
    less = {"requests": Numbers(values=requests[kept])}
    same = decompose(score[kept], group.take(kept), strata.take(kept), less)
    assert found.base.value == pytest.approx(same.base.value)
    assert found.parts.error == pytest.approx(same.parts.error)


def test_what_is_the_same_in_all_rows_of_a_stratum_carries_nothing():
    score, group, strata, blocks = office(39, 300)
    same = Numbers(values=0.1 * strata.stratum[:, None] + 1e9)
    bare = decompose(score, group, strata, blocks)
    found = decompose(score, group, strata, {"same": same, **blocks})
    assert found.parts.value[0].tolist() == [0, 0]
    assert found.full.error == pytest.approx(bare.full.error)


def test_without_blocks_and_without_rows_nothing_breaks():
    score, group, strata, blocks = office(38, 300)
    bare = decompose(score, group, strata, {})
    assert bare.full.value == pytest.approx(bare.base.value)
    assert bare.parts.value.shape == (0, 2)
    lonely = Strata(stratum=np.arange(300), count=300)
    assert np.isnan(decompose(score, group, lonely, blocks).base.value).all()
