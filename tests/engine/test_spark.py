"""On a Spark cluster of two workers the answers are those of one process, to the byte."""

import json
import os
import shutil
import signal
import threading
import time

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.mining import mine
from engine.progress import Silent
from eventlog import schema
from eventlog.definition import Definition
from eventlog.errors import StopError
from eventlog.identity import finish
from eventlog.lake import Lake
from eventlog.letters import shuffled, table

pytestmark = [
    pytest.mark.long,
    # said by pyspark 4.3 whatever one uses of it; nothing here goes through pandas
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]
NO_REJECTS = schema.REJECTS.empty_table()
KEYS = ["case_key", "event_key", "content_key"]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Where Spark keeps its own account of what it did, for people to look at."""
    return tmp_path_factory.mktemp("told")


@pytest.fixture(scope="module")
def spark(told):
    pytest.importorskip("pyspark", reason="needs the extra runut[spark]")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("needs Java 17 or newer")
    from engine.spark import session

    local = {
        "spark.ui.enabled": "false",
        "spark.default.parallelism": "6",  # so that much is left to do when a worker is killed
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executorEnv.SPARK_LOCAL_IP": "127.0.0.1",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": told.as_uri(),
        "spark.eventLog.compress": "false",
    }
    with session("local-cluster[2,1,1024]", local) as running:
        yield running


def events(cases: int) -> pa.Table:
    """Cases of 1 to 9 steps by few people, one step only ever begun, one id in two cases."""
    chance = np.random.default_rng(3)
    steps = ["a@ann", "b@bob+0", "c@ann", "d@joe+30", "e", "f/start", "c/start"]
    lines = [
        f"case-{n}: {' '.join(chance.choice(steps, chance.integers(1, 10)))}" for n in range(cases)
    ]
    rows = table(
        *lines, case_attributes={"office": {f"case-{n}": f"o{n % 3}" for n in range(cases)}}
    )
    ids = rows.column("event_id").to_pylist()
    ids[-1] = ids[0]
    place = rows.schema.get_field_index("event_id")
    return finish(rows.set_column(place, "event_id", pa.array(ids)).drop_columns(KEYS))


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("spark") / "lake")


def filled(place, **options):
    """400 cases in five appends, every tenth row sent twice, one column younger than the rest."""
    rows = events(400)
    sent = shuffled(pa.concat_tables([rows, rows.take(list(range(0, len(rows), 10)))]), 4)
    made = Lake.create(place, process="unnamed", case_attributes=["office"], **options)
    writer = made.writer("file/test")
    for start in range(0, len(sent), 500):
        batch = sent.slice(start, 500)
        writer.append(batch, NO_REJECTS, start=start, next=start + batch.num_rows)
    return Lake.create(place, process="unnamed", case_attributes=["office", "late"], **options)


DEFINITION = Definition.bare(
    case_attributes=["office", "late"],
    clock={"stops": ["e"]},
    outcome={"favourable_activities": ["e"], "unfavourable_activities": ["d"]},
    equity={"groups": ["office"]},
)


def run(lake, folder, definition, look=None, **options):
    folder.mkdir()
    return mine(lake, definition, folder, look=look, progress=Silent(), **options)


def on(spark):
    from engine.spark import OnSpark

    return OnSpark(spark=spark)


def assert_same(ours, theirs):
    """Every file has the same bytes; tables, in parts there, the same rows in order.

    Queues and why files waited in them are told on one machine only, and `run.json` says so.
    """
    here_only = {"bottlenecks.json"}
    assert {p.name for p in ours.iterdir()} - {p.name for p in theirs.iterdir()} <= here_only
    assert dict(_run(theirs)["off"])["bottlenecks"].startswith("--engine spark writes")
    assert _told(_run(ours)) == _told(_run(theirs))
    one, two = (json.loads((p / "findings.json").read_text())["findings"] for p in (ours, theirs))
    assert [f for f in one if f["kind"] == "data-quality"] == two
    for path in sorted(theirs.iterdir()):
        other = ours / path.name
        if path.suffix == ".parquet":
            assert path.is_dir()
            one, two = (pq.read_table(p) for p in (other, path))
            both = [name for name in one.column_names if name != "cause"]
            assert one.select(both).equals(two.select(both)), path.name
        elif path.name not in {"run.json", "findings.json", "findings.csv"}:
            assert path.read_bytes() == other.read_bytes(), path.name


def _run(folder):
    run = json.loads((folder / "run.json").read_text())
    return {**run, "off": [(entry["what"], entry["why"]) for entry in run["off"]]}


def _told(run):
    counts = {name: n for name, n in run["counts"].items() if name != "findings"}
    return {**run, "counts": counts, "seconds": None, "off": None}


@pytest.mark.parametrize("abstract", [None, {"pattern": "^([abc])", "keep": 2}])
def test_a_cluster_gives_what_one_process_gives(tmp_path, spark, lake, abstract):
    definition = DEFINITION.model_copy(
        update={"abstract": abstract and Definition.bare(abstract=abstract).abstract}
    )
    run(lake, tmp_path / "here", definition)
    mined = run(lake, tmp_path / "there", definition, on(spark))
    assert_same(tmp_path / "here", tmp_path / "there")
    assert {f["subject"]["check"] for f in mined.findings} >= {
        "repeated", "id in two cases", "never completed",
    }  # fmt: skip


def test_a_lake_without_events_gives_empty_files(tmp_path, spark):
    empty = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=["office", "late"])
    run(empty, tmp_path / "here", DEFINITION)
    run(empty, tmp_path / "there", DEFINITION, on(spark))
    assert_same(tmp_path / "here", tmp_path / "there")


def test_workers_read_a_lake_on_object_storage_and_tell_nobody_the_key(
    tmp_path, spark, lake, object_store, told, capfd
):
    """The key is in the lake's own options, not where workers would find it by themselves."""
    secret = "made-up-and-never-told"
    options = {**object_store, "AWS_SECRET_ACCESS_KEY": secret}
    there = filled("s3://runut/spark", storage_options=options)
    run(lake, tmp_path / "here", DEFINITION)
    run(there, tmp_path / "there", DEFINITION, on(spark))
    assert_same(tmp_path / "here", tmp_path / "there")
    accounts = [path for path in told.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in accounts) > 0
    assert not any(secret.encode() in path.read_bytes() for path in accounts)
    assert secret not in "".join(capfd.readouterr())


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path, spark, lake):
    run(lake, tmp_path / "here", DEFINITION)
    killed = threading.Event()
    done_by_then = []

    def kill_one():
        until = time.monotonic() + 60
        while not killed.is_set() and time.monotonic() < until:
            drafts = list((tmp_path / "there").glob(".cases-*/draft-*"))
            busy = executors()
            if drafts and busy:
                os.kill(busy[0].pid, signal.SIGKILL)
                done_by_then.extend(drafts)
                killed.set()
            time.sleep(0.01)

    before = {process.pid for process in executors()}
    assert len(before) == 2
    killer = threading.Thread(target=kill_one)
    killer.start()
    run(lake, tmp_path / "there", DEFINITION, on(spark))
    killer.join()
    assert killed.is_set()
    assert len(done_by_then) < 6, "the work was not over when the worker was killed"
    assert before - {process.pid for process in executors()}, "one of the two is gone"
    assert_same(tmp_path / "here", tmp_path / "there")


def executors():
    """The JVMs of the workers below this very process."""
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if process.status() != psutil.STATUS_ZOMBIE
        and any("CoarseGrainedExecutorBackend" in word for word in process.cmdline())
    ]


def test_what_a_worker_refuses_is_said_in_one_line(tmp_path, spark):
    rows = table("P: a", "Q: a")
    place = rows.schema.get_field_index("case_key")
    same = rows.set_column(place, rows.schema.field(place), pa.array([7, 7]))
    broken = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=())
    broken.writer("file/test").append(same, NO_REJECTS, start=0, next=2)
    with pytest.raises(StopError) as refused:
        run(broken, tmp_path / "out", Definition.bare(), on(spark))
    # Which of the two comes first is the cluster's affair.
    said = str(refused.value).replace('"Q" and "P"', '"P" and "Q"')
    assert said.startswith('the case ids "P" and "Q" have the same 64-bit key;')
    assert "\n" not in str(refused.value)


def test_a_fault_of_ours_in_a_worker_is_said_in_one_line(spark):
    from engine.spark_calls import translated

    doomed = spark.range(3).mapInArrow(lambda _: 1 // 0, "id long")
    wanted = "a Spark worker failed: ZeroDivisionError"
    with pytest.raises(StopError, match=wanted) as failed, translated():
        doomed.collect()
    assert "\n" not in str(failed.value)
