"""What it means when the lake does not do what it was asked: act, try again, or give way."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from deltalake.exceptions import CommitFailedError, DeltaError

from eventlog.errors import RetryError, RunutError, StopError


class Conflict(RetryError):  # noqa: N818 - the word of the contract, and of Delta
    """Somebody else moved this stream's position, or rewrote the same files.

    A writer that meets it drops the batch, opens a fresh `Writer`, reads the position and seeks
    there. The same batch is never tried again.
    """


# The storage library hands the operating system's number over inside its text, in two spellings.
_NUMBER = re.compile(r"os error (\d+)|code: (\d+)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# What a person has to do about it, by that number.
_WAYS_OUT = {
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT),
        "the disk is full; free space or move the lake, then run the same command again: it goes on"
        " from the last position kept",
    ),
    **dict.fromkeys(
        (errno.EROFS, errno.EACCES, errno.EPERM),
        "not allowed; make it writable for this user, or name another folder with --lake",
    ),
    **dict.fromkeys(
        (errno.ENOTDIR, errno.EEXIST),
        "a file is in the way; name a folder with --lake",
    ),
    errno.EIO: "the disk reports an error; look at the disk, then run the same command again: it"
    " goes on from the last position kept",
}
# What an object store says when a person must act; everything else of it may pass by itself.
_REFUSED = re.compile(
    r"denied|forbidden|unauthori[sz]ed|\b40[13]\b|credential|signature|invalidaccesskey"
    r"|nosuchbucket|unknown scheme",
    re.IGNORECASE,
)
# A handle so old that the log no longer holds the commits after it has been overtaken for certain.
# A handle also looks into the log when it is asked for a position.
_OUTDATED = re.compile(
    r"Invalid table version|Expected contiguous commit files, but found gap"
    r"|File not found: .*_delta_log"
)


@contextmanager
def translated(where: str, doing: str) -> Iterator[None]:
    """Turn what storage raises inside into one of Runut's verdicts, naming `where` and `doing`."""
    try:
        yield
    except CommitFailedError as error:
        raise Conflict(
            f"{where}: somebody else got ahead while {doing} ({_short(error)}); open it again and"
            " go on from the position found there"
        ) from error
    except (DeltaError, OSError, pa.ArrowException) as error:
        raise _verdict(where, doing, error) from error


def _verdict(where: str, doing: str, error: Exception) -> RunutError:
    number = _number(error)
    words = _short(error)
    if _OUTDATED.search(words):
        return Conflict(f"{where}: overtaken long ago while {doing}; open it again")
    if number in _WAYS_OUT:
        reason = os.strerror(number)
        return StopError(f"{where}: {_WAYS_OUT[number]} ({reason} while {doing})")
    if "://" in where and not _REFUSED.search(words):
        return RetryError(f"{where}: the object store did not answer while {doing}: {words}")
    return StopError(f"{where}: {doing} did not work: {words}")


def _number(error: Exception) -> int:
    """The operating system's error number, or 0."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    found = _NUMBER.search(str(error))
    return int(found[1] or found[2]) if found else 0


def _short(error: Exception) -> str:
    """The library's text on one line, without its colours and back traces."""
    lines = [line.strip(" ↳") for line in _COLOUR.sub("", str(error)).splitlines()]
    return ": ".join(line for line in lines[:6] if line)[:400]
