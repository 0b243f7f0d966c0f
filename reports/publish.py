"""Write what people look at into the results folder: the map, the report, and the public part."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from eventlog.errors import StopError
from reports.contents.detours import Detours
from reports.contents.equity_content import equity_content, favouritism_content
from reports.contents.scorecard import scorecard_content
from reports.contents.terms import Terms
from reports.contents.voice import Voice
from reports.contents.waiting import Waiting
from reports.language import LANGUAGES
from reports.maps.graph import Edge, Terminal
from reports.maps.overlays import Overlay
from reports.maps.svg import render_map
from reports.page import render_published
from reports.results import VARIANT_COLUMNS, Results
from reports.suppress import Published, suppress
from reports.words.names import Names

_TOLD_APART = frozenset({"edges", "activities", "hidden"})
_NO_SECONDS = {"mean": None, "p50": None, "p90": None}


def publish(
    results: Results, folder: Path, names: Mapping[str, Names] = MappingProxyType({})
) -> None:
    """Write `map.svg`, the reports and `public/` into an existing folder.

    `report.html` is in English and `report.<code>.html` in each other language, with the `names`
    of that language; those of the results where it has none. `map.svg` is exact and as restricted
    as the folder; the reports and `public/` (`map.json`, `map.svg`, `variants.csv`, and
    `bottlenecks.json`, `lateness.json`, `detours.json`, `equity.json`, `favouritism.json` and
    `voice.json` where these questions were asked) are without small cells and may be passed on.
    Raises `StopError` when the folder is missing or cannot be written.
    """
    published = suppress(results)
    files = {
        "map.svg": render_map(results.graph, Overlay.FREQUENCY, results.names),
        **{
            report_name(code): render_published(
                replace(published, names=names.get(code, published.names)), language=code
            )
            for code in LANGUAGES
        },
        "public/map.json": _json(public_map(published)),
        "public/map.svg": render_map(published.graph, Overlay.FREQUENCY, published.names),
        "public/variants.csv": public_variants(published).to_csv(index=False, lineterminator="\n"),
        **_public_waits(published),
    }
    try:
        (folder / "public").mkdir(exist_ok=True)
        for name, content in files.items():
            # A half surrogate in a name cannot be written as UTF-8.
            (folder / name).write_bytes(content.encode("utf-8", errors="replace"))
    except OSError as problem:
        raise StopError(
            f"{folder}: the report cannot be written ({problem.strerror}); "
            "make the folder and give it room"
        ) from problem


def report_name(code: str) -> str:
    """The file of the report in a language.

    >>> report_name("en"), report_name("id")
    ('report.html', 'report.id.html')
    """
    return "report.html" if code == "en" else f"report.{code}.html"


def public_map(published: Published) -> dict[str, Any]:
    """`map.json` (interface.md) without small cells; null where a number may not be told.

    Beside the contract's keys: `about` on numbers that were shifted, `starts_about` and
    `ends_about` (the activities whose number in `starts` and `ends` was), `smallest_cell`, and
    `not_shown`, how many activities and paths are missing.
    """
    graph = published.graph
    inner = [edge for edge in graph.edges if Terminal.START is not edge.source]
    starts = [edge for edge in graph.edges if Terminal.START is edge.source]
    ends = [edge for edge in inner if Terminal.END is edge.target]
    return {
        "activities": [
            {
                "activity": a.name,
                "cases": a.cases,
                "events": a.events,
                "rework": a.rework,
                "about": a.about,
            }
            for a in graph.activities
        ],
        "edges": [_public_edge(e) for e in inner if Terminal.END is not e.target],
        "starts": {str(e.target): e.frequency for e in starts},
        "ends": {str(e.source): e.frequency for e in ends},
        "starts_about": [str(e.target) for e in starts if e.about],
        "ends_about": [str(e.source) for e in ends if e.about],
        "smallest_cell": published.smallest_cell,
        "not_shown": dict(published.hidden),
    }


def _public_edge(edge: Edge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "target": edge.target,
        "frequency": edge.frequency,
        "cases": edge.cases,
        "seconds": asdict(edge.seconds) if edge.seconds else None,
        "working_seconds": asdict(edge.working) if edge.working else _NO_SECONDS,
        "about": edge.about,
    }


def public_bottlenecks(waiting: Waiting, smallest_cell: int) -> dict[str, Any]:
    """What may be told of `bottlenecks.json`; counts are rounded, null is not told or not known.

    `lengths` are mean queue lengths over stretches of `stretch_days` days on which work was done.
    """
    return {
        "unit": waiting.unit,
        "waiting": waiting.waiting,
        "causes": dict(waiting.causes),
        "queues": [asdict(queue) for queue in waiting.queues],
        "open": [{**asdict(place), "after": place.after} for place in waiting.places],
        "smallest_cell": smallest_cell,
        "not_shown": {"queues": waiting.hidden_queues, "places": waiting.hidden_places},
    }


def public_lateness(terms: Terms, smallest_cell: int) -> dict[str, Any]:
    """What may be told of `lateness.json`; counts are rounded, null is not told or not known."""
    return {
        "term": asdict(terms.overall) if terms.overall else None,
        "groups": [asdict(one) for one in terms.groups],
        "steps": [asdict(one) for one in terms.steps],
        "promises": [asdict(one) for one in terms.promises],
        "spreads": [asdict(one) for one in terms.spreads],
        "smallest_cell": smallest_cell,
        "not_shown": {"groups": terms.hidden_groups, "steps": terms.hidden_steps},
    }


def public_detours(detours: Detours, published: Published) -> dict[str, Any]:
    """What may be told of `detours.json`; counts are rounded, null is not told or not known.

    `strays` are the paths and the steps of the map: about how many of their passages stray, and
    whether few do.
    """
    told = asdict(detours)
    graph = published.graph
    return {
        **{name: part for name, part in told.items() if name not in _TOLD_APART},
        "strays": {
            "paths": [
                {"source": e.source, "target": e.target, **asdict(e.strays)}
                for e in graph.edges
                if e.strays is not None
            ],
            "steps": [
                {"activity": a.name, **asdict(a.strays)}
                for a in graph.activities
                if a.strays is not None
            ],
        },
        "smallest_cell": published.smallest_cell,
        "not_shown": {"detours": detours.hidden},
    }


def public_voice(voice: Voice, smallest_cell: int) -> dict[str, Any]:
    """What may be told of `voice.json`; counts are rounded, null is not told or not known."""
    told = asdict(voice)
    return {
        **{name: part for name, part in told.items() if name not in _TOLD_APART},
        "smallest_cell": smallest_cell,
        "not_shown": {"voices": voice.hidden},
    }


def _public_waits(published: Published) -> dict[str, str]:
    """The files that are there only where somebody asked."""
    least, told = published.smallest_cell, {}
    if published.waiting is not None:
        told["public/bottlenecks.json"] = _json(public_bottlenecks(published.waiting, least))
    if published.terms is not None:
        told["public/lateness.json"] = _json(public_lateness(published.terms, least))
    if published.equity is not None:
        hidden = {"smallest_cell": least, "not_shown": {"comparisons": published.equity.hidden}}
        told["public/equity.json"] = _json({**equity_content(published.equity), **hidden})
    if published.favouritism is not None:
        hidden = {"smallest_cell": least, "not_shown": {"groups": published.favouritism.hidden}}
        content = favouritism_content(published.favouritism)
        told["public/favouritism.json"] = _json({**content, **hidden})
    if published.voice is not None:
        told["public/voice.json"] = _json(public_voice(published.voice, least))
    if published.scorecard is not None:
        hidden = {"smallest_cell": least, "not_shown": {"lines": published.scorecard.hidden}}
        told["public/scorecard.json"] = _json({**scorecard_content(published.scorecard), **hidden})
    if published.detours is not None:
        told["public/detours.json"] = _json(public_detours(published.detours, published))
    return told


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def public_variants(published: Published) -> pd.DataFrame:
    """Variants of enough cases, with the columns of `variants.csv` and then `about`.

    `events` is empty where untold; `about` is true where the cases not listed are counted in.
    """
    rows = [
        (rank, v.cases, v.share, v.events, " > ".join(v.activities), v.about)
        for rank, v in enumerate(published.variants, start=1)
    ]
    frame = pd.DataFrame(rows, columns=[*VARIANT_COLUMNS, "about"])
    return frame.astype({"events": "Int64", "about": "bool"})
