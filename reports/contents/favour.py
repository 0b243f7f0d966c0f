"""Whether the files of a group are picked sooner than others in the same queue, as it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.contents.needed import needed
from reports.contents.terms import Limits


@dataclass(frozen=True, kw_only=True)
class Picked:
    """How many positions sooner the files of a group are picked than others beside them.

    `items` of the group and `others` came to the queue of an activity. `positions` above zero is
    sooner; None: nothing could be tested. `overtakes` and `overtaken` are how many files one file
    of the group passes by, and is passed by. `smallest_seen` is as in `Gap`.
    """

    activity: str
    attribute: str
    group: str
    items: int
    others: int
    positions: Limits | None
    overtakes: float | None
    overtaken: float | None
    coverage: float
    told: bool
    why_not: str | None
    smallest_seen: float | None
    strength: str | None
    severity: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells this from every other."""
        return (self.activity, self.attribute, self.group)


@dataclass(frozen=True, kw_only=True)
class Favouritism:
    """Who is picked sooner, by groups; what is said of officers and other persons is not in here.

    `service_class` are the attributes on which the place in a queue may depend. `compared` is how
    many comparisons of groups were made, `persons` how many were left out for what they say of
    these, `hidden` how many to protect few.
    """

    picks: int
    groups: tuple[Picked, ...]
    service_class: tuple[str, ...] = ()
    compared: int = 0
    persons: int = 0
    hidden: int = 0


def read_favouritism(content: Mapping[str, Any]) -> Favouritism:
    """Read what `favouritism.json` holds of groups, exact; nothing of officers is even read.

    Raises `StopError` when a part is missing or does not fit.
    """
    with needed("favouritism.json"):
        rows = content["groups"]
        restricted = {one["attribute"] for one in rows if one["restricted"]}
        kept = [one for one in rows if one["attribute"] not in restricted]
        return Favouritism(
            picks=content["picks"],
            groups=tuple(_picked(one) for one in kept),
            service_class=tuple(content.get("service_class") or ()),
            compared=len(kept),
            persons=len(rows) - len(kept) + len(content["officers"]),
        )


def _picked(content: Mapping[str, Any]) -> Picked:
    return Picked(
        activity=content["activity"],
        attribute=content["attribute"],
        group=content["group"],
        items=content["items"],
        others=content["others"],
        positions=Limits.read_known(content, "positions"),
        overtakes=content["overtakes_per_item"],
        overtaken=content["overtaken_per_item"],
        coverage=content["coverage"],
        told=content["told"],
        why_not=content["why_not"],
        smallest_seen=content["smallest_seen"],
        strength=content["strength"],
        severity=content["severity"],
    )
