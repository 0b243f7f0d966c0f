"""What may lie on the topic, how it is read, and why the rest is refused."""

import base64
import json
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog import schema
from eventlog.codec import decode
from eventlog.event import LIFECYCLE_WORDS, LIFECYCLES, Event
from eventlog.messages import LARGEST_VALUE, Message
from eventlog.sending import encode, events_of

ATTRIBUTES = ("permit_type", "area", "case:protected")
BARE = {"case_id": "PBG-1", "activity": "Check", "timestamp": "2026-03-02T09:14:00+07:00"}


def message(value, offset=0, headers=()):
    content = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
    return Message(content, b"key", tuple(headers), offset, 1_700_000_000_000_000)


def decoded(*messages):
    numbered = [msgspec.structs.replace(one, offset=n) for n, one in enumerate(messages)]
    return decode(
        numbered, case_attributes=ATTRIBUTES, topic="permit.events", partition=3, source="cluster"
    )


def event(value, headers=()):
    """The one row that a message becomes."""
    both = decoded(message(value, headers=headers))
    assert both.rejects.num_rows == 0, both.rejects.to_pylist()
    (row,) = both.events.to_pylist()
    return row


def reason(value, headers=()):
    """Why a message is refused."""
    both = decoded(message(value, headers=headers))
    assert both.events.num_rows == 0, both.events.to_pylist()
    (row,) = both.rejects.to_pylist()
    return row["reason"]


def test_an_event_as_the_interface_writes_it():
    row = event(
        b'{"event_id": "9f1c", "case_id": "PBG-2026-000123", "activity": "Check completeness",'
        b'"timestamp": "2026-03-02T09:14:00+07:00", "sequence": 4, "lifecycle": "complete",'
        b'"resource": "officer-17", "unit": "counter",'
        b'"case": {"permit_type": "house", "applicant_type": "individual", "area": 120},'
        b'"attributes": {"note": "site plan missing"}}'
    )
    assert row == {
        "event_id": "9f1c",
        "case_id": "PBG-2026-000123",
        "activity": "Check completeness",
        "timestamp": datetime(2026, 3, 2, 2, 14, tzinfo=UTC),
        "sequence": 4,
        "lifecycle": "complete",
        "resource": "officer-17",
        "unit": "counter",
        "attributes": '{"applicant_type":"individual","note":"site plan missing"}',
        "permit_type": "house",
        "area": "120",
        "case:protected": None,
        "topic": "permit.events",
        "partition": 3,
        "offset": 0,
        "source": "cluster",
    }


def test_what_is_absent_null_or_empty_is_not_said():
    bare = event(BARE)
    assert bare["lifecycle"] == "complete"
    names = ("event_id", "sequence", "resource", "unit", "attributes", "permit_type")
    assert all(bare[name] is None for name in names)
    said = {"event_id": "", "sequence": None, "lifecycle": None, "resource": "", "unit": ""}
    assert event({**BARE, **said, "case": None, "attributes": {}}) == bare


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-02T09:14:00.123456+07:00", "2026-03-02T02:14:00.123456"),
        ("2026-03-02T09:14:00.000001Z", "2026-03-02T09:14:00.000001"),
        ("2026-03-02T09:14:00.5-03:30", "2026-03-02T12:44:00.500000"),
        ("2026-03-02T09:14:00-00:00", "2026-03-02T09:14:00"),
        ("2026-03-02t09:14:00z", "2026-03-02T09:14:00"),
        ("2026-03-02 09:14:00+0545", "2026-03-02T03:29:00"),
        ("2026-03-02T09:14:00.1234567+14:00", "2026-03-01T19:14:00.123457"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00"),
        ("2200-12-31T23:59:59.999999Z", "2200-12-31T23:59:59.999999"),
        ("2201-01-01T06:59:59+07:00", "2200-12-31T23:59:59"),
        ("2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00"),
    ],
)
def test_times_come_out_right_to_the_microsecond_whatever_their_offset(written, utc):
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert event({**BARE, "timestamp": written})["timestamp"] == expected


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("timestamp", "2026-03-02T09:14:00", "expected an offset such as +07:00 or Z"),
        ("timestamp", "2026-03-02 09:14", "expected an offset such as +07:00 or Z"),
        ("timestamp", "0001-01-01T00:00:00+07:00", "expected the years 1900 to 2200"),
        ("timestamp", "9999-12-31T23:59:59-07:00", "expected the years 1900 to 2200"),
        ("timestamp", "1900-01-01T06:59:59+07:00", "expected the years 1900 to 2200"),
        ("timestamp", "2201-01-01T00:00:00Z", "expected the years 1900 to 2200"),
        ("timestamp", "0000-01-01T00:00:00Z", "expected RFC 3339"),
        ("timestamp", "2026-02-30T00:00:00Z", "expected RFC 3339"),
        ("timestamp", "2026-03-02T24:00:00Z", "expected RFC 3339"),
        ("timestamp", "2026-03-02T09:14:60Z", "expected RFC 3339"),
        ("timestamp", "02/03/2026", "expected RFC 3339"),
        ("timestamp", 1772417640, "timestamp is 1772417640; expected text"),
        ("timestamp", None, "timestamp is missing"),
        ("case_id", 12, "case_id is 12; expected text"),
        ("case_id", "", "case_id is empty"),
        ("case_id", " \u00a0\t", "case_id is empty"),
        ("case_id", None, "case_id is null; expected text"),
        ("activity", "", "activity is empty"),
        ("activity", ["Check"], 'activity is ["Check"]; expected text'),
        ("event_id", 7, "event_id is 7; expected text"),
        ("resource", 17, "resource is 17; expected text"),
        ("sequence", True, "sequence is true; expected a whole number"),
        ("sequence", 4.0, "sequence is 4.0; expected a whole number"),
        ("sequence", "4", 'sequence is "4"; expected a whole number'),
        ("sequence", 2**63, "expected at most 64 bits"),
        ("sequence", -(10**30), "expected at most 64 bits"),
        ("lifecycle", "finished", 'lifecycle is "finished"; expected one of schedule, start'),
        ("lifecycle", 1, "lifecycle is 1; expected one of"),
        ("case", ["house"], 'case is ["house"]; expected an object'),
        ("attributes", "note", 'attributes is "note"; expected an object'),
        ("activity", {"name": "x" * 500}, "…; expected text"),
    ],
)
def test_a_wrong_field_is_refused_by_name_and_value(field, value, said):
    found = reason({**BARE, field: value})
    assert found.startswith(field)
    assert said in found
    assert len(found) < 200


@pytest.mark.parametrize("field", ["case_id", "activity", "timestamp"])
def test_a_missing_field_is_refused_by_name(field):
    assert reason({k: v for k, v in BARE.items() if k != field}) == f"{field} is missing"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "value is missing (a tombstone)"),
        (b"", "value is not JSON: Input data was truncated"),
        (b"PBG-1;Check;2026-03-02", "value is not JSON: JSON is malformed"),
        (b'{"case_id": "PBG-1"', "value is not JSON: Input data was truncated"),
        (b"[]", "value is []; expected a JSON object"),
        (b"null", "value is null; expected a JSON object"),
        (json.dumps(BARE).encode("utf-16"), "value looks like UTF-16; expected UTF-8"),
        (json.dumps(BARE).encode("utf-16-le"), "value looks like UTF-16; expected UTF-8"),
        (json.dumps(BARE).encode("utf-16-be"), "value looks like UTF-16; expected UTF-8"),
        ('{"case_id": "Bürger"}'.encode("latin-1"), "value is not UTF-8: byte 0xfc at 14"),
        (b'{"case_id": "\xed\xa0\x80"}', "value is not UTF-8: byte 0xed at 13"),
        (b'{"case_id": "\\ud800"}', "value is not JSON: a \\u escape stands for no character"),
        (b'{"case_id": "a", "x": NaN}', "value is not JSON: JSON is malformed"),
        (b'{"case_id": "a", "x": 1e400}', "value cannot be kept: Number out of range"),
        (b'{"case_id": "a", "x": ' + b"9" * 6000 + b"}", "value cannot be kept: Integer value out"),
        (b"[" * 100_000, "value is nested too deeply"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "value is nested too deeply"),
    ],
)
def test_what_is_no_event_at_all_is_refused_with_the_reason(value, said):
    assert reason(value).startswith(said)


def test_depth_has_one_limit_whatever_else_is_in_the_message():
    def nested(levels):
        return json.loads("[" * levels + "]" * levels)

    assert event({**BARE, "attributes": {"x": nested(62)}})["attributes"]
    wide = {**BARE, "attributes": {"x": [[]] * 500}}
    assert event(wide)["attributes"]
    for field in ("attributes", "case"):
        assert "64 levels" in reason({**BARE, field: {"x": nested(63)}})
    assert "64 levels" in reason({**BARE, "unknown": nested(64)})


def test_a_byte_order_mark_before_the_json_does_no_harm():
    assert event(b"\xef\xbb\xbf" + json.dumps(BARE).encode()) == event(BARE)


@pytest.mark.parametrize("word", [*LIFECYCLE_WORDS, "Complete", " START ", "AutoSkip"])
def test_lifecycle_words_become_the_five_that_are_kept(word):
    expected = LIFECYCLE_WORDS[word.strip().lower()]
    assert event({**BARE, "lifecycle": word})["lifecycle"] == expected
    assert expected in LIFECYCLES


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("house", "house"),
        ("", ""),
        (120, "120"),
        (12.5, "12.5"),
        (10**30, "1000000000000000000000000000000"),
        (True, "true"),
        (False, "false"),
        (None, None),
        ([1, {"b": 2, "a": 1}], '[1,{"a":1,"b":2}]'),
    ],
)
def test_case_attributes_become_text(value, text):
    row = event({**BARE, "case": {"area": value, "case:protected": "yes"}})
    assert row["area"] == text
    assert row["case:protected"] == "yes"


def test_what_nobody_declared_is_kept_in_attributes_under_its_name_or_beside_it():
    row = event(
        {
            **BARE,
            "office": "east",
            "note": "top",
            "case": {"permit_type": "house", "agent": "a-1", "note": "of the case", "depth": 2},
            "attributes": {"note": "of the event"},
        }
    )
    assert row["permit_type"] == "house"
    assert json.loads(row["attributes"]) == {
        "note": "of the event",
        "event.note": "top",
        "case.note": "of the case",
        "office": "east",
        "agent": "a-1",
        "depth": "2",
    }


def test_of_a_key_that_is_there_twice_the_last_value_counts():
    row = event(json.dumps(BARE).encode()[:-1] + b', "case_id": "PBG-2", "unknown": 1}')
    assert row["case_id"] == "PBG-2"


CLOUD = {
    "specversion": "1.0",
    "id": "7",
    "source": "/permits/east",
    "type": "Check",
    "subject": "PBG-1",
    "time": "2026-03-02T09:14:00+07:00",
    "sequence": "4",
}


def test_a_structured_cloud_event_is_opened():
    data = {"resource": "officer-1", "case": {"permit_type": "house"}, "note": "n"}
    content = {**CLOUD, "tenant": "t", "datacontenttype": "application/json", "data": data}
    row = event(content)
    assert row == event(content, [("content-type", b"application/cloudevents+json; charset=utf-8")])
    assert (row["event_id"], row["case_id"], row["activity"]) == (
        "/permits/east 7",
        "PBG-1",
        "Check",
    )
    assert (row["sequence"], row["resource"], row["permit_type"]) == (4, "officer-1", "house")
    assert row["timestamp"] == datetime(2026, 3, 2, 2, 14, tzinfo=UTC)
    assert json.loads(row["attributes"]) == {"tenant": "t", "note": "n"}
    packed = base64.b64encode(json.dumps(data).encode()).decode()
    assert event({**CLOUD, "tenant": "t", "data_base64": packed}) == row


def test_a_binary_cloud_event_says_the_same_in_its_headers():
    data = {"resource": "officer-1", "case": {"permit_type": "house"}}
    headers = [(f"ce_{name}", value.encode()) for name, value in CLOUD.items()]
    headers += [("content-type", b"application/json"), ("traceparent", b"\xff")]
    assert event(data, headers) == event({**CLOUD, "data": data})
    assert event(None, headers)["event_id"] == "/permits/east 7"
    assert event(b'"a text"', headers)["attributes"] == '{"data":"a text"}'


def test_where_envelope_and_data_disagree_the_envelope_counts_and_both_are_kept():
    row = event({**CLOUD, "data": {"case_id": "PBG-9", "attributes": {"case_id": "own"}}})
    assert row["case_id"] == "PBG-1"
    assert json.loads(row["attributes"]) == {"case_id": "own", "data.case_id": "PBG-9"}
    without = {name: value for name, value in CLOUD.items() if name not in {"subject", "time"}}
    told = {"case_id": "PBG-9", "timestamp": CLOUD["time"]}
    assert event({**without, "data": told})["case_id"] == "PBG-9"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"specversion": "0.3"}, 'specversion is "0.3"; expected CloudEvents 1.0'),
        ({"id": ""}, "id is empty"),
        ({"source": None}, "source is null; expected text"),
        ({"type": 3}, "type is 3; expected text"),
        ({"subject": None}, "case_id is missing"),
        ({"time": None}, "timestamp is missing"),
        ({"sequence": "four"}, 'sequence is "four"; expected a whole number'),
        ({"data_base64": "%"}, 'data_base64 is "%"; expected base64'),
    ],
)
def test_a_broken_cloud_event_is_refused_with_the_reason(change, said):
    assert reason({**CLOUD, **change}) == said


def test_a_batch_of_cloud_events_and_unreadable_headers_are_refused():
    assert "batch" in reason([CLOUD], [("content-type", b"application/cloudevents-batch+json")])
    headers = [(f"ce_{name}", value.encode()) for name, value in CLOUD.items()]
    assert reason({}, [*headers, ("ce_tenant", b"\xff")]) == "header ce_tenant is not UTF-8"


def test_a_reject_keeps_its_bytes_up_to_a_megabyte_and_beyond_that_its_place():
    fits, too_large = b"x" * LARGEST_VALUE, b" " * (20 * 2**20)
    rejects = decoded(message(BARE), message(fits), message(too_large)).rejects
    assert rejects.schema == schema.REJECTS
    assert rejects.column("value").to_pylist() == [fits, None]
    assert rejects.column("offset").to_pylist() == [1, 2]
    assert rejects.column("partition").to_pylist() == [3, 3]
    assert rejects.column("received")[0].as_py() == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    said = "value is 20,971,520 bytes; at most 1,048,576 are accepted"
    assert rejects.column("reason")[1].as_py() == said


def test_no_messages_are_an_empty_table_with_the_schema():
    both = decoded()
    assert both.events.schema == schema.incoming(ATTRIBUTES)
    assert both.rejects.schema == schema.REJECTS
    assert both.events.num_rows == both.rejects.num_rows == 0


def test_one_bad_neighbour_changes_nothing_for_the_others():
    good = [
        {**BARE, "case_id": f"PBG-{n}", "timestamp": f"2026-03-02T09:14:{n:02d}Z"}
        for n in range(60)
    ]
    wrong = [{**BARE, "timestamp": "2026-02-30T00:00:00Z"}, {**BARE, "activity": " "}]
    mixed = [*good[:30], wrong[0], *good[30:], wrong[1]]
    both = decoded(*map(message, mixed))
    alone = decoded(*map(message, good)).events
    assert both.rejects.column("offset").to_pylist() == [30, 61]
    assert both.events.drop_columns("offset").equals(alone.drop_columns("offset"))


texts = st.text(max_size=8)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def moments_between(first_year, last_year):
    # Hypothesis wants bounds without a zone.
    first, last = datetime(first_year, 1, 1), datetime(last_year, 12, 31)  # noqa: DTZ001
    return st.datetimes(first, last, timezones=st.just(UTC))


moments = moments_between(1890, 2210).map(lambda t: t.isoformat().removesuffix("+00:00")) | texts
offsets = st.sampled_from(["Z", "+07:00", "-03:30", "", "z", "+0100", "+25:00", "+00:60"])
odd_events = st.fixed_dictionaries(
    {},
    optional={
        "case_id": st.sampled_from(["P", " ", ""]) | junk,
        "activity": st.sampled_from(["a", "b"]) | junk,
        "timestamp": st.builds(str.__add__, moments, offsets) | junk,
        "event_id": texts | junk,
        "sequence": st.integers() | junk,
        "lifecycle": st.sampled_from(["start", "Complete", "x"]) | junk,
        "resource": texts | junk,
        "case": st.dictionaries(st.sampled_from(["area", "x"]), junk) | junk,
        "attributes": st.dictionaries(texts, junk) | junk,
        "specversion": st.just("1.0"),
        "x": junk,
    },
)
odd_values = (
    st.none()
    | st.binary(max_size=60)
    | junk.map(lambda content: json.dumps(content).encode())
    | odd_events.map(lambda content: json.dumps(content).encode())
    | odd_events.map(
        lambda content: json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    )
)
odd_headers = st.lists(
    st.tuples(
        st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_time", "content-type", "x"]),
        st.none()
        | st.binary(max_size=9)
        | st.sampled_from([b"1.0", b"application/cloudevents+json"]),
    ),
    max_size=3,
)
odd_messages = st.builds(message, odd_values, headers=odd_headers)


@given(st.lists(odd_messages, max_size=12))
def test_whatever_comes_kept_and_rejected_are_what_was_sent(messages):
    both = decoded(*messages)
    places = [*both.events.column("offset").to_pylist(), *both.rejects.column("offset").to_pylist()]
    assert sorted(places) == list(range(len(messages)))
    both.events.validate(full=True)
    both.rejects.validate(full=True)
    for row in both.rejects.to_pylist():
        assert row["value"] == messages[row["offset"]].value
        assert row["reason"]


@given(st.lists(odd_messages, min_size=1, max_size=6))
def test_a_message_is_read_alike_alone_and_among_others(messages):
    together = decoded(*messages)
    for table in ("events", "rejects"):
        alone = [getattr(decoded(one), table).drop_columns("offset") for one in messages]
        assert getattr(together, table).drop_columns("offset").equals(pa.concat_tables(alone))


@given(odd_messages)
def test_the_fast_way_and_the_exact_way_read_a_message_alike(one):
    """A header of no meaning sends a message the exact way."""
    slowly = msgspec.structs.replace(one, headers=(*one.headers, ("x-trace", b"1")))
    fast, exact = decoded(one), decoded(slowly)
    assert fast.events.equals(exact.events)
    assert fast.rejects.equals(exact.rejects)


names = st.text(min_size=1, max_size=8).filter(str.strip)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
good_events = st.builds(
    Event,
    case_id=names,
    activity=names,
    timestamp=moments_between(1900, 2200).map(
        lambda t: (t - datetime(1970, 1, 1, tzinfo=UTC)) // datetime.resolution
    ),
    event_id=st.none() | names,
    sequence=st.none() | st.integers(-(2**63), 2**63 - 1),
    lifecycle=st.sampled_from(LIFECYCLES),
    resource=st.none() | names,
    unit=st.none() | names,
    case=st.dictionaries(st.sampled_from(ATTRIBUTES), texts),
    attributes=st.dictionaries(texts, json_values, max_size=3),
)


@given(st.lists(good_events, max_size=5))
def test_what_is_encoded_is_decoded_as_the_same_event(events):
    both = decoded(*(message(encode(one)) for one in events))
    assert both.rejects.num_rows == 0
    assert events_of(both.events) == events
