"""What can be asked of before and after a day, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from eventlog.errors import UsageError
from reports.contents.terms import Limits
from reports.language import mark, say

TIME, WAITING, ON_TIME, DETOURS = "time", "waiting", "on-time", "detours"
MEASURES: Mapping[str, str] = {
    TIME: mark("Time from the first event to the end"),
    WAITING: mark("Waiting at a step"),
    ON_TIME: mark("Share on time"),
    DETOURS: mark("Share with a detour"),
}
"""What can be compared, and what it is called."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The day that parts before and after, what is measured, and of which applications.

    `step` is the activity of WAITING; `only` an attribute and its value, None for all.
    """

    day: date
    measure: str = TIME
    step: str | None = None
    only: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        if self.measure not in MEASURES:
            raise UsageError(
                say(
                    "measure is %(value)s; expected one of %(known)s",
                    value=self.measure,
                    known=", ".join(MEASURES),
                )
            )
        if (self.step is not None) != (self.measure == WAITING):
            raise UsageError(say("a step is given with the measure waiting, and only with it"))


@dataclass(frozen=True, kw_only=True)
class Side:
    """The applications (or waits) on one side: how many, and their figure.

    `value` is a mean in days up to the horizon, or a share of which there are `hits`; `median` and
    `p80` are days, open ones counted. `open` is how many are not over yet, `of` how many there are
    without choosing, where some were chosen. What is None is not known or may not be told.
    """

    cases: int
    open: int | None
    value: Limits | None
    hits: int | None = None
    median: float | None = None
    p80: float | None = None
    of: int | None = None


@dataclass(frozen=True, kw_only=True)
class Month:
    """Those that came in one month; `month` as `2025-01`, `of` as of a side."""

    month: str
    cases: int
    value: Limits | None
    hits: int | None = None
    of: int | None = None


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """What came out; `why` says why nothing did.

    Both sides are `length` days long, before and from `asked.day` on, and followed for `horizon`
    days. `raw` and `comparable` are after less before, `coverage` the share of those after that had
    comparable ones before. `earliest` and `latest` are the days that can be asked for.
    """

    asked: Asked
    length: int
    horizon: int
    earliest: date
    latest: date
    before: Side | None = None
    after: Side | None = None
    raw: Limits | None = None
    comparable: Limits | None = None
    coverage: float = 0.0
    months: tuple[Month, ...] = ()
    why: str | None = None

    @property
    def in_days(self) -> bool:
        """Whether values are days; else they are shares."""
        return self.asked.measure in {TIME, WAITING}
