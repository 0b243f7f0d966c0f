"""The cases that alert rules still ask about: the open ones, and those that ended lately."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from engine.at_hand import places_of
from engine.case_look import CaseLook
from engine.watching import clocks
from engine.watching.columns import Column, Columns, Words
from engine.watching.of_whole import kept_attributes
from engine.watching.watched import Cases
from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Bools, Int32s, Int64s
from eventlog.log import Log
from miners.clock import missing
from miners.standing import Standing

_NEVER = np.iinfo(np.int64).max
_CASE: dict[str, type[Any]] = {
    "key": np.int64,
    "id": np.object_,
    "began": np.int64,
    "last": np.int64,
    "closed": np.int64,
    "is_open": np.bool_,
    # The look at a case holds from its latest event that had happened up to the next one.
    "holds_from": np.int64,
    "holds_until": np.int64,
    "doubted": np.bool_,
}
# So many more cases may be kept than mattered last time, beside a quarter, before some leave.
SLACK = 50_000


class KeptCases:
    """A table of cases with a place for each, which it keeps until cases are let go."""

    def __init__(self, definition: Definition) -> None:
        standard = definition.standard
        self._closes = bool(definition.closing)
        self._has_clock = not missing(definition)
        self._has_term = standard is not None and bool(standard.term or standard.by)
        self._words = {name: Words() for name in kept_attributes(definition)}
        types = _CASE | (clocks.CLOCK if self._has_clock else {})
        types |= dict.fromkeys(map(_column, self._words), np.int32)
        self._rows = Columns(types)

    def __len__(self) -> int:
        """How many cases are kept."""
        return len(self._rows)

    @property
    def moments(self) -> Int64s:
        """The first and the last events of all; [2 * cases]."""
        return np.concatenate([self._rows["began"], self._rows["last"]])

    def add(self, log: Log, look: CaseLook, case_ids: pa.Array, since: int) -> Int64s:
        """Take cases that are new, if they matter since then; the place of each, -1: none.

        `look` must not leave out an event of `log`.
        """
        rows = self._told(log, look, case_ids)
        matter = self._matter(rows["is_open"], rows["last"], since)
        first = len(self)
        self._rows.append({name: column[matter] for name, column in rows.items()})
        return np.where(matter, first + np.cumsum(matter) - 1, -1)

    def replace(self, log: Log, look: CaseLook, case_ids: pa.Array) -> Int64s:
        """Take cases, new or known (in the order of their keys), as they are now; their places."""
        rows = self._told(log, look, case_ids)
        places = self.places(log.case_key)
        new = places < 0
        self._rows.put(places[~new], {name: column[~new] for name, column in rows.items()})
        places[new] = len(self) + np.arange(int(new.sum()))
        self._rows.append({name: column[new] for name, column in rows.items()})
        return places

    def look_again(self, log: Log, look: CaseLook, now: int) -> Int64s:
        """Take another look at known cases, at `now`: their events are the same; their places."""
        places = self.places(log.case_key)
        self._rows.put(places, {**_holding(log, now), **self._clock_told(look)})
        return places

    def places(self, keys: Int64s) -> Int64s:
        """The place of each case (keys ascending, each once), -1 for those not kept."""
        found = places_of(self._rows["key"], keys, np.zeros(len(keys), bool))
        out = np.full(len(keys), -1, np.int64)
        out[np.searchsorted(keys, self._rows["key"][found])] = found
        return out

    def doubt(self, places: Int64s | Int32s) -> None:
        """Have these looked at again: something else than their events has changed."""
        self._rows["doubted"][places] = True

    def outdated(self, now: int) -> Int64s:
        """The keys of the cases whose look does not hold at `now`, ascending."""
        rows = self._rows
        wrong = rows["doubted"] | (rows["holds_from"] > now) | (rows["holds_until"] <= now)
        return np.sort(rows["key"][wrong])

    def let_go(self, since: int) -> tuple[Int64s, Int64s]:
        """Forget the cases that do not matter since then.

        The new place of each case, -1 for those that are gone, [cases]; and the first and last
        moments of these.
        """
        stays = self._matter(self._rows["is_open"], self._rows["last"], since)
        gone = np.concatenate([self._rows["began"][~stays], self._rows["last"][~stays]])
        self._rows.keep(stays)
        for name, words in self._words.items():
            codes = self._rows[_column(name)]
            codes[:] = words.forget(codes)
        return np.where(stays, np.cumsum(stays) - 1, -1), gone

    def cases(self, now: int, calendars: Calendars | None) -> Cases:
        """All of them at `now`; their looks must hold then."""
        rows, term = self._rows, self._has_clock and self._has_term
        then = clocks.clocks_at(rows, now, calendars) if term else None
        return Cases(
            key=rows["key"].copy(),
            began=rows["began"].copy(),
            last=rows["last"].copy(),
            closed=rows["closed"].copy(),
            is_open=rows["is_open"].copy() if self._closes else None,
            over=None if then is None else then.over,
            due=None if then is None else then.due,
            ended=clocks.ended(rows) if self._has_clock else None,
            suspended=clocks.suspended(rows) if self._has_clock else None,
            attributes={
                name: words.coded(rows[_column(name)].copy()) for name, words in self._words.items()
            },
        )

    def standing(self, now: int, calendars: Calendars | None) -> Standing | None:
        """How they stand with the clock at `now`; None without one."""
        return clocks.standing_at(self._rows, now, calendars) if self._has_clock else None

    def ids(self) -> Callable[[Int64s], Sequence[str]]:
        """What gives the ids of cases by their places, as these are now."""
        ids = self._rows["id"].copy()

        def of(places: Int64s) -> Sequence[str]:
            found: list[str] = ids[places].tolist()
            return found

        return of

    def _matter(self, is_open: Bools, last: Int64s, since: int) -> Bools:
        return np.asarray(is_open | (last > since))

    def _told(self, log: Log, look: CaseLook, case_ids: pa.Array) -> Mapping[str, Column]:
        """All columns of these cases."""
        return {
            "key": log.case_key,
            "id": case_ids.to_numpy(zero_copy_only=False),
            "began": log.starts,
            "last": log.ends,
            "closed": look.closed,
            "is_open": np.zeros(log.cases, bool) if look.is_open is None else look.is_open,
            **_holding(log, _NEVER),
            **self._clock_told(look),
            **{
                _column(name): words.codes(_at_entry(log, name))
                for name, words in self._words.items()
            },
        }

    def _clock_told(self, look: CaseLook) -> Mapping[str, Column]:
        return clocks.clock_columns(look) if self._has_clock else {}


def _column(attribute: str) -> str:
    return f"by {attribute}"


def _at_entry(log: Log, name: str) -> Coded:
    return Coded(codes=log.entry_values(name), vocabulary=log.attributes[name].vocabulary)


def _holding(log: Log, now: int) -> Mapping[str, Column]:
    """From when until when a look holds that left out what is dated after `now`; [cases]."""
    since, until = log.ends, np.full(log.cases, _NEVER)
    if log.cases and now < int(since.max()):
        events = np.add.reduceat((log.timestamp <= now).astype(np.int64), log.offsets[:-1])
        first, after = log.offsets[:-1], log.offsets[:-1] + events
        since = np.where(events > 0, log.timestamp[np.maximum(after - 1, first)], UNKNOWN)
        rest = after < log.offsets[1:]
        until[rest] = log.timestamp[after[rest]]
    return {
        "holds_from": since,
        "holds_until": until,
        "doubted": np.zeros(log.cases, bool),
    }
