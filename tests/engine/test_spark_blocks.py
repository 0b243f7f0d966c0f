"""Cases arrive whole, however the rows on their way were cut."""

import pyarrow as pa
import pytest

from engine.slices import equal_slices
from engine.spark_blocks import dealt, travelling, whole_cases
from eventlog import schema
from eventlog.errors import StopError
from eventlog.lake import Lake
from eventlog.letters import table


def batches(keys, size):
    rows = pa.table({"case_key": pa.array(keys, pa.int64()), "row": list(range(len(keys)))})
    return iter(rows.to_batches(max_chunksize=size))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("rows", [1, 4, 50])
def test_no_case_is_cut_and_no_row_is_lost(size, rows):
    keys = sorted([1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 9] * 3)
    blocks = list(whole_cases(batches(keys, size), rows))
    assert [row for block in blocks for row in block.column("row").to_pylist()] == list(range(45))
    seen = [set(block.column("case_key").to_pylist()) for block in blocks]
    assert sum(map(len, seen)) == len(set(keys))
    assert all(block.num_rows <= rows + size + 24 for block in blocks)


def test_without_rows_there_is_no_block():
    assert list(whole_cases(iter([]))) == []
    assert list(whole_cases(batches([], 3))) == []


def test_every_event_is_dealt_to_the_slice_of_its_case(tmp_path):
    lake = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=())
    rows = table(*(f"case-{n}: a b" for n in range(50)))
    writer = lake.writer("file/test")
    for start in range(0, 100, 20):
        batch = rows.slice(start, 20)
        writer.append(batch, schema.REJECTS.empty_table(), start=start, next=start + 20)
    shares = lake.shares(version=lake.version, rows=40)
    assert [len(share.paths) for share in shares] == [2, 2, 1]
    slices = equal_slices(4)
    numbers = pa.record_batch({"id": list(range(len(shares)))})
    found = pa.Table.from_batches(
        dealt(iter([numbers]), shares=shares, slices=slices, columns=travelling(()))
    )
    assert found.num_rows == 100
    for row in found.select(["part", "case_key"]).to_pylist():
        assert slices[row["part"]].low <= row["case_key"] <= slices[row["part"]].high


def test_a_machine_that_cannot_see_the_folder_says_so(tmp_path):
    lake = Lake.create(tmp_path / "lake", process="unnamed", case_attributes=())
    lake.writer("file/test").append(table("P: a"), schema.REJECTS.empty_table(), start=0, next=1)
    (share,) = lake.shares(version=lake.version, rows=40)
    (tmp_path / "lake").rename(tmp_path / "elsewhere")
    with pytest.raises(StopError, match=r"lake: not on this machine; .* object storage"):
        list(share.batches(["case_id"]))
