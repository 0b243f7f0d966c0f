"""An event is known again by its number, whoever sends it and however often."""

import numpy as np
import pyarrow as pa

from eventlog import schema
from eventlog.identity import finish, hash_strings


def incoming(*rows: dict, attributes=("permit_type",)) -> pa.Table:
    fields = schema.incoming(attributes)
    base = {"timestamp": 0, "lifecycle": "complete", "activity": "a", "case_id": "c"}
    filled = [{**base, **row} for row in rows]
    return pa.table(
        {f.name: pa.array([row.get(f.name) for row in filled], f.type) for f in fields},
        schema=fields,
    )


def test_keys_never_change_because_lakes_outlive_libraries():
    # The figures are what the first version wrote; a lake holds them for ever.
    assert hash_strings(["", "PBG-2026-000123"]).tolist() == KNOWN


KNOWN = [-780787492076525413, 7423307547400088627]


def test_coded_and_plain_texts_have_the_same_keys():
    plain = pa.array(["x", None, "yy", "x"])
    assert np.array_equal(hash_strings(plain), hash_strings(plain.dictionary_encode()))
    assert np.array_equal(hash_strings(plain.slice(2)), hash_strings(["yy", "x"]))


def test_identical_rows_of_a_case_stay_apart_and_come_out_the_same_every_time():
    table = incoming({}, {}, {"activity": "b"})
    first, again = finish(table), finish(table)
    ids = first.column("event_id").to_pylist()
    assert len(set(ids)) == 3
    assert again.column("event_id").to_pylist() == ids


def test_an_id_does_not_depend_on_the_rows_around_it():
    alone = finish(incoming({"activity": "b"})).column("event_id")[0].as_py()
    among = finish(incoming({}, {"activity": "b"}, {})).column("event_id").to_pylist()
    assert among[1] == alone


def test_a_given_id_is_kept_beside_derived_ones():
    ids = finish(incoming({"event_id": "9f1c"}, {})).column("event_id").to_pylist()
    assert ids[0] == "9f1c"
    assert len(ids[1]) == 32


def test_every_part_of_the_content_counts_and_its_place_does_too():
    rows = [
        {},
        {"resource": "x"},
        {"unit": "x"},
        {"permit_type": "x"},
        {"timestamp": 1},
        {"sequence": 0},
        {"attributes": '{"x":1}'},
        {"resource": ""},
    ]
    keys = finish(incoming(*rows)).column("content_key").to_pylist()
    assert len(set(keys)) == len(rows)


def test_where_an_event_came_from_is_not_its_content():
    table = incoming({"topic": "a", "partition": 0, "offset": 5}, {"source": "b.csv"})
    keys = finish(table).column("content_key").to_pylist()
    assert keys[0] == keys[1]


def test_a_column_that_was_declared_later_changes_no_id():
    narrow = finish(incoming({}, attributes=())).column("event_id")[0]
    wide = finish(incoming({}, attributes=("permit_type", "office"))).column("event_id")[0]
    assert narrow == wide


def test_the_readers_own_numbering_is_not_content():
    ids = [
        finish(incoming({"sequence": n}), numbered_by_reader=True).column("event_id")[0].as_py()
        for n in (1, 2)
    ]
    assert ids[0] == ids[1]
