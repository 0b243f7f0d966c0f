"""A run under a memory budget stays under it, whatever the lake looks like."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from engine.slices import parse_memory, plan
from eventlog import schema
from eventlog.identity import finish
from eventlog.lake import Lake

EVENTS, AT_ONCE, EACH = 6_000_000, 600_000, 12
BUDGET = "800MB"
PROCESS = """
process: permits
case_attributes: [district, applicant]
"""
# Runs the command as people do, then tells the most memory that it ever held.
CHILD = """
import sys
from flows.start import main
try:
    main()
except SystemExit as stopped:
    if stopped.code:
        raise
print(open("/proc/self/status").read(), file=sys.stderr)
"""


def batch(number: int) -> pa.Table:
    """Cases of twelve events in any order: starts beside ends, ties, repeats, an applicant each."""
    rows = np.random.default_rng(number).permutation(AT_ONCE)
    place, inside = rows % EACH, rows // EACH
    cases = np.arange(number * AT_ONCE // EACH, (number + 1) * AT_ONCE // EACH)
    step = place // 2 * (1 + inside % 11) % 30
    when = 1_700_000_000_000_000 + (inside * 977 + place // 4 * 86_400) * 1_000_000
    columns = {
        "event_id": pa.array(rows + number * AT_ONCE).cast(pa.string()),
        "case_id": texts("PBG-", cases).take(pa.array(inside)),
        "activity": texts("step ", np.arange(30)).take(pa.array(step)),
        "lifecycle": pa.array(["start", "complete"]).take(pa.array(place % 2)),
        "resource": texts("officer ", np.arange(60)).take(pa.array(rows % 60)),
        "district": texts("district ", np.arange(9)).take(pa.array(inside % 9)),
        "applicant": texts("applicant number ", cases).take(pa.array(inside)),
        "timestamp": pa.array(when, schema.TIMESTAMP),
        "sequence": pa.array(place),
        "source": texts("made ", np.zeros(AT_ONCE, np.int64)),
    }
    fields = schema.incoming(["district", "applicant"])
    nothing = {f.name: pa.nulls(AT_ONCE, f.type) for f in fields}
    made = pa.table({**nothing, **columns}).select(fields.names).cast(fields)
    return finish(pa.concat_tables([made, made.slice(0, AT_ONCE // 100)]))


def texts(word, numbers):
    return pc.binary_join_element_wise(word, pa.array(numbers).cast(pa.string()), "")


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")
@pytest.mark.parametrize("tidied", [True, False], ids=["tidied", "as it came"])
def test_a_run_stays_under_its_memory_budget(tmp_path, tidied):
    lake = Lake.create(
        tmp_path / "lake", process="permits", case_attributes=["district", "applicant"]
    )
    writer = lake.writer("file/test")
    for number in range(EVENTS // AT_ONCE):
        rows = batch(number)
        nothing = schema.REJECTS.empty_table()
        at = number * rows.num_rows
        writer.append(rows, nothing, start=at, next=at + rows.num_rows)
    if tidied:
        lake.tidy(retention=timedelta(hours=1))
    process = tmp_path / "permits.yaml"
    process.write_text(PROCESS)
    memory = parse_memory(BUDGET)
    slices = plan(lake, version=lake.version, memory=memory, attributes=2)
    assert len(slices) > 1
    free = peak_of(lake, process, tmp_path / "free")
    bound = peak_of(lake, process, tmp_path / "bound", "--memory", BUDGET)
    assert bound <= memory < free
    for file in (tmp_path / "free").iterdir():
        if file.suffix in {".parquet", ".csv"} or file.name == "map.json":
            assert file.read_bytes() == (tmp_path / "bound" / file.name).read_bytes(), file.name


def peak_of(lake, process, out, *more):
    """Mines and gives the peak of the process in bytes."""
    command = ["mine", "--lake", lake.uri, "--process", str(process), "--out", str(out), *more]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *command], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
    assert found
    print(f"{' '.join(more) or 'free'}: {int(found[1]) / 1000:.0f} MB")
    return int(found[1]) * 1024
