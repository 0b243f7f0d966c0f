"""What holds for every log of the office, whatever is planted or not."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from simulation.misconduct import Surcharge
from simulation.office import Office
from simulation.process import ACTIVITIES, APPLICANT_STEPS, CASE_ATTRIBUTES, UNIT_OF
from simulation.running import simulate

JAKARTA = ZoneInfo("Asia/Jakarta")


def test_the_same_seed_gives_the_same_log_and_another_seed_another(office, clean):
    again = simulate(office)
    assert again.events.equals(clean.events)
    assert again.items.equals(clean.items)
    assert again.truth == clean.truth
    other = simulate(Office(cases=500, seed=8, lifecycle=office.lifecycle))
    assert not other.events.equals(clean.events)


def test_columns_are_texts_in_the_published_order(clean):
    assert clean.events.column_names == [
        "event_id", "case_id", "activity", "timestamp", "sequence", "lifecycle", "resource",
        "unit", *CASE_ATTRIBUTES,
    ]  # fmt: skip
    assert clean.events.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")
    assert {clean.events.schema.field(name).type for name in CASE_ATTRIBUTES} == {pa.string()}


def test_events_are_in_global_time_order_with_their_places_in_the_case(clean):
    rows = clean.events.select(["case_id", "timestamp", "sequence", "event_id"]).to_pylist()
    assert all(a["timestamp"] <= b["timestamp"] for a, b in pairwise(rows))
    assert len({row["event_id"] for row in rows}) == len(rows)
    place = {}
    for row in rows:
        assert row["sequence"] == place.get(row["case_id"], 0) + 1
        place[row["case_id"]] = row["sequence"]


def test_office_work_has_an_officer_and_applicants_steps_have_none(clean):
    columns = ["activity", "lifecycle", "resource", "unit"]
    for row in clean.events.select(columns).to_pylist():
        assert row["activity"] in ACTIVITIES
        if row["activity"] in APPLICANT_STEPS:
            assert (row["lifecycle"], row["resource"], row["unit"]) == ("complete", None, None)
        else:
            assert row["unit"] == UNIT_OF[row["activity"]]
            assert (row["resource"] is None) == (row["lifecycle"] == "schedule")


def test_work_is_enabled_then_started_then_completed(clean):
    items = clean.items
    enabled, started, completed = (
        items[name].cast(pa.int64()).to_numpy() for name in ("enabled", "started", "completed")
    )
    assert (enabled <= started).all()
    assert (started < completed).all()


def test_schedule_start_and_complete_tell_of_the_same_executions(clean):
    rows = clean.events.select(["case_id", "activity", "lifecycle", "timestamp"]).to_pylist()
    told = {(r["case_id"], r["activity"], r["lifecycle"], r["timestamp"]) for r in rows}
    end = datetime.fromisoformat(clean.truth["window"]["end"])
    for item in clean.items.to_pylist():
        key = item["case_id"], item["activity"]
        assert (*key, "schedule", item["enabled"]) in told
        assert (*key, "start", item["started"]) in told
        assert ((*key, "complete", item["completed"]) in told) == (item["completed"] < end)


def test_nobody_works_at_night_on_weekends_or_on_holidays(clean):
    holidays = {date(2024, 12, 25), date(2024, 12, 26), date(2025, 1, 1)}
    moments = [
        (row["timestamp"].astimezone(JAKARTA), row["lifecycle"])
        for row in clean.events.select(["timestamp", "lifecycle", "resource"]).to_pylist()
        if row["resource"] is not None
    ]
    for moment, lifecycle in moments:
        assert moment.weekday() < 5
        assert moment.date() not in holidays
        clock = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
        first, last = timedelta(hours=8), timedelta(hours=16)
        assert first <= clock <= last
        assert clock < last if lifecycle == "start" else clock > first


def test_an_officer_has_one_file_in_hand_at_a_time(clean):
    hands = {}
    for item in clean.items.to_pylist():
        assert hands.get(item["resource"], item["started"]) <= item["started"]
        hands[item["resource"]] = item["completed"]


def test_without_plants_every_queue_is_first_come_first_served(clean):
    last = {}
    for item in clean.items.to_pylist():
        assert last.get(item["unit"], item["enabled"]) <= item["enabled"]
        last[item["unit"]] = item["enabled"]


def test_a_service_in_the_log_is_the_work_that_was_done_in_working_time(office, clean):
    table = office.hours.timetable(date(2024, 10, 1), date(2025, 12, 31))
    for item in clean.items.to_pylist():
        start, end = (round(item[name].timestamp()) for name in ("started", "completed"))
        assert table.between(start, end) * 1000 == item["service_ms"]


def test_attributes_known_at_entry_stand_on_the_first_event_and_outcomes_on_the_deciding_one(
    clean,
):
    for row in clean.events.to_pylist():
        assert (row["permit_type"] is not None) == (row["sequence"] == 1)
        assert (row["applicant"] is not None) == (row["sequence"] == 1)
        decides = row["lifecycle"] == "complete" and row["activity"] in {
            "Issue decision", "Refuse", "Withdraw",
        }  # fmt: skip
        assert (row["outcome"] is not None) == decides
        if row["fee_charged"] is not None:
            assert (row["activity"], row["lifecycle"]) == ("Assess fee", "complete")


def test_some_cases_are_open_at_the_end_and_none_when_one_waits(clean, patient_clean, traces):
    closing = {"Issue decision", "Refuse", "Withdraw"}
    closed = sum(bool(closing & set(trace)) for trace in traces(clean).values())
    assert clean.truth["open_cases"] == clean.truth["cases"] - closed > 10
    assert patient_clean.truth["open_cases"] == 0
    assert sum(patient_clean.truth["outcomes"].values()) == 500


def test_applicants_come_again_and_keep_their_affiliation(clean, entry):
    applicant, affiliation = entry(clean, "applicant"), entry(clean, "affiliation")
    assert len(set(applicant.values())) < 400
    assert len(set(applicant.values())) == len(
        {(applicant[case], affiliation[case]) for case in applicant}
    )


def test_confounded_groups_differ_on_average_and_comparable_cases_do_not(entry):
    simulation = simulate(Office(cases=2000, seed=11, horizon=timedelta(days=700)))
    group, kind, docs = (
        entry(simulation, name) for name in ("affiliation", "permit_type", "docs_complete")
    )
    span = {}
    columns = simulation.events.select(["case_id", "timestamp", "activity"]).to_pylist()
    for row in columns:
        if row["activity"] != "File complaint":
            first, _ = span.get(row["case_id"], (row["timestamp"], None))
            span[row["case_id"]] = first, row["timestamp"]
    days = {case: (last - first) / timedelta(days=1) for case, (first, last) in span.items()}
    naive = mean_gap(days, group, lambda _: None)
    fair = mean_gap(days, group, lambda case: (kind[case], docs[case]))
    assert naive > 1.5
    assert abs(fair) < 1.5  # two and a half standard errors
    shares = [
        np.mean([kind[case] == "warehouse" for case in kind if (group[case] == "other") == other])
        for other in (True, False)
    ]
    assert shares[0] > 1.4 * shares[1]


def mean_gap(days, group, stratum):
    """Days of `other` less those of the rest, averaged over strata by min-variance weights."""
    cells = {}
    for case, value in days.items():
        cells.setdefault(stratum(case), ([], []))[group[case] == "other"].append(value)
    gaps = [(np.mean(b) - np.mean(a), 1 / (1 / len(a) + 1 / len(b))) for a, b in cells.values()]
    return sum(gap * weight for gap, weight in gaps) / sum(weight for _, weight in gaps)


def test_a_plant_leaves_alone_what_it_does_not_concern(office, clean):
    planted = simulate(office, [Surcharge()])
    same = [name for name in clean.events.column_names if name != "fee_charged"]
    assert planted.events.select(same).equals(clean.events.select(same))
    assert not planted.events["fee_charged"].equals(clean.events["fee_charged"])


def test_case_ids_bear_the_local_year_of_the_application():
    simulation = simulate(Office(cases=200, seed=3, start=date(2025, 12, 15)))
    first = {}
    for row in simulation.events.select(["case_id", "timestamp"]).to_pylist():
        first.setdefault(row["case_id"], row["timestamp"])
    assert {case[4:8] for case in first} == {"2025", "2026"}
    for case, moment in first.items():
        assert int(case[4:8]) == moment.replace(tzinfo=UTC).astimezone(JAKARTA).year
