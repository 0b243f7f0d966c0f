"""Whoever wants to know, case by case, what changes in a lake that is followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from eventlog.log import Log
from miners.work_items import Instances


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Complete cases, with all that is known of them at one version of the lake.

    `log` has the activities as they came, `mined` the same events with those of the map; `coarse`
    is the coarser activity of each label, where the map has any. `instances` fetches what tells
    pieces of the same work apart (`miners.work_items`).
    """

    log: Log
    mined: Log
    coarse: Mapping[str, str] | None
    instances: Instances


class Follower(Protocol):
    """Takes in what `engine.live.Live` follows.

    `begin` comes before everything is built (anew), then `add` for block after block, each case in
    one of them, then `built`; from then on `change` with the cases that events came for.
    """

    def begin(self) -> None:
        """Forget everything: all cases are told anew."""

    def add(self, block: Block, case_ids: pa.Array) -> None:
        """Take cases that were not told before, with their ids [cases]."""

    def built(self) -> None:
        """Every case of the lake was told."""

    def change(self, before: Block, after: Block, case_ids: pa.Array) -> None:
        """Take the touched cases as they were, without the new ones, and as all of them are now.

        `case_ids` [cases] are the ids of those of `after`.
        """
