"""What the log of a table still holds: which versions can be opened, and when each was made."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow.fs as pafs

from eventlog.lake.tables import Place

LOG = "_delta_log"
_COMMIT = re.compile(r"(\d{20})\.json")
# One file, as deltalake writes them; other programs may write several, or other kinds.
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")
_OTHER = re.compile(r"(\d{20})\.checkpoint\..+")


@dataclass(frozen=True, kw_only=True)
class Commits:
    """The commits and checkpoints of a table that are there, by their versions.

    `commits` tells when each commit's file was written, by the clock of the disk. `checkpoints`
    are those in one file, `others` those of other programs.
    """

    commits: Mapping[int, datetime]
    checkpoints: frozenset[int]
    others: frozenset[int] = frozenset()

    @property
    def bases(self) -> list[int]:
        """The versions that can be opened without any before them, ascending."""
        whole = self.checkpoints | self.others | {0}
        return sorted(whole.intersection(self.commits))

    @property
    def openable(self) -> list[int]:
        """The versions that can be opened, ascending.

        A version needs a base at or before it, with every commit between the two.
        """
        bases, found = frozenset(self.bases), list[int]()
        for version in sorted(self.commits):
            if version in bases or (found and found[-1] == version - 1):
                found.append(version)
        return found


def commits(place: Place, name: str) -> Commits:
    """What the log of a table holds; one listing of its folder."""
    written, single, others = dict[int, datetime](), set[int](), set[int]()
    for one in place.filesystem(name).get_file_info(pafs.FileSelector(LOG)):
        if found := _COMMIT.fullmatch(one.base_name):
            written[int(found[1])] = one.mtime or datetime.now(UTC)
        elif found := _CHECKPOINT.fullmatch(one.base_name):
            single.add(int(found[1]))
        elif found := _OTHER.fullmatch(one.base_name):
            others.add(int(found[1]))
    return Commits(commits=written, checkpoints=frozenset(single), others=frozenset(others))


def committed(place: Place, name: str, version: int) -> int | None:
    """When a version was committed, in milliseconds since 1970, as its commit says.

    The file's own time would change when a lake is copied; and deltalake numbers its history
    wrongly where commits are missing. None where the commit is gone, or does not say.
    """
    try:
        with place.filesystem(name).open_input_stream(f"{LOG}/{version:020d}.json") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    for line in lines:
        if said := json.loads(line).get("commitInfo"):
            return int(said["timestamp"])
    return None
