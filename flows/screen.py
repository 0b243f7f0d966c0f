"""What a person or a script sees: results on stdout, progress and warnings on stderr."""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_WIDEST = 100


class Manner(StrEnum):
    """How a command speaks."""

    WORDS = "words"
    JSON = "json"
    QUIET = "quiet"


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Where a command speaks; `show` is called once, at its end."""

    manner: Manner
    progress: Progress

    def show(self, lines: Sequence[str], fields: Mapping[str, Any]) -> None:
        """Print the result: `lines` for a person, `fields` as one JSON object for a script."""
        if self.manner is Manner.JSON:
            print(json.dumps(fields, ensure_ascii=False, indent=2, default=str), flush=True)
        elif self.manner is Manner.WORDS:
            for line in lines:
                print(wrapped(line), flush=True)

    def note(self, line: str) -> None:
        """Say something on the way that a person should know, on stderr."""
        if self.manner is not Manner.QUIET:
            print(wrapped(line), file=sys.stderr)

    def waiting(self, error: Exception, seconds: float) -> None:
        """Say why it does not go on just now, and when it tries again."""
        self.note(f"{error}; trying again in {seconds:g} s")


def wrapped(line: str) -> str:
    """The line broken at words to the width of the terminal, 100 columns at most.

    What follows an indent or a bullet keeps it; paths are never broken.
    """
    width = min(shutil.get_terminal_size((_WIDEST, 40)).columns, _WIDEST)
    body = line.lstrip(" ")
    indent = " " * (len(line) - len(body) + (2 if body.startswith("- ") else 0))
    return textwrap.fill(
        line,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


@contextmanager
def screen(*, as_json: bool, quiet: bool) -> Iterator[Screen]:
    """The screen of one command; its progress shows only on a terminal."""
    manner = Manner.JSON if as_json else Manner.QUIET if quiet else Manner.WORDS
    if quiet or not sys.stderr.isatty():
        yield Screen(manner=manner, progress=Silent())
        return
    # rich takes a tenth of a second that a script without a terminal need not wait for
    from rich import progress as rich  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich.SpinnerColumn(),
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeElapsedColumn(),
    )
    # Results go to stdout as they are; rich would take them to the terminal with the bars.
    bars = rich.Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False
    )
    yield Screen(manner=manner, progress=Live(bars))


@dataclass
class Live:
    """Progress as bars that move and vanish when their stage is done."""

    bars: "Bars"
    under_way: int = 0

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator["Stage"]:
        """One bar for what is being done now; without a total it only moves."""
        if not self.under_way:
            self.bars.start()
        self.under_way += 1
        bar = self.bars.add_task(name, total=total)
        try:
            yield Stage(self.bars, bar)
        finally:
            self.bars.remove_task(bar)
            self.under_way -= 1
            if not self.under_way:
                self.bars.stop()


@dataclass(frozen=True)
class Stage:
    """One bar."""

    bars: "Bars"
    bar: "TaskID"

    def advance(self, amount: int) -> None:
        """That much more is done."""
        self.bars.advance(self.bar, amount)
