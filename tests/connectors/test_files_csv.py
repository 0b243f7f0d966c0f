"""CSV as offices write it: every row is an event or is set aside with a reason, nothing is lost."""

import codecs
import gzip
import json

import pytest

from connectors import files
from eventlog.definition import Definition
from eventlog.errors import StopError, UsageError

BARE = Definition.bare(timezone="Asia/Jakarta", case_attributes=["permit_type"])
HEAD = "case_id,activity,timestamp,resource,permit_type,note\n"
ROW = "P-1,Submit,2026-03-02T09:14:00+07:00,officer-1,house,first\n"


@pytest.fixture
def read(tmp_path):
    def read(content, definition=BARE, name="log.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return files.read(path, definition)

    return read


def rejected(reading):
    return [
        (row["offset"], row["reason"], row["value"].decode()) for row in reading.rejects.to_pylist()
    ]


def test_a_row_becomes_an_event_and_unmapped_columns_stay_as_json(read):
    (event,) = read(HEAD + ROW).events.to_pylist()
    assert event["timestamp"].isoformat() == "2026-03-02T02:14:00+00:00"
    kept = {key: event[key] for key in ("case_id", "activity", "sequence", "lifecycle", "resource")}
    assert kept == {
        "case_id": "P-1", "activity": "Submit", "sequence": 0, "lifecycle": "complete",
        "resource": "officer-1",
    }  # fmt: skip
    assert (event["permit_type"], event["attributes"]) == ("house", '{"note":"first"}')
    assert (event["event_id"], event["offset"], event["source"]) == (None, None, "log.csv")


@pytest.mark.parametrize("text", ['a "quoted" \\ back', "two\nlines", "tab\tbell\x07", "é漢🙂"])
def test_any_text_survives_in_attributes(read, text):
    cell = text.replace('"', '""')
    reading = read(HEAD + f'P-1,Submit,2026-03-02,,,"{cell}"\n')
    assert json.loads(reading.events["attributes"][0].as_py()) == {"note": text}


def test_empty_cells_say_nothing(read):
    (event,) = read(HEAD + "P-1,Submit,2026-03-02,,,\n").events.to_pylist()
    assert (event["resource"], event["permit_type"], event["attributes"]) == (None, None, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter):
    text = (HEAD + ROW * 3).replace(",", delimiter)
    assert read(text).events.num_rows == 3


def test_the_line_by_which_excel_names_its_delimiter_is_no_row(read):
    text = "sep=;\n" + (HEAD + "P-1,Submit\n" + ROW).replace(",", ";")
    reading = read(text)
    assert reading.events.num_rows == 1
    assert [row for row, _, _ in rejected(reading)] == [0]


def test_a_byte_order_mark_is_no_part_of_the_first_name(read):
    assert read(codecs.BOM_UTF8 + (HEAD + ROW).encode()).events.num_rows == 1


@pytest.mark.parametrize("cell", ["x" * 140_000, "x" * 300_000, '"' + "a,b\n" * 50_000 + '"'])
@pytest.mark.parametrize("before", [0, 3])
def test_a_cell_as_long_as_a_letter_hides_no_column(read, cell, before):
    row = f"P-2,Submit,2026-03-02,,,{cell}\n"
    reading = read(HEAD + ROW * before + row + ROW)
    assert reading.events.num_rows == before + 2
    assert len(reading.events["attributes"][before].as_py()) > 140_000


def test_blank_lines_before_the_header_are_passed_over(read):
    assert read("\n" * 300 + HEAD + ROW).events.num_rows == 1


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_any_line_end_serves(read, end):
    assert read((HEAD + ROW * 2).replace("\n", end)).events.num_rows == 2


def test_gzip_is_known_by_its_bytes(read):
    assert read(gzip.compress((HEAD + ROW).encode()), name="log.csv.gz").events.num_rows == 1
    assert read(gzip.compress((HEAD + ROW).encode()), name="log.csv").events.num_rows == 1


def test_ragged_rows_are_set_aside_with_their_number_and_text(read):
    reading = read(
        HEAD
        + ",a,2026-03-02,,,\n"
        + "P-2,Submit\n"
        + '"P-3",a,2026-03-02,,,"x\ny"\n'
        + "a,b,c,d,e,f,g\n"
        + ",z,,,,\n"
    )
    assert rejected(reading) == [
        (0, "case_id is empty", '{"activity":"a","timestamp":"2026-03-02"}'),
        (1, "the row has 2 fields where 6 are expected", "P-2,Submit"),
        (3, "the row has 7 fields where 6 are expected", "a,b,c,d,e,f,g"),
        (4, "case_id is empty", '{"activity":"z"}'),
    ]
    assert reading.events["case_id"].to_pylist() == ["P-3"]


def test_bad_rows_are_set_aside_with_their_reason_and_the_others_kept(read):
    reading = read(
        HEAD
        + ROW
        + ",Submit,2026-03-02,,,\n"
        + "P-1,  ,2026-03-02,,,\n"
        + "P-1,Submit,,,,\n"
        + "P-1,Submit,yesterday,,,\n"
        + "P-1,Submit,0001-01-01,,,\n"
        + "P-1,Submit,9999-12-31T23:59:59Z,,,\n"
        + ROW
    )
    assert [(row, reason) for row, reason, _ in rejected(reading)] == [
        (1, "case_id is empty"),
        (2, "activity is empty"),
        (3, "timestamp is missing"),
        (4, "timestamp cannot be read"),
        (5, "timestamp lies outside the years 1900 to 2200"),
        (6, "timestamp lies outside the years 1900 to 2200"),
    ]
    assert json.loads(rejected(reading)[3][2]) == {
        "case_id": "P-1", "activity": "Submit", "timestamp": "yesterday",
    }  # fmt: skip
    assert reading.events["sequence"].to_pylist() == [0, 1]


def test_an_unknown_lifecycle_and_a_sequence_that_is_no_number_are_set_aside(read):
    text = "case_id,activity,timestamp,lifecycle,sequence\n"
    rows = ["COMPLETE,7", "manualskip,+8", "done,9", "start,1.5", ",10"]
    reading = read(text + "".join(f"P-1,a,2026-03-02,{row}\n" for row in rows))
    assert reading.events["lifecycle"].to_pylist() == ["complete", "complete", "complete"]
    assert reading.events["sequence"].to_pylist() == [7, 8, 10]
    assert [reason for _, reason, _ in rejected(reading)] == [
        "lifecycle is none of schedule, start, suspend, resume, complete",
        "sequence is not a whole number",
    ]


def test_sequence_is_the_place_in_the_case_in_file_order(read):
    cases = ["A", "B", "A", "A", "B"]
    text = HEAD + "".join(f"{case},a,2026-03-02,,,\n" for case in cases)
    assert read(text).events["sequence"].to_pylist() == [0, 0, 1, 2, 1]


def test_a_mapped_column_that_is_missing_is_named_with_the_nearest(read):
    definition = Definition.bare(columns={"case_id": "case:concept:nmae"})
    with pytest.raises(UsageError) as caught:
        read("case:concept:name,activity,timestamp\na,b,2026-01-01\n", definition)
    assert str(caught.value) == (
        'log.csv has no column "case:concept:nmae", which the process definition names under '
        'columns.case_id. Its columns are "case:concept:name", "activity", "timestamp"; '
        'did you mean "case:concept:name"?'
    )


def test_without_a_process_file_the_columns_looked_for_are_named(read):
    with pytest.raises(UsageError) as caught:
        read("case,activity,timestamp\na,b,2026-01-01\n", Definition.bare())
    assert str(caught.value) == (
        'log.csv has no column "case_id" or "case:concept:name", which holds the case_id; name '
        "the right one under `columns` in the process file. Its columns are "
        '"case", "activity", "timestamp"; did you mean "case"?'
    )


def test_a_case_attribute_without_a_column_is_empty_and_said_to_be(read):
    reading = read("case_id,activity,timestamp\na,b,2026-01-01\n")
    assert reading.events["permit_type"].to_pylist() == [None]
    assert reading.notes == ("case attribute permit_type is empty: log.csv has no such column",)


def test_an_attribute_is_found_under_the_prefix_that_event_logs_use(read):
    reading = read("case_id,activity,timestamp,case:permit_type\na,b,2026-01-01,house\n")
    assert reading.events["permit_type"].to_pylist() == ["house"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "log.csv is empty"),
        (b" \n", "log.csv is empty"),
        (HEAD.encode(), "holds no events, only column names"),
        (b"case_id,activity,case_id\n1,2,3\n", 'more than one column is called "case_id"'),
        (b"sep=;\n", "is empty but for the line that names its delimiter"),
        (b"nothing here\nto cut\n", "has one column only"),
        ((HEAD + ROW).encode("utf-16"), "iconv -f UTF-16 -t UTF-8 log.csv"),
        ((HEAD + ROW).encode() + b"P-2,Pr\xe9sent,2026-03-02,,,\n", "0xe9 at position 118, line 3"),
        ((HEAD + ROW + 'P-2,"Submit,2026-03-02,,,\n' + ROW).encode(), "never closed"),
        ((HEAD + 'P-2,Submit,2026-03-02,,,"lost\n' + ROW).encode(), "never closed"),
        ((HEAD + "P-1,Submit,yesterday,,,\n").encode(), '"timestamp" is "yesterday"'),
        ((HEAD + "P-1,Submit\n").encode(), "row 0: the row has 2 fields where 6 are expected"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_refused_with_the_reason(read, content, words):
    with pytest.raises(StopError) as caught:
        read(content)
    assert words in str(caught.value)


def test_a_letter_cut_by_the_reading_block_is_no_encoding_error(tmp_path):
    # The check reads 16 MB at a time; the two bytes of é lie on both sides of the cut.
    path = tmp_path / "log.jsonl"
    start = b'{"case_id":"1","activity":"a","timestamp":"2026-03-02","note":"'
    path.write_bytes(start + b"x" * ((1 << 24) - 1 - len(start)) + "é".encode() + b'"}\n')
    assert files.read(path, BARE).events.num_rows == 1
    path.write_bytes(path.read_bytes()[:-4] + b'\xff"}\n')
    with pytest.raises(StopError, match="byte 0xc3 at position 16,777,215, line 1"):
        files.read(path, BARE)


def test_a_stray_inch_mark_is_no_open_quote(read):
    reading = read(HEAD + 'P-1,Submit,2026-03-02,,,pipe 5" wide\n' + ROW)
    assert reading.events.num_rows == 2


def test_truncated_and_damaged_gzip_are_told_apart_from_bad_rows(read):
    whole = gzip.compress((HEAD + ROW * 50).encode())
    with pytest.raises(StopError, match="cut off: its gzip stream ends too early"):
        read(whole[:-20], name="log.csv.gz")
    spoilt = whole[:20] + bytes([whole[20] ^ 0xFF]) + whole[21:]
    with pytest.raises(StopError, match="damaged"):
        read(spoilt, name="log.csv.gz")


def test_a_missing_file_a_folder_and_an_unknown_kind_are_wrong_usage(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    for name, words in (
        ("none.csv", "there is no such file"),
        ("folder.csv", "is a folder"),
        ("log.xlsx", 'files ending in ".xlsx" are not known; known are .csv'),
    ):
        with pytest.raises(UsageError, match=words):
            files.read(tmp_path / name, BARE)
