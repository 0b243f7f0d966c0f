"""The part of a process file that says what operations want to hear about."""

from typing import Literal, Self

from pydantic import Field, model_validator

from eventlog.definition_parts import Name, Part
from eventlog.terms import Elapsed


class Alert(Part):
    """A threshold that operations want to hear about.

    Exactly one of `above`, `below`, `above_usual`, `below_usual`. The latter two say how many
    usual spreads beyond what is usual for that weekday and hour. `clear` is where the measure must
    come back to before the alert is over (the threshold itself without it; counted as the
    threshold is), and `keep_firing_for` how long it must have stayed there. `window` is how far
    the measure looks back (`soon_overdue_cases`: ahead); `remind` tells an alert that fires again
    after so long.
    """

    name: Name
    measure: Literal[
        "queue_length", "oldest_item", "waiting_p90", "arrivals_less_completions",
        "overdue_cases", "soon_overdue_cases", "share_over_term", "rework_share",
        "disparity_drift", "silence", "rejects", "lag",
    ]  # fmt: skip
    activity: Name | None = None
    by: Name | None = None
    above: float | None = None
    below: float | None = None
    above_usual: float | None = Field(default=None, gt=0)
    below_usual: float | None = Field(default=None, gt=0)
    clear: float | None = None
    window: Elapsed | None = None
    for_: Elapsed = Field(default=Elapsed(0), alias="for")
    keep_firing_for: Elapsed | None = None
    remind: Elapsed | None = None
    severity: Literal["info", "warning", "critical"] = "warning"

    @property
    def upwards(self) -> bool:
        """Whether too much is what the alert is about, and not too little."""
        return self.above is not None or self.above_usual is not None

    @property
    def against_usual(self) -> bool:
        """Whether the threshold goes with what is usual at that weekday and hour."""
        return self.above_usual is not None or self.below_usual is not None

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        given = [
            limit
            for limit in (self.above, self.below, self.above_usual, self.below_usual)
            if limit is not None
        ]
        if len(given) != 1:
            raise ValueError("give one of above, below, above_usual and below_usual")
        if self.clear is not None and (
            self.clear > given[0]
            if self.upwards or self.below_usual is not None
            else self.clear < given[0]
        ):
            raise ValueError(
                f"clear is {self.clear:g}, which lies beyond the threshold of {given[0]:g}"
            )
        for name in ("window", "remind"):
            span = getattr(self, name)
            if span is not None and span <= Elapsed(0):
                raise ValueError(f'{name} is no time at all; expected e.g. "30 days"')
        return self
