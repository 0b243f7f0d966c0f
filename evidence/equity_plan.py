"""What is measured for the proof of equity, in pieces that are kept one by one."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import equity_logs
import equity_published
import msgspec
from equity_offices import mined
from equity_stories import STORIES, Story
from equity_trials import DECISION, Setting, Tried, tried
from equity_worlds import Size, Treatment

BLOCK = 100
"""Worlds that are drawn in one piece."""
FIRST, FIRST_OFFICE = 20_000, 30_000
"""The first seeds of drawn worlds and of simulated offices that the page tells of."""

NULL = Setting(name="null", size=Size(), treatment=Treatment(), naive=True)
FEW = Setting(name="few", size=Size(cases=600, other=0.04), treatment=Treatment())
_LARGE = Size(cases=20_000)


def _curve(
    name: str, measure: str, field: str, effects: Sequence[float], size: Size
) -> tuple[Setting, ...]:
    return tuple(
        Setting(
            name=f"{name}-{effect:g}",
            size=size,
            treatment=Treatment(**{field: effect}),
            measures=(measure,),
        )
        for effect in effects
    )


CURVES: Mapping[str, Sequence[Setting]] = MappingProxyType(
    {
        "days to decision": _curve("days", "time", "days", (0.2, 0.4, 0.6, 0.8, 1.0, 1.2), Size()),
        "days, 20,000 applications": _curve(
            "days-20k", "time", "days", (0.1, 0.2, 0.3, 0.4, 0.5), _LARGE
        ),
        "asked for documents": _curve(
            "requests", "requests", "requests", (0.01, 0.02, 0.03, 0.05, 0.08), Size()
        ),
        "let through at a gate": _curve(
            "gate", "gate", "approval", (0.01, 0.02, 0.03, 0.05, 0.1), Size()
        ),
        "paid over tariff": _curve("fee", "fee", "fee", (0.02, 0.05, 0.1, 0.15, 0.2), Size()),
        "days at a step": _curve("step", "waiting", "step", (0.1, 0.2, 0.3, 0.5, 1.0), Size()),
    }
)
"""The planted effects by what they are of; each curve goes from a small one to a large one."""

RANKS: Sequence[Setting] = (
    Setting(name="ranks-0.8", size=Size(), treatment=Treatment(days=0.8), measures=(DECISION,)),
    Setting(name="ranks-20k-0.4", size=_LARGE, treatment=Treatment(days=0.4), measures=(DECISION,)),
)
"""Days longer, by the log-rank test: it decides whether days are told."""


def planted(setting: Setting) -> float:
    """The one effect that a setting of a curve plants."""
    return max(msgspec.to_builtins(setting.treatment).values())


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """The worlds of some seeds."""

    setting: str
    worlds: list[Tried]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Something to measure: where it is kept, and the function with its arguments."""

    name: str
    work: Callable[..., Any]
    arguments: tuple[Any, ...]


def block(setting: Setting, seeds: range) -> Block:
    """Draw and compare the worlds of these seeds."""
    return Block(setting=setting.name, worlds=[tried(setting, seed) for seed in seeds])


def worlds(first: int, many: int) -> Iterator[Piece]:
    """All drawn worlds, no seed twice: `many` without any treatment, fewer for each other point.

    They come so mixed that any first part of them has all settings in due shares.
    """
    made = []
    at = first
    for setting, seeds in _settings(many):
        for start in range(at, at + seeds, BLOCK):
            stop = min(start + BLOCK, at + seeds)
            piece = Piece(
                name=f"worlds-{setting.name}-{start}-{stop}-{_digest(setting)}",
                work=block,
                arguments=(setting, range(start, stop)),
            )
            made.append(((start - at) / seeds, piece))
        at += seeds
    yield from _mixed(made)


def _mixed(made: Sequence[tuple[float, Piece]]) -> Iterator[Piece]:
    """By how far through its own kind each piece is."""
    for _, piece in sorted(made, key=lambda one: one[0]):
        yield piece


def _settings(many: int) -> Iterator[tuple[Setting, int]]:
    yield NULL, many
    yield FEW, max(1, many // 2)
    for setting in (*(one for curve in CURVES.values() for one in curve), *RANKS):
        share = 5 if setting.size.cases > NULL.size.cases else 2
        yield setting, max(1, many // share)


def offices(first: int, many: int) -> Iterator[Piece]:
    """All simulated offices: `many` honest ones with all reasons for delay, fewer of each other.

    They come so mixed that any first part of them has all stories in due shares.
    """
    made = []
    for story in STORIES:
        count = max(1, many * story.weight // 100)
        for number in range(count):
            piece = Piece(
                name=f"office-{story.name}-{first}-{number}-{_digest(story)}",
                work=mined,
                arguments=(story.name, first, number),
            )
            made.append(((number + 0.5) / count, piece))
    yield from _mixed(made)


def logs(first: int, many: int) -> Iterator[Piece]:
    """The published logs that are here: what is said of them, and of `many` shuffles of each."""
    for log in equity_published.LOGS:
        if not equity_published.there(log):
            print(f"{log.file} is not here; RUNUT_DATA names the folder", flush=True)
            continue
        yield Piece(name=f"log-{log.name}", work=equity_logs.judgement, arguments=(log.name,))
        for start in range(first, first + many, BLOCK):
            stop = min(start + BLOCK, first + many)
            yield Piece(
                name=f"log-{log.name}-{start}-{stop}",
                work=equity_logs.shuffled,
                arguments=(log.name, range(start, stop)),
            )


def _digest(setting: Setting | Story) -> str:
    """Changes when the setting does, so that what was kept of another is not taken for it."""
    return hashlib.sha256(repr(setting).encode()).hexdigest()[:8]
