"""Makes event logs of any size for the benchmarks: seeded, in the columns of the lake.

Forty activities, variants drawn from a Zipf law, one event in ten at the same time as the one
before it (ordered by its sequence), sixty officers, starts spread over two years.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from eventlog import schema
from eventlog.identity import hash_strings

ACTIVITIES = 40
VARIANTS = 20_000
RESOURCES = 60
MEAN_LENGTH = 12
_BEGINNING = 1_704_067_200_000_000  # 2024-01-01 UTC
_TWO_YEARS = 730 * 86_400_000_000


def blocks(events: int, *, seed: int = 1, cases_per_block: int = 100_000) -> Iterator[pa.Table]:
    """About `events` events in blocks of whole cases, rows of a block in order of time."""
    rng = np.random.default_rng(seed)
    lengths = 2 + rng.poisson(MEAN_LENGTH - 2, VARIANTS)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    steps = rng.integers(0, ACTIVITIES, starts[-1])
    weights = 1 / np.arange(1, VARIANTS + 1) ** 1.1
    weights /= weights.sum()
    done, first_case = 0, 0
    while done < events:
        remaining = -(-(events - done) // MEAN_LENGTH)
        cases = min(cases_per_block, max(1, remaining))
        variant = rng.choice(VARIANTS, cases, p=weights)
        table = _block(rng, first_case, variant, starts, lengths, steps)
        done += table.num_rows
        first_case += cases
        yield table


def _block(
    rng: np.random.Generator,
    first_case: int,
    variant: np.ndarray,
    starts: np.ndarray,
    lengths: np.ndarray,
    steps: np.ndarray,
) -> pa.Table:
    sizes = lengths[variant]
    rows = int(sizes.sum())
    ends = np.cumsum(sizes)
    place = np.arange(rows) - np.repeat(ends - sizes, sizes)
    activity = steps[np.repeat(starts[variant], sizes) + place]
    gap = (rng.lognormal(10, 2, rows) * 1e6).astype(np.int64)
    gap[(rng.random(rows) < 0.1) & (place > 0)] = 0
    gap[place == 0] = 0
    running = np.cumsum(gap)
    begin = _BEGINNING + rng.integers(0, _TWO_YEARS, len(sizes))
    timestamp = running - np.repeat(running[ends - sizes], sizes) + np.repeat(begin, sizes)
    case = np.repeat(np.arange(first_case, first_case + len(sizes)), sizes)
    order = np.argsort(timestamp, kind="stable")
    labels = pa.array([f"Step {n:02d} of the procedure" for n in range(ACTIVITIES)])
    officers = pa.array([f"officer-{n:02d}" for n in range(RESOURCES)])
    case_ids = pa.array([f"PBG-{n:09d}" for n in range(first_case, first_case + len(sizes))])
    event_number = np.arange(rows) + first_case * 1_000
    resource = rng.integers(0, RESOURCES, rows)
    columns = {
        "event_id": pa.array(np.char.mod("%012x", event_number)),
        "case_id": case_ids.take(pa.array(case - first_case)),
        "activity": labels.take(pa.array(activity)),
        "timestamp": pa.array(timestamp, schema.TIMESTAMP),
        "sequence": pa.array(place),
        "lifecycle": pa.array(["complete"]).take(pa.array(np.zeros(rows, np.int8))),
        "resource": officers.take(pa.array(resource)),
    }
    keys = {
        "case_key": hash_strings(case_ids)[case - first_case],
        "event_key": hash_strings(columns["event_id"]),
        "content_key": hash_strings(columns["event_id"]),
    }
    fields = schema.events([])
    arrays = {
        f.name: columns.get(f.name, pa.array(keys[f.name]) if f.name in keys else None)
        for f in fields
    }
    table = pa.table(
        {
            f.name: pa.nulls(rows, f.type) if arrays[f.name] is None else arrays[f.name]
            for f in fields
        },
        schema=fields,
    )
    return table.take(pa.array(order))
