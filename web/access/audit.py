"""Who looked at which case, when, and why: a log in which no line can be changed unnoticed.

Each line ends with a digest of itself and of the digest before it, so a line that is changed, put
in or taken out breaks the chain. Two things a chain cannot show: that its end is missing, and that
all of it was written anew. Whoever keeps the last digest elsewhere (`verify` tells it) sees both.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from eventlog.errors import RetryError, StopError
from reports.language import say
from web.access.pseudonyms import is_pseudonym
from web.access.roles import Person

Action = Literal["view case", "list cases", "export", "re-identify"]

_log = logging.getLogger(__name__)
_FIRST: Final = "0" * 64
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MODE: Final = 0o600
_LONGEST: Final = 64 * 1024  # bytes of a line, more than its parts can come to
_MOST_NAME: Final = 200
_MOST_REASON: Final = 1_000
_MOST_QUERY: Final = 4_000


@dataclass(frozen=True, kw_only=True)
class AuditLog:
    """The log at `path`: JSON lines, readable by its owner alone, written by several processes."""

    path: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def append(
        self,
        person: Person,
        action: Action,
        subject: str = "",
        *,
        query: str = "",
        reason: str = "",
    ) -> None:
        """Write one line, and return when it is on the disk; RetryError if it cannot be written.

        `subject` is the pseudonym of who was looked at, `query` the filter as in the address. What
        could not be written must not be shown.
        """
        if subject and not is_pseudonym(subject):
            raise ValueError("the audit log holds pseudonyms only")
        entry = {
            "time": self.clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            "who": person.name[:_MOST_NAME],
            "role": person.role.name.lower(),
            "how": person.how,
            "action": action,
            "subject": subject,
            "query": query[:_MOST_QUERY],
            "reason": reason[:_MOST_REASON],
        }
        try:
            with self._locked() as file:
                _chain(file, entry)
        except OSError as error:
            # Pages show the message; where the log lies is for whoever runs the server.
            told = {"path": str(self.path), "why": str(error.strerror)}
            _log.error("the audit log cannot be written", extra={"fields": told})
            raise RetryError(
                say(
                    "This is shown only when it can be written down who looked at it, and just "
                    "now it cannot. Tell whoever runs this server."
                )
            ) from error

    def check(self) -> None:
        """StopError unless the log can be opened for writing; for before the server starts."""
        try:
            with self._locked():
                pass
        except OSError as error:
            raise StopError(
                f"the audit log {self.path} cannot be written: {error.strerror}; "
                "set RUNUT_SERVE_AUDIT_LOG to a file in a folder of the server's own"
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing the file gives it back
            yield file
        finally:
            os.close(file)


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a look over the whole log found.

    `broken` is the number of the first line (from 1) that does not follow from the one before, or
    None; `lines` how many follow; `last` the digest of the last of these.
    """

    lines: int
    last: str
    broken: int | None


def verify(path: Path) -> Verified:
    """Whether every line is as it was written, after the line it was written after.

    StopError when the log cannot be read.
    """
    last = _FIRST
    number = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                digest = _own_digest(line)
                if digest is None or line != _sealed(_content(line), last):
                    return Verified(lines=number - 1, last=last, broken=number)
                last = digest
    except OSError as error:
        raise StopError(f"the audit log {path} cannot be read: {error.strerror}") from error
    return Verified(lines=number, last=last, broken=None)


def _chain(file: int, entry: dict[str, str]) -> None:
    """Add the entry to the open file; on failure the file is as long as it was."""
    size = os.fstat(file).st_size
    before = _last_line(file, size)
    # A line that a crash cut off stays as it is: `verify` tells it, and the chain goes on from it.
    torn = b"" if before.endswith(b"\n") or not before else b"\n"
    previous = _FIRST
    if before:
        previous = _own_digest(before) or hashlib.sha256(before.rstrip(b"\n")).hexdigest()
    try:
        _write(file, torn + _sealed(entry, previous))
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _write(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def _last_line(file: int, size: int) -> bytes:
    start = max(0, size - _LONGEST)
    tail = os.pread(file, size - start, start)
    return tail[tail.rfind(b"\n", 0, len(tail) - 1) + 1 :]


def _sealed(entry: dict[str, str], previous: str) -> bytes:
    """The line of the entry, with its digest, after the line with the digest `previous`."""
    digest = hashlib.sha256(previous.encode() + _text(entry)).hexdigest()
    return _text({**entry, "digest": digest}) + b"\n"


def _text(entry: dict[str, str]) -> bytes:
    # Names from elsewhere may hold halves of characters, which are kept as they came.
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _content(line: bytes) -> dict[str, str]:
    entry: dict[str, str] = json.loads(line)
    return {name: value for name, value in entry.items() if name != "digest"}


def _own_digest(line: bytes) -> str | None:
    """The digest at the end of a whole line; None for anything that is no line of ours."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    digest = entry.get("digest") if isinstance(entry, dict) else None
    return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None
