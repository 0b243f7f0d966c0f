"""Every row of a file is in the lake once, or among its rejects once, however often it is tried."""

import pytest

from connectors import files
from engine.importing import import_files, inspect
from engine.progress import Silent
from eventlog.definition import Definition
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import Lake

KEY = b"k" * 32
DEFINITION = Definition.bare(
    timezone="Asia/Jakarta",
    case_attributes=["permit_type"],
    privacy={"pseudonymise": ["resource"]},
)
HEAD = "case_id,activity,timestamp,resource,permit_type\n"


def rows(count, start=0):
    return "".join(
        f"P-{n // 3},a{n % 3},2026-03-02T09:{n % 60:02d}:00,officer,house\n"
        for n in range(start, start + count)
    )


@pytest.fixture
def lake(tmp_path):
    return Lake.create(tmp_path / "lake", process="unnamed", case_attributes=["permit_type"])


@pytest.fixture
def csv(tmp_path):
    def write(text, name="log.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def run(lake, *paths, definition=DEFINITION, chunk=1_000_000):
    return import_files(list(paths), lake, definition, key=KEY, progress=Silent(), chunk=chunk)


def in_lake(lake):
    found = lake.read(["case_id", "activity", "timestamp", "sequence", "event_id", "source"])
    return sorted(tuple(row.values()) for row in found.to_pylist())


def test_the_same_file_under_any_name_adds_nothing_the_second_time(lake, csv):
    first = run(lake, csv(HEAD + rows(7) + "P-9,a\n"))
    assert (first.events, first.rejects, lake.counts()) == (7, 1, (7, 1))
    again = run(lake, csv(HEAD + rows(7) + "P-9,a\n", name="copy.csv"))
    assert (again.events, again.rejects, lake.counts()) == (0, 0, (7, 1))
    assert first.files[0].sentence == "log.csv: 7 events added; 1 row set aside"
    assert again.files[0].sentence == ("copy.csv is in the lake already (7 events); nothing added")


@pytest.mark.parametrize("done", [0, 3, 6])
def test_an_import_that_stopped_anywhere_goes_on_to_the_same_lake(tmp_path, csv, done):
    """The lake after a crash between two chunks is one with fewer rows and that position."""
    path = csv(HEAD + rows(8) + rows(1) + "P-9,a\n")  # with an exact repeat and a reject
    whole = Lake.create(tmp_path / "whole", process="unnamed", case_attributes=["permit_type"])
    run(whole, path)
    broken = Lake.create(tmp_path / "broken", process="unnamed", case_attributes=["permit_type"])
    if done:
        stopped = StopAfter(done // 3)
        with pytest.raises(KeyboardInterrupt):
            import_files([path], broken, DEFINITION, key=KEY, progress=stopped, chunk=3)
        assert broken.counts() == (done, 1)
    report = run(broken, path, chunk=3)
    assert (report.events, report.files[0].already) == (9 - done, done)
    assert (in_lake(broken), broken.counts()) == (in_lake(whole), (9, 1))


class StopAfter(Silent):
    """Somebody presses Ctrl-C after so many chunks."""

    def __init__(self, chunks):
        self.left = chunks

    def advance(self, amount):
        self.left -= amount > 0
        if self.left == 0:
            raise KeyboardInterrupt


def test_exact_repeats_stay_two_events_even_across_chunks(lake, csv):
    run(lake, csv(HEAD + rows(1) * 4), chunk=2)
    ids = [row[4] for row in in_lake(lake)]
    assert len(set(ids)) == 4


def test_an_export_that_overlaps_an_earlier_one_repeats_its_event_ids(lake, csv):
    """So every result counts the rows that both have once."""
    run(lake, csv(HEAD + "A,y,2026-03-02,o,house\n", "one.csv"))
    run(lake, csv(HEAD + "A,x,2026-03-01,o,house\n" + "A,y,2026-03-02,o,house\n", "two.csv"))
    ids = [(row[1], row[4]) for row in in_lake(lake)]
    assert len(ids) == 3
    assert len(set(ids)) == 2


def test_officers_come_in_under_pseudonyms_only(lake, csv):
    run(lake, csv(HEAD + rows(3)))
    (name,) = set(lake.read(["resource"])["resource"].to_pylist())
    assert name.startswith("p-")


def test_each_file_is_a_stream_of_its_own(lake, csv):
    one, two = csv(HEAD + rows(3), "one.csv"), csv(HEAD + rows(3, start=3), "two.csv")
    report = run(lake, one, two)
    assert [(file.source, file.events) for file in report.files] == [("one.csv", 3), ("two.csv", 3)]
    for path in (one, two):
        assert lake.position(f"file/{files.fingerprint(path)}") % 2**36 == 3
    assert {row[5] for row in in_lake(lake)} == {"one.csv", "two.csv"}


def test_two_imports_of_one_file_at_once_add_it_once(lake, csv):
    path = csv(HEAD + rows(6))

    class Meanwhile(Silent):
        """Another import runs while this one is between two chunks."""

        done = False

        def advance(self, amount):
            if amount and not self.done:
                self.done = True
                run(lake, path)

    with pytest.raises(RetryError, match=r"log\.csv: another import of the same file is under way"):
        import_files([path], lake, DEFINITION, key=KEY, progress=Meanwhile(), chunk=2)
    assert lake.counts() == (6, 0)
    assert run(lake, path).events == 0


TWO_TIMES = "case_id,activity,started,finished\n" + "".join(
    f"c{n},a,2026-03-0{n + 1},{f'2026-04-0{n + 1}' if n > 2 else ''}\n" for n in range(6)
)


def reading_time(column, **more):
    return Definition.bare(columns={"timestamp": column}, **more)


@pytest.mark.parametrize(
    "first",
    [
        reading_time("finished"),  # keeps half of the rows
        reading_time("started", timezone="Asia/Jakarta"),
        reading_time("started", privacy={"pseudonymise": ["resource"]}),
    ],
)
@pytest.mark.parametrize("stopped", [False, True])
def test_a_file_that_is_there_as_another_definition_read_it_is_refused(lake, csv, first, stopped):
    """Rows counted in one reading say nothing about the other's: some would be lost, some twice."""
    path, second = csv(TWO_TIMES), reading_time("started")
    if stopped:
        with pytest.raises(KeyboardInterrupt):
            import_files([path], lake, first, key=KEY, progress=StopAfter(1), chunk=2)
    else:
        run(lake, path, definition=first)
    before = lake.counts(), in_lake(lake)
    with pytest.raises(StopError, match=r"log\.csv is in the lake already, read with another"):
        run(lake, path, definition=second)
    assert (lake.counts(), in_lake(lake)) == before
    report = run(lake, path, definition=first)
    assert report.files[0].already == before[0][0]
    assert lake.counts()[0] == report.events + before[0][0]


def test_a_definition_that_reads_the_file_alike_finds_it_there(lake, csv):
    path = csv(HEAD + rows(7))
    run(lake, path)
    more = DEFINITION.model_copy(update={"closing": ("a2",), "columns": {"activity": "activity"}})
    assert run(lake, path, definition=more).files[0].already == 7


def test_a_name_that_a_file_says_twice_is_nowhere_in_the_events(lake, csv):
    named = Definition.bare(
        case_attributes=["agent"], privacy={"pseudonymise": ["resource", "agent"]}
    )
    named_lake = Lake.create(lake.uri + "-named", process="unnamed", case_attributes=["agent"])
    head = "case_id,activity,timestamp,org:resource,resource,case:agent,agent\n"
    run(
        named_lake, csv(head + "P,a,2026-03-02,Secret1,Secret2,Secret3,Secret4\n"), definition=named
    )
    json = '{"case_id":"Q","activity":"a","timestamp":"2026-03-02","case":{"agent":"Secret5"},'
    run(named_lake, csv(json + '"agent":"Secret6"}\n', "log.jsonl"), definition=named)
    everything = named_lake.read(["resource", "agent", "attributes"]).to_pylist()
    assert "Secret" not in str(everything)
    assert str(everything).count("p-") == 6


def test_a_file_that_is_not_there_stops_the_import_and_leaves_what_came_before(lake, csv, tmp_path):
    with pytest.raises(UsageError, match=r"none\.csv: there is no such file"):
        run(lake, csv(HEAD + rows(3)), tmp_path / "none.csv")
    assert lake.counts() == (3, 0)


def test_the_report_on_a_file_counts_what_bears_on_its_map(csv):
    path = csv(
        HEAD
        + "A,x,2026-03-02,o,house\n"
        + "A,y,2026-03-02,,house\n"
        + "A,y,2026-03-02,,house\n"
        + "A,y,2026-03-02,,shop\n"
        + "A,z,2026-03-01T10:00:00,o,house\n"
        + "B,x,2026-03-03T00:00:00Z,o,house\n"
        + "B,,2026-03-03,o,house\n"
    )
    found = inspect(path, DEFINITION)
    assert (found.rows, found.events, found.cases) == (7, 6, 2)
    assert found.rejects == {"activity is empty": 1}
    assert (found.midnights, found.without_resource, found.single_event_cases) == (4, 3, 1)
    assert (found.duplicates, found.repeats) == (1, 2)
    assert (found.ties, found.neighbours, found.backwards) == (3, 4, 1)
    assert found.earliest.isoformat() == "2026-03-01T10:00:00+07:00"
    assert found.latest.isoformat() == "2026-03-03T07:00:00+07:00"
    assert found.sentences[:2] == (
        "log.csv has 7 rows: 6 events, 2 cases.",
        "Set aside: activity is empty (1).",
    )
    assert "The events are from 2026-03-01 10:00 WIB to 2026-03-03 07:00 WIB." in found.sentences
