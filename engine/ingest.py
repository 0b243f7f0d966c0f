"""Carries permit events from a source into the lake, each exactly once, whatever happens."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pyarrow as pa

from connectors.contracts import Batch, Message, Source
from engine.compacting import Compacting
from eventlog import codec, identity, pseudonym
from eventlog.definition import Definition
from eventlog.errors import UsageError
from eventlog.lake import Conflict, JointWriter, Lake, Part
from eventlog.reasons import in_short

_READ_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When what was read is committed, of all streams together: as soon as one is due.

    It is after so many messages of it, after `linger`, or when all hold so many bytes together.
    A commit costs some 10 ms whatever its size, and 1.5 ms for a thousand events: so while there
    is a backlog, where nobody waits for the newest event, `backlog` takes the place of `linger`.
    `held` bounds the bytes of all streams together that are in memory and not committed. After
    each `compact` commits the lake is put in order (`Compacting`), in a thread of its own.
    """

    messages: int = 50_000
    held: int = 2**25
    linger: timedelta = timedelta(seconds=1)
    backlog: timedelta = timedelta(seconds=5)
    compact: int = 300

    def __post_init__(self) -> None:
        """Refuse limits under which nothing would move."""
        least = min(self.messages, self.held, self.compact)
        if least < 1 or min(self.linger, self.backlog) < timedelta(0):
            raise ValueError(f"limits must be positive: {self}")


@dataclass(frozen=True, kw_only=True)
class IngestReport:
    """What one run of `ingest` committed: rows, commits, and batches dropped for another's sake.

    `reasons` counts the rejects by what was wrong (`eventlog.reasons`); `seconds` were spent on
    commits. `compactions` is how often small files were joined.
    """

    events: int = 0
    rejects: int = 0
    batches: int = 0
    conflicts: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    seconds: float = field(default=0.0, compare=False)
    compactions: int = 0

    def since(self, before: "IngestReport") -> "IngestReport":
        """What came after `before` was told; everything, where that was told of an earlier run.

        Sums that are told one after the other are of one run where commits became more.
        """
        if self.batches + self.conflicts <= before.batches + before.conflicts:
            return self
        return IngestReport(
            events=self.events - before.events,
            rejects=self.rejects - before.rejects,
            batches=self.batches - before.batches,
            conflicts=self.conflicts - before.conflicts,
            reasons=Counter(self.reasons) - Counter(before.reasons),
            seconds=self.seconds - before.seconds,
            compactions=self.compactions - before.compactions,
        )


@dataclass(kw_only=True)
class _Held:
    """What was read of one stream and is not committed yet."""

    start: int
    next: int
    since: float
    bytes: int = 0
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _UnderWay:
    """A batch that is being committed while the next one is read: `places` is where each ends."""

    places: Mapping[str, int]
    events: int
    reasons: Counter[str]
    done: Future[float]


def ingest(
    source: Source,
    lake: Lake,
    definition: Definition,
    *,
    key: bytes | None,
    once: bool,
    stop: Callable[[], bool],
    progress: Callable[[IngestReport], None],
    limits: Limits | None = None,
) -> IngestReport:
    """Read `source` into `lake` until `stop()`, or with `once` until all that was there is in.

    `key` makes the pseudonyms of the columns that the definition names. `progress` hears the sums
    after every commit. What was read is committed before returning. Closes the source always;
    raises what both raise, but `Conflict`: then the batch is read again from where the lake stands.
    """
    try:
        if definition.privacy.pseudonymise and key is None:
            raise UsageError("privacy.pseudonymise names columns, but there is no key for them")
        # One commit at a time, beside reading: leaving waits for the one that is under way.
        with (
            ThreadPoolExecutor(1, thread_name_prefix="compact") as compactor,
            ThreadPoolExecutor(1, thread_name_prefix="commit") as committer,
        ):
            limits = limits or Limits()
            compacting = Compacting(lake, compactor, every=limits.compact)
            run = _Run(source, lake, definition, key, progress, limits, committer, compacting)
            while True:
                ending = stop()
                if not ending:
                    run.take(source.read(run, timeout=_READ_SECONDS))
                if ending or (once and source.caught_up()):
                    run.commit_all()
                    # A conflict has put the source back: then there is something left to read.
                    if ending or source.caught_up():
                        return run.report
    finally:
        source.close()


class _Run:
    """The keeper of the positions while `ingest` runs: one writer for the streams that are ours.

    Everything happens in the caller's thread but `JointWriter.append`, of which one runs at a
    time; the writer is not touched while it does.
    """

    def __init__(
        self,
        source: Source,
        lake: Lake,
        definition: Definition,
        key: bytes | None,
        progress: Callable[[IngestReport], None],
        limits: Limits,
        committer: ThreadPoolExecutor,
        compacting: Compacting,
    ) -> None:
        self._source = source
        self._lake = lake
        self._definition = definition
        self._key = key
        self._progress = progress
        self._limits = limits
        self._committer = committer
        self._compacting = compacting
        self._under_way: _UnderWay | None = None
        self._writer: JointWriter | None = None
        self._held: dict[str, _Held] = {}
        self._origins: dict[str, Batch] = {}
        self.report = IngestReport()

    def assigned(self, stream: str) -> int | None:
        """Open a writer, fresh, and say where the lake stands."""
        self._await()
        self._held.pop(stream, None)
        # What others of our streams know is looked up afresh with it: their next commit still
        # requires that they stand where they were read from.
        self._writer = self._lake.joint_writer()
        return self._writer.position(stream)

    def revoked(self, stream: str) -> None:
        """Drop what is not committed: the stream's next reader reads it again."""
        self._await()
        self._held.pop(stream, None)

    def take(self, batches: list[Batch]) -> None:
        """Hold the batches, and commit what is large or old enough."""
        now = time.monotonic()
        for batch in batches:
            self._hold(batch, now)
        limits = self._limits
        patience = limits.linger if self._source.caught_up() else limits.backlog
        before = now - patience.total_seconds()
        held = self._held.values()
        if sum(one.bytes for one in held) >= limits.held or any(
            len(one.messages) >= limits.messages or one.since <= before for one in held
        ):
            self._commit()
        # Not before: what was just read must be dropped too where the batch before it is void.
        if self._under_way is not None and self._under_way.done.done():
            self._settle()

    def commit_all(self) -> None:
        """Commit everything that is held, and wait until it is in."""
        self._commit()
        self._settle()

    def _hold(self, batch: Batch, now: float) -> None:
        fresh = _Held(start=batch.start, next=batch.start, since=now)
        held = self._held.setdefault(batch.stream, fresh)
        if batch.start != held.next:
            raise AssertionError(f"{batch.stream}: read {held.next} and then {batch.start}")
        held.next = batch.next
        held.messages.extend(batch.messages)
        held.bytes += sum([len(message.value or b"") for message in batch.messages])
        self._origins[batch.stream] = batch

    def _commit(self) -> None:
        """Make rows of what is held, and hand them over as soon as the batch before is in."""
        held, self._held = self._held, {}
        parts, reasons = [], Counter[str]()
        for stream, one in held.items():
            events, rejects = self._rows(one, self._origins[stream])
            part = Part(
                stream=stream, events=events, rejects=rejects, start=one.start, next=one.next
            )
            parts.append(part)
        void = self._settle()  # what came before these is void, and so are they
        parts = [part for part in parts if part.stream not in void]
        if not parts or self._writer is None:
            return
        for part in parts:
            reasons.update(map(in_short, part.rejects["reason"].to_pylist()))
        self._under_way = _UnderWay(
            places={part.stream: part.next for part in parts},
            events=sum(part.events.num_rows for part in parts),
            reasons=reasons,
            done=self._committer.submit(_append, self._writer, parts),
        )

    def _rows(self, held: _Held, origin: Batch) -> tuple[pa.Table, pa.Table]:
        """The events and the rejects of what is held of one stream."""
        decoded = codec.decode(
            held.messages,
            case_attributes=self._definition.case_attributes,
            topic=origin.topic,
            partition=origin.partition,
            source=origin.source,
        )
        events = decoded.events
        if self._key is not None:
            columns = self._definition.privacy.pseudonymise
            events = pseudonym.pseudonymise(events, columns, self._key)
        return identity.finish(events, from_stream=True), decoded.rejects

    def _await(self) -> None:
        """Wait for the commit that is under way, whatever becomes of it; `_settle` tells later."""
        if self._under_way is not None:
            wait([self._under_way.done])

    def _settle(self) -> frozenset[str]:
        """Wait for the commit that is under way and act on it; the streams of one that was void."""
        batch, self._under_way = self._under_way, None
        if batch is None:
            return frozenset()
        void, report = frozenset[str](), self.report
        try:
            seconds = batch.done.result()
        except Conflict:
            # Somebody else moved one of these streams. Never again with this batch: look where the
            # lake stands now and read on from there. A stream that is not ours any more stays put.
            for stream in batch.places:
                self._source.seek(stream, self.assigned(stream))
            void = frozenset(batch.places)
            self.report = replace(report, conflicts=report.conflicts + 1)
        else:
            for stream, place in batch.places.items():
                self._source.committed(stream, place)
            self.report = replace(
                report,
                events=report.events + batch.events,
                rejects=report.rejects + batch.reasons.total(),
                batches=report.batches + 1,
                reasons=Counter(report.reasons) + batch.reasons,
                seconds=report.seconds + seconds,
                compactions=report.compactions + self._compacting.committed(),
            )
        self._progress(self.report)
        return void


def _append(writer: JointWriter, parts: Sequence[Part]) -> float:
    """Commit; how many seconds it took."""
    began = time.perf_counter()
    writer.append(parts)
    return time.perf_counter() - began
