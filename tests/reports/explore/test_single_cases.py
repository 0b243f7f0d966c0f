"""Applications one by one: the list, the story of each, and the list as a file."""

import csv
import tempfile
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from eventlog.errors import UsageError
from reports.cases.marks import read_marks
from reports.cases.pages import case_values, list_values, write_csv
from reports.cases.rows import Asked, Called, Order, list_cases, ordered, parse_asked
from reports.cases.story import tell_case
from reports.cases.timeline import draw_timeline
from reports.explore.filters import EVERYTHING
from reports.explore.traces import read_traces
from reports.reading import read_results
from reports.suppress import suppress

CALLED = Called(case=lambda name: f"case-{name}", officer=lambda name: f"officer-{name}")
QUESTIONS = frozenset({"map", "variants", "bottlenecks", "detours"})
# R waits for its check since it came; T and S are in hand, S since later; P and Q are over.
SMALL = (
    "P: apply check sign issue",
    "Q: apply check sign sign+30 issue+600",
    "R: apply",
    "S: apply check/start+90@bob",
    "T: apply check/start+9@ann",
)


@pytest.fixture(scope="module")
def folder(mined):
    return mined(
        *SMALL,
        by={
            "kind": {"P": "house", "Q": "house", "R": "=shop", "S": "house", "T": "house"},
            "owner": dict(zip("PQRST", ["Ann", "Ben", "Cem", "Dee", "Eve"], strict=True)),
        },
        only=QUESTIONS,
        clock={"starts": ["apply"], "closes": ["issue"]},
        procedure={"mandatory": ["check"], "once": ["sign"]},
        privacy={"smallest_cell": 1, "pseudonymise": ["owner"]},
        calendar={"country": "ID", "days": "mon-sun", "hours": "00:00-24:00"},
        equity={"groups": ["kind"], "horizon": "90 days"},
    )


@pytest.fixture(scope="module")
def traces(folder):
    return read_traces(folder)


@pytest.fixture(scope="module")
def marks(folder, traces):
    return read_marks(folder, traces)


def place_of(traces, case):
    return traces.case_ids.to_pylist().index(case)


def names(traces, marks, **asked):
    places = ordered(traces, marks, traces.everything, Asked(**asked))
    return "".join(traces.case_ids[place].as_py() for place in places.tolist())


def test_who_waits_longest_comes_first_and_what_is_over_last(traces, marks):
    assert names(traces, marks) == "RTSQP"
    assert names(traces, marks, order=Order.OLDEST)[-2:] == "QP"


def test_the_newest_come_first_where_that_is_asked(office):
    marks = read_marks_of_nothing(office)
    places = ordered(office, marks, office.everything, Asked(order=Order.NEWEST))
    assert (np.diff(office.entered[places]) <= 0).all()


def test_it_is_told_what_a_case_waits_for_and_what_is_in_hand(traces, marks):
    rows = {row.name: row for row in list_all(traces, marks).rows}
    assert (rows["case-R"].stand.step, rows["case-R"].stand.in_hand) == ("check", False)
    assert (rows["case-T"].stand.step, rows["case-T"].stand.in_hand) == ("check", True)
    assert rows["case-P"].stand is None
    assert rows["case-S"].stand.waited_ms < rows["case-R"].stand.waited_ms
    assert rows["case-R"].worked_days == pytest.approx(rows["case-R"].took_ms / 86_400_000)


def list_all(traces, marks, **asked):
    return list_cases(traces, marks, traces.everything, Asked(**asked), CALLED)


def test_the_list_can_be_narrowed_to_a_step_and_to_a_detour(traces, marks):
    assert sorted(names(traces, marks, at="check")) == ["R", "S", "T"]
    (detour,) = marks.detours
    assert detour.startswith("detour/")
    assert names(traces, marks, detour=detour) == "Q"


def test_only_chosen_cases_are_listed(traces, marks):
    chosen = np.zeros(traces.cases, bool)
    chosen[place_of(traces, "S")] = True
    listed = list_cases(traces, marks, chosen, Asked(), CALLED)
    assert ([row.name for row in listed.rows], listed.total) == (["case-S"], 1)


def test_pages_of_the_list_do_not_overlap_and_have_all(office):
    marks = read_marks_of_nothing(office)
    listed = [list_all(office, marks, page=page) for page in range(1, 13)]
    seen = [row.place for one in listed for row in one.rows]
    assert sorted(seen) == list(range(600))
    assert listed[0].pages == 12
    with pytest.raises(UsageError, match="13; expected at most 12"):
        list_all(office, marks, page=13)


def read_marks_of_nothing(traces):
    """What is known where a folder of results says nothing of single cases."""
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "run.json").write_text("{}")
        return read_marks(Path(made), traces)


def test_older_results_say_at_least_what_was_done_last(traces):
    marks = read_marks_of_nothing(traces)
    stand = list_all(traces, marks).rows[0].stand
    assert stand.after
    assert stand.step == "apply"
    assert marks.detours == ()


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("at", "nowhere")], "at: 'nowhere' is not known"),
        ([("detour", "x")], "detour: 'x' is not known"),
        ([("sort", "up")], "sort: 'up' is not known; expected one of: waiting, oldest, newest"),
        ([("page", "0")], "page is '0'; expected a number from 1"),
        ([("page", "٣")], "page is"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(marks, pairs, said):
    with pytest.raises(UsageError, match=said):
        parse_asked(pairs, marks)


def test_an_address_asks_what_it_says_and_leaves_the_rest_alone(marks):
    asked = parse_asked(
        [("at", "check"), ("sort", "newest"), ("through", "a"), ("page", "")], marks
    )
    assert asked == Asked(at="check", order=Order.NEWEST)
    assert asked.query(page=2) == "at=check&sort=newest&page=2"


def test_the_story_has_every_step_with_what_lay_and_what_was_worked_on(traces, marks):
    story = tell_case(traces, marks, place_of(traces, "Q"), CALLED)
    assert [step.activity for step in story.steps] == ["apply", "check", "sign", "sign", "issue"]
    assert [step.again for step in story.steps] == [False, False, False, True, False]
    assert story.row.detours == marks.detours
    open_one = tell_case(traces, marks, place_of(traces, "T"), CALLED)
    assert open_one.steps[-1].completed is None
    assert open_one.steps[-1].officer == "officer-ann"
    assert open_one.until == traces.now


def test_persons_are_left_out_of_a_story_and_of_the_file(folder, traces, marks):
    story = tell_case(traces, marks, place_of(traces, "P"), CALLED)
    assert dict(story.attributes) == {"kind": "house"}
    lines = "".join(write_csv(traces, marks, traces.everything, Asked(), CALLED))
    published = suppress(read_results(folder))
    shown = str(case_values(published, traces, story)["timeline"])
    for name in ("Ann", "Ben", "Cem", "Dee", "Eve"):
        assert name not in lines
        assert name not in shown


def test_beside_similar_ones_its_place_among_them_is_told(office):
    marks = read_marks_of_nothing(office)
    closed = np.flatnonzero(office.still_open == 0)
    slowest = closed[np.argmax(office.throughput_ms[closed])]
    story = tell_case(office, marks, int(slowest), CALLED)
    whole = story.beside[0]
    assert (whole.attribute, whole.cases, whole.longer) == ("", len(closed) - 1, 1.0)
    times = np.sort(
        np.delete(office.throughput_ms[closed], np.argmax(office.throughput_ms[closed]))
    )
    assert whole.median_ms == times[(len(times) - 1) // 2]
    assert all(one.cases >= office.smallest_cell for one in story.beside)


def test_the_file_has_the_order_of_the_list_and_no_formulas(traces, marks):
    lines = list(csv.DictReader(StringIO("".join(
        write_csv(traces, marks, traces.everything, Asked(), CALLED)
    ))))  # fmt: skip
    assert [line["case"] for line in lines] == [f"case-{name}" for name in "RTSQP"]
    assert (lines[0]["stands_at"], lines[0]["rule"], lines[0]["kind"]) == (
        "check", "waiting for", "'=shop",
    )  # fmt: skip
    assert lines[3]["detours"] == marks.detours[0]
    assert lines[4]["open"] == "no"


def test_the_picture_holds_whatever_names_there_are(traces, marks):
    story = tell_case(traces, marks, place_of(traces, "T"), CALLED)
    drawn = draw_timeline(
        story.steps * 60,
        begin=story.row.entered,
        end=story.until,
        is_open=True,
        names={"apply": "<script>alert(1)</script>" + "\N{ARABIC LETTER ALEF}" * 120},
        classes={},
        timezone="Asia/Jakarta",
        title="x & y",
    )
    assert "<script>" not in drawn
    assert "…" in drawn
    assert drawn.count("<g>") == 80
    assert "now" in drawn


def test_a_choice_that_holds_is_marked_and_not_kept_a_second_time(folder, traces, marks):
    listed = list_all(traces, marks, at="check")
    values = list_values(suppress(read_results(folder)), traces, marks, listed, EVERYTHING)
    chosen = {choice.key: choice.chosen for choice in values["choices"]}
    assert chosen["at"] == "check"
    assert chosen["open"] == ""
    assert "a.owner" not in chosen
    assert values["kept"] == []
    assert values["csv_address"] == "/cases.csv?at=check"
