"""What the project promises of its speed, and whether what was measured keeps it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pages_found import REPORTS
from sections import LONG, MEMORY, PERMITS, Part
from turns import Row
from watch_found import FULL

_CORE = 10_000_000
_LEAST = 1_000_000
_PANDAS = "pm4py on pandas"
_NOT = "not measured"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One promise: what of, the target in words, what was measured, and whether that is enough."""

    what: str
    target: str
    measured: str
    met: bool | None  # None: not measured

    @property
    def word(self) -> str:
        """The verdict as the page has it."""
        return {None: _NOT, True: "met", False: "**not met**"}[self.met]


def verdicts(parts: Mapping[str, Part]) -> list[Verdict]:
    """All promises in the order of the page, measured or not."""
    return [
        *_core(parts.get(f"core-{_CORE}")),
        *_memory(parts),
        *_updates(parts.get(f"live-{_CORE}")),
        *_treatment(parts.get(f"treatment-{PERMITS}")),
        *_kafka(parts.get("kafka")),
        *_alerts(parts.get("watch")),
        *_soak(parts.get("soak")),
        *_pages(parts.get("pages")),
        *_pairs(parts.get("xes"), "XES import", "pm4py", 5, "its reader `iterparse`"),
        *_pairs(parts.get("alignment"), "alignment of `receipt`", "pm4py", 50, "same deviations"),
    ]


def _core(part: Part | None) -> Iterator[Verdict]:
    rows = {row.name: row for row in part.tables["core"]} if part else {}
    ours = rows.get("Runut")
    what = f"core pass, {_CORE:,} events, against"
    yield _ratio(f"{what} {_PANDAS}", rows.get(_PANDAS), ours, 15)
    for name in ("pm4py on Polars", "Polars", "DuckDB", "r4pm"):
        yield _ratio(f"{what} {name}", rows.get(name), ours, 1)
    yield _peak(f"core pass, {_CORE:,} events", ours, 1.5)


def _memory(parts: Mapping[str, Part]) -> Iterator[Verdict]:
    rows = _memory_rows(parts)
    _, bounded = rows.get(LONG, (None, None))
    what = f"{LONG:,} events under `--memory {MEMORY}`"
    yield _peak(what, bounded, 1.2)
    measured = bounded is not None and bounded.rounds > 0
    yield Verdict(
        what=f"{what}, time",
        target="at most 2 times the unbounded time",
        measured=f"{bounded.ratio:.2f} times" if measured and bounded else _NOT,
        met=bounded.ratio <= 2 if measured and bounded else None,
    )
    first = rows.get(_LEAST, (None, None))[0]
    largest = max(rows, default=_LEAST)
    last = rows.get(largest, (None, None))[0]
    both = first and last and first.rounds and last.rounds and largest > _LEAST
    growth = (last.wall / largest) / (first.wall / _LEAST) if both and first and last else 0
    told = "" if largest == LONG else f" up to {largest:,}"
    yield Verdict(
        what=f"time per event from {_LEAST:,} to {LONG:,}",
        target="at most 1.5 times",
        measured=f"{growth:.2f} times{told}" if both else _NOT,
        met=growth <= 1.5 if both and not told else None,
    )


def _memory_rows(parts: Mapping[str, Part]) -> dict[int, tuple[Row, Row]]:
    """For each size the rows without and with a budget."""
    found = {p.size: p.tables["memory"] for p in parts.values() if p.name.startswith("memory-")}
    return {size: (rows[0], rows[1]) for size, rows in found.items()}


def _updates(part: Part | None) -> Iterator[Verdict]:
    known = {update.name: update for update in part.updates} if part else {}
    for name, words, most in (
        ("in order", "in order", 150),
        ("5 % late by days", "5 % late", 400),
    ):
        update = known.get(name)
        yield Verdict(
            what=f"10,000 new events on {_CORE:,} stored, {words}: bytes to measures",
            target=f"≤ {most} ms",
            measured=f"{update.p50} ms ({update.cpu} ms CPU)" if update else _NOT,
            met=update.p50 <= most if update else None,
        )


def _treatment(part: Part | None) -> Iterator[Verdict]:
    row = part.tables["treatment"][0] if part else None
    measured = row is not None and row.rounds > 0
    what = f"all questions of equal treatment, {PERMITS:,} cases, 10 groups"
    yield Verdict(
        what=f"{what}, from the lake to the results",
        target="under 60 s",
        measured=f"{row.wall:.1f} s" if measured and row else _NOT,
        met=row.wall < 60 if measured and row else None,
    )
    yield _peak(what, row, 2)


def _kafka(part: Part | None) -> Iterator[Verdict]:
    for client, least in (("kafka-python", 75), ("confluent-kafka", 50)):
        rows: Sequence[Row] = part.tables.get(client, ()) if part else ()
        measured = len(rows) > 1 and rows[1].rounds > 0
        share = 100 / rows[1].ratio if measured else 0
        yield Verdict(
            what=f"ingest from Kafka to the committed lake, {client}",
            target=f"≥ {least} % of the bare client's rate",
            measured=f"{share:.0f} %" if measured else _NOT,
            met=share >= least if measured else None,
        )


def _alerts(part: Part | None) -> Iterator[Verdict]:
    known = {one.pace: one for one in part.paced} if part else {}
    for pace, words, most in (("2000", "2,000 events a second", 2), (FULL, "the full rate", 5)):
        one = known.get(pace)
        measured, met = _NOT, None
        if one is not None:
            p99 = one.quantiles[2]
            lost = f", {one.lost} did not come" if one.lost else ""
            measured, met = f"{p99:.2f} s{lost}", p99 < most and not one.lost
        yield Verdict(
            what=f"from a produced event to the alert that it causes, at {words}, P99",
            target=f"under {most} s",
            measured=measured,
            met=met,
        )


def _soak(part: Part | None) -> Iterator[Verdict]:
    found = part.soaked if part else None
    measured, met = _NOT, None
    if found is not None:
        start, growth, error = found.memory
        measured = f"{growth / start:+.1%} an hour, ± {error / start:.1%}"
        met = growth - 2 * error < start / 100
    yield Verdict(
        what="memory of a watch at the full rate, after warming up",
        target="grows by under 1 % an hour",
        measured=measured,
        met=met,
    )


def _pages(part: Part | None) -> Iterator[Verdict]:
    found = part.visited if part else None
    live = [max(one.drawn) for one in found.seen if not one.mailed] if found else []
    yield _most("pages of `runut serve`, 1,000,000 events: drawn in Chromium, longest", live, 1000)
    filters = [max(one.times) for one in found.asked] if found else []
    yield _most("map under a filter not asked before, 1,000,000 events, longest", filters, 300)
    crowds = found.crowds if found else ()
    for analysts, words in ((False, ""), (True, " and 10 analysts")):
        some = [one for one in crowds if bool(one.analysts) is analysts]
        yield _most(
            f"50 readers at once{words}, an answer, P95",
            [float(np.percentile(one.of(), 95)) for one in some],
            1000,
            failed=sum(sum(one.errors.values()) for one in some),
        )
    mailed = [one for one in found.seen if one.mailed] if found else []
    for name in REPORTS:
        some = [one for one in mailed if one.name == name]
        longest = [max(one.drawn) for one in some]
        yield _most(f"{name}, opened offline in Chromium: drawn, longest", longest, 500)
        size = max((one.size / 1024 for one in some), default=0)
        yield Verdict(
            what=f"{name}, its size",
            target="under 200 KiB",
            measured=f"{size:.0f} KiB" if some else _NOT,
            met=size < 200 if some else None,
        )


def _most(what: str, times: Sequence[float], most: float, *, failed: int = 0) -> Verdict:
    """Whether the longest of some times, in milliseconds, stays below what is promised."""
    lost = f", {failed} failed" if failed else ""
    return Verdict(
        what=what,
        target=f"under {most:g} ms",
        measured=f"{max(times):.0f} ms{lost}" if times else _NOT,
        met=max(times) < most and not failed if times else None,
    )


def _pairs(part: Part | None, what: str, peer: str, least: float, words: str) -> Iterator[Verdict]:
    tables = part.tables if part else {}
    for title, rows in tables.items():
        named = {row.name: row for row in rows}
        yield _ratio(
            f"{what} ({title}), against {peer}, {words}", named[peer], named["Runut"], least
        )
    if not tables:
        yield _ratio(f"{what}, against {peer}, {words}", None, None, least)


def _ratio(what: str, peer: Row | None, ours: Row | None, least: float) -> Verdict:
    target = f"≥ {least:g} times as fast" if least > 1 else "faster"
    measured, met = _NOT, None
    if peer is not None and peer.missing:
        measured = peer.missing
    if peer is not None and ours is not None and ours.rounds:
        if peer.rounds:
            measured, met = f"{peer.ratio:.1f} times", peer.ratio >= least and peer.ratio > 1
        elif peer.over:
            # Overrunning is a figure too: at least so many times as long.
            at_least = peer.over / ours.wall
            measured = f"over {at_least:.0f} times ({peer.missing})"
            met = True if at_least >= least else None
    return Verdict(what=what, target=target, measured=measured, met=met)


def _peak(what: str, row: Row | None, most: float) -> Verdict:
    measured = row is not None and row.rounds > 0
    peak = row.peak / 1e9 if row else 0
    return Verdict(
        what=f"{what}, peak of memory",
        target=f"≤ {most:g} GB",
        measured=f"{peak:.2f} GB" if measured else _NOT,
        met=peak <= most if measured else None,
    )
