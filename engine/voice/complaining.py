"""How often people complain, by what their application had gone through until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from engine.voice.complained_as_often import Ratio, complained_as_often
from engine.voice.heard import Heard
from engine.voice.lived import Event
from engine.voice.splits import Split
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.shares import wilson


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """To whom something had happened, against comparable others, by complaints."""

    event: Event
    ratio: Ratio


def compare_complaints(heard: Heard, events: Sequence[Event], stratum: Int64s) -> list[Compared]:
    """Every event, among comparable cases (`stratum` [cases])."""
    return [
        Compared(
            event=event,
            ratio=complained_as_often(heard, since=event.since, known=event.known, stratum=stratum),
        )
        for event in events
    ]


def told_share(count: int, of: int) -> dict[str, float | None]:
    """A share with Wilson's 95 % limits; None where it is of nobody."""
    if not of:
        return {"value": None, "ci_low": None, "ci_high": None}
    low, high = wilson(np.array([count], np.int64), np.array([of], np.int64))
    return {
        "value": round(count / of, 6),
        "ci_low": round(float(low[0]), 6),
        "ci_high": round(float(high[0]), 6),
    }


def groups_of(split: Split, complained: Bools) -> list[dict[str, Any]]:
    """Each group of a split: how many cases, how many complained, and the share."""
    found = []
    for number, name in enumerate(split.groups):
        mine = split.place == number
        cases, said = int(mine.sum()), int((mine & complained).sum())
        found.append(
            {"group": name, "cases": cases, "complained": said, "share": told_share(said, cases)}
        )
    return found


def months_of(heard: Heard, timezone: str) -> list[dict[str, Any]]:
    """By the month in which the complaint came: how many, and of how many applications in hand.

    In hand are those that were open at some time of the month, or complained in it.
    """
    if not len(heard.entered):
        return []
    zone = ZoneInfo(timezone)
    first = _month(np.array([heard.entered.min()]), zone)[0]
    entered = _month(heard.entered, zone) - first
    ended = np.maximum(_month(heard.ended, zone) - first, entered)
    said = _month(heard.complaint_at, zone) - first
    size = int(max(ended.max(), said.max(initial=0))) + 1
    change = np.bincount(entered, minlength=size + 1) - np.bincount(ended + 1, minlength=size + 1)
    in_hand = np.cumsum(change[:size])
    # Who complains of what is over counts in that month, once.
    pairs = np.unique(np.column_stack([heard.complaint_case, said]), axis=0)
    case, month = pairs[:, 0], pairs[:, 1]
    outside = (month > ended[case]) | (month < entered[case])
    of = in_hand + np.bincount(month[outside], minlength=size)
    complained = np.bincount(month, minlength=size)
    complaints = np.bincount(said, minlength=size)
    return [
        {
            "month": str(np.datetime64(int(first) + place, "M")),
            "complaints": int(complaints[place]),
            "complained": int(complained[place]),
            "cases": int(of[place]),
            "share": told_share(int(complained[place]), int(of[place])),
        }
        for place in range(size)
    ]


def complained_at_all(heard: Heard) -> Bools:
    """Which cases had a complaint; [cases]."""
    return np.asarray(heard.complained != UNKNOWN)


def _month(moments: Int64s, zone: ZoneInfo) -> Int64s:
    """The months of moments by the office's clock, counted from 1970."""
    local = pd.to_datetime(moments, unit="us", utc=True).tz_convert(zone)
    return np.asarray((local.year - 1970) * 12 + local.month - 1, np.int64)
