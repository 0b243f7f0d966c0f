"""Which terms are kept and what could be promised: `lateness.json` and its findings."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.happened import happened
from engine.hidden import hidden_attributes
from engine.labels import labels
from engine.lateness_findings import lateness_findings
from engine.looks import Whole, compared
from engine.results import write_json
from engine.unpredictability_findings import told, unpredictability_findings
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Int32s, Int64s
from miners import cause_loops, predictability
from miners.lateness import Lateness, lateness, lateness_by_step, lateness_by_value
from miners.predictability import Charged, Spread
from miners.promises import Promises, promises, promises_by_value
from miners.standing import Standing

# Draws of the bootstrap: any number, as long as it is the same every time.
_SEED = 20_000
# An attribute with more values than this tells single cases, not groups.
_MOST_VALUES = 100


@dataclass(frozen=True, kw_only=True)
class LatenessResults:
    """How terms are kept, what could be promised, how unpredictable it is, and the findings."""

    overall: Lateness
    groups: list[Lateness]
    steps: list[Lateness]
    promised: list[Promises]
    spreads: list[Spread]
    findings: list[dict[str, Any]]


def find_lateness(whole: Whole, definition: Definition) -> LatenessResults:
    """Hold clocks against terms; `whole` must have standings."""
    standing = whole.standing
    assert standing is not None
    named = _groups(whole, definition)
    overall = lateness(standing)
    groups = [one for name, values in named for one in lateness_by_value(standing, name, values)]
    steps = _steps(whole, definition)
    material = definition.equity.material if definition.equity else None
    share = 0.05 if material is None else material.share
    promised = [
        promises(standing, whole.now),
        *(
            p
            for name, values in named
            for p in promises_by_value(standing, whole.now, name, values)
        ),
    ]
    time = predictability.time_spread(standing, seed=_SEED)
    by_group = [
        one
        for name, values in named
        for one in predictability.time_spread_by_value(standing, name, values, seed=_SEED)
    ]
    found = [
        *lateness_findings(overall, groups, steps, smallest_share=share, names=labels(definition)),
        *unpredictability_findings(time, by_group, promised, names=labels(definition)),
    ]
    spreads = [time, *by_group]
    fees = _fees(whole, definition)
    if fees is not None:
        fee = predictability.fee_spread(fees, seed=_SEED)
        fee_groups = [
            one
            for name, values in named
            for one in predictability.fee_spread_by_value(fees, name, values, seed=_SEED)
        ]
        fee_share = 0.05 if material is None else material.fee_share
        found += unpredictability_findings(
            fee, fee_groups, smallest_fee_share=fee_share, names=labels(definition)
        )
        spreads += [fee, *fee_groups]
    return LatenessResults(
        overall=overall,
        groups=groups,
        steps=steps,
        promised=promised,
        spreads=spreads,
        findings=found,
    )


def write_lateness(found: LatenessResults, path: Path) -> None:
    """`lateness.json`: terms overall, by group and by step; promises; how unpredictable it is."""
    write_json(
        {
            "term": asdict(found.overall),
            "groups": [asdict(one) for one in found.groups],
            "steps": [asdict(one) for one in found.steps],
            "promises": [told(one) for one in found.promised],
            "spreads": [asdict(one) for one in found.spreads],
        },
        path,
    )


def _groups(whole: Whole, definition: Definition) -> list[tuple[str, Coded]]:
    """The attributes whose values are told apart: none that names persons, none without a basis.

    What is sensitive needs a stated basis (interface.md), here as in comparisons.
    """
    hidden = hidden_attributes(definition)
    named = [(name, whole.attributes[name]) for name in compared(definition) if name not in hidden]
    return [
        (name, values)
        for name, values in named
        if 1 < len(np.unique(values.codes[values.codes >= 0])) <= _MOST_VALUES
    ]


def _steps(whole: Whole, definition: Definition) -> list[Lateness]:
    """How steps with a term of their own keep it: from enabled to completed.

    While the applicant has the file the term does not run, as for the whole case.
    """
    standard = definition.standard
    if whole.items is None or standard is None or not standard.steps:
        return []
    items = happened(whole.items, whole.now)
    assert whole.standing is not None
    day = whole.standing.working_day
    counts_work = whole.calendars is not None
    labels = items.activity.vocabulary.labels
    terms = np.full(len(labels) + 1, UNKNOWN)
    working = np.zeros(len(labels) + 1, bool)
    for code, label in enumerate(labels):
        term = standard.steps.get(label)
        if term is None or (term.working and not counts_work):
            continue
        working[code] = term.working
        terms[code] = round(
            term.amount * day if term.working else term.elapsed.total_seconds() * 1000
        )
    rows = np.flatnonzero((terms[items.activity.codes] != UNKNOWN) & (items.enabled != UNKNOWN))
    codes = items.activity.codes[rows]
    done = items.completed[rows] != UNKNOWN
    dropped = ~done & _over(whole, items.case[rows])
    end = np.where(done, items.completed[rows], np.where(dropped, _last(whole, rows), whole.now))
    enabled = items.enabled[rows]
    end = np.maximum(end, enabled)
    unit = items.unit.take(rows)
    elapsed, worked = without_applicant(whole, items.case[rows], enabled, end, unit)
    found = Standing(
        entered=enabled,
        seen=end,
        last=np.where(done, end, np.maximum(_last(whole, rows), enabled)),
        elapsed=elapsed,
        working=worked,
        ended=done | dropped,
        withdrawn=dropped,
        term=terms[codes],
        in_working=working[codes],
        working_day=day,
    )
    return lateness_by_step(found, items.activity.take(rows))


def without_applicant(
    whole: Whole, case: Int32s, start: Int64s, end: Int64s, unit: Coded
) -> tuple[Int64s, Int64s | None]:
    """Milliseconds from start to end less the applicant's time: elapsed, and in working days.

    All have shape [items]. Working time is that of each item's unit, told as days of the office.
    """
    row = np.arange(len(case))
    if whole.applicant is not None:
        spans = whole.applicant
        offsets, start, end = cause_loops.subtract(
            case, start, end, spans.offsets, spans.start, spans.end
        )
        row = np.repeat(row, np.diff(offsets))
    elapsed = np.zeros(len(case), np.int64)
    np.add.at(elapsed, row, (end - start) // 1000)
    if whole.calendars is None:
        return elapsed, None
    worked = np.zeros(len(case), np.int64)
    np.add.at(worked, row, whole.calendars.between(start, end, unit.take(row)))
    return elapsed, whole.calendars.office_days(worked, unit)


def _over(whole: Whole, case: Int64s | Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether each of these cases is closed; without closing activities none is."""
    if whole.is_open is None:
        return np.zeros(len(case), bool)
    return ~whole.is_open[case]


def _last(whole: Whole, rows: Int64s) -> Int64s:
    """The last event of each item's case."""
    assert whole.items is not None
    assert whole.standing is not None
    return whole.standing.last[whole.items.case[rows]]


def _fees(whole: Whole, definition: Definition) -> Charged | None:
    if definition.fees is None or whole.fees is None:
        return None
    charged, official = whole.fees
    return Charged.over_tariff(charged, official)
