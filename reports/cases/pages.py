"""The pages of single cases: what their templates are made of, and the list as a file."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from markupsafe import Markup

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from reports.cases.marks import IN_HAND, NOBODY, Marks, told_detours
from reports.cases.rows import ORDERS, Asked, Called, Listed, ordered
from reports.cases.story import Story
from reports.cases.timeline import ROWS, draw_timeline
from reports.charts.colours import activity_colours
from reports.contents.waiting import AFTER
from reports.context import colour_order
from reports.explore.arrays import Traces
from reports.explore.filters import Filter
from reports.explore.offered import free
from reports.language import say
from reports.sections import CASES
from reports.suppress import Published
from reports.words.names import attribute_words, first_capital, value_words

CASE = replace(CASES, parts=("case",))
"""The page of one case."""

_CHOICES = 40
"""Values of an attribute from which one may choose in a list."""
_LINES = 1_000
_DAY = 86_400_000
# How the file calls what holds a case up; any other rule names a step that it waits for.
_RULES = {AFTER: AFTER, IN_HAND: "in hand"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One list to choose from on the page: its key in the address, what it is called, its values.

    Each value has what it is called; `chosen` is the value that holds now, empty for any.
    """

    key: str
    title: str
    values: tuple[tuple[str, str], ...]
    chosen: str


def list_values(
    published: Published, traces: Traces, marks: Marks, listed: Listed, wanted: Filter
) -> dict[str, Any]:
    """What the page `CASES` is made of, in the language that is spoken."""
    choices = _choices(published, traces, marks, listed.asked, wanted)
    edited = {choice.key for choice in choices} | {"sort"}
    return {
        **_shared(published, traces),
        "listed": listed,
        "orders": ORDERS,
        "choices": choices,
        "kept": [pair for pair in wanted.pairs() if pair[0] not in edited],
        "filtered": bool(wanted.pairs()) or bool(listed.asked.at) or bool(listed.asked.detour),
        "page_address": lambda page: _address(wanted, listed.asked, page),
        "csv_address": _address(wanted, listed.asked, 1, path="/cases.csv"),
    }


def case_values(published: Published, traces: Traces, story: Story) -> dict[str, Any]:
    """What the page `CASE` is made of, in the language that is spoken."""
    picture = draw_timeline(
        story.steps,
        begin=story.row.entered,
        end=story.until,
        is_open=bool(story.row.is_open),
        names=published.names,
        classes=activity_colours(colour_order(published)),
        timezone=traces.timezone,
        title=say("Steps of %(case)s over time", case=story.row.name),
    )
    return {
        **_shared(published, traces),
        "story": story,
        "timeline": Markup(picture),  # noqa: S704 - our own writer, which escapes
        "drawn_steps": ROWS,
    }


def _shared(published: Published, traces: Traces) -> dict[str, Any]:
    return {
        "detour_findings": told_detours(published.findings),
        "detour_called": detour_called,
        "local": local(traces.timezone),
    }


def local(timezone: str) -> Callable[[int], str]:
    """Writes a moment (µs UTC) by the clock of this time zone, as ISO 8601."""
    zone = ZoneInfo(timezone)

    def written(moment: int) -> str:
        return (_EPOCH + timedelta(microseconds=moment)).astimezone(zone).isoformat("T", "minutes")

    return written


def _choices(
    published: Published, traces: Traces, marks: Marks, asked: Asked, wanted: Filter
) -> tuple[Choice, ...]:
    names = published.names
    waiting = sorted({marks.steps[code] for code in set(marks.at.tolist()) if code >= 0})
    told = told_detours(published.findings)
    found = [
        Choice(
            key="open",
            title=say("Applications"),
            values=(("yes", say("under way")), ("no", say("closed"))),
            chosen={None: "", True: "yes", False: "no"}[wanted.still_open],
        ),
        Choice(
            key="at",
            title=say("Stands at"),
            values=tuple((step, names.get(step, step)) for step in waiting),
            chosen=asked.at,
        ),
        Choice(
            key="detour",
            title=say("Took the detour"),
            values=tuple(
                (one, detour_called(told[one], names)) for one in marks.detours if one in told
            ),
            chosen=asked.detour,
        ),
    ]
    for name in free(traces):
        values = traces.attributes[name].values
        if 1 < len(values) <= _CHOICES:
            chosen = wanted.attributes.get(name, ())
            found.append(
                Choice(
                    key=f"a.{name}",
                    title=first_capital(attribute_words(name, names)),
                    values=tuple((value, value_words(name, value)) for value in values),
                    chosen=chosen[0] if chosen else "",
                )
            )
    return tuple(choice for choice in found if choice.values)


def detour_called(finding: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A detour in a few words: its kind and its steps."""
    subject = finding["subject"]
    steps = " · ".join(names.get(step, step) for step in subject["activities"])
    kinds = {
        "repeated": say("Done again"),
        "ping-pong": say("Back and forth"),
        "duplicate-approval": say("Approved twice"),
        "inserted": say("Step added"),
        "skipped": say("Step left out"),
        "wrong-order": say("Wrong order"),
    }
    return f"{kinds.get(subject['type'], subject['type'])}: {steps}"


def _address(wanted: Filter, asked: Asked, page: int, *, path: str = "/cases") -> str:
    parts = [part for part in (wanted.query(), asked.query(page=page)) if part]
    return f"{path}?{'&'.join(parts)}" if parts else path


def write_csv(
    traces: Traces, marks: Marks, cases: Bools, asked: Asked, called: Called
) -> Iterator[str]:
    """All cases that are asked for as lines of a CSV file, under the names of `called`.

    Attributes that name persons, or need a basis, are left out. Moments are by the office's clock.
    """
    names = free(traces)
    yield _line(
        [
            *("case", "entered", "open", "stands_at", "rule", "since", "steps", "elapsed_days"),
            *("working_days", "late", "variant", "detours", *names),
        ]
    )
    places = ordered(traces, marks, cases, asked)
    for first in range(0, len(places), _LINES):
        columns = _columns(traces, marks, places[first : first + _LINES], called, names)
        yield from (_line(line) for line in zip(*columns, strict=True))


def _columns(
    traces: Traces, marks: Marks, places: Int64s, called: Called, names: Sequence[str]
) -> list[list[str]]:
    """The columns of the file for these cases; by column, which is ten times as fast as by case."""
    write = local(traces.timezone)
    still = traces.still_open[places]
    took = np.where(
        still == 1, (traces.now - traces.entered[places]) // 1000, traces.throughput_ms[places]
    )
    worked = marks.worked_ms[places]
    at = marks.at[places]
    rule = np.where(at == NOBODY, NOBODY, marks.rule[places])
    since = [
        write(moment) if code != NOBODY else ""
        for moment, code in zip(marks.since[places].tolist(), at.tolist(), strict=True)
    ]
    return [
        [called.case(case) for case in traces.case_ids.take(pa.array(places)).to_pylist()],
        [write(moment) for moment in traces.entered[places].tolist()],
        _texts(still, ("no", "yes")),
        _texts(at, marks.steps),
        _texts(rule, [_RULES.get(name, "waiting for") for name in marks.rules]),
        since,
        [str(count) for count in (traces.offsets[places + 1] - traces.offsets[places]).tolist()],
        [_days(length, _DAY) for length in took.tolist()],
        [_days(length, marks.day_ms) for length in worked.tolist()],
        _texts(traces.late[places], ("no", "yes")),
        [str(rank) for rank in traces.variant[places].tolist()],
        [" ".join(marks.detours_of(place)) for place in places.tolist()],
        *(
            _texts(traces.attributes[name].codes[places], traces.attributes[name].values)
            for name in names
        ),
    ]


def _texts(codes: Int8s | Int32s, texts: Sequence[str]) -> list[str]:
    """What the codes stand for, empty for those below zero."""
    return [texts[code] if code >= 0 else "" for code in codes.tolist()]


def _days(milliseconds: int, day: int | None) -> str:
    if day is None or milliseconds == UNKNOWN:
        return ""
    return f"{milliseconds / day:.2f}"


def _line(values: Sequence[str]) -> str:
    """One line; a value that a spreadsheet would reckon with is marked as text."""
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(
        f"'{value}" if value.startswith(_FORMULA) else value for value in values
    )
    return out.getvalue()
