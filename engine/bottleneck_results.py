"""Where applications wait: `work_items.parquet`, `bottlenecks.json` and the findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine import bottlenecks
from engine.happened import happened
from engine.labels import labels
from engine.looks import Whole
from engine.queue_doubts import Doubts, Place, queue_doubts
from engine.results import write_json
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Bools
from miners.causes import CAUSES, Causes, split
from miners.hands import in_hand
from miners.open_items import RULES, WAITING_AFTER
from miners.quality import midnights
from miners.queues import Queue, Queues, queues
from miners.work_items import Items, items_table

# Rows written at a time: some 100 MB of texts and times.
_ROWS = 500_000
_DAY = 86_400_000_000
_DAYS_TOLD = 400


@dataclass(frozen=True, kw_only=True)
class Bottlenecks:
    """The queues of the office, why files waited in them, what to doubt, and the findings."""

    queues: Queues
    causes: Causes
    doubts: Mapping[Place, Doubts]
    findings: list[dict[str, Any]]


def find_bottlenecks(whole: Whole, definition: Definition) -> Bottlenecks:
    """Split the waiting by cause and tell the queues; `whole` must have work items."""
    assert whole.items is not None
    items = happened(whole.items, whole.now)
    vague = _vague(items, definition.timezone)
    hands = in_hand(items, whole.now)
    causes = split(
        items,
        hands,
        calendars=whole.calendars,
        now=whole.now,
        applicant=whole.applicant,
        vague=vague,
    )
    found = queues(
        items,
        hands,
        causes,
        calendars=whole.calendars,
        began=whole.began,
        now=whole.now,
        open_items=whole.still,
        applicant_steps=whole.applicants,
    )
    doubts = queue_doubts(items, vague, whole.applicant, whole.calendars)
    told = bottlenecks.findings(found, doubts, labels(definition))
    return Bottlenecks(queues=found, causes=causes, doubts=doubts, findings=told)


def _vague(items: Items, timezone: str) -> Bools:
    """Items that waited from or until a date without a time; until they were done without start."""
    out = np.zeros(len(items), bool)
    until = np.where(items.started != UNKNOWN, items.started, items.completed)
    for moments in (items.enabled, until):
        known = np.flatnonzero(moments != UNKNOWN)
        out[known] |= midnights(moments[known], timezone)
    return out


def write_items(whole: Whole, causes: Causes | None, path: Path) -> None:
    """`work_items.parquet`, in the order of cases."""
    items = whole.items
    assert items is not None
    labels = pa.array(CAUSES, pa.string())
    main = None if causes is None else causes.main
    writer: pq.ParquetWriter | None = None
    for first in range(0, max(len(items), 1), _ROWS):
        part = items.between(first, min(first + _ROWS, len(items)))
        told = None
        if main is not None:
            code = main[first : first + _ROWS]
            told = labels.take(pa.array(code, pa.int8(), mask=code < 0))
        table = items_table(part, case_ids=whole.case_ids, calendars=whole.calendars, causes=told)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    assert writer is not None
    writer.close()


def write_bottlenecks(found: Bottlenecks, whole: Whole, path: Path, *, timezone: str) -> None:
    """`bottlenecks.json`: every queue with its figures, and where open applications stand."""
    queues_ = found.queues
    write_json(
        {
            "unit": queues_.unit,
            "waiting": queues_.waiting,
            "causes": _cause_days(queues_),
            "queues": [
                _queue(
                    queue,
                    found.doubts.get((queue.activity, queue.unit), Doubts()),
                    ZoneInfo(timezone),
                )
                for queue in queues_.queues
            ],
            "open": _open_places(whole),
        },
        path,
    )


def _queue(queue: Queue, doubts: Doubts, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "activity": queue.activity,
        "unit": queue.unit,
        "cases": queue.cases,
        "waiting": round(queue.waiting, 4),
        "mean": round(queue.mean, 4),
        "ci_low": None if queue.low is None else round(queue.low, 4),
        "ci_high": None if queue.high is None else round(queue.high, 4),
        **bottlenecks.evidence(queue, doubts),
        "days": [
            {"day": _date(day, zone), "mean": round(mean, 3), "most": int(most)}
            for day, mean, most in zip(
                queue.day[-_DAYS_TOLD:].tolist(),
                queue.daily[-_DAYS_TOLD:].tolist(),
                queue.daily_most[-_DAYS_TOLD:].tolist(),
                strict=True,
            )
        ],
    }


def _cause_days(found: Queues) -> dict[str, float]:
    totals = dict.fromkeys(CAUSES, 0.0)
    for queue in found.queues:
        for cause, days in queue.causes.items():
            totals[cause] += days
    return {cause: round(days, 4) for cause, days in totals.items()}


def _open_places(whole: Whole) -> list[dict[str, Any]]:
    """Where open applications stand now: by step and by how that is known, most cases first.

    "waiting after": the step that was done last, where nobody knows the next.
    """
    still = whole.still
    if still is None or not len(still):
        return []
    labels = still.activity.vocabulary.labels
    pairs = np.column_stack([still.activity.codes.astype(np.int64), still.rule.astype(np.int64)])
    distinct, place = np.unique(pairs, axis=0, return_inverse=True)
    places = []
    for number, (activity, rule) in enumerate(distinct.tolist()):
        rows = np.flatnonzero(place == number)
        age = (whole.now - still.since[rows]) / _DAY
        places.append(
            {
                "activity": labels[activity],
                "rule": RULES[rule],
                "after": rule == WAITING_AFTER,
                "cases": len(np.unique(still.case[rows])),
                "oldest_days": round(float(age.max()), 2),
                "median_days": round(float(np.median(age)), 2),
            }
        )
    return sorted(places, key=lambda p: (-int(p["cases"]), str(p["activity"]), str(p["rule"])))


def _date(moment: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment / 1_000_000, zone).date().isoformat()
