"""Officers who take some files out of turn are told; those who divide work, or no one, are not."""

import numpy as np
import pytest

from miners.equity.rows import Grouping
from miners.favouritism import officers as scanning
from miners.favouritism.officer_sums import Apart, Desk, signals
from miners.favouritism.picks import Waits
from miners.favouritism.review import AGAIN, NO_CLASS, OTHERS, SAME_APPLICANT, TOGETHER, review

BAD = (0, 1)


def files(seed, count=4000):
    """Agents of files; most of agent 0's lie in district 0."""
    chance = np.random.default_rng(seed)
    district = chance.integers(0, 4, count)
    others = 1 + chance.integers(0, 4, count)
    agent = np.where(chance.random(count) < np.where(district == 0, 0.6, 0.05), 0, others)
    return {"agent": agent, "district": district}


def in_turn(*_):
    return 0


def near_the_front(_, values, chance):
    return min(len(values) - 1, int(chance.geometric(0.4)) - 1)


def own_district_first(officer, values, _):
    mine = np.flatnonzero(values[:, -1] == officer % 4)
    return int(mine[0]) if len(mine) else 0


def in_favour(others, share=0.5):
    """Agent 1's oldest file first, by the bad officers, in a share of their picks."""

    def choose(officer, values, chance):
        theirs = np.flatnonzero(values[:, 0] == 1)
        if officer in BAD and len(theirs) and chance.random() < share:
            return int(theirs[0])
        return others(officer, values, chance)

    return choose


def told(scans, rate=0.05, material=0.05):
    """The findings of one run: (officer, attribute, value, whether they are picked more)."""
    p = np.concatenate([one.p_value for one in scans])
    order = np.sort(p)
    below = np.flatnonzero(order <= rate * np.arange(1, len(p) + 1) / len(p))
    limit = order[below[-1]] if len(below) else -1.0
    found = set()
    for one in scans:
        sure = one.sure(
            one.p_value <= limit,
            in_all=int((p <= limit).sum()),
            tests=len(p),
            false=rate,
            material=material,
        )
        for pair in np.flatnonzero(sure).tolist():
            found.add(
                (
                    int(one.officer[pair]),
                    int(one.attribute[pair]),
                    int(one.value[pair]),
                    bool(one.paired[pair] > 0),
                )
            )
    return found


@pytest.mark.parametrize("others", [in_turn, near_the_front])
def test_who_takes_an_agents_files_out_of_turn_is_told_and_nobody_else(drawn, others):
    """Nor are they told to slight the agents whose files must wait for it."""
    agents = {"agent": files(1)["agent"]}
    assert told(drawn(agents, in_favour(others)).scanned()) == {
        (0, 0, 1, True),
        (1, 0, 1, True),
    }
    assert told(drawn(agents, others).scanned()) == set()


def test_officers_who_divide_work_by_district_are_not_told_for_whose_files_lie_there(drawn):
    """Yet one who favours an agent within the district is."""
    seen = drawn(files(2), own_district_first)
    agent, district = seen.groupings
    clean = scanning.scan(
        seen.items, seen.waits, seen.owners, [agent], ahead=seen.ahead, divided_by=[district]
    )
    assert told(clean) == set()
    plain = scanning.scan(seen.items, seen.waits, seen.owners, [agent], ahead=seen.ahead)
    assert np.nanmin(plain[0].paired_p) < 1e-6  # they are paired, and that alone says nothing
    seen = drawn(files(2), in_favour(own_district_first, share=0.4))
    found = scanning.scan(
        seen.items,
        seen.waits,
        seen.owners,
        seen.groupings[:1],
        ahead=seen.ahead,
        divided_by=seen.groupings[1:],
    )
    assert told(found) == {(0, 0, 1, True), (1, 0, 1, True)}


def test_an_officer_who_only_does_one_agents_files_is_not_told(drawn):
    """Somebody may be there for them: there is nothing to compare such picks with."""

    def theirs(officer, values, _):
        mine = np.flatnonzero((values[:, 0] == 1) == (officer == 0))
        return int(mine[0]) if len(mine) else 0

    agents = {"agent": np.random.default_rng(4).integers(0, 8, 3000)}
    scans = drawn(agents, theirs, length=40).scanned()
    mine = (scans[0].officer == 0) & (scans[0].value == 1)
    assert scans[0].paired_p[mine] < 1e-9
    assert (0, 0, 1, True) not in told(scans)


def test_attributes_that_go_with_the_favoured_agent_are_not_told_beside_it(drawn):
    """Agent 1's applicants mostly live on the coast, which is not why they are picked."""
    chance = np.random.default_rng(5)
    agent = chance.integers(0, 6, 4000)
    coast = (chance.random(4000) < np.where(agent == 1, 0.9, 0.3)).astype(np.int64)
    found = told(drawn({"agent": agent, "coast": coast}, in_favour(in_turn)).scanned())
    assert found == {(0, 0, 1, True), (1, 0, 1, True)}


def test_blind_picks_give_p_values_that_are_not_too_small(drawn):
    """Paired alone, with officers who pick at random: at most 5 % below .05, give or take."""

    def blind(_, values, chance):
        return int(chance.integers(len(values)))

    p = np.concatenate(
        [
            drawn({"agent": files(seed, 1500)["agent"]}, blind, seed=seed).scanned()[0].paired_p
            for seed in range(6)
        ]
    )
    assert len(p) == 6 * 60
    assert 0.005 < (p < 0.05).mean() < 0.075


def line_of(rows):
    """One line written as (joined, left, officer), officer -1: waits still."""
    joined, left, officer = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return Waits(
        line=np.zeros(len(rows), np.int32), lines=1, queue=np.zeros(1, np.int64),
        joined=joined, left=left, picked=officer >= 0, officer=officer.astype(np.int32),
    )  # fmt: skip


def test_a_folder_is_one_pick_and_what_leaves_no_choice_is_none():
    """Of four, one officer takes the two of value 0 at once, and others what is left."""
    line = line_of([(0, 5, 7), (1, 5, 7), (2, 6, 7), (3, 9, 8)])
    place = np.array([0, 0, 1, 1], np.int32)
    desk = Desk.of(line, line.officer)
    found = signals(desk, place, 2, None, 1)
    assert desk.officers.tolist() == [7, 8]
    assert found.picks.tolist() == [[2, 2], [0, 0]]  # officer 8 had nothing to choose from
    assert found.of_group[0].tolist() == [1.0, 1.0]
    assert found.expected[0].tolist() == [0.5, 1.5]
    assert found.paired[0] == pytest.approx([0.25, -0.25])


def test_what_was_picked_and_expected_is_what_counting_by_hand_says(drawn):
    seen = drawn({"agent": np.random.default_rng(6).integers(0, 3, 300)}, near_the_front)
    waits, agent = seen.waits, seen.groupings[0].place.astype(np.int32)
    found = signals(Desk.of(waits, waits.officer), agent, 3, None, 3)
    for officer in range(12):
        mine = np.flatnonzero(waits.officer == officer)
        did, expected, variance = np.zeros(3), np.zeros(3), np.zeros(3)
        for item in mine:
            at = waits.left[item]
            there = agent[(waits.joined <= at) & (waits.left >= at)]
            share = np.bincount(there, minlength=3) / len(there)
            did[agent[item]] += 1
            expected += share
            variance += share * (1 - share)
        assert found.of_group[officer] == pytest.approx(did)
        assert found.expected[officer] == pytest.approx(expected)
        assert found.z[officer] == pytest.approx((did - expected) / np.sqrt(variance))


def test_leaving_files_out_is_as_if_they_had_never_been_there(drawn):
    seen = drawn({"agent": np.random.default_rng(7).integers(0, 4, 400)}, near_the_front)
    waits, agent = seen.waits, seen.groupings[0].place.astype(np.int32)
    out = Apart(place=agent, of=np.full(12, 2, np.int32))
    found = signals(Desk.of(waits, waits.officer), agent, 4, out, 3)
    kept = np.flatnonzero(agent != 2)
    without = waits.take(kept)
    other = signals(Desk.of(without, without.officer), agent[kept], 4, None, 3)
    assert found.expected == pytest.approx(other.expected)
    assert found.of_group == pytest.approx(other.of_group)


def test_limits_are_wider_the_fewer_were_chosen_of_many():
    one = np.array([0.3])
    usual = scanning.adjusted_limits(one, one / 10, chosen=1, tests=1, false=0.05)
    assert usual[0] == pytest.approx(0.3 - 1.959964 * 0.03)
    wide = scanning.adjusted_limits(one, one / 10, chosen=2, tests=200, false=0.05)
    assert wide[0] < usual[0] < usual[1] < wide[1]
    assert wide[1] - 0.3 == pytest.approx(3.480756 * 0.03)


def test_files_for_review_come_with_what_may_explain_them(drawn):
    seen = drawn({"agent": files(1)["agent"]}, in_favour(in_turn))
    scanned = seen.scanned()[0]
    pair = int(np.flatnonzero((scanned.officer == 0) & (scanned.value == 1))[0])
    cases = len(seen.waits)
    halves = Grouping(attribute="half", names=("a", "b"), place=np.arange(cases) % 2)
    given = {"service_class": np.full(cases, -1), "cluster": np.zeros(cases, np.int64)}
    found = review(
        scanned, pair, seen.items, seen.waits, seen.overtakes, seen.groupings,
        divided_by=[halves], **given,
    )  # fmt: skip
    assert len(found) == 20
    passed = [one.passed for one in found]
    assert passed == sorted(passed, reverse=True)
    assert passed[-1] > 5
    for one in found:
        assert seen.groupings[0].place[one.case] == 1
        assert seen.waits.officer[one.item] == 0
        assert {NO_CLASS, SAME_APPLICANT} <= set(one.notes)
        assert not {TOGETHER, AGAIN} & set(one.notes)
    assert any(OTHERS.format(attribute="half") in one.notes for one in found)
    assert not all(OTHERS.format(attribute="half") in one.notes for one in found)
