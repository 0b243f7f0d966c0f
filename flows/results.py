"""The folder of results is replaced whole or not at all, and never somebody else's folder."""

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eventlog.errors import StopError, UsageError

# Every results folder holds this file (interface.md), so a folder without it is not ours.
MARK = "run.json"
_AT_HERE = -100
_EXCHANGE = 2


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder, mode 0700, that becomes `folder` when the block ends well.

    Readers see the old results or the new, never a mixture. After an error `folder` is as it was.
    UsageError when `folder` holds something that is not results.
    """
    folder = folder.resolve()
    refuse_foreign(folder, mark=MARK)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise StopError(
            f"results cannot be written to {folder.parent}: {error.strerror}; "
            "name another folder with --out"
        ) from error
    try:
        yield draft
        _put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def refuse_foreign(folder: Path, *, mark: str) -> None:
    """UsageError unless `folder` is absent, empty or holds the file `mark`."""
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name a folder")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).exists():
        raise UsageError(
            f"{folder} holds other things (it has no {mark}) and would be replaced; name a new "
            "folder, or one that Runut made"
        )


def _put_in_place(draft: Path, folder: Path) -> None:
    """Swap `draft` and `folder` in one step; what was in `folder` is then in `draft`."""
    try:
        if not folder.exists():
            draft.rename(folder)
        elif not _exchanged(draft, folder):
            # Neither Linux nor a file system that can exchange: two steps, the gap is microseconds.
            aside = draft.with_name(f"{draft.name}.old")
            folder.rename(aside)
            draft.rename(folder)
            aside.rename(draft)
    except OSError as error:
        hint = (
            " (it is a mount point; name a folder inside it)"
            if error.errno in {errno.EBUSY, errno.EXDEV}
            else ""
        )
        raise StopError(f"{folder} cannot be replaced: {error.strerror}{hint}") from error


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two names could be exchanged atomically (renameat2 of Linux)."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if rename(_AT_HERE, os.fsencode(one), _AT_HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL}:
        return False
    raise OSError(number, os.strerror(number))
