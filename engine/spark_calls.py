"""Runs functions over Spark's partitions, and turns what Spark raises into Runut's verdicts."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from eventlog.errors import RetryError, RunutError, StopError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@contextmanager
def translated() -> Iterator[None]:
    """Turn what Spark raises into one of Runut's verdicts, in one line."""
    from pyspark.errors import PySparkException  # noqa: PLC0415 (an extra, and seconds)

    try:
        yield
    except RunutError:
        raise
    except PySparkException as error:
        raise _verdict(str(error)) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "py4j":
            raise
        raise RetryError(f"Spark gave up: {first_line(str(error))}") from error


def _verdict(text: str) -> RunutError:
    """What a worker's error means: its own verdict where it is one of ours."""
    found = re.findall(r"^([\w.]+): (.+)$", text.partition("JVM stacktrace")[0], re.MULTILINE)
    name, words = found[-1] if found else ("", first_line(text))
    ours = {kind.__name__: kind for kind in (StopError, RetryError)}
    kind = name.rpartition(".")[2]
    if name.startswith("eventlog."):
        retry = kind in {"RetryError", "Conflict"}
        return (RetryError if retry else ours.get(kind, StopError))(words)
    if "An exception was thrown from the Python worker" in text:
        return StopError(
            f"a Spark worker failed: {kind}: {words}; the executor's log has the whole trace, and "
            "--engine local shows whether it fails here too"
        )
    return RetryError(f"Spark gave up: {first_line(text)}")


def first_line(text: str) -> str:
    """The first line that says something; which call into Java it was says nothing."""
    lines = [line.strip(" :") for line in text.splitlines() if line.strip(" :")]
    if len(lines) > 1 and lines[0].startswith("An error occurred while calling"):
        del lines[0]
    return lines[0][:300] if lines else "no reason given"


def numbers(spark: "SparkSession", count: int) -> "DataFrame":
    """The numbers below `count`, each in a partition of its own."""
    return spark.range(0, max(1, count) if count else 0, 1, max(1, count))


def mapped(rows: "DataFrame", function: Any, columns: pa.Schema) -> "DataFrame":
    """What `function` makes of each partition's batches, with these columns."""
    from pyspark.sql.pandas.types import from_arrow_schema  # noqa: PLC0415 (an extra)

    with unwarned():
        return rows.mapInArrow(function, from_arrow_schema(columns))


@contextmanager
def unwarned() -> Iterator[None]:
    """Without what pyspark 4.3 says whatever one uses of it: nothing here goes through pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield
