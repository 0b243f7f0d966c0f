"""No few who complained, answered or kept silent can be found in what may be passed on."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.errors import StopError
from reports.charts.voice import POINTS, TIMES, rows_of_figures, score_bars
from reports.contents.terms import Limits
from reports.contents.voice import (
    Comparison,
    Complaints,
    Group,
    Heeded,
    Satisfaction,
    Score,
    Split,
    Stretch,
    Voice,
    read_voice,
)
from reports.language import speaking
from reports.publish import public_voice
from reports.withheld.totals import nearest
from reports.withheld.voice import withhold_voice

WORDS = {"en": "said 4,321", "id": "kata 4.321"}


def limits(value):
    return Limits(value=value, low=value - 0.1, high=value + 0.1)


def split(*groups, name="detour", kind="event", limits_of=()):
    told = [
        Group(name=group, cases=cases, said=said, share=limits(0.5), mean=limits(3.0), median=3.0)
        for group, cases, said in groups
    ]
    return Split(name=name, kind=kind, limits=limits_of, groups=tuple(told))


def compared(event):
    return Comparison(event=event, limit=None, figures=limits(1.5), sure=True, wording=WORDS)


def complaints_of(*groups, **changes):
    found = split(*groups)
    parts = {
        "cases": sum(one.cases for one in found.groups),
        "complained": sum(one.said or 0 for one in found.groups),
        "early": 0,
        "share": limits(0.2),
        "months": (),
        "splits": (found,),
        "comparisons": (compared("detour"),),
        "wording": WORDS,
    }
    return Complaints(**{**parts, **changes})


def answers_of(*groups, **changes):
    found = split(*groups)
    parts = {
        "cases": sum(one.cases for one in found.groups),
        "answered": sum(one.said or 0 for one in found.groups),
        "lowest": 1.0,
        "highest": 5.0,
        "response": limits(0.5),
        "mean": limits(3.123),
        "median": 3.0,
        "weighted": 3.0456,
        "worst": 2.0,
        "best": 4.0,
        "scores": (),
        "splits": (found,),
        "comparisons": (compared("detour"),),
        "heeded": (),
        "wording": WORDS,
    }
    return Satisfaction(**{**parts, **changes})


def voice(complaints=None, satisfaction=None):
    return Voice(
        unit="days", compared_on=("kind",), complaints=complaints, satisfaction=satisfaction
    )


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=5),
    st.integers(2, 7),
)
def test_no_told_number_is_of_few_and_none_can_be_subtracted(pairs, least):
    groups = [(str(at), max(pair), min(pair)) for at, pair in enumerate(pairs)]
    exact = complaints_of(*groups)
    told = withhold_voice(voice(exact), least=least).complaints
    if not told.splits:
        return
    for one in told.splits[0].groups:
        mine = next(group for group in exact.splits[0].groups if group.name == one.name)
        assert one.cases == nearest(mine.cases, least)
        if one.said is not None and mine.said:
            assert mine.said >= least
            assert mine.cases == mine.said or mine.cases - mine.said >= least
    gone = {group.name for group in exact.splits[0].groups} - {
        group.name for group in told.splits[0].groups if group.said is not None
    }
    few = [group.said for group in exact.splits[0].groups if group.name in gone and group.said]
    # What is hidden is never one few alone, unless there is nothing to hide it behind.
    if len(few) == 1 and few[0] < least and len(groups) > 1:
        others = [group for group in exact.splits[0].groups if group.name not in gone]
        assert not [group for group in others if group.said and group.said >= least]


def test_a_group_of_few_takes_another_and_the_comparison_with_it():
    told = withhold_voice(voice(complaints_of(("yes", 50, 3), ("no", 900, 40))), least=5)
    assert [one.said for one in told.complaints.splits[0].groups] == [None, None]
    assert told.complaints.comparisons == ()
    assert told.hidden == 2


def test_a_comparison_goes_where_any_group_of_its_split_is_hidden():
    waiting = split(
        ("1", 100, 2), ("2", 100, 20), ("3", 100, 30), ("4", 100, 40),
        name="waiting", kind="waiting", limits_of=(1.0, 2.0, 3.0),
    )  # fmt: skip
    exact = complaints_of(("yes", 200, 40), ("no", 200, 52))
    exact = replace(exact, splits=(waiting,), comparisons=(compared("waiting"),))
    told = withhold_voice(voice(exact), least=5).complaints
    assert [one.said for one in told.splits[0].groups] == [None, None, 30, 40]
    assert told.comparisons == ()


def test_all_but_a_few_who_complained_are_not_told():
    told = withhold_voice(voice(complaints_of(("yes", 50, 48), ("no", 900, 898))), least=5)
    assert told.complaints.complained is None
    assert told.complaints.splits == ()


def test_words_hold_rounded_numbers_only():
    told = withhold_voice(
        voice(complaints_of(("yes", 52, 13), ("no", 949, 38)), answers_of(("yes", 203, 101))),
        least=5,
    )
    assert told.complaints.wording["en"].startswith("≈ 50 of ≈ 1,000 applications")
    assert told.satisfaction.wording["id"].startswith("≈ 100 dari ≈ 205 pemohon")
    assert "4,321" not in json.dumps(public_voice(told, 5)["complaints"]["wording"])


def test_few_answers_are_not_told_at_all():
    told = withhold_voice(voice(satisfaction=answers_of(("yes", 40, 3), ("no", 40, 1))), least=5)
    assert (told.satisfaction, told.few) == (None, True)


def test_who_answers_is_told_with_rounded_shares():
    heeded = Heeded(
        split="detour", kind="event", least="yes", most="no", differ=True, wording=WORDS
    )
    groups = (("yes", 203, 41), ("no", 797, 402))
    told = withhold_voice(voice(satisfaction=answers_of(*groups, heeded=(heeded,))), least=5)
    (said,) = told.satisfaction.heeded
    assert said.wording["en"].startswith("Of applications that took a detour, 20 % answered")
    few = withhold_voice(
        voice(satisfaction=answers_of(("yes", 203, 2), ("no", 797, 402), heeded=(heeded,))),
        least=5,
    )
    assert few.satisfaction.heeded == ()


def test_months_are_put_together_until_enough_complained():
    months = tuple(
        Stretch(first=f"2025-{n:02}", last=f"2025-{n:02}", months=1, complaints=3, cases=100)
        for n in range(1, 13)
    )
    groups = (("yes", 100, 20), ("no", 900, 30))
    told = withhold_voice(voice(complaints_of(*groups, months=months)), least=5).complaints
    assert [one.months for one in told.months] == [4, 4, 4]
    assert told.months[-1].last == "2025-12"
    assert all(one.complaints >= 10 for one in told.months)


def test_scores_of_few_are_hidden_with_another():
    scores = tuple(Score(low=n, high=n, answers=n * n) for n in (1, 2, 3, 4, 5))
    groups = (("yes", 100, 20), ("no", 100, 35))
    told = withhold_voice(voice(satisfaction=answers_of(*groups, scores=scores)), least=5)
    assert [one.answers for one in told.satisfaction.scores] == [None, None, 10, 15, 25]


def test_pictures_have_their_values_in_words_and_no_names_that_run():
    rows = (compared("<b>"), compared("late"))
    drawn = rows_of_figures(
        rows, names={"<b>": "<script>", "late": "Late"}, unit=TIMES, title="a < b"
    )
    assert "&lt;script&gt;" in drawn
    assert "<script>" not in drawn
    assert "1.5 times (1.4 to 1.6)" in drawn
    assert "style=" not in drawn
    with speaking("id"):
        assert "+1,5 (+1,4" in rows_of_figures(
            rows[1:], names={"late": "Terlambat"}, unit=POINTS, title=""
        )
    assert score_bars((Score(low=1, high=1, answers=None),), title="") == ""


def test_a_file_of_another_shape_says_what_to_do():
    with pytest.raises(StopError, match=r"voice.json .*'unit'.* run `runut mine` again"):
        read_voice({"complaints": None, "satisfaction": None})
