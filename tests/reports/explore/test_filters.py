"""A filter is the same after a way through an address, and chooses what it says."""

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.errors import UsageError
from reports.explore.filters import (
    EVERYTHING,
    Filter,
    chosen,
    of_filter,
    parse_filter,
    parse_preset,
    preset,
)
from reports.explore.offered import free

NAMES = ["a b", "c&d=e", "ü|>", "a.b", "%2B+", "from", '<script>"', "\N{ARABIC LETTER SEEN}", " "]
BY = {
    "a.b": {"P": "x=&y", "Q": "north", "R": "+"},
    "office": {"P": "hill", "R": "hill"},
    "agent": {"P": "ann", "Q": "bob"},
    "party": {"P": "blue", "Q": "red"},
}


@pytest.fixture(scope="module")
def odd(traces_of):
    """Three cases with names that addresses and pages stumble over."""
    letters = "qrstuvwxy"
    rename = dict(zip(letters, NAMES, strict=True))
    lines = ["P: q r s t u v w x y", "Q: q r", "R: s+700 q+1500"]
    equity = {
        "groups": ["office", "party"],
        "sensitive": ["party"],
        "basis": {"party": "an order"},
        "horizon": "90 days",
    }
    privacy = {"pseudonymise": ["agent"], "smallest_cell": 1}
    return traces_of(*lines, by=BY, rename=rename, privacy=privacy, equity=equity)


def names(**sizes):
    return st.lists(st.sampled_from(NAMES), **sizes).map(tuple)


days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
filters = st.builds(
    Filter,
    through=names(max_size=3),
    without=names(max_size=3),
    starts=names(max_size=2),
    ends=names(max_size=2),
    edges=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=3).map(
        tuple
    ),
    attributes=st.fixed_dictionaries(
        {}, optional={"a.b": st.just(("+", "x=&y")), "office": st.just(("hill",))}
    ),
    entered_from=st.none() | days.filter(lambda day: day.year < 2000),
    entered_until=st.none() | days.filter(lambda day: day.year >= 2000),
    variant=st.none() | st.integers(1, 10**6),
    late=st.none() | st.booleans(),
    still_open=st.none() | st.booleans(),
)


@given(filters)
def test_what_an_address_carries_is_read_back(odd, wanted):
    assert parse_filter(parse_qsl(wanted.query()), odd) == wanted
    assert hash(parse_filter(wanted.pairs()[::-1][::-1], odd)) == hash(wanted)
    beside = parse_qsl("overlay=waiting&" + wanted.query(before="vs."))
    assert parse_filter(of_filter(beside, before="vs."), odd) == wanted


@given(filters)
def test_equal_questions_are_equal_filters(odd, wanted):
    again = parse_filter([*wanted.pairs(), ("through", ""), ("from", "")], odd)
    assert again == wanted
    assert wanted.empty == (wanted == EVERYTHING)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("through", "c&d=f")], "through: 'c&d=f' is not known; did you mean 'c&d=e'?"),
        ([("thruogh", "a b")], "filter: 'thruogh' is not known; did you mean 'through'?"),
        ([("a.offise", "hill")], "attribute: 'offise' is not known; did you mean 'office'?"),
        ([("a.office", "zzz")], "office: 'zzz' is not known; expected one of: hill"),
        ([("a.party", "blue")], "attribute: 'party' is not known"),
        ([("a.agent", "ann")], "attribute: 'agent' is not known"),
        ([("from", "2026-13-01")], "from is '2026-13-01'; expected a day, e.g. 2026-01-31"),
        ([("from", "2026-02-01"), ("until", "2026-01-01")], "expected a day that is not earlier"),
        ([("from", "2026-02-01"), ("from", "2026-02-02")], "from is given twice"),
        ([("variant", "-1")], "variant is '-1'; expected a rank from 1"),
        ([("variant", "0")], "variant is 0; expected a rank from 1"),
        ([("late", "maybe")], "late is 'maybe'; expected yes or no"),
        ([("step", "a b")], "step and next come in pairs"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(odd, pairs, said):
    with pytest.raises(UsageError) as refused:
        parse_filter(pairs, odd)
    assert said in str(refused.value)


def test_persons_and_what_needs_a_basis_are_not_filtered_by(odd):
    assert free(odd) == ("a.b", "office")
    assert preset(odd) == (Filter(attributes={"office": ("hill",)}),)
    assert parse_filter([("a.office", "hill")], odd, by=("office",)).attributes
    with pytest.raises(UsageError, match="attribute"):
        parse_filter([("a.a.b", "+")], odd, by=("office",))


@pytest.fixture(scope="module")
def with_few(traces_of):
    """Seven cases: a step and a value of two of them, which nobody is to be told of."""
    lines = [*(f"{name}: ask sign" for name in "PQRST"), "U: ask court sign", "V: ask court"]
    by = {"district": {**dict.fromkeys("PQRST", "north"), "U": "isle", "V": "isle"}}
    equity = {"groups": ["district"], "horizon": "90 days"}
    return traces_of(*lines, by=by, equity=equity)


@pytest.mark.parametrize(
    "pairs", [[("through", "cuort")], [("starts", "x")], [("a.district", "ilse")]]
)
def test_what_only_a_few_have_is_not_told_by_what_is_refused(with_few, pairs):
    for parse in (parse_filter, parse_preset):
        with pytest.raises(UsageError) as refused:
            parse(pairs, with_few)
        assert not {"court", "isle"} & set(str(refused.value).replace("'", " ").split())
    assert parse_filter([("through", "court"), ("a.district", "isle")], with_few)


def test_a_viewer_cannot_tell_what_few_have_from_what_there_is_not(with_few):
    def said(key, value):
        with pytest.raises(UsageError) as refused:
            parse_preset([(key, value)], with_few)
        return str(refused.value).replace(value, "…")

    assert said("a.district", "isle") == said("a.district", "moon")
    assert said("through", "court") == said("through", "moon")


def test_viewers_choose_one_value_of_one_attribute(with_few):
    assert parse_preset([("a.district", "")], with_few) == EVERYTHING
    assert parse_preset([("a.district", "north")] * 2, with_few) in preset(with_few)
    for pairs in ([("a.district", "north"), ("late", "yes")], [("late", "yes")]):
        with pytest.raises(UsageError, match="As viewer"):
            parse_preset(pairs, with_few)


def test_a_filter_of_thousands_is_refused_before_it_is_read(with_few):
    with pytest.raises(UsageError, match="at most 200"):
        parse_filter([("through", "ask")] * 10_000, with_few)


def test_each_part_of_a_filter_takes_away(traces_of):
    lines = ["P: a b c", "Q: a c b", "R: b c", "S: a", "T: a b a b c"]
    by = {"district": {"P": "north", "Q": "south", "R": "north", "S": "west"}}
    traces = traces_of(*lines, by=by, clock={"closes": ["c"]})

    def told(**parts):
        cases = chosen(traces, Filter(**parts))
        return "".join(sorted(traces.case_ids.filter(cases).to_pylist()))

    assert told() == "PQRST"
    assert told(through=("a", "b")) == "PQT"
    assert told(without=("b", "a")) == ""
    assert told(through=("c",), without=("a",)) == "R"
    assert told(starts=("b",)) == "R"
    assert told(ends=("b", "a")) == "QS"
    assert told(edges=(("b", "c"),)) == "PRT"
    assert told(edges=(("b", "c"), ("a", "b"))) == "PT"
    assert told(edges=(("c", "a"),)) == ""
    assert told(attributes={"district": ("north", "west")}) == "PRS"
    assert told(still_open=True) == "S"
    assert told(still_open=False) == "PQRT"
    assert told(late=True) == told(late=False) == ""
    assert told(variant=1) == "S"
    assert told(starts=("a",), through=("c",), attributes={"district": ("north",)}) == "P"


def test_days_are_those_of_the_office(traces_of):
    """Letters begin on Monday, 5 January, 08:00 UTC: in Honolulu that is Sunday."""
    there = traces_of("P: a b", timezone="Pacific/Honolulu")
    sunday, monday = date(2026, 1, 4), date(2026, 1, 5)
    assert chosen(there, Filter(entered_from=sunday, entered_until=sunday)).all()
    assert not chosen(there, Filter(entered_from=monday)).any()
    here = traces_of("P: a b", timezone="Asia/Jakarta")
    assert chosen(here, Filter(entered_from=monday, entered_until=monday)).all()
    assert not chosen(here, Filter(entered_until=sunday)).any()
