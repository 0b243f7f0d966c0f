"""Pairs of steps are counted alike however they are counted, and told with their quantiles."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlog.coded import Vocabulary
from eventlog.following import BINS, bin_durations, gap_bins
from eventlog.tally import Tally
from miners.durations import bin_milliseconds, counted, quantiles, sparse
from miners.labels import Words, count_labels
from miners.pairs import change_tallies, pair_table, pair_tallies

KEYS = np.array([40, -7, 12, 3], np.int64)  # not in the order of the codes


def executions(rows, *, codes=4, seed=1):
    """Cases of ten rows with random codes (-1 among them) and gaps: offsets, codes, times, bins."""
    rng = np.random.default_rng(seed)
    offsets = np.append(np.arange(0, rows, 10), rows).astype(np.int64)
    code = rng.integers(-1, codes, rows).astype(np.int32)
    time = np.cumsum(rng.lognormal(18, 3, rows)).astype(np.int64)
    return offsets, code, time, gap_bins(offsets, time)


def one_by_one(offsets, code, time, bins):
    """The same, counted row by row: sums and durations per pair of keys."""
    sums, cases, spans = Counter(), Counter(), Counter()
    for a, b in pairwise(offsets):
        seen = set()
        for row in range(a + 1, b):
            if min(code[row - 1], code[row]) >= 0:
                pair = (int(KEYS[code[row - 1]]), int(KEYS[code[row]]))
                seen.add(pair)
                sums[pair, "rows"] += 1
                sums[pair, "ms"] += int(time[row] - time[row - 1]) // 1000
                spans[(*pair, int(bins[row]))] += 1
        cases.update(seen)
    pairs = sorted(cases)
    counts = [[sums[pair, "rows"], cases[pair], sums[pair, "ms"]] for pair in pairs]
    return pairs, counts, sorted(spans.items())


# Few rows are sorted, many are counted in a histogram.
@pytest.mark.parametrize("rows", [0, 1, 60, 5_000])
@pytest.mark.parametrize("tallies", [pair_tallies, change_tallies])
def test_pairs_few_or_many_are_counted_as_one_by_one(rows, tallies):
    offsets, code, time, bins = executions(rows)
    pairs, counts, spans = one_by_one(offsets, code, time, bins)
    if tallies is change_tallies:
        kept = [a != b for a, b in pairs]
        counts = [count for count, keep in zip(counts, kept, strict=True) if keep]
        pairs = [pair for pair, keep in zip(pairs, kept, strict=True) if keep]
        spans = [(key, count) for key, count in spans if key[0] != key[1]]
    found, told = tallies(offsets, code, KEYS, time, bins)
    assert found.keys.tolist() == [list(pair) for pair in pairs]
    assert found.counts.tolist() == counts
    assert told.keys.tolist() == [list(key) for key, _ in spans]
    assert told.counts[:, 0].tolist() == [count for _, count in spans]


def test_more_labels_than_fit_a_table_of_pairs_change_nothing():
    offsets, code, time, bins = executions(500)
    many = np.append(KEYS, np.arange(100, 700))
    for few, with_more in zip(
        pair_tallies(offsets, code, KEYS, time, bins),
        pair_tallies(offsets, code, many, time, bins),
        strict=True,
    ):
        assert few == with_more


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, BINS - 1)), max_size=30))
def test_a_sorted_list_and_a_histogram_make_the_same_tally(seen):
    keys = np.array([[5, 1], [-3, 8], [5, 0]], np.int64)
    cells = np.sort(np.array([owner * BINS + place for owner, place in seen], np.int64))
    histogram = np.bincount(cells, minlength=3 * BINS)
    expected = Tally.of(
        np.column_stack([keys[cells // BINS], cells % BINS]), np.ones(len(cells), np.int64)
    )
    assert counted(keys, cells) == expected
    assert sparse(keys, histogram) == expected


@given(st.lists(st.lists(st.integers(0, 10**9), max_size=9), min_size=1, max_size=4))
def test_a_quantile_is_the_middle_of_the_bin_of_the_nearest_rank(groups):
    keys = np.arange(len(groups), dtype=np.int64)[:, None]
    spent = [np.array(sorted(group), np.int64) for group in groups]
    told = sparse(keys, np.concatenate([bin_durations(group) for group in spent]))
    sums = np.array([group.sum() for group in spent], np.int64)
    found = quantiles(told, keys, sums, [0.5, 0.9])
    for row, group in zip(found, spent, strict=True):
        if not len(group):
            assert np.isnan(row).all()
            continue
        bins = gap_bins(np.array([0, len(group) + 1]), np.append(0, group).cumsum() * 1000)[1:]
        for share, value in zip((0.5, 0.9), row, strict=True):
            nearest = bins[max(1, int(np.ceil(share * len(group)))) - 1]
            lone = len(set(bins.tolist())) == 1
            expected = group.mean() if lone else bin_milliseconds(np.array([nearest]))[0]
            assert value == pytest.approx(expected / 1000)


def test_durations_of_nobody_are_refused():
    told = sparse(np.array([[1], [2]]), np.ones(2 * BINS, np.int64))
    with pytest.raises(ValueError, match="belong to none of the keys"):
        quantiles(told, np.array([[1]]), np.array([9]), [0.5])


def test_a_table_of_pairs_has_the_most_frequent_first_and_equals_by_the_alphabet():
    words = ("b", "c", "a")
    vocabulary = Vocabulary(labels=words)
    offsets = np.array([0, 3, 6], np.int64)
    code = np.array([0, 1, 2, 0, 1, 0], np.int32)
    time = np.arange(6, dtype=np.int64) * 1_000_000
    pairs = pair_tallies(offsets, code, vocabulary.keys, time, gap_bins(offsets, time))
    named = Words.of(count_labels(vocabulary, np.bincount(code)))
    rows = pair_table(named, *pairs)[["source", "target", "frequency"]].to_numpy().tolist()
    assert rows == [["b", "c", 2], ["c", "a", 1], ["c", "b", 1]]
