"""Thins out the log: of what is older than an hour, one version of each hour stays.

Every commit to a local disk lists the whole log, so it must not hold four files a second for
months. What stays is chosen among the versions that have a checkpoint, which deltalake writes every
100 commits: such a version opens without those before it. Deleted is from the oldest on, and never
anything from the newest checkpoint on that is older than an hour; so whoever is killed in between,
reads meanwhile or has the table open loses nothing, and the next time goes on.
"""

import itertools
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from eventlog.lake.commits import LOG, Commits, commits, committed
from eventlog.lake.tables import EVENTS, REJECTS, Place
from eventlog.lake.verdicts import translated
from eventlog.moments import EPOCH

# A commit of the last hour stays: followers, writers and readers that began before it need it.
YOUNG = timedelta(hours=1)
_HOUR = 3_600_000
# Between checkpoints further apart, hundred commits took longer than this and are left whole:
# they are few, and thinned out they would leave nothing of hours, or of months.
_QUICK = 2 * _HOUR


def thin(place: Place, name: str, *, now: datetime) -> int:
    """Delete commits and checkpoints that need not be kept; how many files went.

    Only on local disks: an object store lists from where it is told.
    """
    if place.local is None:
        return 0
    with translated(place.address(name), "thinning out the log"):
        gone, newest = superfluous(place, name, now=now)
        if not gone:
            return 0
        for version in (newest, None):  # nothing goes unless what stays can be opened
            place.table(name, version)
        filesystem = place.filesystem(name)
        for path in gone:
            with suppress(FileNotFoundError):  # somebody else is thinning, too
                filesystem.delete_file(path)
        return len(gone)


def superfluous(place: Place, name: str, *, now: datetime) -> tuple[list[str], int]:
    """The files of the log that may go, in the order in which they may; and what they hang on.

    All lie before that version, the newest with a checkpoint that is over an hour old. Of events
    and rejects one version an hour stays, of small tables none before it.
    """
    held = commits(place, name)
    times = _old_bases(place, name, held, now)
    newest = max(times, default=0)
    kept = hourly(held, times) if name in {EVENTS, REJECTS} else frozenset[int]()
    gone = list[str]()
    for version in sorted(held.checkpoints.union(held.commits)):
        if version < newest and version not in kept:
            if version in held.commits:
                gone.append(f"{LOG}/{version:020d}.json")
            if version in held.checkpoints:
                gone.append(f"{LOG}/{version:020d}.checkpoint.parquet")
    return gone, newest


def hourly(held: Commits, times: Mapping[int, int]) -> frozenset[int]:
    """The versions before the newest of `times` that stay: one an hour, where commits were many.

    `times` tells when (milliseconds since 1970) the versions were made that open without any before
    them. Where there are fewer than a hundred commits in two hours, all stay.
    """
    kept, quick = set[int](), True
    for version, following in itertools.pairwise(sorted(times)):
        quick_before, quick = quick, 0 <= times[following] - times[version] <= _QUICK
        if not quick:  # all that open by means of this one
            here = version
            while here < following and here in held.commits:
                kept.add(here)
                here += 1
        elif not quick_before or times[version] // _HOUR != times[following] // _HOUR:
            kept.add(version)
    return frozenset(kept)


def _old_bases(place: Place, name: str, held: Commits, now: datetime) -> dict[int, int]:
    """When the versions were made that open without any before them, of those over an hour old.

    Both the commit's own time and that of its file must be so old: clocks differ, files are copied.
    """
    before = now - YOUNG
    instant = (before - EPOCH) // timedelta(milliseconds=1)
    found = dict[int, int]()
    for version in sorted((held.checkpoints | {0}).intersection(held.commits)):
        if held.commits[version] > before:
            break
        at = committed(place, name, version)
        if at is not None and at <= instant:
            found[version] = at
    return found
