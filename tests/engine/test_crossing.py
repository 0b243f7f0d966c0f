"""What crosses cases is told the same however the lake is looked at, and never out of thin air."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.mining import mine
from engine.progress import Silent
from engine.seeing import see
from engine.slices import Slice, equal_slices
from eventlog import definition_file, schema
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.lake import Lake
from eventlog.letters import shuffled, table
from simulation.innocence import Batches, Concurrent
from simulation.misconduct import PingPong, Understaffed
from simulation.office import Office
from simulation.running import simulate

PROCESSES = Path(__file__).parents[2] / "config" / "processes"
NO_REJECTS = schema.REJECTS.empty_table()
WORK = (
    "bottlenecks.json", "lateness.json", "detours.json", "work_items.parquet", "cases.parquet",
)  # fmt: skip
CLOCK = {"starts": ["a"], "stops": ["d"]}


def lake_of(folder, *batches, attributes=()):
    lake = Lake.create(folder, process="permits", case_attributes=attributes)
    writer, position = lake.writer("file/test"), 0
    for batch in batches:
        after = position + batch.num_rows
        writer.append(batch, NO_REJECTS, start=position, next=after)
        position = after
    return lake


def run(lake, folder, definition, **options):
    folder.mkdir()
    return mine(lake, definition, folder, progress=Silent(), **options)


def mined(tmp_path, definition, *cases, **options):
    run(lake_of(tmp_path / "lake", table(*cases)), tmp_path / "out", definition, **options)
    return tmp_path / "out"


def told(folder, name):
    return json.loads((folder / name).read_text())


def reasons(folder):
    return {entry["what"]: entry["why"] for entry in told(folder, "run.json")["off"]}


def suspended(given, number):
    """A case of the office with what the simulator does not play: pauses, overlaps, one typo."""
    moment = datetime(2025, 3, 3, 2, tzinfo=UTC) + timedelta(days=number)
    steps = [
        ("Submit application", "complete", 0, None),
        ("Review zoning", "schedule", 1, None),
        ("Review zoning", "start", 3, "officer-1"),
        ("Review zoning", "suspend", 5, "officer-1"),
        ("Review zoning", "start", 6, "officer-2"),
        ("Review zoning", "resume", 30, "officer-1"),
        ("Review zoning", "complete", 54, "officer-2"),
        ("Review zoning", "complete", 56, "officer-1"),
        ("Inspect site", "schedule", 56, None),
        ("Inspect site", "start", 10**6 if number == 3 else 80, "officer-7"),
    ]
    if number % 2:  # closed with work still on a desk
        steps.append(("Withdraw", "complete", 90, None))
    rows = [
        {
            "event_id": f"extra-{number}-{place}",
            "case_id": f"extra-{number}",
            "activity": activity,
            "timestamp": moment + timedelta(hours=hours),
            "sequence": place,
            "lifecycle": lifecycle,
            "resource": resource,
            "unit": None if resource is None else ("inspection", "planning")[number % 2],
            "permit_type": "house" if place == 0 else None,
            "source": "test",
        }
        for place, (activity, lifecycle, hours, resource) in enumerate(steps)
    ]
    return pa.table(
        [pa.array([row.get(f.name) for row in rows], f.type) for f in given], schema=given
    )


@pytest.fixture(scope="module")
def office():
    """The definition of the demo with a unit that has hours of its own."""
    shipped = definition_file.load(PROCESSES / "building-permit.yaml")
    said = shipped.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    units = {"inspection": {"days": "mon-sat", "hours": "07:00-12:00, 13:00-15:00"}}
    return Definition.model_validate({**said, "calendar": {**said["calendar"], "units": units}})


@pytest.fixture(scope="module")
def rows(office):
    """Starts, schedules, open cases, repeats, suspensions, several units, one mistyped year."""
    made = Office(cases=160, seed=5, lifecycle=("schedule", "start", "complete"))
    plants = (Understaffed(), PingPong(), Batches(), Concurrent())
    simulated = simulate(made, plants).events
    given = schema.incoming(office.case_attributes)
    length = simulated.num_rows
    events = pa.table(
        [
            simulated[f.name].cast(f.type)
            if f.name in simulated.column_names
            else pa.nulls(length, f.type)
            if f.name != "source"
            else pa.array(["test"] * length)
            for f in given
        ],
        schema=given,
    )
    events = pa.concat_tables([events, *(suspended(given, number) for number in range(6))])
    finished = finish(events)
    again = shuffled(finished, 3)
    return pa.concat_tables([again, again.slice(0, 200)])


def in_parts(slices):
    """A look at the lake in these slices."""

    def look(lake, definition, folder, *, asked, clock):
        return see(lake, definition, folder, asked=asked, slices=slices, clock=clock)

    return look


LOWEST, HIGHEST = -(2**63), 2**63 - 1
UNEVEN = [
    Slice(low=LOWEST, high=LOWEST + 9),  # nobody is here
    Slice(low=LOWEST + 10, high=2**62),
    Slice(low=2**62 + 1, high=2**62 + 9),  # nor here
    Slice(low=2**62 + 10, high=HIGHEST),
]


def test_what_crosses_cases_is_the_same_to_the_byte_in_many_slices(tmp_path, office, rows):
    lake = lake_of(tmp_path / "lake", rows, attributes=office.case_attributes)
    whole = tmp_path / "whole"
    run(lake, whole, office)
    assert told(whole, "bottlenecks.json")["queues"]
    assert any(place["cases"] for place in told(whole, "bottlenecks.json")["open"])
    assert told(whole, "lateness.json")["term"]["judged"] > 50
    causes = pq.read_table(whole / "work_items.parquet").column("cause")
    assert causes.null_count < len(causes)
    for name, slices in (("eleven", equal_slices(11)), ("uneven", UNEVEN)):
        folder = tmp_path / name
        run(lake, folder, office, look=in_parts(slices))
        for file in sorted(whole.iterdir()):
            ours, theirs = file.read_bytes(), (folder / file.name).read_bytes()
            if file.name == "run.json":
                ours, theirs = ({**json.loads(t), "seconds": None} for t in (ours, theirs))
            assert ours == theirs, f"{file.name} in {name} slices"


def test_one_question_alone_is_answered_as_among_all_others(tmp_path, office, rows):
    lake = lake_of(tmp_path / "lake", rows, attributes=office.case_attributes)
    run(lake, tmp_path / "all", office)
    run(lake, tmp_path / "queues", office, only=frozenset({"bottlenecks"}))
    run(lake, tmp_path / "terms", office, only=frozenset({"lateness"}))
    for folder, name in (
        ("queues", "bottlenecks.json"),
        ("queues", "work_items.parquet"),
        ("terms", "lateness.json"),
        ("queues", "alerts.json"),
        ("terms", "alerts.json"),
    ):
        assert (tmp_path / folder / name).read_bytes() == (tmp_path / "all" / name).read_bytes()
    assert not (tmp_path / "queues" / "lateness.json").exists()
    assert not (tmp_path / "terms" / "bottlenecks.json").exists()
    assert reasons(tmp_path / "queues")["lateness"] == "left out by --only"


def test_where_neither_is_asked_for_alerts_are_said_to_be_off(tmp_path, office, rows):
    lake = lake_of(tmp_path / "lake", rows, attributes=office.case_attributes)
    run(lake, tmp_path / "out", office, only=frozenset({"variants"}))
    assert "left out by --only" in reasons(tmp_path / "out")["alert late permits"]
    assert not (tmp_path / "out" / "work_items.parquet").exists()


def test_the_only_next_step_that_the_map_knows_is_what_an_open_case_waits_for(tmp_path):
    definition = Definition.bare(clock=CLOCK)
    cases = ("P: a@x b@x d@x", "Q: a@x", "R: a@x b@x d@x")
    folder = mined(tmp_path, definition, *cases, only=frozenset({"bottlenecks"}))
    (place,) = told(folder, "bottlenecks.json")["open"]
    assert (place["activity"], place["rule"], place["cases"]) == ("b", "only next step", 1)


def test_work_left_on_a_desk_when_its_case_was_closed_waits_no_longer(tmp_path):
    definition = Definition.bare(clock=CLOCK)
    cases = ("P: a@x b/schedule b/start@x b/schedule d@x", "Q: a@x b/schedule", "R: a@x+9999 d@x")
    found = told(mined(tmp_path, definition, *cases), "bottlenecks.json")
    queue = next(one for one in found["queues"] if one["activity"] == "b")
    assert queue["open_now"] == 1
    assert [place["cases"] for place in found["open"]] == [1]
    items = pq.read_table(tmp_path / "out" / "work_items.parquet").to_pylist()
    left = [row for row in items if row["case_id"] == "P" and row["completed"] is None]
    assert len(left) == 2


def test_of_work_without_starts_the_applicants_part_is_told_apart(tmp_path):
    clock = {**CLOCK, "suspended": [{"from": "ask", "until": "come"}]}
    cases = ("P: a@x ask@x come+180@x b@x d@x", "Q: a@x ask@x b+240@x come@x d@x")
    folder = mined(tmp_path, Definition.bare(clock=clock), *cases)
    found = {one["activity"]: one for one in told(folder, "bottlenecks.json")["queues"]}
    assert found["b"]["applicant_share"] == 0.8  # 0 of 1 hour, 4 of 4
    assert found["d"]["applicant_share"] == 0.0


YEARS = 365 * 24 * 60


def test_a_mistyped_year_is_not_taken_for_now(tmp_path):
    definition = Definition.bare(
        timezone="Asia/Jakarta",
        calendar={"country": "ID"},
        clock=CLOCK,
        standard={"term": "30 days"},
    )
    cases = (
        "P: a@x b/start@x b@x d@x",
        f"Q: a@x b/start+{90 * YEARS}@x b@x",
        f"R: a@x b/schedule+{90 * YEARS}@x",
        "S: a@x b/schedule",
    )
    folder = mined(tmp_path, definition, *cases)
    assert told(folder, "run.json")["as_of"] == "2026-01-05T11:00:00+00:00"
    found = told(folder, "bottlenecks.json")
    queue = next(one for one in found["queues"] if one["activity"] == "b")
    assert 0 <= queue["waiting"] < 1
    assert (queue["items"], queue["open_now"]) == (2, 1)
    assert all(0 <= place["oldest_days"] < 1 for place in found["open"])
    assert told(folder, "lateness.json")["term"]["over"] == 0
    doubts = {f["subject"].get("check"): f for f in told(folder, "findings.json")["findings"]}
    assert doubts["in the future"]["evidence"]["affected"] == 3
    assert doubts["in the future"]["cases"] == 2


def test_work_is_told_in_coarse_activities_and_the_clock_in_the_codes_of_the_log(tmp_path):
    definition = Definition.bare(
        abstract={"pattern": "^(..)_"},
        clock={"starts": ["01_A_1"], "stops": ["03_C_1"]},
        standard={"term": "3h"},
    )
    cases = (
        "P: 01_A_1@x 02_B_1/start@x 02_B_2@x 03_C_1@x",
        "Q: 01_A_1@x 02_B_2@x 03_C_2@x",
        "R: 01_A_2@x 03_C_1@x",
    )
    folder = mined(tmp_path, definition, *cases)
    items = pq.read_table(folder / "work_items.parquet").to_pylist()
    assert {row["activity"] for row in items} == {"01", "02", "03"}
    # A start of one fine code and the completion of another are one piece of the coarse work.
    of_p = [row for row in items if row["case_id"] == "P" and row["activity"] == "02"]
    assert [row["service_seconds"] for row in of_p] == [3600.0]
    rows = {row["case_id"]: row for row in pq.read_table(folder / "cases.parquet").to_pylist()}
    assert [rows[case]["open"] for case in "PQR"] == [False, True, False]
    assert [rows[case]["clock_seconds"] for case in "PQR"] == [3 * 3600, 3 * 3600, None]
    (place,) = told(folder, "bottlenecks.json")["open"]
    assert (place["activity"], place["after"]) == ("03", True)


def test_an_earlier_version_is_told_with_the_now_of_that_version(tmp_path):
    definition = Definition.bare(clock=CLOCK)
    first = table("P: a@x b/start@x b@x d@x", "Q: a@x b/schedule")
    lake = lake_of(tmp_path / "lake", first)
    then = datetime.now(UTC) + timedelta(milliseconds=5)
    while datetime.now(UTC) <= then + timedelta(milliseconds=5):
        pass  # commits carry milliseconds
    later = table("Q: a@x b/schedule b/start+6000@x b@x d@x")
    lake.writer("file/later").append(later, NO_REJECTS, start=0, next=later.num_rows)
    run(lake, tmp_path / "then", definition, as_of=then)
    run(lake, tmp_path / "now", definition)

    def queue(folder):
        found = told(tmp_path / folder, "bottlenecks.json")["queues"]
        return next(one for one in found if one["activity"] == "b")

    assert (queue("then")["open_now"], queue("now")["open_now"]) == (1, 0)
    assert queue("then")["oldest_open"] < 1
    assert told(tmp_path / "then", "run.json")["as_of"] == "2026-01-05T11:00:00+00:00"


@pytest.mark.parametrize(
    ("parts", "what", "why"),
    [
        ({"clock": {"stops": ["d"]}}, "lateness", "the process file has no clock.starts"),
        ({"clock": {"starts": ["a"]}}, "lateness", "the process file has no clock.stops"),
        ({}, "lateness", "the process file has no clock.starts, clock.stops"),
        ({}, "what waits now", "does not say under clock what closes a case"),
        ({"clock": CLOCK}, "late cases", "promises no term under standard"),
        ({"clock": CLOCK}, "waiting apart from service", "both are reported as one"),
        (
            {"clock": CLOCK, "standard": {"term": "14 working days"}},
            "late cases by standard.term",
            "no calendar to count working days by",
        ),
        (
            {
                "clock": CLOCK,
                "case_attributes": ["kind"],
                "standard": {"term": "8 weeks", "by": {"kind": {"shop": "2 working days"}}},
            },
            "late cases by standard.by.kind.shop",
            "no calendar to count working days by",
        ),
        (
            {"clock": CLOCK, "standard": {"term": "8 weeks", "steps": {"b": "1 working days"}}},
            "late steps by standard.steps.b",
            "no calendar to count working days by",
        ),
        (
            {
                "clock": {"stops": ["d"]},
                "standard": {"term": "8 weeks"},
                "alerts": [{"name": "late", "measure": "overdue_cases", "above": 1}],
            },
            "alert late",
            "no clock",
        ),
    ],
)
def test_what_cannot_be_told_is_off_with_the_reason(tmp_path, parts, what, why):
    definition = Definition.bare(**parts)
    rows = table("P: a b d", "Q: a b", case_attributes={"kind": {"P": "shop", "Q": "shop"}})
    if "case_attributes" not in parts:
        rows = rows.drop_columns(["kind"])
    lake = lake_of(tmp_path / "lake", rows, attributes=parts.get("case_attributes", ()))
    run(lake, tmp_path / "out", definition)
    assert why in reasons(tmp_path / "out")[what]


def test_a_term_that_nobody_can_count_calls_no_case_late_or_in_time(tmp_path):
    definition = Definition.bare(
        clock=CLOCK,
        standard={"term": "1 working days"},
        alerts=[{"name": "late", "measure": "overdue_cases", "above": 0}],
    )
    folder = mined(tmp_path, definition, "P: a d+9000", "Q: a")
    assert pq.read_table(folder / "cases.parquet")["over_term"].null_count == 2
    assert told(folder, "lateness.json")["term"]["judged"] == 0
    assert "alert late" in reasons(folder)


def test_an_empty_lake_has_no_queue_and_no_promise(tmp_path, office):
    lake = lake_of(tmp_path / "lake", attributes=office.case_attributes)
    done = run(lake, tmp_path / "out", office)
    assert done.findings == []
    found = told(tmp_path / "out", "bottlenecks.json")
    assert (found["queues"], found["open"], found["waiting"]) == ([], [], 0.0)
    assert pq.read_table(tmp_path / "out" / "work_items.parquet").num_rows == 0


def test_waiting_by_value_of_an_attribute_can_be_read_off_the_case_table(tmp_path, office, rows):
    lake = lake_of(tmp_path / "lake", rows, attributes=office.case_attributes)
    run(lake, tmp_path / "out", office, only=frozenset({"bottlenecks"}))
    items = pq.read_table(tmp_path / "out" / "work_items.parquet").to_pandas()
    cases = pq.read_table(tmp_path / "out" / "cases.parquet").to_pandas()
    both = items.merge(cases[["case_id", "permit_type"]], on="case_id", validate="many_to_one")
    assert len(both) == len(items)
    for name in ("waiting_seconds", "waiting_working_seconds", "service_seconds"):
        ours = cases.groupby("permit_type")[name].sum()
        assert ours.to_dict() == pytest.approx(both.groupby("permit_type")[name].sum().to_dict())
        assert (ours > 0).all()


def test_causes_are_never_more_than_the_waiting_that_they_explain(tmp_path, office, rows):
    lake = lake_of(tmp_path / "lake", rows, attributes=office.case_attributes)
    run(lake, tmp_path / "out", office, only=frozenset({"bottlenecks"}))
    found = told(tmp_path / "out", "bottlenecks.json")
    for queue in found["queues"]:
        assert sum(queue["causes"].values()) <= queue["waiting"] + 0.01
    assert 0 < sum(found["causes"].values()) <= found["waiting"] + 0.01


def test_a_clock_that_never_starts_is_off_with_its_name_and_not_silently_empty(tmp_path):
    definition = Definition.bare(clock={"starts": ["A", "Begin"], "stops": ["d"]})
    folder = mined(tmp_path, definition, "P: a b d", "Q: A/start b")
    why = 'no event completes one of clock.starts ("A", "Begin")'
    assert reasons(folder)["lateness"] == why
    assert not (folder / "lateness.json").exists()


def test_cases_whose_clock_never_started_are_counted(tmp_path):
    folder = mined(tmp_path, Definition.bare(clock=CLOCK), "P: a b d", "Q: b d", "R: d", "S: a")
    assert told(folder, "lateness.json")["term"]["without_start"] == 2
    assert "lateness" not in reasons(folder)


@pytest.mark.parametrize("calendar", [{}, {"calendar": {}}])
def test_a_year_mistyped_ahead_kills_no_run_and_makes_nobody_late(tmp_path, calendar):
    definition = Definition.bare(
        clock={
            "starts": ["submit"],
            "stops": ["issue"],
            "suspended": [{"from": "ask", "until": "answer"}],
        },
        standard={"term": "8 weeks"},
        **calendar,
    )
    years = 36 * 365 * 24 * 60
    folder = mined(
        tmp_path,
        definition,
        f"P: submit ask answer+{years}",
        f"Q: submit check issue+{years}",
        "R: submit check check issue",
    )
    term = told(folder, "lateness.json")["term"]
    assert (term["cases"], term["over"], term["case_days_over"]) == (3, 0, 0.0)
    cases = pq.read_table(folder / "cases.parquet").to_pandas().set_index("case_id")
    assert cases["clock_seconds"].to_dict() == {"P": 3600, "Q": 3 * 3600, "R": 3 * 3600}


@pytest.mark.parametrize(
    ("country", "whats"),
    [
        ("ID", ["national holidays before 1946", "national holidays after 2100"]),
        (None, []),
    ],
)
def test_years_without_known_holidays_are_told(tmp_path, country, whats):
    definition = Definition.bare(calendar={"country": country})
    century = 100 * 366 * 24 * 60
    folder = mined(tmp_path, definition, f"P: a b+{-century}", f"Q: a b+{century}")
    off = reasons(folder)
    assert [what for what in off if what.startswith("national")] == whats
    assert all("no national holiday of ID is known" in off[what] for what in whats)


def test_years_with_known_holidays_need_no_word(tmp_path):
    folder = mined(tmp_path, Definition.bare(calendar={"country": "ID"}), "P: a b")
    assert not [what for what in reasons(folder) if what.startswith("national")]


def test_one_date_months_ahead_that_moves_now_for_everybody_is_told(tmp_path):
    folder = mined(tmp_path, Definition.bare(), "P: a b", "Q: a b", f"R: a b+{160 * 24 * 60}")
    (found,) = (
        one
        for one in told(folder, "findings.json")["findings"]
        if one["subject"].get("check") == "alone at the end"
    )
    assert (found["evidence"]["affected"], found["cases"]) == (1, 1)
    assert "30 days or more after the one before it" in found["wording"]["en"]


def test_a_log_that_goes_on_to_its_end_has_no_event_alone_there(tmp_path):
    folder = mined(tmp_path, Definition.bare(), "P: a b", "Q: a b", "R: a b b")
    checks = [one["subject"].get("check") for one in told(folder, "findings.json")["findings"]]
    assert "alone at the end" not in checks
