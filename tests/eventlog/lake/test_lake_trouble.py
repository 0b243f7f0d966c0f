"""Whatever stands in the lake's way is named, nothing is lost over it, and then it goes on."""

import subprocess
import sys

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError

from eventlog import schema
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import Conflict, Lake
from eventlog.lake.verdicts import translated


def test_no_lake_names_the_path_and_the_command_that_makes_one(tmp_path):
    with pytest.raises(StopError, match=r"nowhere: there is no lake here; `runut import"):
        Lake.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_opening_is_finding_what_was_made(lake):
    assert Lake.open(lake.uri) == lake
    again = Lake.create(lake.uri, process="building-permit", case_attributes=["district"])
    assert again == lake
    assert lake.version == 0


def test_one_lake_holds_one_process(lake):
    with pytest.raises(StopError, match="holds the process 'building-permit', not 'fishing'"):
        Lake.create(lake.uri, process="fishing", case_attributes=[])


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "plain").write_text("x")
    for act in (
        lambda: Lake.open(tmp_path / "plain"),
        lambda: Lake.create(tmp_path / "plain", process="p", case_attributes=[]),
        lambda: Lake.create(tmp_path / "plain" / "lake", process="p", case_attributes=[]),
    ):
        with pytest.raises(StopError, match=r"plain.*--lake"):
            act()


def test_somebody_elses_delta_table(tmp_path):
    for name in ("events", "rejects"):
        DeltaTable.create(tmp_path / name, schema.REJECTS)
    for act in (
        lambda: Lake.open(tmp_path),
        lambda: Lake.create(tmp_path, process="p", case_attributes=[]),
    ):
        with pytest.raises(StopError, match="a Delta table that Runut did not make"):
            act()


def test_a_folder_of_other_things_is_no_lake(tmp_path):
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(StopError, match="there is no lake here"):
        Lake.open(tmp_path)


def test_a_spoiled_log_is_named(lake, tmp_path):
    (tmp_path / "lake/events/_delta_log/00000000000000000000.json").write_text("{garbage")
    with pytest.raises(StopError, match="opening the lake did not work"):
        Lake.open(lake.uri)


@pytest.mark.parametrize("name", ["100%20", "a[b]", "back\\slash", "tab\t"])
def test_a_path_that_the_storage_library_would_misread_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="cannot hold"):
        Lake.create(tmp_path / name, process="p", case_attributes=[])


@pytest.mark.parametrize("name", ["with space", "été", "a#b", "what?", "50", "a+b"])
def test_other_paths_are_taken_as_they_are(tmp_path, sent, name):
    lake = Lake.create(tmp_path / name, process="p", case_attributes=["district"])
    sent.append(lake.writer(sent.stream), 0, 6)
    sent.assert_held(Lake.open((tmp_path / name).as_uri()), 6)
    assert (tmp_path / name / "events" / "_delta_log").is_dir()


@pytest.mark.parametrize("name", ["case_id", "Case_ID", "permit type", "", "a,b"])
def test_an_attribute_that_cannot_be_a_column_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=f"case attribute {name!r}"):
        Lake.create(tmp_path / "lake", process="p", case_attributes=[name])
    assert not (tmp_path / "lake").exists()


def test_an_attribute_in_another_spelling_of_capitals_is_refused(lake):
    with pytest.raises(UsageError, match="upper and lower case"):
        Lake.create(lake.uri, process="building-permit", case_attributes=["District"])


MAKER = """
import sys
from eventlog.lake import Lake
attributes = sys.argv[2:]
assert set(attributes) <= set(
    Lake.create(sys.argv[1], process="p", case_attributes=attributes).case_attributes
)
"""


def test_two_that_make_the_same_lake_at_once_both_get_it(tmp_path):
    path = str(tmp_path / "lake")
    makers = [
        subprocess.Popen([sys.executable, "-c", MAKER, path, *attributes])
        for attributes in (("a", "b"), ("b", "c"), ("d",))
    ]
    assert [maker.wait(60) for maker in makers] == [0, 0, 0]
    assert set(Lake.open(path).case_attributes) == {"a", "b", "c", "d"}


@pytest.mark.parametrize("leaving", [0, 4096, 8192, 12288, 16384, 20480, 24576, 40960])
def test_a_full_disk_stops_and_after_freeing_space_it_goes_on_without_repair(disk, sent, leaving):
    """However much space is left, a batch is in as a whole or not at all."""
    lake = Lake.create(disk.path / "lake", process="p", case_attributes=["district"])
    writer = lake.writer(sent.stream)
    sent.append(writer, 0, 30)
    disk.fill(leaving=leaving)
    start = 30
    with pytest.raises(StopError, match="the disk is full; free space"):  # noqa: PT012 - a loop
        while True:
            sent.append(writer, start, start + 30)
            start += 30
    assert lake.position(sent.stream) == start
    assert lake.read(["offset"]).num_rows == start // 3 * 2
    disk.free()
    sent.append(lake.writer(sent.stream), start, start + 60)
    sent.assert_held(lake, start + 60)


def test_no_lake_can_be_made_on_a_full_disk_and_then_it_can(disk, sent):
    disk.fill(leaving=0)
    with pytest.raises(StopError, match="the disk is full; free space"):
        Lake.create(disk.path / "lake", process="p", case_attributes=["district"])
    disk.free()
    lake = Lake.create(disk.path / "lake", process="p", case_attributes=["district"])
    sent.append(lake.writer(sent.stream), 0, 9)
    sent.assert_held(lake, 9)


def test_a_read_only_disk_can_be_read_and_not_written(disk, sent):
    lake = Lake.create(disk.path / "lake", process="p", case_attributes=["district"])
    sent.append(lake.writer(sent.stream), 0, 9)
    disk.make_read_only()
    with pytest.raises(StopError, match="make it writable"):
        sent.append(lake.writer(sent.stream), 9, 18)
    with pytest.raises(StopError, match="make it writable"):
        Lake.create(disk.path / "other", process="p", case_attributes=[])
    sent.assert_held(lake, 9)


@pytest.mark.parametrize(
    ("raised", "where", "verdict", "says"),
    [
        (OSError("x (os error 5)"), "/lake", StopError, "look at the disk"),
        (DeltaError("put: code: 13, kind: Denied"), "/lake", StopError, "make it writable"),
        (OSError("S3 error: 503 Slow Down"), "s3://b/l", RetryError, "did not answer"),
        (OSError("S3 error: 403 AccessDenied"), "s3://b/l", StopError, "AccessDenied"),
        (CommitFailedError("Concurrent transaction"), "/lake", Conflict, "open it again"),
        (DeltaError("Invalid table version: 8"), "/lake", Conflict, "open it again"),
        (DeltaError("File not found: l/_delta_log/8.json"), "/l", Conflict, "open it again"),
        (DeltaError("some surprise"), "/lake", StopError, "some surprise"),
    ],
)
def test_foreign_errors_become_verdicts(raised, where, verdict, says):
    with pytest.raises(verdict, match=says) as caught, translated(where, "trying"):
        raise raised
    assert type(caught.value) is verdict
    assert str(caught.value).startswith(where)
