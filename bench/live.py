"""How long it takes from ten thousand new messages, as bytes, to refreshed measures.

    python bench/live.py [--events 10000000] [--folder DIR] [--updates 24]

Fills a lake (kept in DIR, where one is given), follows it, and sends batches in the order of their
times, with one event in twenty late by days, and with one in twenty for a case that was closed long
ago. Prints medians and P95 of wall and CPU time, commit included, once every total was found equal
to a batch over the same lake.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.batch import observe, read_log
from engine.live import Live
from eventlog import codec, identity, schema, sending
from eventlog.definition import Definition
from eventlog.lake import Lake, Writer
from eventlog.letters import log
from eventlog.messages import Message
from miners import MINERS

sys.path.insert(0, str(Path(__file__).parent))
from generate import blocks

BATCH = 10_000
LATE = 0.05
_DAY = 86_400_000_000
CLOSING = "Issue decision"
STAGES = ("decode", "commit", "catch up", "summarise")
# The ranking of all variants is made when somebody asks for it.
REFRESHED = tuple(miner for miner in MINERS if miner.name != "variants")


def fill(folder: Path, stored: int, following: int) -> tuple[Lake, pa.Table]:
    """A tidy lake of `stored` events, and the `following` events in order of time."""
    kept = folder / f"following-{stored}.parquet"
    place = folder / f"lake-{stored}"
    if kept.exists():
        return Lake.open(place), pq.read_table(str(kept))
    total = int(stored * 1.15) + following
    times = np.concatenate([_times(block) for block in blocks(total)])
    cut, end = np.partition(times, (stored, stored + following))[[stored, stored + following]]
    del times
    lake = Lake.create(place, process="bench", case_attributes=[])
    writer, rest = lake.writer("file/bench"), []
    for block in map(closing, blocks(total)):
        when = _times(block)
        append(writer, block.filter(pa.array(when < cut)))
        rest.append(block.filter(pa.array((when >= cut) & (when < end))))
    lake.tidy(retention=timedelta(days=90))
    table = pa.concat_tables(rest).sort_by("timestamp")
    pq.write_table(table, str(kept))
    return lake, table


def closing(block: pa.Table) -> pa.Table:
    """The same events, the last of each case being the one that closes it."""
    case = block.column("case_key").to_numpy()
    order = np.lexsort((block.column("sequence").to_numpy(), case))
    last = np.append(case[order][1:] != case[order][:-1], True)
    ends = np.zeros(len(case), bool)
    ends[order[last]] = True
    activity = pc.if_else(pa.array(ends), CLOSING, block.column("activity").combine_chunks())
    return block.set_column(block.schema.get_field_index("activity"), "activity", activity)


def append(writer: Writer, events: pa.Table) -> None:
    """One commit of these events."""
    start = writer.position or 0
    nothing = schema.REJECTS.empty_table()
    writer.append(events, nothing, start=start, next=start + events.num_rows)


def late(events: pa.Table, rng: np.random.Generator) -> pa.Table:
    """The same events, one in twenty arriving two days later on average."""
    arrival = _times(events).copy()
    some = rng.random(len(arrival)) < LATE
    arrival[some] += rng.exponential(2 * _DAY, int(some.sum())).astype(np.int64)
    return events.take(pa.array(np.argsort(arrival, kind="stable")))


def reopening(
    events: pa.Table, ended: pa.Array, rng: np.random.Generator, share: float
) -> pa.Table:
    """The same events, a share of them new events of cases that ended long ago."""
    rows = events.num_rows
    place = np.flatnonzero(rng.random(rows) < share) if share < 1 else np.arange(rows)
    case, number = events.column("case_id").to_pylist(), events.column("event_id").to_pylist()
    when = _times(events).copy()
    for at in place.tolist():
        case[at] = ended[int(rng.integers(len(ended)))].as_py()
        number[at] = f"reopened-{number[at]}-{rng.integers(2**60)}"
        when[at] -= 90 * _DAY
    columns = {
        "case_id": pa.array(case),
        "event_id": pa.array(number),
        "timestamp": pa.array(when, schema.TIMESTAMP),
    }
    for name, column in columns.items():
        events = events.set_column(events.schema.get_field_index(name), name, column)
    return events


def messages(events: pa.Table) -> list[Message]:
    """The events as they lie on the topic."""
    encoded = map(sending.encode, sending.events_of(events))
    return [Message(value, None, (), offset, 0) for offset, value in enumerate(encoded)]


def update(live: Live, writer: Writer, batch: Sequence[Message]) -> tuple[list[float], int]:
    """Seconds by stage (wall, then CPU) of one update, and the cases fetched."""
    laps = [_clocks()]
    decoded = codec.decode(batch, case_attributes=(), topic="t", partition=0, source="bench")
    events = identity.finish(decoded.events, from_stream=True)
    laps.append(_clocks())
    append(writer, events)
    laps.append(_clocks())
    touched = live.catch_up()
    laps.append(_clocks())
    for miner in REFRESHED:
        miner.summarise(live.summary(miner.name))
    laps.append(_clocks())
    assert touched.rows == len(batch)
    return np.diff(laps, axis=0).T.ravel().tolist(), touched.fetched


def scenario(name: str, live: Live, writer: Writer, batches: Iterator[list[Message]]) -> None:
    """Run the updates and print a line."""
    done = [update(live, writer, batch) for batch in batches]
    spent = np.array([laps for laps, _ in done]) * 1000
    wall, cpu = spent[:, : len(STAGES)], spent[:, len(STAGES) :]
    by_stage = ", ".join(
        f"{stage} {w:.0f}/{c:.0f}"
        for stage, w, c in zip(STAGES, np.median(wall, 0), np.median(cpu, 0), strict=True)
    )
    both = [np.percentile(clock.sum(1), [50, 95]) for clock in (wall, cpu)]
    print(
        f"{name:24} {len(done):3} updates  wall p50 {both[0][0]:6.0f} p95 {both[0][1]:6.0f} ms"
        f"  CPU p50 {both[1][0]:6.0f} p95 {both[1][1]:6.0f} ms"
        f"  fetched {np.median([n for _, n in done]):.0f}  (wall/CPU: {by_stage})",
        flush=True,
    )


def check(live: Live, lake: Lake) -> tuple[float, float]:
    """Seconds (wall, CPU) of a batch over the whole lake; every total must be equal to it."""
    began = _clocks()
    seen = observe(read_log(lake, None, version=live.version), MINERS)
    spent = np.subtract(_clocks(), began)
    for miner in MINERS:
        if live.summary(miner.name) != seen[miner.name]:
            raise SystemExit(f"{miner.name}: live and batch differ")
    return float(spent[0]), float(spent[1])


def main() -> None:
    """Fill, follow, update, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--updates", type=int, default=24)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        run(asked.folder or Path(temporary), asked.events, asked.updates)


def run(folder: Path, stored: int, updates: int) -> None:
    """All scenarios, on a lake in `folder`."""
    rng = np.random.default_rng(7)
    several = updates // 4
    lake, following = fill(folder, stored, BATCH * (2 * updates + several + 2))
    for miner in MINERS:  # compile
        miner.summarise(miner.observe(log("P: a b", "Q: a c")))
    definition = Definition.bare(clock={"closes": [CLOSING]})
    live, (wall, cpu) = timed(lambda: Live(lake, definition, MINERS))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{stored:,} events, {live.cases_known:,} cases; built in {wall:.1f} s ({cpu:.1f} s CPU),"
        f" {live.rows_at_hand:,} rows at hand, peak {megabytes:.0f} MB"
    )
    writer = lake.writer("bench/permit.events/0")
    ended = ended_cases(lake, _times(following)[0] - 180 * _DAY)
    parts = iter([following.slice(at, BATCH) for at in range(0, following.num_rows, BATCH)])
    for _ in range(2):
        update(live, writer, messages(next(parts)))  # warm

    def some(many: int, change: Callable[[pa.Table], pa.Table]) -> Iterator[list[Message]]:
        table = change(pa.concat_tables([next(parts) for _ in range(many)]))
        for at in range(0, table.num_rows, BATCH):
            yield messages(table.slice(at, BATCH))

    scenario("in order", live, writer, some(updates, lambda t: t))
    scenario("5 % late by days", live, writer, some(updates, lambda t: late(t, rng)))
    reopen = some(several, lambda t: reopening(t, ended, rng, LATE))
    scenario("5 % for closed cases", live, writer, reopen)
    single = (messages(reopening(following.slice(n, 1), ended, rng, 1)) for n in range(updates))
    scenario("one closed case, cold", live, writer, single)
    batch_wall, batch_cpu = check(live, lake)
    print(f"equal to a batch over everything, which takes {batch_wall:.1f} s ({batch_cpu:.1f} CPU)")


def ended_cases(lake: Lake, before: int) -> pa.Array:
    """Ids of some cases without an event after `before` (microseconds)."""
    table = lake.read(["case_id", "timestamp"]).slice(0, 200_000)
    last = table.group_by("case_id").aggregate([("timestamp", "max")])
    when = last.column("timestamp_max").cast(pa.int64()).to_numpy()
    return last.column("case_id").filter(pa.array(when < before)).combine_chunks().cast(pa.string())


def timed(make: Callable[[], Live]) -> tuple[Live, tuple[float, float]]:
    """What `make` gives, and the seconds it took: wall, CPU."""
    began = _clocks()
    made = make()
    now = _clocks()
    return made, (now[0] - began[0], now[1] - began[1])


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _times(events: pa.Table) -> np.ndarray:
    return np.asarray(events.column("timestamp").cast(pa.int64()).to_numpy())


if __name__ == "__main__":
    main()
