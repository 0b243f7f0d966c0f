"""The report: one file that opens without a network, may be mailed, and prints well."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup

from miners.detours.without import ASSUMPTIONS
from reports import bars, charts, wording
from reports.colours import activity_colours, chip_style
from reports.equity_page import treatment_of
from reports.graph import ProcessMap, choose, place_name
from reports.layout import layout
from reports.names import Names, called, named
from reports.overlays import overlays
from reports.plan import frequency_text, gap_text, straying_text
from reports.results import Giver, Results
from reports.suppress import Published, suppress
from reports.svg import draw_maps
from reports.terms import Limits
from reports.told_equity import TREATMENT
from reports.waiting import CAUSES
from reports.withhold_counts import EVENT_COUNTS
from reports.withhold_equity import largest_gap

_TEMPLATES = Path(__file__).with_name("templates")
_VARIANTS = 15
_ROWS = 15
# Sections of their own say these in full.
_ELSEWHERE = (*TREATMENT, "data-quality")
_DETOURS = 12


class _Compiled(jinja2.BytecodeCache):
    """Templates as this process has compiled them: that takes longer than all else of a report."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def render_report(results: Results) -> str:
    """The whole report as one HTML document, with every small cell taken out before.

    The same results give the same text. Nothing is fetched: the page forbids itself everything
    but its own style sheet (Content-Security-Policy with a hash).
    """
    return render_published(suppress(results))


def render_published(published: Published) -> str:
    """The report of results that have already been suppressed."""
    shown = choose(published.graph)
    drawn = named(shown, published.names)
    plan = layout(drawn)
    order = colour_order(published)
    colours = activity_colours(order)
    stripes = {published.names.get(code, code): look for code, look in colours.items()}
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8") + chip_style()
    looks = overlays(drawn)
    pictures = [
        (overlay.value, Markup(picture))  # noqa: S704 - our own writer, which escapes
        for overlay, picture in zip(looks, draw_maps(drawn, plan, looks, stripes), strict=True)
    ]
    return (
        _environment(published.names)
        .get_template("report.html.j2")
        .render(
            p=published,
            language="en",
            style=Markup(style),  # noqa: S704 - our own file
            policy=_policy(style),
            shown=shown,
            working_known=any(edge.working for edge in shown.edges),
            straying_known=any(edge.strays for edge in shown.edges),
            gap_shown=largest_gap(published.equity)
            if published.equity and any(edge.gap for edge in shown.edges)
            else None,
            coverage=_coverage(shown, published.graph),
            pictures=pictures if shown.activities else [],
            variants=published.variants[:_VARIANTS],
            more_variants=len(published.variants[_VARIANTS:]) + published.rest_variants,
            more_cases=sum(v.cases for v in published.variants[_VARIANTS:]) + published.rest_cases,
            about=any(v.about for v in published.variants)
            or any(e.about for e in shown.edges)
            or any(a.about for a in shown.activities)
            or any(h.about for h in published.handover),
            rework=sorted(published.rework, key=lambda r: (-r.cases, r.activity))[:_ROWS],
            handover=sorted(published.handover, key=lambda h: (-h.frequency, h.source, h.target))[
                :_ROWS
            ],
            by_unit=published.handover_by is Giver.UNIT,
            quality=[f for f in published.findings if f.get("kind") == "data-quality"],
            findings=[f for f in published.findings if f.get("kind") not in _ELSEWHERE],
            treatment_findings=sum(f.get("kind") in TREATMENT for f in published.findings),
            chip=colours,
            treatment=treatment_of(published.equity, published.favouritism, published.names, "en"),
            queues=published.waiting.queues[:_ROWS] if published.waiting else (),
            more_queues=published.waiting.queues[_ROWS:] if published.waiting else (),
            detours=published.detours.detours[:_DETOURS] if published.detours else (),
            assumptions=ASSUMPTIONS,
            more_detours=published.detours.detours[_DETOURS:] if published.detours else (),
        )
    )


def colour_order(published: Published) -> Sequence[str]:
    """Activities in the order in which colours are given out: the most frequent first."""
    ranked = sorted(published.graph.activities, key=lambda a: (-a.events, a.name))
    known = dict.fromkeys(activity.name for activity in ranked)
    for variant in published.variants:
        known.update(dict.fromkeys(variant.activities))
    for row in published.rework:
        known.setdefault(row.activity)
    for detour in published.detours.detours if published.detours else ():
        known.update(dict.fromkeys(detour.activities))
    if published.waiting is not None:
        known.update(dict.fromkeys(queue.activity for queue in published.waiting.queues))
        known.update(dict.fromkeys(place.activity for place in published.waiting.places))
    return tuple(known)


def _coverage(shown: ProcessMap, whole: ProcessMap) -> float:
    """Share of all steps from place to place that the shown edges stand for."""
    total = sum(edge.frequency for edge in whole.edges)
    return sum(edge.frequency for edge in shown.edges) / total if total else 0.0


def _policy(style: str) -> str:
    """What the page may load: its own style sheet, by its hash, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _environment(names: Names) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_COMPILED,
    )
    # English for now: the null catalogue gives each message back as it is.
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds this method
    environment.globals.update(
        runs=_runs,
        place_name=place_name,
        frequency_text=frequency_text,
        straying_text=straying_text,
        gap_text=gap_text,
        no_time=_no_time,
        histogram=lambda told, title: Markup(charts.histogram(told, title=title)),  # noqa: S704 - our own writer, which escapes
        share_bar=lambda part: Markup(charts.share_bar(part)),  # noqa: S704 - numbers only
        span=charts.span,
        cause_key=lambda cause: Markup(charts.cause_key(cause)),  # noqa: S704 - our own colours
        three_bars=lambda gap, names, title: Markup(bars.three_bars(gap, names=names, title=title)),  # noqa: S704 - our own writer, which escapes
        adjusted=bars.adjusted,
        limits_text=bars.limits_text,
        split_bar=lambda days, title: Markup(charts.split_bar(days, title=title)),  # noqa: S704 - our own writer, which escapes
        sparkline=lambda told, title: Markup(charts.sparkline(told, title=title)),  # noqa: S704 - our own writer, which escapes
        causes_in_order=CAUSES,
        event_counts=EVENT_COUNTS,
    )
    environment.filters.update(
        number=wording.number,
        share=wording.share,
        duration=wording.duration,
        worked=wording.worked,
        days=wording.days,
        whole_days=wording.whole_days,
        added=wording.added,
        case_days=wording.case_days,
        points=wording.points,
        signed=wording.signed,
        gap_number=wording.gap_number,
        gap_size=wording.gap_size,
        about=wording.about,
        clean=wording.clean,
        # by context, so that no name of one report is folded into what is compiled for all
        called=jinja2.pass_context(lambda _, place: called(place, names)),
        day=lambda time: time[:10],
        moment=_moment,
        words=lambda name: name.replace("_", " ").replace("-", " "),
        wording=_wording,
    )
    return environment


def _moment(time: str) -> str:
    """A time to the minute; one that is not ISO 8601 stays as it is.

    >>> _moment("2026-03-02T09:14:05.123+00:00")
    '2026-03-02 09:14 UTC'
    """
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    zone = moment.strftime(" UTC%z").removesuffix("+0000") if moment.tzinfo else ""
    return moment.strftime("%Y-%m-%d %H:%M") + zone


def _runs(activities: Sequence[str]) -> list[tuple[str, int]]:
    """Activities in order, each with how often it comes in a row."""
    return [(name, len(list(group))) for name, group in groupby(activities)]


def _no_time(days: Limits) -> bool:
    """Whether days and their limits would all read as nothing."""
    parts = (days.value, days.low or 0.0, days.high or 0.0)
    return all(wording.added(part) == "0.0" for part in parts)


def _wording(finding: Mapping[str, object], language: str) -> str:
    """A finding's sentence in the language, else in English, else its id."""
    told = finding.get("wording")
    if isinstance(told, Mapping):
        return str(told.get(language) or told.get("en") or finding.get("id", ""))
    return str(finding.get("id", ""))
