"""XES is read as it is written: texts, offsets, order, and what stands inside what."""

import gzip
import json

import pytest

from connectors import files
from eventlog.definition import Definition
from eventlog.errors import StopError

AMSTERDAM = Definition.bare(timezone="Europe/Amsterdam", case_attributes=["channel"])


def event(name, time, more=""):
    return (
        f'<event><string key="concept:name" value="{name}"/>'
        f'<date key="time:timestamp" value="{time}"/>{more}</event>'
    )


def log(*traces):
    return '<?xml version="1.0" encoding="UTF-8"?>\n<log>' + "".join(traces) + "</log>"


def trace(case, *events, more=""):
    return (
        f'<trace><string key="concept:name" value="{case}"/>{more}' + "".join(events) + "</trace>"
    )


@pytest.fixture
def read(tmp_path):
    def read(content, name="log.xes", definition=AMSTERDAM):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return files.read(path, definition)

    return read


def test_offsets_and_microseconds_are_kept_and_times_without_offset_are_the_offices(read):
    stamps = [
        "2011-10-11T13:45:40.276123+02:00",
        "2011-10-11T13:45:40.276123456-03:30",
        "2011-10-11T13:45:40+0700",
        "2011-10-11T13:45:40",
    ]
    reading = read(log(trace("c", *(event("a", stamp) for stamp in stamps))))
    assert [moment.isoformat() for moment in reading.events["timestamp"].to_pylist()] == [
        "2011-10-11T11:45:40.276123+00:00",
        "2011-10-11T17:15:40.276123+00:00",
        "2011-10-11T06:45:40+00:00",
        "2011-10-11T11:45:40+00:00",
    ]
    assert reading.events["sequence"].to_pylist() == [0, 1, 2, 3]


def test_standard_names_trace_attributes_and_the_rest_find_their_columns(read):
    more = (
        '<string key="org:resource" value="R1"/><string key="org:group" value="G"/>'
        '<string key="lifecycle:transition" value="START"/>'
        '<string key="concept:instance" value="7"/><int key="@@index" value="0"/>'
    )
    attributes = '<string key="channel" value="Post"/><int key="size" value="12"/>'
    content = log(
        '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>',
        '<string key="origin" value="a log attribute"/>',
        trace("c &amp; d", event("a", "2020-01-01T00:00:00Z", more), more=attributes),
    )
    (found,) = read(content).events.to_pylist()
    names = ("case_id", "activity", "lifecycle", "resource", "unit", "channel")
    assert [found[name] for name in names] == ["c & d", "a", "start", "R1", "G", "Post"]
    assert json.loads(found["attributes"]) == {"concept:instance": "7", "case:size": "12"}


def test_the_standards_names_come_before_others_of_the_same_meaning(read):
    more = '<string key="activity" value="other"/><string key="timestamp" value="never"/>'
    (found,) = read(log(trace("c", event("a", "2020-01-01T00:00:00Z", more)))).events.to_pylist()
    assert (found["activity"], found["timestamp"].year) == ("a", 2020)
    assert json.loads(found["attributes"]) == {"activity": "other", "timestamp": "never"}


def test_attributes_inside_attributes_and_lists_are_kept_under_their_path(read):
    more = (
        '<string key="x" value="1"><string key="inner" value="2"/></string>'
        '<list key="l"><values><string key="q" value="3"/><string key="q" value="4"/>'
        "</values></list>"
    )
    reading = read(log(trace("c", event("a", "2020-01-01T00:00:00Z", more))))
    assert json.loads(reading.events["attributes"][0].as_py()) == {
        "x": "1", "x/inner": "2", "l/q": "3; 4",
    }  # fmt: skip
    assert "1 attribute values stand beside another of the same name" in " ".join(reading.notes)


def test_trace_attributes_after_the_events_and_namespaces_serve(read):
    content = (
        '<x:log xmlns:x="http://www.xes-standard.org/"><x:trace><x:event>'
        '<x:string key="concept:name" value="a"/>'
        '<x:date value="2020-01-01T00:00:00Z" key="time:timestamp"/></x:event>'
        '<x:string key="concept:name" value="c"/></x:trace></x:log>'
    )
    assert read(content).events.select(["case_id", "activity"]).to_pylist() == [
        {"case_id": "c", "activity": "a"}
    ]


def test_events_that_lack_something_are_set_aside_by_their_number_in_the_file(read):
    good = event("a", "2020-01-01T00:00:00Z")
    content = log(
        trace("c", good, event("", "2020-01-01T00:00:00Z"), event("b", "0001-01-01T00:00:00Z")),
        good,
        trace("d", "<event/>", event("z", "9999-12-31T00:00:00Z"), event("y", "soon")),
    )
    reading = read(content)
    rejects = [(row["offset"], row["reason"]) for row in reading.rejects.to_pylist()]
    assert rejects == [
        (1, "activity is empty"),
        (2, "timestamp lies outside the years 1900 to 2200"),
        (3, "case_id is empty"),
        (4, "activity is empty"),
        (5, "timestamp lies outside the years 1900 to 2200"),
        (6, "timestamp cannot be read"),
    ]
    assert "1 events stand outside any trace" in " ".join(reading.notes)


WHOLE = log(trace("c", *[event(f"a{n}", "2020-01-01T00:00:00Z") for n in range(200)]))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "log.xes", "log.xes is empty"),
        (b"case_id,activity\n", "log.xes", "is not valid XML: syntax error (line 1, column 1)"),
        (WHOLE[:-30].encode(), "log.xes", "is not valid XML"),
        (
            gzip.compress(WHOLE.encode())[:-9],
            "log.xes.gz",
            "cut off: its gzip stream ends too early",
        ),
        (log().encode(), "log.xes", "is an XES log without events"),
        (b"<html></html>", "log.xes", "it begins with <html>, not <log>"),
        (WHOLE.encode("utf-16"), "log.xes", "not valid XML"),
    ],
)
def test_what_is_no_whole_log_is_refused_with_the_reason(read, content, name, words):
    with pytest.raises(StopError) as caught:
        read(content, name)
    assert words in str(caught.value)
