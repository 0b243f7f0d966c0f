"""What one look at the lake gave: sums over cases, and what all later answers are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from engine.batch import added
from engine.looks import Looks
from eventlog.kernels import Int64s
from eventlog.log import Log
from eventlog.moments import moment_of
from eventlog.tally import Summary
from miners.quality import Check


class CaseTable(Protocol):
    """`cases.parquet` in the making."""

    def finish(self, ranked: Int64s) -> None:
        """Tell each case its variant; `ranked` [n, 2] are the variant keys from rank 1 on."""


@dataclass(kw_only=True)
class Sums:
    """What was counted over cases so far.

    `unfinished` is what `never_completed` needs; `resources` and `units`: whether any event
    names one.
    """

    summaries: Mapping[str, Summary] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    unfinished: Summary = field(default_factory=Summary)
    events: int = 0
    executions: int = 0
    cases: int = 0
    repeats: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    resources: bool = False
    units: bool = False

    def add(self, summaries: Mapping[str, Summary]) -> None:
        """Add what the miners saw in a slice."""
        self.summaries = added(self.summaries, summaries) if self.summaries else summaries

    def doubt(self, checks: list[Check], open_ends: Summary) -> None:
        """Add what a slice's events lack."""
        if not self.checks:
            self.checks = checks
        else:
            self.checks = [a + b for a, b in zip(self.checks, checks, strict=True)]
        self.unfinished += open_ends

    def note(self, log: Log) -> None:
        """Count a slice in."""
        self.events += len(log)
        self.executions += len(log.executions.activity)
        self.cases += log.cases
        self.repeats += int(log.repeats.sum())
        self.resources |= len(log.resource.vocabulary) > 0
        self.units |= len(log.unit.vocabulary) > 0
        if len(log):
            first, last = (moment_of(int(f(log.timestamp))) for f in (np.min, np.max))
            self.earliest = min(first, self.earliest or first)
            self.latest = max(last, self.latest or last)


@dataclass(kw_only=True)
class Seen(Sums):
    """What one look at the lake gave: sums over cases, and the case table in the making.

    `looks` is what crosses cases, None where nobody asked; `off` what could not be looked at, why.
    """

    case_file: CaseTable
    looks: Looks | None = None
    off: dict[str, str] = field(default_factory=dict)
