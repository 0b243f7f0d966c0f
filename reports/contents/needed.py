"""What happens when a file of the results lacks a part: one message, whichever file it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from eventlog.errors import StopError


@contextmanager
def needed(file: str, *, by: str = "a report") -> Iterator[None]:
    """Read a file's content inside; StopError when a part is missing or does not fit."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise StopError(
            f"{file} does not hold what {by} needs ({problem!r}); run `runut mine` again"
        ) from problem
