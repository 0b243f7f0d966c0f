"""What Prefect shows of a mining run: a summary, the scorecard, the findings, and the report.

Only what the report may show too: aggregates over enough cases, nothing that names an officer.
Whoever may open the scheduler may not thereby see who did what.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from engine.scorecard.wording import amount
from flows.names import slug
from reports.contents.scorecard import ScoreLine
from reports.reading import can_report, read_results
from reports.suppress import Published, suppress


def published_of(folder: Path) -> Published | None:
    """What of these results may be public; None where no report can be drawn from them."""
    return suppress(read_results(folder)) if can_report(folder) else None


def publish_results(folder: Path, *, report_url: str | None) -> Published | None:
    """Make the artifacts of one mining run; keys are the same from run to run."""
    published = published_of(folder)
    if published is None:
        return None
    process, name = published.process, slug(published.process)
    create_markdown_artifact(
        key=f"summary-{name}", markdown=summary(published), description=f"What {process} shows"
    )
    create_table_artifact(
        key=f"findings-{name}",
        table=[finding_row(finding) for finding in published.findings],
        description=f"What stands out in {process}",
    )
    if published.scorecard is not None:
        create_table_artifact(
            key=f"scorecard-{name}",
            table=[score_row(line) for line in published.scorecard.lines if line.why is None],
            description=f"How {process} does against its targets",
        )
    create_link_artifact(
        key=f"report-{name}",
        link=report_url or (folder / "report.html").resolve().as_uri(),
        link_text=f"Report on {process}",
        description="The report, with groups too small to show left out",
    )
    return published


def counts_of(published: Published | None) -> dict[str, int | None]:
    """How much was mined, in numbers that may be public; None is not told."""
    if published is None:
        return {}
    return {
        "cases": published.cases,
        "events": published.events,
        "findings": len(published.findings),
        "findings_withheld": published.findings_withheld,
    }


def finding_row(finding: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the table of findings."""
    effect = finding["effect"]
    value = effect["value"]
    return {
        "severity": finding["severity"],
        "kind": finding["kind"],
        "finding": finding["wording"]["en"],
        "effect": "" if value is None else f"{value:.3g} {effect['unit']}",
        "cases": finding["cases"],
        "strength": finding["strength"],
    }


def score_row(line: ScoreLine) -> dict[str, Any]:
    """One line of the scorecard, as the report has it."""
    assert line.value is not None
    of = line.unit or (f"{line.attribute}: {line.group}" if line.group else "the office")
    target = "" if line.target is None else amount(line.target, line.measured_in, "en")
    return {
        "perspective": line.perspective,
        "indicator": line.indicator,
        "of": of,
        "value": amount(line.value, line.measured_in, "en"),
        "target": target,
        "met": line.met or "",
        "trend": "" if line.trend is None else line.trend.told,
        "in words": line.wording["en"],
    }


def summary(published: Published) -> str:
    """A page of Markdown: how much was mined, up to when, what was switched off and why."""
    if published.cases is None:
        return f"# {published.process}\n\nToo few cases to say anything about."
    about = "about " if published.events_about else ""
    steps = f"{about}{published.events or 0:,} steps"
    period = f"from {published.first[:10]} to {published.last[:10]}"
    withheld = f"{published.findings_withheld} more only in the restricted results"
    lines = [
        f"# {published.process}",
        "",
        f"- {published.cases:,} cases, {steps}, {period}",
        f"- {len(published.findings)} findings; {withheld}",
        f"- lake version {published.run.get('lake_version')}",
    ]
    off = published.run.get("switched_off", {})
    if off:
        lines += ["", "## Switched off", "", *(f"- {what}: {why}" for what, why in off.items())]
    return "\n".join(lines)
