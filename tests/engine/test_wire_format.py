"""What was counted elsewhere arrives as it was counted."""

import pyarrow as pa
import pytest

from engine.wire_format import packed, unpacked
from eventlog.errors import StopError
from eventlog.letters import empty, log
from miners import MINERS


@pytest.mark.parametrize(
    "events", [log("P: a@x b@y c", "Q: a@x c/start c b+3 b"), log("P: a"), empty()]
)
def test_every_summary_comes_back_as_it_was(events):
    seen = {miner.name: miner.observe(events) for miner in MINERS}
    back = unpacked(packed(seen))
    assert back.keys() == seen.keys()
    for name, summary in seen.items():
        assert back[name].tables.keys() == summary.tables.keys()
        for table, tally in summary.tables.items():
            again = back[name][table]
            assert again == tally, (name, table)
            assert (again.keys.shape, again.counts.shape) == (tally.keys.shape, tally.counts.shape)
            assert again + tally - tally == tally


def test_nothing_seen_is_nothing_told():
    assert unpacked(packed({})) == {}


def test_another_form_is_refused_with_the_way_out():
    other = pa.schema([], metadata={"runut.summaries": "2"})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, other):
        pass
    with pytest.raises(StopError, match="the form 2, this Runut reads 1; install the same Runut"):
        unpacked(bytes(sink.getvalue()))
