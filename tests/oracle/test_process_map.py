"""The map, the variants and the starts and ends are those that pm4py finds in the same log."""

import math
from collections import Counter

import pandas as pd
import pm4py
import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.identity import finish
from eventlog.log import Log
from miners import dfg, variants


def log_of(frame: pd.DataFrame) -> Log:
    """A log whose events keep the order of the frame's rows within equal times."""
    columns = schema.incoming([])
    moments = pd.DatetimeIndex(frame["time:timestamp"]).tz_convert("UTC")
    given = {
        "case_id": frame["case:concept:name"].astype(str),
        "activity": frame["concept:name"].astype(str),
        "timestamp": moments.as_unit("us"),
        "sequence": frame.groupby("case:concept:name").cumcount(),
        "lifecycle": ["complete"] * len(frame),
    }
    arrays = {
        f.name: pa.array(given[f.name], f.type) if f.name in given else pa.nulls(len(frame), f.type)
        for f in columns
    }
    return Log.of(finish(pa.table(arrays, schema=columns), numbered_by_reader=True))


@pytest.fixture(scope="module")
def receipt(real_log) -> pd.DataFrame:
    frame = pd.read_csv(real_log("receipt.csv"))
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    ordered = frame.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    return ordered.reset_index(drop=True)


def test_frequencies_starts_and_ends_equal_those_of_pm4py(receipt):
    edges, starts, ends = pm4py.discover_dfg(receipt)
    ours = dfg.summarise(dfg.observe(log_of(receipt)))
    found = ours.edges.set_index(["source", "target"])["frequency"].to_dict()
    assert found == edges
    assert dict(ours.starts.itertuples(index=False)) == starts
    assert dict(ours.ends.itertuples(index=False)) == ends


def test_variants_equal_those_of_pm4py(receipt):
    theirs = pm4py.get_variants(receipt)
    ours = variants.summarise(variants.observe(log_of(receipt)))
    expected = Counter({variants.SEPARATOR.join(way): n for way, n in theirs.items()})
    assert dict(zip(ours["activities"], ours["cases"], strict=True)) == dict(expected)


def test_times_between_steps_are_those_of_a_plain_computation(receipt):
    ours = dfg.summarise(dfg.observe(log_of(receipt))).edges
    grouped = receipt.groupby("case:concept:name")
    pairs = pd.DataFrame(
        {
            "source": receipt["concept:name"],
            "target": grouped["concept:name"].shift(-1),
            "seconds": (
                grouped["time:timestamp"].shift(-1) - receipt["time:timestamp"]
            ).dt.total_seconds(),
        }
    ).dropna()
    by_edge = pairs.groupby(["source", "target"])["seconds"]
    for row in ours.to_dict("records"):
        plain = by_edge.get_group((row["source"], row["target"])).sort_values()
        assert row["mean_seconds"] == pytest.approx(plain.mean(), abs=0.001)
        for name, share in (("p50_seconds", 0.5), ("p90_seconds", 0.9)):
            exact = plain.iloc[max(0, math.ceil(share * len(plain)) - 1)]  # nearest rank
            assert row[name] == pytest.approx(exact, rel=0.03, abs=0.0011)
