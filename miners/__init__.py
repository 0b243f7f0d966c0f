"""What is asked of the event log, one question a file.

A miner observes complete cases and returns a `Summary`; summaries add up, so the same miner runs
in one piece, in slices, live and on a cluster. `MINERS` is every additive miner there is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from eventlog.log import Log
from eventlog.tally import Summary
from miners import dfg, handover, rework, throughput, variants, working
from miners.working import Opening


@dataclass(frozen=True, kw_only=True)
class Miner:
    """One question: what to count in a block of complete cases, and what the counts say."""

    name: str
    observe: Callable[[Log], Summary]
    summarise: Callable[[Summary], Any]


MINERS: tuple[Miner, ...] = tuple(
    Miner(name=name, observe=module.observe, summarise=module.summarise)
    for name, module in (
        ("map", dfg),
        ("variants", variants),
        ("times", throughput),
        ("rework", rework),
        ("handover", handover),
    )
)


def miners_with(opening: Opening | None) -> tuple[Miner, ...]:
    """Every additive miner that can answer: with calendars also how long steps take in them."""
    if opening is None:
        return MINERS
    observe = partial(working.observe, opening=opening)
    return (*MINERS, Miner(name="working", observe=observe, summarise=working.summarise))
