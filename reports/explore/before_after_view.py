"""The page about before and after a day: what was asked in its address, and what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from markupsafe import Markup

from eventlog.errors import UsageError
from reports.explore.arrays import once
from reports.explore.before_after import before_after, horizon_of
from reports.explore.before_after_cases import Cases
from reports.explore.before_after_found import MEASURES, TIME, WAITING, Asked, BeforeAfter
from reports.explore.before_after_svg import line_of_months
from reports.explore.withhold_before_after import withhold_before_after
from reports.language import say
from reports.words.names import NO_NAMES, Names, attribute_words, value_words

KEYS = ("day", "measure", "step", "only")
"""What the page may be asked for in its address; `only` is as `permit_type=house`."""
_SEASONS = 350


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One thing that can be chosen in a form: its value, what it is called, and whether it is."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class View:
    """What the page shows: the answer without small cells, the form, and the picture.

    `sure` is whether the difference among comparable applications leaves out none; `seasons`
    whether the two sides lie in different parts of the year.
    """

    found: BeforeAfter
    day: str
    earliest: str
    latest: str
    measures: tuple[Choice, ...]
    steps: tuple[Choice, ...]
    only: tuple[Choice, ...]
    alike: tuple[str, ...]
    picture: str
    sure: bool
    seasons: bool


def asked_of(pairs: Sequence[tuple[str, str]], cases: Cases) -> Asked:
    """What an address asks for; what it leaves out is filled in.

    Without a day it is the middle of those that can be told, at the beginning of a month. Raises
    `UsageError` for what cannot be asked for, with what can be.
    """
    given = {key: value for key, value in pairs if key in KEYS and value}
    measure = given.get("measure", TIME)
    step = None
    if measure == WAITING:
        known = steps_of(cases)
        step = given.get("step", known[0] if known else None)
        if step not in known:
            raise UsageError(
                say(
                    "step is %(value)s; expected one of %(known)s",
                    value=str(step),
                    known=", ".join(known),
                )
            )
    only = given.get("only", "")
    name, _, value = only.partition("=")
    return Asked(
        day=_day(given["day"]) if "day" in given else _middle(cases),
        measure=measure,
        step=step,
        only=(name, value) if only else None,
    )


def at_month(asked: Asked) -> Asked:
    """The same from the beginning of the month on: for those who may not choose freely.

    Two days next to each other would tell of the few who came on one of them.
    """
    return replace(asked, day=asked.day.replace(day=1))


def steps_of(cases: Cases) -> tuple[str, ...]:
    """The office's steps that enough wait for, the one with the most waiting first."""
    waits, labels = cases.waits, len(cases.waits.activities)
    spent = np.bincount(waits.activity, weights=waits.days, minlength=labels)
    pairs = once(waits.activity.astype(np.int64) * max(len(cases), 1) + waits.case)
    waited = np.bincount(pairs // max(len(cases), 1), minlength=labels)
    told = (spent > 0) & (waited >= cases.smallest_cell) & waits.office
    ranked = sorted(
        np.flatnonzero(told).tolist(), key=lambda at: (-spent[at], waits.activities[at])
    )
    return tuple(waits.activities[at] for at in ranked)


def view_of(cases: Cases, asked: Asked, *, blunt: int = 1, names: Names = NO_NAMES) -> View:
    """The page for what was asked, without anything that may not be told.

    Groups are of `blunt` smallest cells at least, and rounded to so many.
    """
    least = blunt * cases.smallest_cell
    found = withhold_before_after(before_after(cases, asked), least=least)
    told = found.comparable
    return View(
        found=found,
        day=asked.day.isoformat(),
        earliest=found.earliest.isoformat(),
        latest=found.latest.isoformat(),
        measures=tuple(
            Choice(value=name, name=say(title), chosen=name == asked.measure)
            for name, title in MEASURES.items()
            if name != WAITING or steps_of(cases)
        ),
        steps=tuple(
            Choice(value=name, name=names.get(name, name), chosen=name == asked.step)
            for name in steps_of(cases)
        ),
        only=tuple(
            Choice(
                value=f"{name}={label}",
                name=f"{attribute_words(name, names)}: {value_words(name, label)}",
                chosen=asked.only == (name, label),
            )
            for name, (labels, _) in cases.values.items()
            for label in labels
        ),
        alike=cases.alike,
        picture=Markup(  # noqa: S704 - our own writer, which escapes
            line_of_months(
                found.months,
                asked.day,
                in_days=found.in_days,
                title=say("By the month in which they came"),
            )
        ),
        sure=told is not None
        and told.low is not None
        and told.high is not None
        and not told.low <= 0.0 <= told.high,
        seasons=found.length < _SEASONS,
    )


def values_of_view(view: View) -> dict[str, Any]:
    """What the template `sections/before-after.html.j2` is filled with."""
    return {"before_after": view}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            say("day is %(value)s; expected a date such as 2026-03-01", value=text)
        ) from None


def _middle(cases: Cases) -> date:
    middle = (cases.first + cases.today - horizon_of(cases)) // 2
    return (date(1970, 1, 1) + timedelta(days=middle)).replace(day=1)
