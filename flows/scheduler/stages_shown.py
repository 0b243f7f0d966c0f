"""How far a mining run is, as a bar among Prefect's artifacts that moves from stage to stage."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from engine.progress import Stage

# The server hears of a stage at most so often: short stages need no bar.
_PAUSE_SECONDS = 1.0
# Where the last run was quicker than this one, the bar waits here for its end.
_ALMOST = 99.0


@dataclass
class Shown:
    """Progress that is told to the Prefect server.

    How much of the way a stage is comes from the `usual` seconds by stage, which are those of the
    last run; without them the bar stays at its beginning, and only tells the stage.
    """

    artifact: UUID
    usual: Mapping[str, float]
    spent: dict[str, float] = field(default_factory=dict)
    told: float = field(default_factory=time.monotonic)

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Stage]:  # noqa: ARG002 (the contract's)
        """Tell that this stage is under way."""
        began = time.monotonic()
        if began - self.told >= _PAUSE_SECONDS:
            self.told = began
            tell(self.artifact, percent(self.spent, self.usual), f"{name}…")
        yield self
        self.spent[name] = self.spent.get(name, 0.0) + time.monotonic() - began

    def advance(self, amount: int) -> None:
        """Nothing: the bar goes by stages."""


@contextmanager
def shown(key: str, *, last: Path) -> Iterator[Shown]:
    """A bar under this key; `last` is the folder of the last results, which may not be there."""
    artifact = create_progress_artifact(0.0, key=key, description="begins…")
    assert isinstance(artifact, UUID)  # awaited by Prefect itself, outside of a loop
    yield Shown(artifact=artifact, usual=_seconds(last))
    tell(artifact, 100.0, "done")


def percent(spent: Mapping[str, float], usual: Mapping[str, float]) -> float:
    """How much of the usual seconds lies behind, 0 to 99; a stage counts for no more than usual.

    >>> percent({"read": 3.0, "observe": 1.0}, {"read": 1.0, "observe": 3.0})
    50.0
    >>> percent({"read": 3.0}, {})
    0.0
    """
    whole = sum(usual.values())
    if not whole:
        return 0.0
    behind = sum(min(spent.get(stage, 0.0), seconds) for stage, seconds in usual.items())
    return min(100.0 * behind / whole, _ALMOST)


def tell(artifact: UUID, done: float, stage: str) -> None:
    """Move the bar; whatever goes wrong with it, the work goes on."""
    with suppress(Exception):
        update_progress_artifact(artifact, progress=done, description=stage)


def _seconds(folder: Path) -> Mapping[str, float]:
    with suppress(OSError, ValueError, KeyError):
        seconds: dict[str, float] = json.loads((folder / "run.json").read_text("utf-8"))["seconds"]
        return seconds
    return {}
