"""What is read beside the log: the ids of cases."""

import numpy as np
import pyarrow as pa
import pytest

from engine.batch import ids_of
from eventlog.errors import StopError


def batch(**columns):
    return pa.record_batch(columns)


def test_each_case_gets_its_id_from_whatever_batch_it_stands_in():
    rows = [
        batch(case_key=[7, 3, 7], case_id=["seven", "three", "seven"]),
        batch(case_key=[3, -5], case_id=["three", "minus five"]),
    ]
    found = ids_of(np.array([-5, 3, 7]), rows)
    assert found.to_pylist() == ["minus five", "three", "seven"]
    assert ids_of(np.empty(0, np.int64), []).to_pylist() == []


@pytest.mark.parametrize("together", [True, False])
def test_two_ids_with_one_key_are_refused_by_name(together):
    one, other = batch(case_key=[7], case_id=["a"]), batch(case_key=[7], case_id=["b"])
    both = batch(case_key=[7, 7], case_id=["a", "b"])
    with pytest.raises(StopError, match=r'the case ids "[ab]" and "[ab]" have the same 64-bit key'):
        ids_of(np.array([7]), [both] if together else [one, other])
