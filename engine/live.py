"""Keeps every measure up to date while events come in: only the cases that they touch are redone.

A measure is a sum over cases, so the total changes by what the touched cases show now less what
they showed before. Late, repeated and out-of-order events need no code of their own, and the answer
is the batch's to the last digit (docs/decisions/0009).
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.abstraction import coarsened, coarser
from engine.allocation import give_back
from engine.at_hand import AtHand, Keeping, KnownKeys
from engine.batch import added, case_ids, ids_of, observe, read_log
from engine.followers import Block, Follower
from engine.lake_rows import InstanceNames, bools, integers, log_of, logs_of, with_ids
from engine.running import RunningSummary
from engine.slices import Slice, plan
from eventlog.definition import Definition
from eventlog.event import Lifecycle
from eventlog.kernels import Int64s
from eventlog.lake import Lake
from eventlog.lake.arrivals import Arrivals, arrivals
from eventlog.lake.finding import Finder
from eventlog.log import COLUMNS, Log
from eventlog.tally import Summary
from miners import Miner
from miners.cases import open_cases


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What one step forward to the lake's `version` brought.

    `rows` events came for `cases` (their keys, sorted), `repeats` of them told again what was known
    or told twice; `new` of these cases had never been seen, `fetched` had left memory and were read
    from the lake. `rebuilt`: everything was read anew, and any case may have changed.
    """

    version: int
    rows: int
    cases: Int64s
    new: int
    fetched: int
    repeats: int = 0
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
    _instances: InstanceNames
    _limit: int
    _tied: bool

    def __init__(
        self,
        lake: Lake,
        definition: Definition,
        miners: Sequence[Miner],
        *,
        followers: Sequence[Follower] = (),
        keeping: Keeping | None = None,
        memory: int | None = None,
    ) -> None:
        self._lake = lake
        self._definition = definition
        self._miners = tuple(miners)
        self._followers = tuple(followers)
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
        more = ("case_id", "attributes") if self._followers else ()
        came = arrivals(self._lake, after=self.version, columns=(*more, *columns))
        if came is None:
            return self._rebuilt()
        rows = with_ids(came.rows.drop(list(more)))
        cases = np.unique(integers(rows, "case_key"))
        held, here = self._at_hand.rows_of(cases)
        away = cases[~here]
        known = self._known.among(away)
        found = self._finder.rows(away[known])
        if found is None:
            return self._rebuilt()
        fetched = with_ids(found)
        was = pa.concat_tables([held, fetched])
        attributes = self._definition.case_attributes
        before, after = logs_of(self._lake, was, rows, attributes, version=came.version)
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
        if self._followers:
            self._change(before, after, came)
        self._let_go()
        return Touched(
            version=came.version,
            rows=rows.num_rows,
            cases=cases,
            new=int((~known).sum()),
            fetched=int(known.sum()),
            repeats=int(after.repeats.sum()) - int(before.repeats.sum()),
        )

    def cases(self, keys: Int64s) -> Block | None:
        """These cases (sorted keys of cases that there are) as they are at `version`.

        None where everything had to be built anew, because files of the lake were deleted.
        """
        held, here = self._at_hand.rows_of(keys)
        found = self._finder.rows(keys[~here])
        if found is None:
            self._rebuilt()
            return None
        rows = pa.concat_tables([held, with_ids(found)])
        attributes = self._definition.case_attributes
        return self._block(log_of(self._lake, rows, attributes, version=self.version))

    def _block(self, log: Log) -> Block:
        used = {label: self._coarse[label] for label, events in self._labels.items() if events}
        return Block(
            log=log,
            mined=self._abstracted(log),
            coarse=None if self._definition.abstract is None else used,
            instances=self._instances,
        )

    def _build(self) -> None:
        """See the whole lake as a batch does, and keep the cases that still move."""
        version = self._lake.version
        attributes = self._definition.case_attributes
        parts: Sequence[Slice | None] = plan(
            self._lake, version=version, memory=self._memory, attributes=len(attributes)
        )
        parts = parts if len(parts) > 1 else [None]

        def logs() -> Iterator[tuple[Slice | None, Log]]:
            for part in parts:
                yield part, read_log(self._lake, part, version=version, attributes=attributes)

        self._labels, self._coarse = {}, {}
        if self._definition.abstract is not None:
            for _, log in logs():
                self._labels = _changed(self._labels, None, log)
                del log  # nothing of a slice may be held while the next one is read
            self._coarse = coarser(self._labels, self._definition.abstract)
        seen: Mapping[str, Summary] = {}
        keys, ends, still_open = list[Int64s](), list[Int64s](), list[pa.Array]()
        self._tied = False
        self._instances = InstanceNames(self._lake, version=version)
        for follower in self._followers:
            follower.begin()
        for part, log in logs():
            self._tell(log, part, version)
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
        asleep = self._keeping.asleep(known, np.concatenate(ends), bools(closes))
        self._totals = {name: RunningSummary(summary) for name, summary in seen.items()}
        self._known = KnownKeys(known)
        awake = np.setdiff1d(known, asleep, assume_unique=True)
        self._at_hand = AtHand(self._read(awake, version))
        columns = self._columns if self._tied else self._columns[:-1]
        self._finder = Finder(self._lake, version=version, columns=columns)
        self._limit = self._keeping.limit(len(self._at_hand))
        self.version = version
        for follower in self._followers:
            follower.built()

    def _change(self, before: Log, after: Log, came: Arrivals) -> None:
        """Tell the followers of the cases that events came for."""
        self._instances.change(came)
        if len(after):
            names = ids_of(after.case_key, came.rows.select(["case_key", "case_id"]).to_batches())
            blocks = self._block(before), self._block(after)
            for follower in self._followers:
                follower.change(*blocks, names)

    def _tell(self, log: Log, part: Slice | None, version: int) -> None:
        """Tell the followers of cases while building."""
        if self._followers:
            names = case_ids(self._lake, log.case_key, part, version=version)
            for follower in self._followers:
                follower.add(self._block(log), names)

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
        return with_ids(self._lake.read(columns, version=version, cases=cases))

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
            integers(rows, "case_key"), integers(rows, "timestamp"), bools(closes)
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
