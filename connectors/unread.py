"""How much of a stream lies unread, and for how long already."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(kw_only=True)
class _Place:
    position: int
    end: int
    since: float | None  # what is unread came later than this; None: nothing is known of it


class Unread:
    """What is unread of each partition, as far as the broker's answers to reading tell.

    Nothing is asked for this: a broker says with all that it gives where the partition ends.
    `clock` gives seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._places: dict[int, _Place] = {}

    def begin(self, partition: int, position: int, end: int) -> None:
        """Reading begins at `position` of a partition that goes up to before `end`."""
        since = self._clock() if position >= end else None
        self._places[partition] = _Place(position=position, end=end, since=since)

    def drop(self, partition: int) -> None:
        """The partition is not ours any more."""
        self._places.pop(partition, None)

    def see(self, partition: int, position: int, end: int | None, written: int | None) -> None:
        """All before `position` was read.

        `end` is where the partition ends by the newest answer (None: not told), and `written` when
        the last message read was written, in ms since 1970 (None: none was read).
        """
        place = self._places.get(partition)
        if place is None:
            return
        if position < place.position:  # put back: what is read again may be old
            place.since = None
        place.position = position
        place.end = max(place.end if end is None else end, position)
        if position >= place.end:
            place.since = self._clock()
        elif written is not None:
            # Clocks of producers may run ahead, and messages may have been written out of turn.
            at = min(written / 1000, self._clock())
            place.since = at if place.since is None else max(place.since, at)

    def lag(self) -> int | None:
        """How many offsets lie unread; None as long as nothing is ours to read."""
        if not self._places:
            return None
        return sum(max(place.end - place.position, 0) for place in self._places.values())

    def behind(self) -> timedelta | None:
        """For how long the oldest unread message has lain there, at most; None where not known."""
        open_ = [place for place in self._places.values() if place.position < place.end]
        if not self._places or any(place.since is None for place in open_):
            return None
        now = self._clock()
        return timedelta(seconds=max((now - (place.since or 0.0) for place in open_), default=0.0))
