"""Each plant changes what it says, and the truth that is written down is what the log shows."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from simulation.innocence import (
    Batches,
    BusySeason,
    Concurrent,
    FastLane,
    IncompleteFiles,
    SizeEffect,
    SlowOffice,
    SlowOfficer,
    Strike,
)
from simulation.misconduct import (
    Approval,
    BadOfficers,
    DuplicateApproval,
    ExtraDocuments,
    Favouritism,
    Inserted,
    PingPong,
    Repeated,
    Skipped,
    SlowStep,
    Surcharge,
    Understaffed,
    WrongOrder,
)
from simulation.office import Office
from simulation.running import simulate

ZONING = "Review zoning"


def truth_of(simulation, place=0):
    return simulation.truth["plants"][place]


def items_of(simulation, activity):
    return [item for item in simulation.items.to_pylist() if item["activity"] == activity]


def has(*wanted):
    """Whether these activities stand in a row in a trace."""
    return lambda trace: any(
        tuple(trace[at : at + len(wanted)]) == wanted for at in range(len(trace))
    )


def skips(trace):
    later = {"Inspect site", "Fire brigade advice", "Sign decision"}
    return ZONING not in trace and bool(later & set(trace))


@pytest.mark.parametrize(
    ("plant", "shown"),
    [
        (Repeated(share=0.3), has("Assess fee", "Assess fee")),
        (PingPong(share=0.3), has(ZONING, "Inspect site", ZONING, "Inspect site")),
        (DuplicateApproval(share=0.3), has("Sign decision", "Sign decision")),
        (Inserted(share=0.3), has("Obtain recommendation")),
        (Skipped(share=0.3), skips),
        (WrongOrder(share=0.9), has("Fire brigade advice", "Inspect site")),
    ],
)
def test_the_cases_of_a_detour_are_those_whose_log_shows_it(office, clean, traces, plant, shown):
    assert not any(shown(trace) for trace in traces(clean).values())
    simulation = simulate(office, [plant])
    found = sorted(case for case, trace in traces(simulation).items() if shown(trace))
    assert truth_of(simulation)["cases"] == found
    assert truth_of(simulation)["counts"]["cases"] == len(found) > 20
    assert simulation.truth["counts"] == {plant.kind: len(found)}


@pytest.mark.parametrize(
    "plant",
    [
        Repeated(share=0.3, days=4.0),
        PingPong(share=0.3, days=8.0),
        DuplicateApproval(share=0.3, days=4.0),
        Inserted(share=0.3, days=4.0),
        WrongOrder(share=0.9, days=4.0),
    ],
)
def test_a_detour_takes_the_days_that_it_says(patient_office, plant):
    truth = truth_of(simulate(patient_office, [plant]))
    per_case = truth["days"]["working"] / truth["counts"]["cases"]
    assert plant.days <= per_case < plant.days * 1.05
    assert truth["days"]["elapsed"] > truth["days"]["working"]


def test_days_in_which_two_detours_hold_a_file_count_once(patient_office):
    """What is signed is signed again, and for half of it a recommendation is waited for first."""
    again = DuplicateApproval(share=1.0, days=4.0)
    (single,) = simulate(patient_office, [again]).truth["plants"]
    assert single["alone"] == {**single["days"], "cases": single["counts"]["cases"]}
    truth = simulate(patient_office, [again, Inserted(share=0.5, days=3.0)]).truth
    sums = [plant["days"]["working"] for plant in truth["plants"]]
    assert max(sums) < truth["days"]["working"] < 0.95 * sum(sums)
    twice = truth["plants"][0]
    alone = twice["alone"]["working"] / twice["alone"]["cases"]
    assert 4.0 <= alone < 4.2 < sums[0] / twice["counts"]["cases"]
    assert set(twice["cases"]) - set(truth["plants"][1]["cases"])
    assert twice["alone"]["cases"] == len(set(twice["cases"]) - set(truth["plants"][1]["cases"]))


def test_a_repeat_delays_its_case_by_the_planted_days(patient_office, patient_clean):
    simulation = simulate(patient_office, [Repeated(share=0.3, days=4.0)])
    table = patient_office.hours.timetable(patient_office.start, date(2027, 1, 1))

    def zoned(one):
        return {
            item["case_id"]: table.worked(round(item["enabled"].timestamp()))
            for item in items_of(one, ZONING)
        }

    before, after = zoned(patient_clean), zoned(simulation)
    cases = set(truth_of(simulation)["cases"]) & set(after)
    late = np.array([after[case] - before[case] for case in cases]) / 28_800
    # The pay step between is in elapsed time, so a delay of 4 days may grow or shrink by weekends.
    assert abs(late.mean() - 4.0) < 0.4


def test_an_understaffed_unit_has_fewer_officers_and_longer_queues(office, clean):
    simulation = simulate(office, [Understaffed(factor=0.7)])
    truth = truth_of(simulation)
    seen = {item["resource"] for item in items_of(simulation, ZONING)}
    assert truth["counts"]["officers"] == len(seen) == 12
    assert truth["counts"]["officers_meant"] == 17
    assert truth["officers"] == sorted(seen, key=lambda name: int(name[8:]))
    waits = [one.truth["activities"][ZONING]["waiting_days"] for one in (simulation, clean)]
    assert waits[0] > 3 * waits[1]
    assert max(
        simulation.truth["activities"].items(), key=lambda pair: pair[1]["waiting_days"]
    )[0] == ZONING  # fmt: skip


def test_extra_documents_are_asked_from_the_group_only(office, clean, traces, entry):
    simulation = simulate(office, [ExtraDocuments(points=0.5)])
    group = entry(simulation, "affiliation")
    plain = {case: trace.count("Request documents") for case, trace in traces(clean).items()}
    asked = {case: trace.count("Request documents") for case, trace in traces(simulation).items()}
    more = {case for case in asked if asked[case] > plain[case]}
    assert {group[case] for case in more} == {"other"}
    assert set(truth_of(simulation)["cases"]) <= more
    share = len(more) / sum(value == "other" for value in group.values())
    assert 0.35 < share < 0.65
    assert truth_of(simulation)["days"]["working"] > 0


def test_a_slow_step_makes_the_group_wait_longer_by_its_days(patient_office, entry):
    simulation = simulate(patient_office, [SlowStep(days=2.0)])
    group = entry(simulation, "affiliation")
    waits = {True: [], False: []}
    for item in items_of(simulation, ZONING):
        parts = ("prioritisation", "contention", "unavailability", "extraneous")
        waited = sum(item[f"{part}_ms"] for part in parts) / 28_800_000
        waits[group[item["case_id"]] == "other"].append(waited)
    assert abs(np.mean(waits[True]) - np.mean(waits[False]) - 2.0) < 0.2
    assert min(waits[True]) >= 2.0
    truth = truth_of(simulation)
    assert truth["counts"]["items"] == len(waits[True])
    assert truth["days"]["working"] == 2.0 * len(waits[True])


def test_a_lower_chance_of_approval_turns_down_some_of_the_group_and_nobody_else(
    patient_office, patient_clean, traces, entry
):
    simulation = simulate(patient_office, [Approval(points=0.3)])
    before = {case for case, trace in traces(patient_clean).items() if "Refuse" in trace}
    after = {case for case, trace in traces(simulation).items() if "Refuse" in trace}
    assert truth_of(simulation)["cases"] == sorted(after - before)
    assert not before - after
    group = entry(simulation, "affiliation")
    assert {group[case] for case in after - before} == {"other"}
    share = len(after - before) / sum(value == "other" for value in group.values())
    assert 0.2 < share < 0.4


def test_a_surcharge_is_the_money_over_what_would_have_been_charged(office, clean, entry):
    simulation = simulate(office, [Surcharge(rate=0.2, portion=0.5)])
    before, after = entry(clean, "fee_charged"), entry(simulation, "fee_charged")
    more = {case: int(after[case]) - int(before[case]) for case in after}
    truth = truth_of(simulation)
    assert truth["cases"] == sorted(case for case, money in more.items() if money)
    assert truth["money"] == sum(more.values())
    assert {entry(simulation, "office")[case] for case in truth["cases"]} == {"hill"}


def overtakers(simulation, activity):
    """(case, officer) of items started while an older one of the activity waited."""
    items = items_of(simulation, activity)
    enabled = np.array([item["enabled"].timestamp() for item in items])
    started = np.array([item["started"].timestamp() for item in items])
    return {
        (item["case_id"], item["resource"])
        for at, item in enumerate(items)
        if ((enabled < enabled[at]) & (started > started[at])).any()
    }


def test_favoured_files_and_only_these_pass_older_ones(office, entry):
    crowded = replace(office, staffing={"planning": 12})
    plant = Favouritism(attribute="affiliation", group="ruling", share=0.5)
    simulation = simulate(crowded, [plant])
    passing = {case for case, _ in overtakers(simulation, ZONING)}
    group = entry(simulation, "affiliation")
    assert {group[case] for case in passing} == {"ruling"}
    assert passing <= set(truth_of(simulation)["cases"])
    assert truth_of(simulation)["positions"] >= truth_of(simulation)["counts"]["picks"] > 20


def test_only_bad_officers_pick_out_of_turn(office):
    crowded = replace(office, staffing={"planning": 12})
    plant = BadOfficers(officers=3, attribute="affiliation", group="ruling")
    simulation = simulate(crowded, [plant])
    officers = {officer for _, officer in overtakers(simulation, ZONING)}
    assert officers == set(truth_of(simulation)["officers"])
    assert len(officers) == 3


def test_one_favouring_officer_can_be_named(office):
    crowded = replace(office, staffing={"planning": 12})
    plant = Favouritism(attribute="affiliation", group="ruling", resource="officer-15")
    simulation = simulate(crowded, [plant])
    assert {officer for _, officer in overtakers(simulation, ZONING)} == {"officer-15"}


def test_in_a_fast_lane_no_other_file_starts_while_one_of_its_files_waits(office, entry):
    simulation = simulate(replace(office, staffing={"planning": 12}), [FastLane()])
    kind = entry(simulation, "permit_type")
    items = items_of(simulation, ZONING)
    fast = np.array([kind[item["case_id"]] == "house" for item in items])
    enabled = np.array([item["enabled"].timestamp() for item in items])
    started = np.array([item["started"].timestamp() for item in items])
    for moment in started[~fast]:
        assert not (fast & (enabled < moment) & (started > moment)).any()
    assert simulation.truth["waiting"]["prioritisation"] > 0


def test_the_innocent_reasons_for_delay_do_what_they_say(office, clean, entry):
    slow_office = simulate(office, [SlowOffice(factor=1.5)])
    plain = {(i["case_id"], i["service_ms"]) for i in items_of(clean, "Check completeness")}
    slowed = {i["case_id"]: i for i in items_of(slow_office, "Check completeness")}
    unchanged = {i["case_id"] for i in slowed.values() if (i["case_id"], i["service_ms"]) in plain}
    assert {entry(clean, "office")[case] for case in unchanged} == {"central", "harbour"}

    lacking = simulate(office, [IncompleteFiles(points=0.3)])
    group = entry(clean, "affiliation")
    shares = [
        np.mean([docs == "no" for case, docs in entry(one, "docs_complete").items()
                 if group[case] == "other"])
        for one in (lacking, clean)
    ]  # fmt: skip
    assert 0.15 < shares[0] - shares[1] < 0.45

    sized = simulate(office, [SizeEffect(power=0.8)])
    area = {case: float(text) for case, text in entry(sized, "area").items()}
    factor = [
        (area[b["case_id"]], b["service_ms"] / a["service_ms"])
        for a, b in zip(
            sorted(items_of(clean, ZONING), key=lambda item: item["case_id"]),
            sorted(items_of(sized, ZONING), key=lambda item: item["case_id"]),
            strict=False,
        )
        if a["case_id"] == b["case_id"]
    ]
    assert np.corrcoef(*np.log(np.array(factor)).T)[0, 1] > 0.99


def test_a_slow_officer_needs_longer_for_the_same_files(office):
    simulation = simulate(office, [SlowOfficer(activity="Check completeness", factor=3.0)])
    [name] = truth_of(simulation)["officers"]
    items = items_of(simulation, "Check completeness")
    mine = [item["service_ms"] for item in items if item["resource"] == name]
    others = [item["service_ms"] for item in items if item["resource"] != name]
    assert 2 < np.mean(mine) / np.mean(others) < 4


def test_a_group_pulled_into_the_busy_season_files_then(entry):
    office = Office(cases=1500, seed=5, confounding=0.0)
    shares = []
    for plants in ([], [BusySeason(pull=2.0)]):
        simulation = simulate(office, plants)
        group = entry(simulation, "affiliation")
        months = {}
        for row in simulation.events.select(["case_id", "timestamp"]).to_pylist():
            months.setdefault(row["case_id"], row["timestamp"].month)
        shares.append(
            np.mean([months[case] in {9, 10, 11} for case in group if group[case] == "other"])
        )
    assert shares[1] > shares[0] + 0.15


def test_nobody_of_a_unit_on_strike_takes_anything_up(office):
    begins = date(2024, 10, 21)
    simulation = simulate(office, [Strike(unit="inspection", begins=begins, days=9)])
    days = {begins + timedelta(days=n) for n in range(9)}
    starts = {(i["unit"], i["started"].date()) for i in simulation.items.to_pylist()}
    assert not {day for unit, day in starts if unit == "inspection"} & days
    assert {day for unit, day in starts if unit == "planning"} & days
    assert simulation.truth["waiting"]["unavailability"] > 50
    assert len(truth_of(simulation)["cases"]) > 50


def test_folders_are_signed_when_they_are_full(office):
    simulation = simulate(office, [Batches(size=4)])
    folders = {}
    for item in items_of(simulation, "Sign decision"):
        folders.setdefault((item["resource"], item["started"]), []).append(item)
    assert {len(items) for items in folders.values()} == {4}
    assert all(len({one["completed"] for one in items}) == 1 for items in folders.values())
    assert simulation.truth["waiting"]["batching"] > 0
    held = sum(item["batching_ms"] for item in simulation.items.to_pylist()) / 28_800_000
    assert simulation.truth["waiting"]["batching"] == pytest.approx(held)


def test_concurrent_steps_are_enabled_together_and_the_next_waits_for_both(office):
    simulation = simulate(office, [Concurrent()])
    cases = set(truth_of(simulation)["cases"])
    rows = [item for item in simulation.items.to_pylist() if item["case_id"] in cases]
    pairs = {}
    for item in rows:
        pairs.setdefault(item["case_id"], {})[item["activity"]] = item
    for one in pairs.values():
        both = one["Inspect site"], one["Fire brigade advice"]
        assert both[0]["enabled"] == both[1]["enabled"]
        if "Sign decision" in one:
            assert one["Sign decision"]["enabled"] == max(item["completed"] for item in both)
    assert len(cases) > 20


def test_plants_can_be_combined_and_each_keeps_its_own_account(office):
    plants = [Repeated(share=0.2), Repeated(activity="Inspect site", share=0.2), Surcharge()]
    together = simulate(office, plants).truth["plants"]
    alone = truth_of(simulate(office, [Repeated(share=0.2)]))
    assert [one["kind"] for one in together] == ["repeated", "repeated", "surcharge"]
    assert set(together[0]["cases"]) == set(alone["cases"])
    assert together[0]["cases"] != together[1]["cases"]
