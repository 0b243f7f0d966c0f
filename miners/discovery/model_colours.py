"""How the tasks of a model are coloured by how well the cases keep to the procedure there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from miners.discovery.model_files import Colour

MOSTLY = 0.5
"""From this share of its executions on, a task is said to be off the procedure itself."""
SOME = 0.01
"""Below this share, what strays or is left out is not worth a colour."""
OFTEN = 0.1
"""From this share on, a task is said to be left out often."""


class Agreement(StrEnum):
    """How well the cases keep to the procedure at a task."""

    CONFORMING = "conforming"
    SOME_STRAY = "some stray"
    MOSTLY_STRAY = "mostly stray"
    OFTEN_SKIPPED = "often skipped"


COLOURS: Mapping[Agreement, Colour] = {
    Agreement.CONFORMING: Colour(stroke="#1d4f86", fill="#d3e1f0"),
    Agreement.SOME_STRAY: Colour(stroke="#a8540c", fill="#fde3c8"),
    Agreement.MOSTLY_STRAY: Colour(stroke="#6b1d07", fill="#e8a07a"),
    Agreement.OFTEN_SKIPPED: Colour(stroke="#55606e", fill="#ffffff"),
}
"""Border and fill; of differing lightness, so that they can be told apart without seeing hue."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How an activity was followed: `straying` of its `events`; it was left out `skipped` times."""

    events: int
    straying: int
    skipped: int

    def __post_init__(self) -> None:
        """Refuse counts that do not fit each other."""
        if not (0 <= self.straying <= self.events and self.skipped >= 0):
            raise ValueError(
                f"{self.straying} of {self.events} stray, {self.skipped} are left out; "
                "expected a part, and no count below zero"
            )

    @property
    def agreement(self) -> Agreement:
        """The worst that is to be said: mostly astray, often left out, sometimes astray.

        >>> Followed(events=90, straying=3, skipped=10).agreement.value
        'often skipped'
        """
        should = self.events - self.straying + self.skipped
        if self.events and self.straying >= MOSTLY * self.events:
            return Agreement.MOSTLY_STRAY
        if self.skipped and self.skipped >= OFTEN * should:
            return Agreement.OFTEN_SKIPPED
        if self.straying and self.straying >= SOME * self.events:
            return Agreement.SOME_STRAY
        return Agreement.CONFORMING


def model_colours(followed: Mapping[str, Followed]) -> dict[str, Colour]:
    """The colour of each activity, for `render_bpmn`."""
    return {name: COLOURS[one.agreement] for name, one in followed.items()}
