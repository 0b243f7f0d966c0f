"""Why a target may be missed: what decides each figure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from verdict import Verdict

_DAYS = (
    "estimates are right on the average and limits hold the truth (below), so what is seen follows "
    "from the width of the limits, and that from how much the days of comparable applications "
    "scatter. The target was set with other worlds; these were not made quieter to meet it."
)
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "each test by itself": "with so many worlds a share of 5 % is known to about one point "
        "only, and the table has eight of them: the limits beside each below say which is off "
        "by more than chance.",
        "0.8 days longer": _DAYS,
        "0.4 days longer": _DAYS,
        "by log-rank": _DAYS,
        "5 points more often": "what decides is how many of the group there are, and how often "
        "others are asked.",
        "95 % limits hold": "the worst of all measures and sizes is told; with so many worlds each "
        "share is known to about two points at the edges. The plot below says which it is.",
        "agent favoured": "what decides is how long lines are: the lead of one who goes first is "
        "as many places as there are others. Told is also less than seen: half a place gained on "
        "the average is the least that is worth telling.",
        "wrong ones among the flagged": "few are flagged in an office, and a single wrong one "
        "counts much.",
        "share of them flagged": "an officer is told only if the lead is surely more than 5 "
        "points of that officer's picks, among all officers, steps and groups, in both halves. In "
        "5,000 applications each has some 60 picks at zoning, so that a lead of 20 points is known "
        "to 10 (95 %), or to 20 where six are chosen among 1,160 pairs. More applications are the "
        "remedy (see single officers, below); a lower bar would accuse the clean.",
        "anything told": "chance allows for some; the share has limits of its own in so few "
        "offices.",
    }
)
"""By a part of the words for the figure."""


def reasons(told: Iterable[Verdict]) -> str:
    """A list of the targets that were missed, each with what decides it; empty without any."""
    missed = [one for one in told if one.met is False]
    if not missed:
        return ""
    lines = ["Missed, and why:", ""]
    lines += [f"- *{one.what}*: {_reason(one.what)}" for one in missed]
    return "\n".join([*lines, ""])


def _reason(what: str) -> str:
    found = (why for part, why in _REASONS.items() if part in what)
    return next(found, "No reason is known.")
