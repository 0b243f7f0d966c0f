"""`runut mine`: every miner over a lake, into a folder of results."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from eventlog.errors import UsageError
from flows.commands.common import settled
from flows.failures import MATCHED
from flows.options import AsJson, Engine, Lake, Out, Process, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from engine.mining import Mined

EXAMPLES = examples(
    "runut mine --process building-permit --lake lake --out results",
    "runut mine --lake lake --out results --as-of 2026-03-01T00:00:00+07:00",
    "runut mine --lake lake --out results --only map,variants",
    "runut mine --lake lake --out results --memory 1GB",
    "runut mine --lake s3://permits/lake --out results --engine spark",
    "runut mine --lake lake --out results --fail-on data-quality",
)

_REASONS = 3
# The kinds of findings (interface.md) that are looked for, and those that will be.
KINDS = (
    "bottleneck", "data-quality", "detour", "disparity", "favouritism", "fee", "lateness",
    "unpredictability",
)  # fmt: skip
LATER = ("drift",)


def mine(
    *,
    process: Process = None,
    lake: Lake = None,
    out: Out = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="The lake as it was known then, e.g. 2026-03-01."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Only these questions, comma-separated."),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="Stay under this much memory, e.g. 1GB: slower, same results."
        ),
    ] = None,
    engine: Annotated[
        Engine, typer.Option(metavar="local|spark", help="This machine, or Spark: same results.")
    ] = Engine.LOCAL,
    master: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="With --engine spark: the cluster, e.g. spark://host:7077."
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Exit with 3 when a finding of this kind is there."),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int | None:
    """Mine a lake: the process map, the variants, the times, and what stands out.

    Writes a folder of results, replaced as a whole: report.html to read, map.json, variants.csv
    and the rest for scripts. The folder is exact and for few eyes; report.html and public/ leave
    out groups too small to show.
    """
    when = None if as_of is None else moment(as_of)
    require_kinds(fail_on or ())
    questions = None if only is None else frozenset(filter(None, map(str.strip, only.split(","))))
    settings = settled(quiet=quiet, process=process, lake=lake, results=out)
    from flows.mine import mine as run  # noqa: PLC0415 (numba and pandas take seconds)

    with screen(as_json=as_json, quiet=quiet) as view:
        mined = run(
            settings,
            here=Path.cwd(),
            as_of=when,
            only=questions,
            engine=engine,
            memory=memory,
            master=master,
            progress=view.progress,
        )
        view.show(told(mined), fields(mined))
    hit = {finding["kind"] for finding in mined.findings} & set(fail_on or ())
    return MATCHED if hit else None


def require_kinds(kinds: Iterable[str]) -> None:
    """UsageError for a kind of finding that there is not: it would never fail."""
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown and unknown[0] in LATER:
        raise UsageError(
            f"--fail-on names {unknown[0]}, which this version of Runut does not look for yet; "
            f"expected {', '.join(KINDS)}"
        )
    if unknown:
        raise UsageError(f"--fail-on names {unknown[0]}; expected one of {', '.join(KINDS)}")


def moment(text: str) -> datetime:
    """A time or a date as `--as-of` takes it; without an offset it is UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f'--as-of is "{text}"; expected a time such as 2026-03-01T08:00:00+07:00'
        ) from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def told(mined: "Mined") -> list[str]:
    """The result in words."""
    from flows.facts import facts  # noqa: PLC0415 (pandas and Arrow take seconds)
    from reports.reading import can_report, read_results  # noqa: PLC0415

    counts = mined.run["counts"]
    lines = [f"Mined {mined.events:,} events of {mined.cases:,} cases, up to {_day(mined)}."]
    if counts["repeats_dropped"]:
        lines.append(f"{counts['repeats_dropped']:,} events had come more than once; counted once.")
    if counts["rejects"]:
        lines.append(f"{counts['rejects']:,} could not be used and were set aside:")
        commonest = sorted(counts["reject_reasons"].items(), key=lambda pair: (-pair[1], pair[0]))
        lines += [f"- {reason} ({count:,})" for reason, count in commonest[:_REASONS]]
        more = len(commonest) - _REASONS
        lines += [f"- and {more} more reasons, in run.json"] if more > 0 else []
    if can_report(mined.folder):
        lines += [f"- {fact}" for fact in facts(read_results(mined.folder))]
    lines += worst(mined)
    lines += beyond(mined)
    lines += not_analysed(mined)
    where = mined.folder / "report.html"
    lines.append(f"Report: {where}" if where.exists() else f"Results: {mined.folder}")
    return lines


def not_analysed(mined: "Mined") -> list[str]:
    """What was left out, a line for each reason; but not what no such run is asked for."""
    from engine.alerting.readings_lacking import BY_WATCH  # noqa: PLC0415 (as below)

    by_reason: dict[str, list[str]] = {}
    for what, why in mined.off:
        if not why.endswith(BY_WATCH):
            by_reason.setdefault(why, []).append(what)
    return [f"Not analysed: {', '.join(what)}, because {why}." for why, what in by_reason.items()]


def worst(mined: "Mined", most: int = 5) -> list[str]:
    """The first few findings, one a line; none that tells of a person."""
    tellable, kept = mined.tellable, mined.of_persons
    inside = f"- and {kept} about persons, only in findings.json and favouritism.json"
    if not tellable:
        return ["Nothing stood out.", *([inside] if kept else [])]
    shown = [f"- {finding['wording']['en']}" for finding in tellable[:most]]
    more = len(tellable) - len(shown)
    return [
        f"{len(tellable)} findings:" if len(tellable) > 1 else "One finding:",
        *shown,
        *([f"- and {more} more, in findings.csv"] if more else []),
        *([inside] if kept else []),
    ]


def beyond(mined: "Mined", most: int = 5) -> list[str]:
    """The alert rules that are beyond their threshold now; nothing where none is."""
    found = mined.beyond
    rules = len({rule.name for rule, _ in found})
    if not rules:
        return []
    told = [f"- {one['alert_id']}: {one['wording']['en']}" for one in _alerts(mined)]
    return [
        f"{rules} alert rules are beyond their threshold:"
        if rules > 1
        else "One alert rule is beyond its threshold:",
        *told[:most],
        *([f"- and {len(told) - most} more, in alerts.json"] if len(told) > most else []),
    ]


def _alerts(mined: "Mined") -> list[dict[str, Any]]:
    """What is beyond its threshold, for scripts; the cases are in alerts.json."""
    from engine.alerting import wording  # noqa: PLC0415 (process files take half a second)
    from engine.alerting.limits import threshold  # noqa: PLC0415 (as above)

    return [
        {
            "alert_id": rule.name,
            "severity": rule.severity,
            "measure": rule.measure,
            "subject": dataclasses.asdict(reading.subject),
            "value": reading.value,
            "unit": reading.unit,
            "threshold": limit,
            "wording": wording.measured(
                measure=rule.measure,
                value=reading.value,
                unit=reading.unit,
                threshold=limit,
                subject=reading.subject,
            ),
        }
        for rule, reading in mined.beyond
        if (limit := threshold(rule, reading)) is not None
    ]


def _day(mined: "Mined") -> str:
    """The latest event in the office's own time."""
    if mined.as_of is None:
        return "no time: there are no events"
    zone = mined.run["timezone"]
    return f"{mined.as_of.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def fields(mined: "Mined") -> dict[str, Any]:
    """The result for scripts."""
    report = mined.folder / "report.html"
    return {
        "folder": str(mined.folder),
        "report": str(report) if report.exists() else None,
        "lake_version": mined.version,
        "as_of": mined.as_of.isoformat() if mined.as_of else None,
        "events": mined.events,
        "cases": mined.cases,
        "findings": list(mined.tellable),
        "findings_about_persons": mined.of_persons,
        "alerts": _alerts(mined),
        "off": [{"what": what, "why": why} for what, why in mined.off],
    }
