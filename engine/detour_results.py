"""Detours and what each one costs: `detours.json` and the findings."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine import detours
from engine.detour_times import OfficeTime, Straightened, closed
from engine.detour_wording import NO_TIME
from engine.detours import Detour
from engine.judging import USUAL, Judged, cells, judge
from engine.looked_at import looked_at
from engine.looks import Whole
from engine.results import write_json
from eventlog.definition import Definition
from miners.cases import UNFAVOURABLE, WITHDRAWN
from miners.detours.cost import Cost, Costs, costs, excess
from miners.detours.deciding import ended_as
from miners.detours.idle_steps import Ends, days_in, idle_steps, spared
from miners.detours.matching import match
from miners.detours.spans import followed, sides
from miners.detours.straying import passages, tallies
from miners.detours.where_found import Cases, Found, where_found
from miners.discovery.model_colours import Followed
from miners.procedure.bpmn import Procedure
from miners.survival import Estimate

# So many of the dearest detours are told what would be without them: each takes a second or so.
_STRAIGHTENED = 15
# Of fewer than these nobody can say what the rest costs.
_COMPARED = 0.3


@dataclass(frozen=True, kw_only=True)
class DetourResults:
    """What strays from what, the file about it (`content`), and the findings."""

    judged: Judged
    content: Mapping[str, Any]
    findings: list[dict[str, Any]]

    @property
    def followed(self) -> dict[str, Followed]:
        """How well each activity was done as it should be."""
        return {
            one["activity"]: Followed(
                events=one["events"], straying=one["straying"], skipped=one["skipped"]
            )
            for one in self.content["activities"]
        }


def find_detours(
    whole: Whole, definition: Definition, procedure: Procedure | None
) -> DetourResults:
    """Hold applications against what should happen, and price what strays.

    `procedure` is the BPMN file that the process file names, None without one; `whole` must have
    work items.
    """
    judged = judge(whole, definition, procedure)
    time, over = OfficeTime.of(whole), closed(whole)
    both = sides(
        judged.steps, judged.marks, judged.episodes, followed(judged.steps, over, whole.now)
    )
    found = match(both, judged.strata, whole.now)
    price = costs(
        judged.episodes,
        both.span,
        excess(found, time.took(found.strayed), time.took(found.straight)),
    )
    pairs = zip(_where(whole, definition, judged), price.subjects, strict=True)
    every = [_detour(where, cost, time) for where, cost in pairs]
    order = sorted(range(len(every)), key=lambda place: _dearest(every[place]))
    straightened = Straightened(judged, found, both.span, time)
    for place in order[:_STRAIGHTENED]:
        more = {**every[place].more, "without": straightened.without([place])}
        every[place] = replace(every[place], more=more)
    every = [every[place] for place in order]
    spent = time.between(whole.starts, np.where(over, whole.ends, whole.now)).sum() / time.day
    return DetourResults(
        judged=judged,
        content={
            **_content(judged, every, price, time),
            "without": straightened.without(range(len(order))),
            "idle_steps": _idle(whole, definition, judged, time),
            "reference": _reference(judged),
        },
        findings=detours.findings(
            every,
            by=judged.by,
            unit=time.unit,
            all_days=float(spent),
            smallest_cell=definition.privacy.smallest_cell,
            names={code: dict(called.items()) for code, called in definition.activities.items()},
        ),
    )


def write_detours(found: DetourResults, path: Path) -> None:
    """`detours.json`: every detour with its figures, and where the map leaves the procedure."""
    write_json(found.content, path)


def _where(whole: Whole, definition: Definition, judged: Judged) -> list[Found]:
    named = looked_at(definition).names
    return where_found(
        judged.episodes,
        judged.steps,
        Cases(
            entered=whole.starts,
            decided=judged.decided,
            is_open=whole.is_open,
            now=whole.now,
            timezone=definition.timezone,
            attributes={name: whole.attributes[name] for name in named},
            legitimate=tuple(judged.strata),
        ),
    )


def _idle(
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
                "gap": None if gap is None else _limits(gap),
                "case_days_service": _rounded(service),
                "case_days_waiting": _rounded(waiting),
            }
        )
    return told


def _dearest(one: Detour) -> tuple[float, int, str, tuple[str, ...], str]:
    subject = one.subject
    key = (subject.kind, subject.activities, subject.cause or "")
    return (-(one.case_days or 0.0), -one.cases, *key)


def _detour(found: Found, cost: Cost, time: OfficeTime) -> Detour:
    share = found.share or Estimate(value=0.0, low=0.0, high=0.0)
    per_case, case_days = time.days(cost.per_case), time.days(cost.case_ms)
    limits = (per_case["value"], per_case["ci_low"], per_case["ci_high"])
    known = [limit for limit in limits if limit is not None]
    told = len(known) == len(limits) and cost.coverage >= _COMPARED
    sure = told and not known[1] <= 0.0 <= known[2] and max(map(abs, known[1:])) >= NO_TIME
    return Detour(
        subject=found.subject,
        cases=found.cases,
        eligible=found.eligible,
        times=found.times,
        share=share.value,
        low=share.low or 0.0,
        high=1.0 if share.high is None else share.high,
        days=(known[0], known[1], known[2]) if told else None,
        case_days=case_days["value"] if sure else None,
        coverage=cost.coverage,
        matched_on=tuple(cost.matched_on),
        more={
            "months": [asdict(month) for month in found.months],
            "trend": _trend(found),
            "concentrates": [
                {
                    "attribute": one.attribute,
                    "value": one.value,
                    "cases": one.cases,
                    "eligible": one.eligible,
                    "share": round(one.share, 4),
                    "elsewhere": round(one.elsewhere, 4),
                    "difference": round(one.difference.value, 4),
                    "ci_low": _rounded(one.difference.low),
                    "ci_high": _rounded(one.difference.high),
                    "compared_on": list(one.compared_on),
                    "q_value": round(one.q_value, 6),
                }
                for one in found.concentrates
                if one.told
            ],
        },
    )


def _trend(found: Found) -> dict[str, Any] | None:
    trend = found.trend
    if trend is None:
        return None
    return {
        "change": round(trend.change.value, 4),
        "ci_low": _rounded(trend.change.low),
        "ci_high": _rounded(trend.change.high),
        "earlier": round(trend.earlier, 4),
        "later": round(trend.later, 4),
        "q_value": round(trend.q_value, 6),
        "told": trend.told,
    }


def _content(
    judged: Judged, every: Sequence[Detour], price: Costs, time: OfficeTime
) -> dict[str, Any]:
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


def _reference(judged: Judged) -> list[dict[str, Any]]:
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


def _limits(told: Estimate) -> dict[str, float | None]:
    parts = {"value": told.value, "ci_low": told.low, "ci_high": told.high}
    return {name: _rounded(part) for name, part in parts.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
