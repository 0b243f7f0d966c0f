"""What stands in `detours.json`, apart from the figures of each detour."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.detour_times import OfficeTime
from engine.detours import Detour
from engine.judging import USUAL, Judged, cells
from engine.looks import Whole
from eventlog.definition import Definition
from miners.cases import UNFAVOURABLE, WITHDRAWN
from miners.detours.cost import Costs
from miners.detours.deciding import ended_as
from miners.detours.idle_steps import Ends, days_in, idle_steps, spared
from miners.detours.straying import passages, tallies
from miners.survival import Estimate


def idle(
    whole: Whole, definition: Definition, judged: Judged, time: OfficeTime
) -> list[dict[str, Any]]:
    """The steps that decide nothing, with the case-days that they take."""
    items = whole.items
    assert items is not None
    known = definition.outcome is not None
    found = idle_steps(
        judged.steps,
        Ends(
            is_open=whole.is_open,
            decided=judged.decided,
            refused=ended_as(whole.outcome, UNFAVOURABLE) if known else None,
            given_up=ended_as(whole.outcome, WITHDRAWN) if known else None,
            stratum=cells(judged.strata, judged.steps.cases).astype(np.int64),
        ),
        spared=spared(definition, whole.coarse),
        applicants=whole.applicants,
        external_units=frozenset(definition.external_units),
    )
    if not found:
        return []
    calendars = whole.calendars
    waited = items.waiting_ms if calendars is None else items.waiting_working_ms(calendars)
    served = items.service_ms if calendars is None else items.service_working_ms(calendars)
    told = []
    for one in found:
        waiting, service = (
            days_in(items, one.activity, ms, day=time.day) for ms in (waited, served)
        )
        gap = one.gap
        told.append(
            {
                "activity": one.activity,
                "cases": one.cases,
                "next": one.following,
                "otherwise": one.otherwise,
                "share_next": round(one.share, 6),
                "upper_bound": round(one.upper_bound, 6),
                "unfavourable": one.refused_later,
                "without_it": one.skipping,
                "gap": None if gap is None else limits(gap),
                "case_days_service": rounded(service),
                "case_days_waiting": rounded(waiting),
            }
        )
    return told


def content(
    judged: Judged, every: Sequence[Detour], price: Costs, time: OfficeTime
) -> dict[str, Any]:
    """Every detour with its figures, the ways and activities of the map, and what it all costs."""
    labels = judged.marks.labels
    ways, done = passages(judged.steps, judged.marks), tallies(judged.steps, judged.marks)
    total = time.days(price.total)
    some = np.diff(judged.steps.offsets) > 0
    return {
        "by": judged.by,
        "unit": time.unit,
        "cases": int(some.sum()),
        "detoured_cases": int(judged.detoured.sum()),
        "days": total["value"],
        "ci_low": total["ci_low"],
        "ci_high": total["ci_high"],
        "coverage": round(price.coverage, 4),
        "conforming": round(1.0 - int(judged.detoured.sum()) / max(int(some.sum()), 1), 6),
        "detours": [_row(one) for one in every],
        "edges": [
            {
                "source": labels[a],
                "target": labels[b],
                "frequency": n,
                "straying": strayed,
                "straying_cases": cases,
            }
            for a, b, n, strayed, cases in zip(
                ways.source.tolist(),
                ways.target.tolist(),
                ways.frequency.tolist(),
                ways.straying.tolist(),
                ways.cases.tolist(),
                strict=True,
            )
        ],
        "activities": [
            {
                "activity": name,
                "events": events,
                "straying": strayed,
                "straying_cases": cases,
                "skipped": skipped,
            }
            for name, events, strayed, cases, skipped in zip(
                labels,
                done.events.tolist(),
                done.straying.tolist(),
                done.cases.tolist(),
                done.skipped.tolist(),
                strict=True,
            )
            if events or skipped
        ],
    }


def _row(one: Detour) -> dict[str, Any]:
    subject = one.subject
    value, low, high = one.days or (None, None, None)
    return {
        "type": subject.kind,
        "activities": list(subject.activities),
        "units": None if subject.units is None else list(subject.units),
        "cause": subject.cause,
        "cases": one.cases,
        "eligible": one.eligible,
        "share": round(one.share, 4),
        "ci_low": round(one.low, 4),
        "ci_high": round(one.high, 4),
        "times": one.times,
        "days_per_case": value,
        "days_ci_low": low,
        "days_ci_high": high,
        "case_days": one.case_days,
        "coverage": round(one.coverage, 4),
        "matched_on": list(one.matched_on),
        **one.more,
    }


def reference(judged: Judged) -> list[dict[str, Any]]:
    """What is usual in each stratum, where that is what applications are judged by."""
    if judged.by != USUAL or judged.reference is None:
        return []
    return [
        {
            "stratum": _stratum(judged, place),
            "cases": one.cases,
            "used": one.used,
            "routes": one.routes,
            "covered": round(one.covered, 4),
            "mandatory": sorted(one.rules.mandatory),
            "once": sorted(one.rules.once),
            "order": [list(pair) for pair in one.rules.order],
            "known": None if one.rules.known is None else sorted(one.rules.known),
            "why": list(one.why),
        }
        for place, one in enumerate(judged.reference.told)
    ]


def _stratum(judged: Judged, place: int) -> dict[str, str]:
    """The values that the cases of a stratum share; nothing for all cases together."""
    assert judged.reference is not None
    if judged.reference.told[place].cell < 0:
        return {}
    case = int(np.argmax(judged.reference.which == place))
    told = {}
    for name, values in judged.strata.items():
        code = int(values.codes[case])
        told[name] = values.vocabulary.labels[code] if code >= 0 else ""
    return told


def limits(told: Estimate) -> dict[str, float | None]:
    """An estimate as JSON has it."""
    parts = {"value": told.value, "ci_low": told.low, "ci_high": told.high}
    return {name: rounded(part) for name, part in parts.items()}


def rounded(value: float | None) -> float | None:
    """A number with four digits."""
    return None if value is None else round(value, 4)
