"""Keeps small what the allocators hold for later: memory that is free must count as free."""

import ctypes
from collections.abc import Callable

import pyarrow as pa

# Two calls of GNU's C library, and what one of them is told (malloc.h).
_MMAP_THRESHOLD = -3
_OWN_PAGES = 1 << 20


def hold_little() -> None:
    """From now on return large arrays to the system as soon as they are freed.

    Left to itself, the C library raises the size from which it does so with what it sees, up to 32
    MB, and each thread keeps what is smaller for itself: 150 MB more after some slices. It costs a
    tenth of the time.
    """
    tell = _call("mallopt")
    if tell is not None:
        tell(_MMAP_THRESHOLD, _OWN_PAGES)


def give_back() -> None:
    """Return what was freed so far, large or small, before more is asked for."""
    pa.default_memory_pool().release_unused()
    trim = _call("malloc_trim")
    if trim is not None:
        trim(0)


def _call(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where there is none of that name."""
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # not GNU's, or not on Linux
        return None
    return found
