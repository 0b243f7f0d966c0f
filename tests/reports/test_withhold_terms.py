"""Of terms and promises, nothing is told of a few who are late or in time."""

import pytest

from eventlog.errors import StopError
from reports.contents.terms import read_terms
from reports.withheld.terms import withhold_terms

LEAST = 5
STEPS = {"Review": 300, "Appeal": 4}


def withhold(terms):
    return withhold_terms(terms, activity_cases=STEPS, least=LEAST)


def test_what_many_did_is_told_with_rounded_counts(terms_of):
    told = withhold(terms_of()).overall
    assert (told.cases, told.judged, told.over, told.still_open) == (1005, 910, 90, 10)
    assert (told.share.value, told.days_over) == (0.1, 2.0)


@pytest.mark.parametrize(
    ("over", "late", "in_time"), [(0, False, False), (4, True, False), (5, False, False),
                                  (907, False, False), (909, False, True)]
)  # fmt: skip
def test_no_share_is_told_that_gives_a_few_away(terms_of, kept, over, late, in_time):
    told = withhold(terms_of(term=kept(over=over, open_over=0))).overall
    assert (told.few_late, told.few_kept) == (late, in_time)
    assert (told.share is None) is (late or in_time)
    assert (told.over is None) is (late or in_time)


@pytest.mark.parametrize(("still", "told"), [(0, 0), (3, None), (12, 10), (88, None), (91, 90)])
def test_few_late_ones_that_are_still_open_are_not_counted(terms_of, kept, still, told):
    assert withhold(terms_of(term=kept(open_over=still))).overall.still_open == told


def group(kept, name, cases, over):
    return kept(attribute="kind", group=name, cases=cases, judged=cases, over=over, open_over=0)


def test_a_group_does_not_follow_from_the_others(terms_of, kept):
    """91 are late: 80 houses, 8 shops, so 3 warehouses; the shops go with these."""
    found = withhold(
        terms_of(
            groups=[
                group(kept, "house", 700, 80),
                group(kept, "shop", 200, 8),
                group(kept, "warehouse", 103, 3),
            ]
        )
    )
    assert [one.group for one in found.groups] == ["house"]
    assert found.hidden_groups == 2


def test_those_without_a_value_are_a_group_too(terms_of, kept):
    """1003 cases less 600 less 400 are three without a kind."""
    found = withhold(terms_of(groups=[group(kept, "house", 600, 51), group(kept, "shop", 400, 40)]))
    assert [one.group for one in found.groups] == ["house"]


def test_groups_of_few_have_no_promises_either(terms_of, promises):
    of_group = [
        promises(attribute="kind", group=name, cases=cases)
        for name, cases in (("house", 700), ("shop", 299), ("barn", 4))
    ]
    found = withhold(terms_of(promises=[promises(), *of_group]))
    assert [one.group for one in found.promises] == [None, "house"]


def test_a_promise_that_nearly_all_later_cases_kept_is_told_without_that_share(terms_of, promises):
    content = promises()
    content["promises"][0]["kept_whole"] = {"value": 0.996, "low": 0.99, "high": 1.0}
    first, second, _ = withhold(terms_of(promises=[content])).promises[0].promises
    assert (first.kept, first.tested, first.whole_days) == (None, 500, 4)
    assert second.kept.value == 0.81


def test_a_step_is_told_by_its_cases_not_by_its_executions(terms_of, kept):
    steps = [
        kept(standard="Appeal", cases=40, judged=40, over=20),
        kept(standard="Review", cases=600, judged=600, over=9),
        kept(standard="Review", cases=600, judged=600, over=30),
    ]
    told = withhold(terms_of(steps=steps)).steps
    assert [(one.standard, one.over) for one in told] == [("Review", None), ("Review", 30)]
    assert told[0].few_late


def test_a_file_of_another_version_is_refused_with_the_way_out():
    with pytest.raises(StopError, match=r"lateness.json .*'term'.* run `runut mine` again"):
        read_terms({})
