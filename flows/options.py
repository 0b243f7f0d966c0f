"""The options that several commands share, so that each means the same everywhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Engine(StrEnum):
    """What looks at the lake when it is mined: this process, or a Spark cluster."""

    LOCAL = "local"
    SPARK = "spark"


class WatchClock(StrEnum):
    """By what a watch knows the time: the clock on the wall, or the events of a replayed log."""

    WALL = "wall"
    EVENTS = "events"


Process = Annotated[
    str | None,
    typer.Option(
        "--process",
        "-p",
        metavar="P",
        help="Process definition: a path, or a name in ./config/processes or among those shipped.",
    ),
]
Lake = Annotated[
    str | None,
    typer.Option("--lake", "-l", metavar="DIR", help="Folder (or s3://… address) of the lake."),
]
Kafka = Annotated[
    str | None,
    typer.Option("--kafka", metavar="HOST:PORT", help="Kafka brokers, comma-separated."),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of results.")]
AsJson = Annotated[
    bool, typer.Option("--json", metavar="", help="Print the result as JSON, for scripts.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="Say nothing but errors.")]


def examples(*lines: str) -> str:
    """The end of a command's help: each example on a line of its own."""
    return "\n".join(["Examples:" if len(lines) > 1 else "Example:", *lines])
