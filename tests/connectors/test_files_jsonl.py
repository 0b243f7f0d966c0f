"""JSON lines: the topic's events and flat rows alike, every line an event or set aside."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors import files
from eventlog.definition import Definition
from eventlog.errors import StopError

DEFINITION = Definition.bare(timezone="Asia/Jakarta", case_attributes=["permit_type", "area"])
EVENT = {
    "event_id": "9f1c", "case_id": "P-1", "activity": "Check é", "sequence": 4,
    "timestamp": "2026-03-02T09:14:00.000001+07:00", "lifecycle": "start", "resource": "o-17",
    "unit": "counter", "case": {"permit_type": "house", "area": 12.50, "agent": None},
    "attributes": {"note": 'site "plan"\n', "n": 10000000000000000001, "deep": {"a": [1]}},
    "unknown": True,
}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def read(*lines, definition=DEFINITION):
        path = tmp_path / "log.jsonl"
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(texts), encoding="utf-8")
        return files.read(path, definition)

    return read


def test_an_event_of_the_topic_is_read_with_all_that_it_says(read):
    (event,) = read(EVENT).events.to_pylist()
    assert event["timestamp"].isoformat() == "2026-03-02T02:14:00.000001+00:00"
    names = ("event_id", "case_id", "activity", "sequence", "lifecycle", "resource", "unit")
    assert [event[name] for name in names] == [
        "9f1c", "P-1", "Check é", 4, "start", "o-17", "counter",
    ]  # fmt: skip
    assert (event["permit_type"], event["area"]) == ("house", "12.5")
    assert json.loads(event["attributes"]) == {**EVENT["attributes"], "unknown": True}


def test_flat_rows_serve_and_times_without_an_offset_are_the_offices(read):
    reading = read(
        {
            "case:concept:name": 7,
            "concept:name": "a",
            "time:timestamp": "2026-03-02 09:14",
            "x": 1.0,
        },
        {"case:concept:name": "7", "concept:name": "b", "time:timestamp": "2026-03-02", "y": "z"},
    )
    assert reading.events["case_id"].to_pylist() == ["7", "7"]
    assert reading.events["sequence"].to_pylist() == [0, 1]
    assert reading.events["attributes"].to_pylist() == ['{"x":1.0}', '{"y":"z"}']
    assert reading.events["timestamp"][0].as_py().isoformat() == "2026-03-02T02:14:00+00:00"


def test_lines_that_are_no_object_are_set_aside_and_blank_lines_skipped(read):
    reading = read(EVENT, "", "[1]", "{broken", "null", {**EVENT, "activity": " "})
    assert [
        (row["offset"], row["reason"], row["value"][:8]) for row in reading.rejects.to_pylist()
    ] == [
        (2, "the line is not a JSON object", b"[1]"),
        (3, "the line is not a JSON object", b"{broken"),
        (4, "the line is not a JSON object", b"null"),
        (5, "activity is empty", b'{"activi'),
    ]
    assert reading.events.num_rows == 1


def test_a_byte_order_mark_is_no_part_of_the_first_line(read):
    assert read("\ufeff" + json.dumps(EVENT)).rejects.num_rows == 0


def test_a_file_without_a_single_object_or_in_another_encoding_is_refused(read, tmp_path):
    with pytest.raises(StopError, match="none of its 2 lines is a JSON object"):
        read("1", "2")
    with pytest.raises(StopError, match="is empty"):
        read("\n\n")
    path = tmp_path / "latin.jsonl"
    path.write_bytes('{"case_id": "é"}'.encode("latin-1"))
    with pytest.raises(StopError, match="byte 0xe9 at position 13, line 1"):
        files.read(path, DEFINITION)


def test_parquet_keeps_its_own_types(tmp_path):
    path = tmp_path / "log.parquet"
    moment = pa.array([1772417640000001, 1772417640000001], pa.timestamp("us"))
    table = pa.table(
        {
            "case_id": pa.array([1, 1]),
            "activity": pa.array(["a", "b"]).dictionary_encode(),
            "timestamp": moment.cast(pa.timestamp("us", "UTC")).cast(
                pa.timestamp("us", "Asia/Tokyo")
            ),
            "area": pa.array([1.5, float("nan")]),
            "signed": pa.array([True, None]),
            "when": moment.cast(pa.date32(), safe=False),
        }
    )
    pq.write_table(table, path)
    events = files.read(path, DEFINITION).events
    assert events["timestamp"].cast(pa.int64()).to_pylist() == [1772417640000001] * 2
    assert events["case_id"].to_pylist() == ["1", "1"]
    assert events["attributes"].to_pylist() == [
        '{"signed":true,"when":"2026-03-02"}', '{"when":"2026-03-02"}',
    ]  # fmt: skip
    naive = table.set_column(2, "timestamp", moment)
    pq.write_table(naive, path)
    events = files.read(path, DEFINITION).events
    assert events["timestamp"][0].as_py().isoformat() == "2026-03-01T19:14:00.000001+00:00"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(StopError, match=r"log.parquet is not a whole Parquet file"):
        files.read(path, DEFINITION)


def parquet_of(path, **columns):
    base = {"case_id": ["P", "P"], "activity": ["a", "b"], "timestamp": ["2026-03-02"] * 2}
    pq.write_table(pa.table({**base, **columns}), path)
    return path


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2)])
def test_bytes_in_parquet_are_text_or_else_hexadecimal(tmp_path, kind):
    shape = pa.array([b"\xff\x00", None], kind)
    name = pa.array([b"ab", b"cd"], kind)
    events = files.read(
        parquet_of(tmp_path / "log.parquet", shape=shape, name=name), Definition.bare()
    ).events
    assert events["attributes"].to_pylist() == ['{"name":"ab","shape":"ff00"}', '{"name":"cd"}']


def test_two_parquet_columns_of_one_name_are_refused_by_that_name(tmp_path):
    table = pa.table([["P"], ["a"], ["b"]], names=["case_id", "activity", "activity"])
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(StopError, match='two columns are called "activity"; rename one'):
        files.read(tmp_path / "log.parquet", Definition.bare())
