"""Follows a lake, and tells at any moment what alert rules are read from."""

from engine.at_hand import Keeping
from engine.live import Live, Touched
from engine.watching.kept import Kept
from engine.watching.watched import Feed, Watched
from eventlog.definition import Definition
from eventlog.lake import Lake


class Following:
    """A lake that is followed for its alert rules (`follow`)."""

    def __init__(self, live: Live, kept: Kept) -> None:
        self._live = live
        self._kept = kept

    @property
    def version(self) -> int:
        """The version of the lake up to which everything was taken in."""
        return self._live.version

    def heard(self, by: int) -> int:
        """The latest event that is known and had happened `by` then (µs UTC).

        Where all of them lie later, as in a simulation, the latest of all; `UNKNOWN` without one.
        """
        return self._kept.heard(by)

    @property
    def rows(self) -> int:
        """How many rows are kept in memory, those of the lake and those told of them."""
        return self._live.rows_at_hand + self._kept.rows

    def catch_up(self) -> Touched:
        """Take in what was committed to the lake since `version`; cheap when there is nothing."""
        return self._live.catch_up()

    def watched(self, now: int, feed: Feed | None) -> Watched:
        """What alert rules are read from at `now` (µs UTC), as of `version`."""
        while len(keys := self._kept.outdated(now)):
            block = self._live.cases(keys)
            if block is not None:
                self._kept.look_again(block, now)
        return self._kept.watched(now, feed)


def follow(
    lake: Lake,
    definition: Definition,
    *,
    now: int,
    keeping: Keeping | None = None,
    memory: int | None = None,
) -> Following:
    """Read the whole lake (in slices where `memory`, bytes, is given) and follow it from there.

    `now` (µs UTC) is the moment of the first `watched` or earlier: what is too old for the rules of
    the process file by then is not kept.
    """
    kept = Kept(definition, now=now)
    return Following(
        Live(lake, definition, (), followers=(kept,), keeping=keeping, memory=memory), kept
    )
