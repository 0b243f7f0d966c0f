"""Tables that rows come to and leave: what is left is what nobody took out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.watching.columns import Columns, Words
from eventlog.coded import Coded, Vocabulary

changes = st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 30))), max_size=12)


@settings(max_examples=25)
@given(changes)
def test_rows_that_leave_take_nothing_with_them_and_leave_nothing_behind(changes):
    columns, model, made = Columns({"number": np.int64, "text": np.object_}), set(), 0
    for new, leaving in changes:
        numbers = np.arange(made, made + new)
        made += new
        texts = np.array([f"text {number}" for number in numbers], object)
        columns.append({"number": numbers, "text": texts})
        places = np.array(sorted(place for place in leaving if place < len(columns)), np.int64)
        model = (model | set(numbers.tolist())) - set(columns["number"][places].tolist())
        columns.drop(places)
        assert sorted(columns["number"].tolist()) == sorted(model)
        assert columns["text"].tolist() == [f"text {number}" for number in columns["number"]]
    columns.keep(columns["number"] % 2 == 0)
    assert sorted(columns["number"].tolist()) == sorted(n for n in model if n % 2 == 0)


def test_rows_must_have_every_column_in_one_length():
    columns = Columns({"a": np.int64, "b": np.int64})
    with pytest.raises(ValueError, match="expected a, b, all of one length"):
        columns.append({"a": np.arange(2)})
    with pytest.raises(ValueError, match="expected a, b, all of one length"):
        columns.append({"a": np.arange(2), "b": np.arange(3)})


def test_words_keep_their_codes_until_they_are_forgotten():
    words = Words()
    codes = words.codes(coded([1, -1, 0], "north", "south"))
    assert codes.tolist() == [1, -1, 0]
    assert words.codes(coded([0, 1], "west", "south")).tolist() == [2, 1]
    assert words.coded(codes).vocabulary.labels == ("north", "south", "west")
    assert words.forget(np.array([2, -1, 1], np.int32)).tolist() == [1, -1, 0]
    assert words.codes(coded([0], "north")).tolist() == [2]
    assert words.vocabulary.labels == ("south", "west", "north")


def coded(codes, *labels):
    return Coded(codes=np.array(codes, np.int32), vocabulary=Vocabulary(labels=labels))
