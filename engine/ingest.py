"""Carries permit events from a source into the lake, each exactly once, whatever happens."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import timedelta

from connectors.contracts import Batch, Message, Source
from eventlog import codec, identity, pseudonym
from eventlog.definition import Definition
from eventlog.errors import UsageError
from eventlog.lake import Conflict, Lake, Writer

_READ_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When what was read of a stream is committed: so many messages or bytes, or after `linger`.

    A commit costs some 10 ms whatever its size, and 1.5 ms for a thousand events: so while there
    is a backlog, where nobody waits for the newest event, `backlog` takes the place of `linger`.
    `held` bounds the bytes of all streams together that are in memory and not committed.
    """

    messages: int = 50_000
    held: int = 2**25
    linger: timedelta = timedelta(seconds=1)
    backlog: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        """Refuse limits under which nothing would move."""
        if self.messages < 1 or self.held < 1 or min(self.linger, self.backlog) < timedelta(0):
            raise ValueError(f"limits must be positive: {self}")


@dataclass(frozen=True, kw_only=True)
class IngestReport:
    """What one run of `ingest` committed: rows, commits, and batches dropped for another's sake."""

    events: int = 0
    rejects: int = 0
    batches: int = 0
    conflicts: int = 0


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
    """A batch that is being committed while the next one is read."""

    stream: str
    next: int
    events: int
    rejects: int
    done: Future[None]


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
    after every commit. What was read is committed before returning. Closes the source, whatever
    happens; raises what the source and the lake raise, except `Conflict`: then the batch was
    dropped and is read again from where the lake stands.
    """
    try:
        if definition.privacy.pseudonymise and key is None:
            raise UsageError("privacy.pseudonymise names columns, but there is no key for them")
        # One commit at a time, beside reading: leaving waits for the one that is under way.
        with ThreadPoolExecutor(1, thread_name_prefix="commit") as committer:
            run = _Run(source, lake, definition, key, progress, limits or Limits(), committer)
            while True:
                ending = stop()
                if not ending:
                    run.take(source.read(run, timeout=_READ_SECONDS))
                caught_up = once and source.caught_up()
                if ending or caught_up:
                    run.commit_all()
                    # A conflict has put the source back: then there is something left to read.
                    if ending or source.caught_up():
                        return run.report
    finally:
        source.close()


class _Run:
    """The keeper of the positions while `ingest` runs: a writer for each stream that is ours.

    Everything happens in the caller's thread but `Writer.append`, of which one runs at a time; no
    writer is touched while it does.
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
    ) -> None:
        self._source = source
        self._lake = lake
        self._definition = definition
        self._key = key
        self._progress = progress
        self._limits = limits
        self._committer = committer
        self._under_way: _UnderWay | None = None
        self._writers: dict[str, Writer] = {}
        self._held: dict[str, _Held] = {}
        self._origins: dict[str, Batch] = {}
        self.report = IngestReport()

    def assigned(self, stream: str) -> int | None:
        """Open a writer, fresh, and say where the lake stands."""
        self._await()
        self._held.pop(stream, None)
        self._writers[stream] = self._lake.writer(stream)
        return self._writers[stream].position

    def revoked(self, stream: str) -> None:
        """Drop the writer and what is not committed: the stream's next reader reads it again."""
        self._await()
        self._held.pop(stream, None)
        self._writers.pop(stream, None)

    def take(self, batches: list[Batch]) -> None:
        """Hold the batches, and commit what is large or old enough."""
        now = time.monotonic()
        for batch in batches:
            self._hold(batch, now)
        limits = self._limits
        patience = limits.linger if self._source.caught_up() else limits.backlog
        before = now - patience.total_seconds()
        full = sum(held.bytes for held in self._held.values()) >= limits.held
        self._commit_where(
            lambda held: full or len(held.messages) >= limits.messages or held.since <= before
        )
        # Not before: what was just read must be dropped too where the batch before it is void.
        if self._under_way is not None and self._under_way.done.done():
            self._settle()

    def commit_all(self) -> None:
        """Commit everything that is held, and wait until it is in."""
        self._commit_where(lambda _: True)
        self._settle()

    def _commit_where(self, due: Callable[[_Held], bool]) -> None:
        # A conflict takes away what is held of its stream, so each is looked up anew.
        for stream in list(self._held):
            held = self._held.get(stream)
            if held is not None and due(held):
                self._commit(stream)

    def _hold(self, batch: Batch, now: float) -> None:
        held = self._held.get(batch.stream)
        if held is None:
            held = _Held(start=batch.start, next=batch.start, since=now)
            self._held[batch.stream] = held
        if batch.start != held.next:
            raise AssertionError(f"{batch.stream}: read {held.next} and then {batch.start}")
        held.next = batch.next
        held.messages.extend(batch.messages)
        held.bytes += sum([len(message.value or b"") for message in batch.messages])
        self._origins[batch.stream] = batch

    def _commit(self, stream: str) -> None:
        """Make rows of what is held, and hand them over as soon as the batch before is in."""
        held, origin = self._held.pop(stream), self._origins[stream]
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
        events = identity.finish(events, from_stream=True)
        if self._settle() == stream:
            return  # what came before these is void, and so are they
        self._under_way = _UnderWay(
            stream=stream,
            next=held.next,
            events=events.num_rows,
            rejects=decoded.rejects.num_rows,
            done=self._committer.submit(
                self._writers[stream].append,
                events,
                decoded.rejects,
                start=held.start,
                next=held.next,
            ),
        )

    def _await(self) -> None:
        """Wait for the commit that is under way, whatever becomes of it; `_settle` tells later."""
        if self._under_way is not None:
            wait([self._under_way.done])

    def _settle(self) -> str | None:
        """Wait for the commit that is under way and act on it; the stream of one that was void."""
        batch, self._under_way = self._under_way, None
        if batch is None:
            return None
        void, report = None, self.report
        try:
            batch.done.result()
        except Conflict:
            # Somebody else moved this stream. Never again with this batch: look where the lake
            # stands now and read on from there. A stream that is not ours any more stays put.
            self._source.seek(batch.stream, self.assigned(batch.stream))
            void = batch.stream
            self.report = replace(report, conflicts=report.conflicts + 1)
        else:
            self._source.committed(batch.stream, batch.next)
            self.report = replace(
                report,
                events=report.events + batch.events,
                rejects=report.rejects + batch.rejects,
                batches=report.batches + 1,
            )
        self._progress(self.report)
        return void
