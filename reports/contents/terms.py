"""Whether terms are kept and what could be promised, as the report tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.contents.needed import needed


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A share of 0 to 1 or a ratio, with its 95 % limits; None where a limit is not known."""

    value: float
    low: float | None
    high: float | None

    @staticmethod
    def read(content: Mapping[str, Any], name: str = "value") -> "Limits":
        """The figure of this name and its limits; raises what a missing part raises."""
        return Limits(value=content[name], low=content["ci_low"], high=content["ci_high"])

    @staticmethod
    def read_known(content: Mapping[str, Any] | None, name: str = "value") -> "Limits | None":
        """As `read`, None where nothing is known of it."""
        if content is None or content[name] is None:
            return None
        return Limits.read(content, name)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How one standard is kept (miners.lateness): by all applications, by a group, or at a step.

    `share` is the share over the term, open ones counted, None where it is not known. `over` are
    late so far, `still_open` of these not decided yet, both of `judged`. `few_late` marks that some
    are late and too few to be told, `few_kept` that all but so few are. `days_over` is how long
    half of the late are over their term at least. `terms` are the distinct terms in `unit`
    (`working days` or `days`).
    """

    standard: str
    attribute: str | None
    group: str | None
    cases: int
    judged: int
    over: int | None
    still_open: int | None
    share: Limits | None
    days_over: float | None
    unit: str | None
    terms: tuple[float, ...]
    few_late: bool = False
    few_kept: bool = False


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Within how many whole days a `share` of applications is decided, and how that held.

    `kept` is the share of `tested` later cases decided within the promise of their time; `reason`
    says why it may not be published, None: it may.
    """

    share: float
    whole_days: int | None
    kept: Limits | None
    tested: int
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Promises:
    """The promises for all applications or for a group, in `unit`; made of the last `months`."""

    attribute: str | None
    group: str | None
    cases: int
    decided: int
    unit: str
    months: int | None
    promises: tuple[Promise, ...]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far usual and unlucky applicants are apart: P50, P90 and their ratio, in `unit`."""

    measure: str
    attribute: str | None
    group: str | None
    cases: int
    ratio: Limits | None
    usual: float | None
    unlucky: float | None
    unit: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Terms overall, by group and by step, promises (all applications first), and spreads.

    `hidden_groups` and `hidden_steps` are how many are not listed.
    """

    overall: Kept | None
    groups: tuple[Kept, ...]
    steps: tuple[Kept, ...]
    promises: tuple[Promises, ...]
    spreads: tuple[Spread, ...]
    hidden_groups: int = 0
    hidden_steps: int = 0


def read_terms(content: Mapping[str, Any]) -> Terms:
    """Read what `lateness.json` holds, exact.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("lateness.json"):
        return Terms(
            overall=_kept(content["term"]),
            groups=tuple(_kept(one) for one in content["groups"]),
            steps=tuple(_kept(one) for one in content["steps"]),
            promises=tuple(_promises(one) for one in content["promises"]),
            spreads=tuple(_spread(one) for one in content["spreads"]),
        )


def _kept(content: Mapping[str, Any]) -> Kept:
    return Kept(
        standard=content["standard"],
        attribute=content["attribute"],
        group=content["group"],
        cases=content["cases"],
        judged=content["judged"],
        over=content["over"],
        still_open=content["open_over"],
        share=_limits(content["share"]),
        days_over=content["days_over"],
        unit=content["unit"],
        terms=tuple(content["terms"]),
    )


def _promises(content: Mapping[str, Any]) -> Promises:
    return Promises(
        attribute=content["attribute"],
        group=content["group"],
        cases=content["cases"],
        decided=content["decided"],
        unit=content["unit"],
        months=content["months"],
        promises=tuple(
            Promise(
                share=one["share"],
                whole_days=one["whole_days"],
                # What is printed is the rounded promise, so that is what was tried.
                kept=_limits(one["kept"] if one["reason"] else one["kept_whole"]),
                tested=one["tested"],
                reason=one["reason"],
            )
            for one in content["promises"]
        ),
    )


def _spread(content: Mapping[str, Any]) -> Spread:
    return Spread(
        measure=content["measure"],
        attribute=content["attribute"],
        group=content["group"],
        cases=content["cases"],
        ratio=_limits(content["ratio"]),
        usual=content["usual"],
        unlucky=content["unlucky"],
        unit=content["unit"],
    )


def _limits(content: Mapping[str, Any] | None) -> Limits | None:
    if content is None:
        return None
    return Limits(value=content["value"], low=content["low"], high=content["high"])
