"""How the office does against its targets, as pages and the published scorecard tell it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from reports.contents.needed import needed

_Part = TypeVar("_Part")


@dataclass(frozen=True, kw_only=True)
class Month:
    """A calendar month, as 2026-03, and the number in it; None where it may not be told."""

    month: str
    value: float | None
    n: int | None


@dataclass(frozen=True, kw_only=True)
class Trend:
    """The last three complete months against the three before, with limits of the change.

    `told` is `better`, `worse`, `more`, `less` or `no clear change`.
    """

    now: float
    before: float
    change: float
    ci_low: float
    ci_high: float
    n_now: int
    n_before: int
    told: str


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One indicator, of the office, of a `unit`, or where `attribute` is `group`.

    `value` is None where `why` says why. `n` is of how many, `cases` of how many applications
    (None: that does not say it); `counted` marks a plain count, which has no limits. `better` says
    which way is, None neither. `met` is `yes`, `no` or `too close to tell`.
    """

    indicator: str
    perspective: str
    unit: str | None
    attribute: str | None
    group: str | None
    measured_in: str
    better: str | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    limits_by: str | None
    counted: bool
    n: int
    cases: int | None
    officers: int | None
    spread: float | None
    target: float | None
    met: str | None
    months: tuple[Month, ...]
    trend: Trend | None
    why: str | None
    wording: Mapping[str, str]
    about: bool = False
    hours_known: float | None = None

    @property
    def of_office(self) -> bool:
        """Whether it tells of the whole office."""
        return self.unit is None and self.attribute is None


@dataclass(frozen=True, kw_only=True)
class Quicker:
    """A unit that clearly got quicker, with limits of the change."""

    unit: str
    now: float
    before: float
    change: float
    ci_low: float
    ci_high: float
    n_now: int
    n_before: int
    q_value: float


@dataclass(frozen=True, kw_only=True)
class Improved:
    """The units that clearly got quicker by `indicator`, of `compared`."""

    indicator: str
    measured_in: str
    compared: int
    units: tuple[Quicker, ...]
    wording: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """All lines, in the order of the process file; `chosen` by it, or `usual` ones.

    `months` are the first and the last month of values (`value`), and of both sides of trends
    (`now`, `before`). `hidden` lines are not listed.
    """

    chosen: str
    months: Mapping[str, tuple[str, str]]
    lines: tuple[ScoreLine, ...]
    improved: Improved | None
    hidden: int = 0


def read_scorecard(content: Mapping[str, Any]) -> Scorecard:
    """Read what `scorecard.json` holds, exact.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("scorecard.json", by="a page"):
        improved = content["improved"]
        return Scorecard(
            chosen=content["chosen"],
            months={name: (first, last) for name, (first, last) in content["months"].items()},
            lines=tuple(_line(one) for one in content["lines"]),
            improved=None if improved is None else _improved(improved),
        )


def scorecard_content(scorecard: Scorecard) -> dict[str, Any]:
    """What `scorecard.json` would hold of this scorecard."""
    improved = scorecard.improved
    return {
        "schema_version": 1,
        "chosen": scorecard.chosen,
        "months": {name: list(ends) for name, ends in scorecard.months.items()},
        "lines": [asdict(line) for line in scorecard.lines],
        "improved": None if improved is None else asdict(improved),
    }


def _line(content: Mapping[str, Any]) -> ScoreLine:
    trend = content["trend"]
    more = {
        "months": tuple(_part(Month, one) for one in content["months"]),
        "trend": None if trend is None else _part(Trend, trend),
    }
    return _part(ScoreLine, {"about": False, "hours_known": None, **content, **more})


def _improved(content: Mapping[str, Any]) -> Improved:
    units = tuple(_part(Quicker, one) for one in content["units"])
    return _part(Improved, {**content, "units": units})


def _part(made: type[_Part], content: Mapping[str, Any]) -> _Part:
    """A part with just the fields that it has; KeyError where one is missing."""
    names = [field.name for field in fields(made)]  # type: ignore[arg-type]  # only dataclasses come
    return made(**{name: content[name] for name in names})
