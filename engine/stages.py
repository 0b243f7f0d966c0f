"""How long each stage of a run takes, told while it runs and added up for the record."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.progress import Progress


@dataclass
class Clock:
    """Announces stages and adds up the seconds of each."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what the block does under `name`."""
        began = time.perf_counter()
        with self.progress.stage(name):
            yield
        spent = time.perf_counter() - began
        self.seconds[name] = round(self.seconds.get(name, 0.0) + spent, 3)
