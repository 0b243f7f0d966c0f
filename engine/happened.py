"""What had happened by now: a moment in the future was mistyped."""

from dataclasses import replace

import numpy as np

from eventlog.kernels import UNKNOWN
from miners.work_items import Items, Pauses


def happened(items: Items, now: int) -> Items:
    """The items without what lies after `now`: it had not happened yet, and was mistyped."""
    moments = (items.enabled, items.started, items.completed)
    if all(int(column.max(initial=now)) <= now for column in moments):
        return items
    enabled, started, completed = (np.where(at > now, UNKNOWN, at) for at in moments)
    paused = items.pauses.end <= now
    return replace(
        items,
        enabled=enabled,
        started=started,
        completed=completed,
        pauses=Pauses(
            item=items.pauses.item[paused],
            start=items.pauses.start[paused],
            end=items.pauses.end[paused],
        ),
    )
