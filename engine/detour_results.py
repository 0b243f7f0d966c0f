"""Detours and what each one costs: `detours.json` and the findings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine import detours
from engine.detour_content import content, idle, reference, rounded
from engine.detour_times import OfficeTime, Straightened, closed
from engine.detour_wording import NO_TIME
from engine.detours import Detour
from engine.judging import Judged
from engine.labels import labels
from engine.looked_at import looked_at
from engine.looks import Whole
from engine.results import write_json
from eventlog.definition import Definition
from miners.detours.cost import Cost, costs, excess
from miners.detours.matching import match
from miners.detours.spans import followed, sides
from miners.detours.where_found import Cases, Found, where_found
from miners.discovery.model_colours import Followed
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


def find_detours(whole: Whole, definition: Definition, judged: Judged) -> DetourResults:
    """Price what strays, as applications were `judged`; `whole` must have work items."""
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
            **content(judged, every, price, time),
            "without": straightened.without(range(len(order))),
            "idle_steps": idle(whole, definition, judged, time),
            "reference": reference(judged),
        },
        findings=detours.findings(
            every,
            by=judged.by,
            unit=time.unit,
            all_days=float(spent),
            smallest_cell=definition.privacy.smallest_cell,
            names=labels(definition),
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
                    "ci_low": rounded(one.difference.low),
                    "ci_high": rounded(one.difference.high),
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
        "ci_low": rounded(trend.change.low),
        "ci_high": rounded(trend.change.high),
        "earlier": round(trend.earlier, 4),
        "later": round(trend.later, 4),
        "q_value": round(trend.q_value, 6),
        "told": trend.told,
    }
