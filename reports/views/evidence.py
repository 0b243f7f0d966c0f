"""What a finding rests on, as rows of a table: figures that may be told, each with its name."""

from collections.abc import Iterable, Mapping
from typing import Any

from reports.contents.detours import Detour, Detours
from reports.contents.equity import Equity, Gap
from reports.contents.favour import Favouritism, Picked
from reports.contents.terms import Kept, Limits, Spread, Terms
from reports.contents.waiting import Queue, Waiting
from reports.language import mark, say
from reports.suppress import Published
from reports.words.names import Names, attribute_words
from reports.words.wording import (
    about,
    added,
    case_days,
    days,
    gap_number,
    number,
    percent,
    points,
    share,
    unit_called,
    whole_days,
)

Row = tuple[str, str]
"""What a figure is called, and the figure, both as they are read."""
Finding = Mapping[str, Any]

CAUSES_CALLED = {
    "contention": mark("officers are busy with earlier files"),
    "prioritisation": mark("later files are taken up first"),
    "batching": mark("files wait until a folder of them is full"),
    "unavailability": mark("the officers who take them up are away"),
    "extraneous": mark("the officer is free; the log does not tell why"),
    "applicant": mark("the applicant has the file"),
}
"""Why files wait, in words; said through `say`."""


def evidence_of(finding: Finding, published: Published) -> tuple[Row, ...]:
    """The figures behind a finding, from what the report tells of its subject.

    Where no section tells of it, the evidence that came with the finding, its keys in words.
    """
    subject = finding.get("subject") or {}
    match finding.get("kind"):
        case "bottleneck":
            rows = _of_queue(subject, published.waiting)
        case "detour":
            rows = _of_detour(subject, published.detours, published.names)
        case "disparity" | "fee":
            rows = _of_gap(gap_of(finding, published.equity))
        case "favouritism":
            rows = _of_order(subject, published.favouritism)
        case "lateness":
            rows = _of_kept(subject, published.terms)
        case "unpredictability":
            rows = _of_spread(subject, published.terms)
        case _:
            rows = ()
    return tuple(rows) or _as_it_came(finding.get("evidence") or {})


def gap_of(finding: Finding, equity: Equity | None) -> Gap | None:
    """The comparison that a finding about treatment was made from."""
    subject = finding.get("subject") or {}
    measure = subject.get("measure", "fee" if finding.get("kind") == "fee" else None)
    key = (
        subject.get("attribute"),
        subject.get("group"),
        measure,
        subject.get("activity"),
        subject.get("feature"),
    )
    return next((one for one in equity.every if one.key == key), None) if equity else None


def between(told: Limits, written: Any) -> str:
    """A figure with its limits, each written by the function given; without them where unknown."""
    if told.low is None or told.high is None:
        return str(written(told.value))
    return say(
        "%(value)s (95 %% limits %(low)s to %(high)s)",
        value=written(told.value),
        low=written(told.low),
        high=written(told.high),
    )


def _of_queue(subject: Mapping[str, Any], waiting: Waiting | None) -> Iterable[Row]:
    key = (subject.get("activity"), subject.get("unit"))
    found: Queue | None = next(
        (one for one in (waiting.queues if waiting else ()) if (one.activity, one.unit) == key),
        None,
    )
    if found is None or waiting is None:
        return
    unit = unit_called(waiting.unit)
    yield say("Files"), about(found.items)
    mean = Limits(value=found.mean, low=found.low, high=found.high)
    yield say("Mean wait, %(unit)s", unit=unit), between(mean, days)
    yield say("Half wait up to, %(unit)s", unit=unit), days(found.median)
    yield say("Nine in ten wait up to, %(unit)s", unit=unit), days(found.p90)
    yield say("Waiting in all, case-days"), case_days(found.waiting)
    yield say("Share of all waiting"), share(found.share)
    total = sum(found.causes.values())
    for cause, part in found.causes.items():
        if part > 0:
            yield (
                say("Waits because %(cause)s", cause=say(CAUSES_CALLED[cause])),
                share(part / total),
            )
    if found.officers is not None:
        yield say("Officers"), whole_days(found.officers)
    if found.utilisation is not None:
        yield say("Part of their time that goes into this"), percent(found.utilisation)
    if found.estimate is not None and found.estimate.wait is not None:
        yield say("Mean wait with one more officer, %(unit)s", unit=unit), days(found.estimate.wait)
    if found.open_now is not None:
        yield say("Wait now"), about(found.open_now)


def _of_detour(subject: Mapping[str, Any], detours: Detours | None, names: Names) -> Iterable[Row]:
    units = subject.get("units")
    key = (
        subject.get("type"),
        tuple(subject.get("activities", ())),
        None if units is None else tuple(units),
        subject.get("cause"),
    )
    found: Detour | None = next(
        (one for one in (detours.detours if detours else ()) if one.key == key), None
    )
    if found is None or detours is None:
        return
    unit = unit_called(detours.unit)
    yield say("Applications that took it"), about(found.cases)
    yield say("Applications that could have"), about(found.eligible)
    yield say("Share"), between(found.share, share)
    if found.days is not None:
        yield say("Days added to each, %(unit)s", unit=unit), between(found.days, added)
    if found.case_days is not None:
        yield say("Case-days in all"), case_days(found.case_days)
    yield say("Part that could be compared with others, at least"), percent(found.coverage)
    if found.trend is not None:
        yield (
            say("Change of the share from the earlier half to the later, points"),
            between(found.trend, points),
        )
    for one in found.among:
        named = {"name": attribute_words(one.attribute, names), "value": one.value}
        yield say("Share where %(name)s is %(value)s", **named), share(one.share)


def _of_gap(found: Gap | None) -> Iterable[Row]:
    if found is None:
        return
    unit = unit_called(found.unit)

    def written(value: float) -> str:
        return gap_number(value, found.unit)

    yield say("Applications of the group"), about(found.cases)
    yield say("Comparable others"), about(found.others)
    for name, told in (
        (mark("As they came, %(unit)s"), found.raw),
        (mark("Comparable ones, %(unit)s"), found.entry),
        (mark("… and handled alike, %(unit)s"), found.process),
        (mark("… and the other attributes too, %(unit)s"), found.direct),
    ):
        if told is not None:
            yield say(name, unit=unit), between(told, written)
    yield say("Part of the group that has comparable others"), percent(found.coverage)
    if found.smallest_seen is not None:
        yield (
            say("Smallest gap that would have been seen, %(unit)s", unit=unit),
            gap_number(found.smallest_seen, found.unit).removeprefix("+"),
        )


def _of_order(subject: Mapping[str, Any], favouritism: Favouritism | None) -> Iterable[Row]:
    key = (subject.get("activity"), subject.get("attribute"), subject.get("group"))
    found: Picked | None = next(
        (one for one in (favouritism.groups if favouritism else ()) if one.key == key), None
    )
    if found is None:
        return
    yield say("Files of the group"), about(found.items)
    yield say("Files of others beside them"), about(found.others)
    if found.positions is not None:
        yield (
            say("Positions in the queue that they are ahead"),
            between(found.positions, lambda value: gap_number(value, "positions")),
        )
    if found.overtakes is not None and found.overtaken is not None:
        yield say("Files that one of them passes by"), added(found.overtakes)
        yield say("Files that it is passed by"), added(found.overtaken)
    yield say("Part of the group that has comparable others"), percent(found.coverage)


def _of_kept(subject: Mapping[str, Any], terms: Terms | None) -> Iterable[Row]:
    key = (subject.get("standard"), subject.get("attribute"), subject.get("group"))
    every = (
        (*terms.groups, *terms.steps, *([terms.overall] if terms.overall else ())) if terms else ()
    )
    found: Kept | None = next(
        (one for one in every if (one.standard, one.attribute, one.group) == key), None
    )
    if found is None:
        return
    if found.terms and found.unit is not None:
        told = [whole_days(term) for term in (found.terms[0], found.terms[-1])]
        yield (
            say("Term, %(unit)s", unit=unit_called(found.unit)),
            told[0]
            if told[0] == told[1]
            else say("%(first)s to %(last)s", first=told[0], last=told[1]),
        )
    yield say("Of so many"), about(found.judged)
    if found.share is not None:
        yield say("Share over term"), between(found.share, share)
    if found.over is not None:
        yield say("Late so far"), about(found.over)
    if found.still_open is not None:
        yield say("Late and still open"), about(found.still_open)
    if found.days_over is not None:
        yield say("Half of the late are over by at least, days"), days(found.days_over)


def _of_spread(subject: Mapping[str, Any], terms: Terms | None) -> Iterable[Row]:
    key = (subject.get("measure"), subject.get("attribute"), subject.get("group"))
    found: Spread | None = next(
        (
            one
            for one in (terms.spreads if terms else ())
            if (one.measure, one.attribute, one.group) == key
        ),
        None,
    )
    if found is None:
        return
    unit = unit_called(found.unit)
    yield say("Applications"), about(found.cases)
    if found.usual is not None:
        yield say("Half have up to, %(unit)s", unit=unit), days(found.usual)
    if found.unlucky is not None:
        yield say("One in ten has more than, %(unit)s", unit=unit), days(found.unlucky)
    if found.ratio is not None:
        yield say("So many times as much"), between(found.ratio, days)


_CALLED = {
    "affected": mark("Affected"),
    "total": mark("Of all"),
    "of": mark("Counted are"),
    "events": mark("events"),
    "cases": mark("cases"),
}


def _as_it_came(evidence: Mapping[str, Any]) -> tuple[Row, ...]:
    """Figures and words of the evidence; what is deeper is for programs."""
    return tuple(
        (
            say(_CALLED[name]) if name in _CALLED else name.replace("_", " "),
            number(value)
            if isinstance(value, int) and not isinstance(value, bool)
            else added(value)
            if isinstance(value, float)
            else say(_CALLED.get(str(value), str(value))),
        )
        for name, value in evidence.items()
        if isinstance(value, int | float | str) and not isinstance(value, bool) and value != ""
    )
