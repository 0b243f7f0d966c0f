"""Many readers at once, in a process of its own: how long each answer takes.

    python bench/pages_crowd.py < asked.json > found.json

Every reader opens one page after the other, without a pause, on a connection of its own, and every
analyst another filter. What is asked is seeded. Shares the machine with the server that it asks.
"""

import asyncio
import json
import ssl
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from pages_asked import session, unasked

_SEED = 8
_PATIENCE = 30
# Made once: it takes longer than an answer, and is not needed on loopback.
_PLAIN = ssl.create_default_context()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Milliseconds of each answer by what was asked for, and what came instead of an answer."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Ask, wait, tell."""
    told = json.load(sys.stdin)
    heard = Heard()
    began = time.perf_counter()
    asyncio.run(_all(told, heard))
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "times": heard.times, "errors": heard.errors}, sys.stdout)


async def _all(told: dict[str, Any], heard: Heard) -> None:
    until = time.perf_counter() + told["seconds"]
    chances = np.random.default_rng(_SEED).spawn(len(told["readers"]) + len(told["analysts"]))
    paths = [
        (token, "reader", _visits(chance, told["findings"]))
        for token, chance in zip(told["readers"], chances, strict=False)
    ]
    rest = chances[len(told["readers"]) :]
    paths += [
        (token, "analyst", unasked(chance))
        for token, chance in zip(told["analysts"], rest, strict=True)
    ]
    async with asyncio.TaskGroup() as group:
        for token, who, pages in paths:
            group.create_task(_one(told["address"], token, who, pages, until, heard))


def _visits(chance: np.random.Generator, findings: list[str]) -> Iterator[tuple[str, str]]:
    while True:
        yield from session(chance, findings)


async def _one(
    address: str,
    token: str,
    who: str,
    pages: Iterator[tuple[str, str]],
    until: float,
    heard: Heard,
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=_PATIENCE, trust_env=False, verify=_PLAIN
    ) as client:
        for what, path in pages:
            began = time.perf_counter()
            if began >= until:
                return
            try:
                answer = await client.get(path)
            except httpx.HTTPError as error:
                heard.errors[f"{what}: {type(error).__name__}"] += 1
                continue
            heard.times[f"{who}: {what}"].append(round(1000 * (time.perf_counter() - began), 1))
            if answer.status_code != httpx.codes.OK:
                heard.errors[f"{what}: {answer.status_code} {path}"] += 1


if __name__ == "__main__":
    main()
