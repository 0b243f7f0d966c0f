"""Keeps every measure up to date while events come in: only the cases that they touch are redone.

A measure is a sum over cases, so the total changes by what the touched cases show now less what
they showed before. Late, repeated and out-of-order events need no code of their own, and the answer
is the batch's to the last digit (docs/decisions/0009).
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.abstraction import coarsened, coarser
from engine.allocation import give_back
from engine.at_hand import AtHand, Keeping, KnownKeys
from engine.batch import added, observe, read_log
from engine.running import RunningSummary
from engine.slices import Slice, plan
from eventlog.definition import Definition
from eventlog.event import Lifecycle
from eventlog.kernels import Bools, Int64s
from eventlog.lake import Lake
from eventlog.lake.arrivals import arrivals
from eventlog.lake.finding import Finder
from eventlog.log import COLUMNS, Log
from eventlog.tally import Summary
from miners import Miner
from miners.cases import open_cases

# Marks rows that came; no case attribute can have a space in its name.
_MARK = "came now"


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What one step forward to the lake's `version` brought.

    `rows` events came for `cases` (their keys, sorted); `new` of these cases had never been seen,
    `fetched` had left memory and were read from the lake. `rebuilt`: everything was read anew, and
    any case may have changed.
    """

    version: int
    rows: int
    cases: Int64s
    new: int
    fetched: int
    rebuilt: bool = False


class Live:
    """What each miner has seen of the whole lake, as of `version`.

    The lake itself is what is followed, not whoever writes to it: after a crash at any point, and
    beside other writers, nothing is missed and nothing counted twice. Building reads the whole
    lake, in slices where `memory` (bytes) is given. With an abstraction that keeps the commonest
    activities, everything is read anew when others become the commonest.
    """

    version: int
    _totals: Mapping[str, RunningSummary]
    _labels: Mapping[str, int]
    _coarse: Mapping[str, str]
    _known: KnownKeys
    _at_hand: AtHand
    _finder: Finder
    _limit: int
    _tied: bool

    def __init__(
        self,
        lake: Lake,
        definition: Definition,
        miners: Sequence[Miner],
        *,
        keeping: Keeping | None = None,
        memory: int | None = None,
    ) -> None:
        self._lake = lake
        self._definition = definition
        self._miners = tuple(miners)
        self._keeping = keeping or Keeping()
        self._memory = memory
        self._columns = (*COLUMNS, *definition.case_attributes, "event_id")
        self._pool = ThreadPoolExecutor(1)
        self._build()

    @property
    def cases_known(self) -> int:
        """How many cases there are."""
        return len(self._known)

    @property
    def rows_at_hand(self) -> int:
        """How many rows of the lake are kept in memory."""
        return len(self._at_hand)

    def summary(self, name: str) -> Summary:
        """What the miner of that name has seen: equal to observing the whole lake at `version`."""
        return self._totals[name].summary()

    def catch_up(self) -> Touched:
        """Take in what was committed to the lake since `version`; cheap when there is nothing."""
        columns = self._columns if self._tied else self._columns[:-1]
        came = arrivals(self._lake, after=self.version, columns=columns)
        if came is None:
            return self._rebuilt()
        rows = _with_ids(came.rows)
        cases = np.unique(_integers(rows, "case_key"))
        held, here = self._at_hand.rows_of(cases)
        away = cases[~here]
        known = self._known.among(away)
        found = self._finder.rows(away[known])
        if found is None:
            return self._rebuilt()
        fetched = _with_ids(found)
        was = pa.concat_tables([held, fetched])
        before, after = self._logs(was, rows, came.version)
        if self._definition.abstract is not None:
            labels = _changed(self._labels, before, after)
            coarse = coarser(labels, self._definition.abstract)
            if any(coarse[label] != self._coarse[label] for label, n in self._labels.items() if n):
                return self._rebuilt()
            self._labels, self._coarse = labels, coarse
        beside = self._pool.submit(self._observe, before)
        seen_after = self._observe(after)
        seen_before = beside.result()
        for name, total in self._totals.items():
            total.change(seen_before[name], seen_after[name])
        self._known.add(away[~known])
        self._at_hand.add(pa.concat_tables([fetched, rows]))
        self._finder.change(added=came.added, removed=came.removed)
        self._tied |= bool(after.ties.any())
        self.version = came.version
        self._let_go()
        return Touched(
            version=came.version,
            rows=rows.num_rows,
            cases=cases,
            new=int((~known).sum()),
            fetched=int(known.sum()),
        )

    def _build(self) -> None:
        """See the whole lake as a batch does, and keep the cases that still move."""
        version = self._lake.version
        attributes = self._definition.case_attributes
        parts: Sequence[Slice | None] = plan(
            self._lake, version=version, memory=self._memory, attributes=len(attributes)
        )
        parts = parts if len(parts) > 1 else [None]

        def logs() -> Iterator[Log]:
            for part in parts:
                yield read_log(self._lake, part, version=version, attributes=attributes)

        self._labels, self._coarse = {}, {}
        if self._definition.abstract is not None:
            for log in logs():
                self._labels = _changed(self._labels, None, log)
                del log  # nothing of a slice may be held while the next one is read
            self._coarse = coarser(self._labels, self._definition.abstract)
        seen: Mapping[str, Summary] = {}
        keys, ends, still_open = list[Int64s](), list[Int64s](), list[pa.Array]()
        self._tied = False
        for log in logs():
            summaries = observe(self._abstracted(log), self._miners)
            seen = added(seen, summaries) if seen else summaries
            keys.append(log.case_key)
            ends.append(log.ends)
            still_open.append(open_cases(log, self._definition))
            self._tied |= bool(log.ties.any())
            del log
            if len(parts) > 1:
                give_back()
        known = np.concatenate(keys)
        closes = pc.invert(pa.concat_arrays(still_open)) if self._definition.closing else None
        asleep = self._keeping.asleep(known, np.concatenate(ends), _bools(closes))
        self._totals = {name: RunningSummary(summary) for name, summary in seen.items()}
        self._known = KnownKeys(known)
        awake = np.setdiff1d(known, asleep, assume_unique=True)
        self._at_hand = AtHand(self._read(awake, version))
        columns = self._columns if self._tied else self._columns[:-1]
        self._finder = Finder(self._lake, version=version, columns=columns)
        self._limit = self._keeping.limit(len(self._at_hand))
        self.version = version

    def _rebuilt(self) -> Touched:
        self._build()
        nobody = np.empty(0, np.int64)
        return Touched(version=self.version, rows=0, cases=nobody, new=0, fetched=0, rebuilt=True)

    def _read(self, cases: Int64s, version: int) -> pa.Table:
        """All rows of these cases as the lake has them at `version`.

        Reading the event ids costs as much as all else, and only ties need them: where the lake
        had none so far they are left null.
        """
        columns = self._columns if self._tied else self._columns[:-1]
        return _with_ids(self._lake.read(columns, version=version, cases=cases))

    def _logs(self, was: pa.Table, came: pa.Table, version: int) -> tuple[Log, Log]:
        """The touched cases without and with the rows that came.

        The rows are ordered once: where no event is told twice, leaving some out of an order
        leaves the others in order. In the first log, `ties` are those of the second.
        """
        rows = pa.concat_tables([was, came])
        marks = np.zeros(rows.num_rows, np.int32)
        marks[was.num_rows :] = 1
        marked = pa.DictionaryArray.from_arrays(pa.array(marks), pa.array(["was", "came"]))
        after = self._log(rows.append_column(_MARK, marked), version, _MARK)
        keep = after.attributes[_MARK].codes == 0
        after = replace(after, attributes={n: c for n, c in after.attributes.items() if n != _MARK})
        if after.repeats.any():
            return self._log(was, version), after
        return after.keep(keep), after

    def _log(self, rows: pa.Table, version: int, *more: str) -> Log:
        def event_ids(case_keys: Int64s, event_keys: Int64s) -> Sequence[str]:
            tied = rows.filter(pc.is_in(rows.column("event_key"), pa.array(np.unique(event_keys))))
            if tied.column("event_id").null_count:
                tied = self._lake.read(
                    ["event_key", "event_id"], version=version, cases=np.unique(case_keys)
                )
            ids = tied.column("event_id").to_pylist()
            text = dict(zip(tied.column("event_key").to_pylist(), ids, strict=True))
            return [text[key] for key in event_keys.tolist()]

        attributes = (*self._definition.case_attributes, *more)
        return Log.of(rows, attributes=attributes, event_ids=event_ids)

    def _observe(self, log: Log) -> Mapping[str, Summary]:
        mined = self._abstracted(log)
        return {miner.name: miner.observe(mined) for miner in self._miners}

    def _abstracted(self, log: Log) -> Log:
        return coarsened(log, self._coarse if self._definition.abstract is not None else None)

    def _let_go(self) -> None:
        """Forget the rows of cases at rest, once enough has come in to be worth looking."""
        if len(self._at_hand) <= self._limit:
            return
        rows = self._at_hand.rows()
        closes = None
        if self._definition.closing:
            closing = pa.array(self._definition.closing, pa.string())
            done = pc.equal(rows.column("lifecycle").cast(pa.string()), Lifecycle.COMPLETE.value)
            closes = pc.and_(pc.is_in(rows.column("activity").cast(pa.string()), closing), done)
        asleep = self._keeping.asleep(
            _integers(rows, "case_key"), _integers(rows, "timestamp"), _bools(closes)
        )
        self._at_hand.drop(asleep)
        self._limit = self._keeping.limit(len(self._at_hand))


def _changed(labels: Mapping[str, int], before: Log | None, after: Log) -> dict[str, int]:
    """The events of each activity, with the cases of `before` replaced by those of `after`."""
    counts = dict(labels)
    for log, sign in ((before, -1), (after, 1)):
        if log is not None:
            words = log.activity.vocabulary.labels
            many = np.bincount(log.activity.codes, minlength=len(words)).tolist()
            for word, count in zip(words, many, strict=True):
                counts[word] = counts.get(word, 0) + sign * count
    return counts


def _bools(column: pa.Array | pa.ChunkedArray | None) -> Bools | None:
    return None if column is None else np.asarray(column.cast(pa.uint8())).astype(bool)


def _with_ids(rows: pa.Table) -> pa.Table:
    """The rows with a last column of event ids that may be null, whether read or not."""
    if "event_id" not in rows.column_names:
        return rows.append_column("event_id", pa.nulls(rows.num_rows, pa.string()))
    ids = rows.column("event_id")
    return rows.drop(["event_id"]).append_column(pa.field("event_id", pa.string()), ids)


def _integers(rows: pa.Table, name: str) -> Int64s:
    return np.array(rows.column(name).cast(pa.int64()).to_numpy(), np.int64)
