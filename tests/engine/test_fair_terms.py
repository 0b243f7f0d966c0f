"""Nobody is called late for the applicant's time, for open hours, or for what is no number."""

import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from engine.applicants import applicants
from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.letters import table
from eventlog.plain_numbers import plain_number

CALENDAR = {"days": "mon-fri", "hours": "08:00-16:00"}
CLOCK = {"starts": ["a"], "stops": ["d"]}


@pytest.fixture
def told(tmp_path):
    """Mines these cases, with step b in the unit "fire"; gives a file of the results."""

    def mined(definition, *cases):
        lake = Lake.create(tmp_path / "lake", process="permits", case_attributes=[])
        rows = table(*cases)
        fire = pc.if_else(pc.equal(rows.column("activity"), "b"), "fire", None)
        rows = rows.set_column(rows.column_names.index("unit"), "unit", fire.cast(pa.string()))
        nothing = schema.REJECTS.empty_table()
        lake.writer("file/test").append(rows, nothing, start=0, next=rows.num_rows)
        (tmp_path / "out").mkdir()
        mine(lake, definition, tmp_path / "out", progress=Silent())
        return lambda name: json.loads((tmp_path / "out" / name).read_text())

    return mined


DAY = 24 * 60


def offices(count, steps):
    return [f"case-{n}: {steps}" for n in range(count)]


def test_a_day_of_a_unit_that_never_closes_is_a_day(told):
    """Two days and nights are no six working days of an office that is open for eight hours."""
    calendar = {**CALENDAR, "units": {"fire": {"days": "mon-sun", "hours": "00:00-24:00"}}}
    definition = Definition.bare(
        process="permits",
        calendar=calendar,
        clock=CLOCK,
        standard={"steps": {"b": "3 working days"}},
    )
    results = told(definition, *offices(30, f"a@ann b+{2 * DAY}@bob d@ann"))
    (step,) = results("lateness.json")["steps"]
    assert (step["standard"], step["over"]) == ("b", 0)
    queue = next(q for q in results("bottlenecks.json")["queues"] if q["activity"] == "b")
    assert queue["mean"] == pytest.approx(2.0, abs=0.01)


def test_while_the_applicant_has_the_file_a_steps_term_stands(told):
    clock = {**CLOCK, "suspended": [{"from": "ask", "until": "answer"}]}
    definition = Definition.bare(
        process="permits", clock=clock, standard={"steps": {"b": "3 days"}}
    )
    steps = f"a@ann b/schedule ask@bob answer+{20 * DAY}@ann b@bob d@ann"
    results = told(definition, *offices(30, steps))
    (step,) = results("lateness.json")["steps"]
    assert (step["cases"], step["over"]) == (30, 0)
    assert "answer" not in {q["activity"] for q in results("bottlenecks.json")["queues"]}


def test_a_step_that_was_done_in_a_mistyped_year_is_late_by_what_has_passed(told):
    definition = Definition.bare(process="permits", clock=CLOCK, standard={"steps": {"c": "1 day"}})
    typo = f"typo: a@ann b@bob c+{170 * 365 * DAY}@ann"
    results = told(definition, *offices(30, f"a@ann b@bob c+{3 * DAY}@ann d@ann"), typo)
    (step,) = results("lateness.json")["steps"]
    assert step["over"] == 31
    assert step["case_days_over"] < 100


def test_a_coarse_step_is_the_applicants_where_all_that_it_stands_for_is():
    definition = Definition.bare(applicant_steps=["01_send", "02_pay"])
    coarse = {"01_send": "01", "02_pay": "02", "02_bill": "02"}
    assert applicants(definition, None) == {"01_send", "02_pay"}
    assert applicants(definition, coarse) == {"01"}


def test_what_is_told_of_whole_cases_needs_one_value_a_case():
    for name in ("unit", "resource"):
        with pytest.raises(ValueError, match=r"standard\.by names"):
            Definition.bare(standard={"by": {name: {"x": "3 days"}}})


@pytest.mark.parametrize("text", ["inf", "1e999", "nan", "1_000", "1.500.000", "Rp 500", ""])
def test_what_is_no_plain_number_is_no_fee(text):
    assert plain_number(text) != plain_number(text)


def test_a_plain_number_is_a_fee():
    assert [plain_number(text) for text in ("12", " 12.50", "-3")] == [12.0, 12.5, -3.0]
