"""The scorecard tells numbers that can be worked out by hand, honestly, and never of a person."""

import numpy as np
import pytest

from engine.scorecard.certainty import Change
from engine.scorecard.line import Line, Scope, Trend
from engine.scorecard.together import together

HALF = {"indicator": "p50_working_days"}


def line(content, name, **scope):
    found = [
        one
        for one in content["lines"]
        if one["indicator"] == name and all(one[key] == value for key, value in scope.items())
    ]
    assert len(found) == 1, [one["indicator"] for one in content["lines"]]
    return found[0]


def days(*lengths, first=0, every=1):
    """A case for each length in days, one entering every so many days."""
    return [(f"P{n}", first + n * every, f"a d+{24 * length}") for n, length in enumerate(lengths)]


def test_half_of_the_applications_are_decided_within_the_median(score):
    found = line(score(days(1, 2, 3, 4, 5), scorecard=[{**HALF, "target": 4}]), HALF["indicator"])
    assert (found["value"], found["n"], found["measured_in"]) == (3.0, 5, "days")
    assert found["why"] is None
    assert found["wording"]["en"].startswith("Half of the applications are decided within 3 days")
    assert found["wording"]["id"].startswith("Separuh permohonan diputus dalam 3 hari")


def test_an_open_application_counts_as_lasting_longer_than_so_far(score):
    closed = days(2, 4, 4)
    opened = [(f"O{n}", 3, "a b+24") for n in range(3)]
    both = score([*closed, *opened], scorecard=[HALF, {"indicator": "open_now"}])
    # Of 2, 4, 4 and three that have lasted 3 so far: as ended ones they would make it 3.
    assert line(both, "p50_working_days")["value"] == 4.0
    assert line(both, "open_now")["value"] == 3


def test_the_order_of_rows_does_not_matter(score):
    rng = np.random.default_rng(1)
    cases = days(*(rng.integers(1, 9, 80).tolist()), every=3)
    asked = [HALF, {"indicator": "rework_share"}, {"indicator": "handovers_per_case"}]
    assert score(cases, scorecard=asked) == score(cases, reverse=True, scorecard=asked)


def test_an_equal_copy_of_every_case_doubles_n_and_keeps_the_number(score):
    cases = days(1, 2, 3, 4, 5, 6, 7)
    copy = [(f"C{name}", day, steps) for name, day, steps in cases]
    once = line(score(cases, scorecard=[HALF]), "p50_working_days")
    twice = line(score([*cases, *copy], scorecard=[HALF]), "p50_working_days")
    assert (twice["value"], twice["n"]) == (once["value"], 2 * once["n"])


@pytest.mark.parametrize(("target", "met"), [(40, "yes"), (1, "no"), (5, "too close to tell")])
def test_a_target_is_met_or_missed_only_where_the_limits_say_so(score, target, met):
    lengths = [3, 4, 5, 6, 7] * 8
    found = line(score(days(*lengths), scorecard=[{**HALF, "target": target}]), HALF["indicator"])
    assert found["value"] == 5.0
    assert found["met"] == met


def test_what_is_done_twice_is_rework_and_what_the_applicant_does_is_not(score):
    cases = [("P1", 0, "a b b d"), ("P2", 1, "a b c c d")]
    told = score(cases, applicant_steps=["c"], scorecard=[{"indicator": "rework_share"}])
    # a b b d and a b d: one of seven had been done before.
    assert line(told, "rework_share")["value"] == pytest.approx(1 / 7, abs=1e-6)


def test_waiting_is_the_part_of_the_time_in_which_work_lay(score):
    told = score([("P1", 0, "a b/start+3 b+1 d/start+2 d+2")], scorecard=[
        {"indicator": "waiting_share"}, {"indicator": "hours_per_permit"},
    ])  # fmt: skip
    assert line(told, "waiting_share")["value"] == pytest.approx(5 / 8)
    assert line(told, "hours_per_permit")["value"] == pytest.approx(3.0)


def test_cost_is_hours_and_amounts_or_amounts_alone_and_nothing_without_hours(score):
    cases = [("P1", 0, "a b/start b+2 d"), ("P2", 0, "a b/start b+4 b/start b+1 d")]
    asked = [{"indicator": "cost_per_permit"}]

    def cost(costs, of=cases):
        return line(score(of, costs=costs, scorecard=asked), "cost_per_permit")

    both = cost({"officer_hour": 100, "activities": {"b": 50}})
    assert (both["value"], both["measured_in"]) == ((7 * 100 + 3 * 50) / 2, "IDR")
    assert cost({"activities": {"b": 50}})["value"] == 75.0
    ended = [("P1", 0, "a b d")]
    assert cost({"officer_hour": 100, "activities": {"b": 50}}, ended)["why"] == "no service times"
    assert cost({"activities": {"b": 50}}, ended)["value"] == 50.0


def test_a_handover_is_a_step_by_another_officer(score):
    cases = [("P1", 0, "a@ann b@bob b@bob d@ann"), ("P2", 0, "a@ann b@ann d@cat")]
    cases += [(f"X{n}", n, "a@ann b@bob d@cat") for n in range(30)]
    told = score(cases, scorecard=[{"indicator": "handovers_per_case"}])
    assert line(told, "handovers_per_case")["value"] == pytest.approx((2 + 1 + 60) / 32, abs=1e-5)


def test_nothing_is_told_of_a_unit_of_two_officers(score):
    asked = [
        {"indicator": name, "by": "unit"}
        for name in ("items_per_officer_week", "cross_training", "handovers_per_case")
    ]
    cases = [(f"P{n}", n, f"a@{'uvw'[n % 3]}/three d@{'xy'[n % 2]}/two") for n in range(150)]
    told = score(cases, scorecard=asked)
    for one in told["lines"]:
        assert (one["why"] == "few officers") == (one["unit"] == "two")
        assert (one["value"] is None) == (one["unit"] == "two")


def test_cross_training_is_the_share_of_activities_that_two_officers_do(score):
    cases = [
        (f"P{n}", n, f"a@{'uv'[n % 2]}/desk b@w/desk d@{'uvw'[n % 3]}/desk") for n in range(150)
    ]
    told = score(cases, scorecard=[{"indicator": "cross_training", "unit": "desk"}])
    found = line(told, "cross_training")
    assert (found["value"], found["n"], found["officers"]) == (pytest.approx(2 / 3), 3, 3)


def test_newcomers_who_halve_their_time_with_each_doubling_are_seen_to(score):
    cases = []
    for n, officer in enumerate("uvwx"):
        for piece in range(1, 31):
            hours = 16 / piece
            cases.append(
                (
                    f"{officer}{piece}",
                    100 + n + 3 * piece,
                    f"a b/start@{officer} b@{officer}+{hours} d",
                )
            )
    cases.append(("early", 0, "a d"))
    found = line(score(cases, scorecard=[{"indicator": "learning_curve"}]), "learning_curve")
    assert found["value"] == pytest.approx(-0.5, abs=0.01)
    assert "50 % less time" in found["wording"]["en"]


def test_each_value_of_an_attribute_has_a_line_and_a_unit_has_its_own_time(score):
    cases = [(f"P{n}", n, "a b@u/desk+48 d@v/top+24") for n in range(20)]
    kinds = {"kind": {f"P{n}": ("House", "shop")[n % 2] for n in range(20)}}
    asked = [{**HALF, "by": "kind"}, {**HALF, "unit": "desk"}, {**HALF, "unit": "nowhere"}]
    told = score(
        cases, values=kinds, standard={"by": {"kind": {"house": "9 days"}}}, scorecard=asked
    )
    assert line(told, "p50_working_days", group="house")["n"] == 10
    assert line(told, "p50_working_days", unit="desk")["value"] == 2.0
    assert line(told, "p50_working_days", unit="nowhere")["why"] == "unknown unit"


def test_what_cannot_be_told_says_why(score):
    reasons = {
        "on_time_share": "no term", "waiting_share": "no service times",
        "satisfaction_mean": "no satisfaction", "complaints_per_100": "no complaints",
        "conforming_share": "no procedure", "cost_per_permit": "no costs",
        "fee_over_tariff": "no fees", "requests_per_case": "no applicant steps",
        "items_per_officer_week": "no officers",
    }  # fmt: skip
    told = score(days(1, 2), scorecard=[{"indicator": name} for name in reasons])
    assert {one["indicator"]: one["why"] for one in told["lines"]} == reasons
    assert all(one["wording"] == {"en": "", "id": ""} for one in told["lines"])


def test_without_a_scorecard_five_usual_numbers_are_told_without_targets(score):
    told = score([(f"P{n}", n, "a b/start b d") for n in range(30)], standard={"term": "2 days"})
    assert told["chosen"] == "usual"
    assert [one["indicator"] for one in told["lines"]] == [
        "p50_working_days", "p80_working_days", "on_time_share", "rework_share", "waiting_share",
    ]  # fmt: skip
    assert all(one["target"] is None for one in told["lines"])


def test_complaints_and_answers_are_counted_where_the_process_file_names_them(score):
    cases = [*days(*([1] * 50)), ("late", 5, "a d z+48"), ("x", 60, "a d")]
    answers = {"score": {"P1": "4", "P2": "5", "P3": "unreadable"}}
    told = score(
        cases,
        values=answers,
        voice={"complaints": ["z"], "satisfaction": "score"},
        scorecard=[{"indicator": "complaints_per_100"}, {"indicator": "satisfaction_mean"}],
    )
    assert line(told, "complaints_per_100")["value"] == pytest.approx(100 / 52, abs=1e-3)
    assert line(told, "satisfaction_mean")["value"] == 4.5
    assert line(told, "satisfaction_mean")["n"] == 2


def changing(after, units=("quick", "slow"), seed=3):
    """Seven months of two units; work of the first takes `after` as long in the last three."""
    rng = np.random.default_rng(seed)
    cases = []
    for n in range(900):
        day = n * 210 / 900
        usual = rng.gamma(4, 12, 2)
        part = after if day > 115 else 1.0
        first, second = usual[0] * part, usual[1]
        cases.append((f"P{n}", day, f"a b@u/{units[0]}+{first:.2f} d@v/{units[1]}+{second:.2f}"))
    return cases


def test_a_unit_that_got_quicker_is_told_and_the_other_is_not(score):
    told = score(changing(0.5), scorecard=[{"indicator": "p80_working_days", "by": "unit"}])
    improved = told["improved"]
    assert [one["unit"] for one in improved["units"]] == ["quick"]
    (best,) = improved["units"]
    assert best["ci_high"] < 0
    assert best["now"] < 0.65 * best["before"]
    assert improved["wording"]["en"].startswith("Most improved: quick.")
    assert line(told, "p80_working_days", unit="quick")["trend"]["told"] == "better"
    assert line(told, "p80_working_days", unit="slow")["trend"]["told"] == "no clear change"


def test_where_nothing_changed_nobody_is_told_to_have_improved(score):
    told = score(changing(1.0), scorecard=[HALF])
    assert told["improved"]["units"] == []
    assert "No unit" in told["improved"]["wording"]["en"]
    assert line(told, "p50_working_days")["trend"]["told"] == "no clear change"


def steady(days, *, cut, seed=5):
    """Work of one desk takes 25 days, more or less; the log ends with the day `cut`."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, day in enumerate(np.arange(0, days, 0.3)):
        took = rng.uniform(2, 48)
        steps = "a@u/front"
        if day + took < cut:
            steps += f" b@v/desk+{24 * took:.2f} d@w/back"
        if day < cut:
            cases.append((f"P{n}", float(day), steps))
    return cases


def test_what_waits_without_any_event_counts_so_that_recent_work_is_not_told_by_the_quick(score):
    """Nothing changes; but of the work of the last weeks, only the quick is done."""
    cases = steady(300, cut=240)
    told = score(cases, scorecard=[{"indicator": "p50_working_days", "unit": "desk"}])
    found = line(told, "p50_working_days")
    assert found["trend"]["told"] == "no clear change"
    assert found["trend"]["n_now"] == found["trend"]["n_before"]
    assert found["trend"]["now"] == pytest.approx(found["trend"]["before"], rel=0.05)
    assert told["improved"]["units"] == []


def test_the_first_months_of_a_log_are_told_by_the_quick_and_make_no_trend(score):
    """Slow cases have a detour; of those that came with the log's first months, few are over."""
    rng = np.random.default_rng(4)
    cases = []
    for n, day in enumerate(np.arange(0, 215, 0.4)):
        slow = rng.random() < 0.5
        hours = 24 * (rng.uniform(60, 100) if slow else rng.uniform(1, 5))
        if day + hours / 24 < 215:
            cases.append((f"P{n}", float(day), f"a {'b b' if slow else 'b'} d+{hours:.1f}"))
    asked = [{"indicator": "straight_share"}, {"indicator": "p50_working_days"}]
    told = score(cases, procedure={"once": ["b"]}, scorecard=asked)
    found = line(told, "straight_share")
    assert found["trend"] is None
    assert found["months"][0]["month"] >= "2025-04"
    assert line(told, "p50_working_days")["months"][0]["month"] == "2025-02"


def test_an_officer_of_two_units_is_one_officer_of_the_office(score):
    cases = [(f"P{n}", n, f"a@{'uvw'[n % 3]}/one b@{'uvw'[n % 3]}/two d@x/one") for n in range(120)]
    asked = [{"indicator": "items_per_officer_week"}]
    asked += [{**asked[0], "unit": "one"}]
    told = score(cases, scorecard=asked)
    # Seven applications a week: for each of the three 7/3 times two steps, and seven of x's.
    office = line(told, "items_per_officer_week", unit=None)
    assert office["value"] == pytest.approx((3 * 14 / 3 + 7) / 4, rel=0.05)


def test_among_many_lines_a_change_by_chance_is_not_told():
    def moved(p):
        return Change(now=2, before=1, change=1, low=0.1, high=2, p_value=p, n_now=50, n_before=50)

    lines = [
        Line(
            indicator="rework_share",
            scope=Scope(unit=f"u{place}"),
            target=None,
            measured_in="share",
            trend=Trend(moved=moved(p), told="worse" if p < 0.05 else "no clear change"),
        )
        for place, p in enumerate([0.0001, 0.04, *[0.5] * 20])
    ]
    told = [one.trend.told for one in together(lines)]
    assert told == ["worse", *["no clear change"] * 21]
    assert together(lines[1:2])[0].trend.told == "worse"


def test_where_the_hours_of_some_work_are_not_known_the_cost_says_so(score):
    cases = [(f"P{n}", n, "a b/start@u/desk b@u/desk+2 c@v/field d") for n in range(30)]
    asked = [{"indicator": "cost_per_permit"}, {"indicator": "cost_per_permit", "unit": "field"}]
    told = score(cases, costs={"officer_hour": 100}, applicant_steps=["a"], scorecard=asked)
    office = line(told, "cost_per_permit", unit=None)
    assert (office["value"], office["hours_known"]) == (200.0, pytest.approx(1 / 3, abs=1e-5))
    assert "counting the 33 % of the work whose hours are known" in office["wording"]["en"]
    assert line(told, "cost_per_permit", unit="field")["why"] == "no service times"
