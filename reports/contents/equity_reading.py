"""Reads what equity.json holds of groups; what it holds of persons is not even kept."""

from collections.abc import Mapping
from typing import Any

from reports.contents.equity import (
    Carried,
    Compared,
    Equity,
    FeeSpeed,
    Gap,
    Group,
    Half,
    NotTested,
    Part,
    Robustness,
    Ways,
)
from reports.contents.needed import needed
from reports.contents.terms import Limits

_SURE = 0.05


def read_equity(content: Mapping[str, Any]) -> Equity:
    """Read what `equity.json` holds, exact, but nothing of what is restricted to few eyes.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("equity.json"):
        rows = [*content["gaps"], *content["intersections"]]
        restricted = {one["attribute"] for one in rows if one["restricted"]}
        # An attribute of persons is so in every pair that it is part of, and where nobody is told.
        open_rows = {one["attribute"] for one in content["gaps"] if not one["restricted"]}
        kept = [
            [one for one in content[part] if not _of_persons(one["attribute"], restricted)]
            for part in ("gaps", "intersections")
        ]
        return Equity(
            unit=content["unit"],
            horizon_days=content["horizon_days"],
            compared_on=tuple(content["compared_on"]),
            cases=content["cases"],
            cohort=content["cohort"],
            attributes=tuple(
                _compared(one)
                for one in content["attributes"]
                if one["attribute"] in open_rows - restricted
            ),
            gaps=tuple(_gap(one) for one in kept[0]),
            intersections=tuple(_gap(one) for one in kept[1]),
            ways=tuple(
                Ways(attribute=one["attribute"], differ=one["q_value"] <= _SURE)
                for one in content["routes"]
                if one["q_value"] is not None and not _of_persons(one["attribute"], restricted)
            ),
            fee_speed=_fee_speed(content["fee_speed"]),
            not_tested=tuple(
                NotTested(what=one["what"], why=one["why"]) for one in content["not_tested"]
            ),
            compared=sum(map(len, kept)),
            persons=len(rows) - sum(map(len, kept)),
        )


def _of_persons(attribute: str, restricted: set[str]) -> bool:
    """Whether the attribute, or one of a pair, is restricted.

    >>> _of_persons("agent+district", {"agent"}), _of_persons("district", {"agent"})
    (True, False)
    """
    return attribute in restricted or any(part in restricted for part in attribute.split("+"))


def _compared(content: Mapping[str, Any]) -> Compared:
    return Compared(
        attribute=content["attribute"],
        basis=content["basis"],
        sensitive=content["sensitive"],
        groups=tuple(Group(group=one["group"], cases=one["cases"]) for one in content["groups"]),
    )


def _gap(content: Mapping[str, Any]) -> Gap:
    """One gap; what only told gaps have may be left out of the others."""
    robust = content.get("robustness")
    return Gap(
        attribute=content["attribute"],
        group=content["group"],
        measure=content["measure"],
        activity=content["activity"],
        feature=content["feature"],
        unit=content["unit"],
        cases=content["cases"],
        others=content["others"],
        raw=Limits.read_known(content["raw"]),
        entry=Limits.read_known(content["entry"]),
        process=Limits.read_known(content["process"]),
        direct=Limits.read_known(content["direct"]),
        together_with=tuple(content["together_with"]),
        coverage=content["coverage"],
        told=content["told"],
        why_not=content["why_not"],
        smallest_seen=content.get("smallest_seen"),
        material=content.get("material"),
        with_work=bool(content.get("with_work")),
        severity=content["severity"],
        strength=content["strength"],
        mean_others=content.get("mean_others"),
        parts=tuple(
            Part(what=one["what"], gap=Limits.read(one))
            for one in content.get("parts") or ()
            if one["value"] is not None
        ),
        edges=tuple(
            Carried(source=one["source"], target=one["target"], gap=Limits.read(one))
            for one in content.get("edges") or ()
            if one["value"] is not None
        ),
        halves=tuple(
            Half(first=one["from"], last=one["to"], value=one["value"], p_value=one["p_value"])
            for one in content.get("halves") or ()
        ),
        robustness=None
        if robust is None or robust["value"] is None
        else Robustness(
            value=robust["value"], benchmark=robust["benchmark"], left=robust["as_strong"]
        ),
    )


def _fee_speed(content: Mapping[str, Any] | None) -> FeeSpeed | None:
    if content is None or content["rho"] is None:
        return None
    rho = Limits.read(content, "rho")
    sure = rho.low is not None and rho.high is not None and rho.low * rho.high > 0
    q_value = content["q_value"]
    return FeeSpeed(
        rho=rho, rows=content["rows"], told=sure and q_value is not None and q_value <= _SURE
    )
