"""What one run has found, in the shape that the report is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pandas as pd

from eventlog.errors import StopError
from reports.contents.detours import Detours
from reports.contents.equity import Equity
from reports.contents.favour import Favouritism
from reports.contents.scorecard import Scorecard
from reports.contents.terms import Terms
from reports.contents.voice import Voice
from reports.contents.waiting import Waiting
from reports.maps.graph import ProcessMap
from reports.words.names import Names

VARIANT_COLUMNS = ("rank", "cases", "share", "events", "activities")
"""Columns of `variants.csv` (interface.md)."""
_SEPARATOR = " > "


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """First to last event of the cases: elapsed seconds, and bins of (from, to, cases).

    `working` is the same in working time, as (p50, p90) in seconds; None without a calendar.
    """

    cases: int
    mean: float
    p50: float
    p90: float
    bins: tuple[tuple[float, float, int], ...]
    working: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuse bins that do not add up to the cases."""
        told = sum(count for _, _, count in self.bins)
        if told != self.cases:
            raise StopError(f"throughput: the bins hold {told} cases; expected {self.cases}")


@dataclass(frozen=True, kw_only=True)
class Rework:
    """An activity that came again in the same case: in how many cases, how many times again.

    `executions` is None where the number may not be told.
    """

    activity: str
    cases: int
    executions: int | None


@dataclass(frozen=True, kw_only=True)
class Party:
    """Whose time it was: `office`, `applicant` or `external`; elapsed seconds in so many cases."""

    name: str
    cases: int
    seconds: float


class Giver(Enum):
    """Who passes work on in the handover rows: units may be named, people may not."""

    UNIT = "unit"
    RESOURCE = "resource"


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Work that went from one to another: how often, in how many cases, after how long.

    `cases` is None where the number may not be told; `about` marks a rounded frequency.
    """

    source: str
    target: str
    frequency: int
    cases: int | None
    p50_seconds: float | None = None
    about: bool = False


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything that a report shows, exact and unsuppressed.

    `variants` has the columns of `variants.csv`; `findings` are findings as in `findings.json`;
    `run` is `run.json`, of which `counts`, `rejects`, `switched_off` (each a mapping),
    `lake_version`, `definition` and `package_version` are shown where they are present.
    `first` and `last` are the times of the first and the last event, `as_of` is "now"; all ISO
    8601, empty where there are no events. `open_cases` is None where nothing says when a case
    is closed; `waiting`, `terms`, `detours`, `equity`, `favouritism`, `voice` and `scorecard`
    where these questions were not asked.
    `parties` is empty where nothing says whose time it was. `names` are what activities and
    attributes are called in what people look at; everything else here has their codes. `labels` are
    the same in every language, for the sentences of findings.
    """

    process: str
    as_of: str
    first: str
    last: str
    cases: int
    open_cases: int | None
    graph: ProcessMap
    variants: pd.DataFrame
    throughput: Throughput | None
    rework: tuple[Rework, ...]
    handover_by: Giver
    handover: tuple[Handover, ...]
    findings: tuple[Mapping[str, Any], ...]
    run: Mapping[str, Any]
    waiting: Waiting | None = None
    terms: Terms | None = None
    detours: Detours | None = None
    equity: Equity | None = None
    favouritism: Favouritism | None = None
    voice: Voice | None = None
    scorecard: Scorecard | None = None
    parties: tuple[Party, ...] = ()
    names: Names = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    smallest_cell: int = 5

    def __post_init__(self) -> None:
        """Refuse variants without their columns and a smallest cell that hides nothing."""
        missing = [name for name in VARIANT_COLUMNS if name not in self.variants.columns]
        if missing:
            raise StopError(f"variants.csv has no column {missing[0]!r}; run `runut mine` again")
        if self.smallest_cell < 1:
            raise StopError(f"smallest_cell is {self.smallest_cell}; expected 1 or more")
        if self.cases < 0:
            raise StopError(f"the results count {self.cases} cases; expected 0 or more")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way through the process; `about` marks a number that was shifted to protect others."""

    cases: int
    share: float
    events: int | None
    activities: tuple[str, ...]
    about: bool = False


def split_variant(joined: str, names: frozenset[str]) -> tuple[str, ...]:
    """The activities of a variant; a name that itself holds ` > ` is found among `names`.

    >>> split_variant("a > b > c", frozenset({"a > b", "c"}))
    ('a > b', 'c')
    """
    parts = joined.split(_SEPARATOR)
    longest = max((name.count(_SEPARATOR) + 1 for name in names), default=1)
    found: list[str] = []
    place = 0
    while place < len(parts):
        for size in range(min(longest, len(parts) - place), 0, -1):
            name = _SEPARATOR.join(parts[place : place + size])
            if size == 1 or name in names:
                found.append(name)
                place += size
                break
    return tuple(found)
