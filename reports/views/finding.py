"""Findings, each at its own address: what was found, how sure it is, and what it rests on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup

from reports.charts.bars import three_bars
from reports.language import mark, say, spoken
from reports.sections import SECTIONS, Section
from reports.suppress import Published
from reports.views.evidence import Row, evidence_of, gap_of
from reports.words.wording import days, gap_number, share, unit_called

Finding = Mapping[str, Any]

KINDS = {
    "bottleneck": mark("Bottleneck"),
    "detour": mark("Detour"),
    "disparity": mark("Unequal treatment"),
    "fee": mark("Fees"),
    "favouritism": mark("Out of turn"),
    "lateness": mark("Lateness"),
    "unpredictability": mark("Unpredictable"),
    "data-quality": mark("Data quality"),
}
"""What the kinds of findings are called."""
SEVERITIES = {"high": mark("high"), "medium": mark("medium"), "low": mark("low")}

_SERIOUS = {
    "high": mark("High: it touches many, or costs much."),
    "medium": mark("Medium: worth the attention of the team."),
    "low": mark("Low: good to know."),
}
_SURE = {
    "strong": mark("Strong: it is hardly chance, and the data speak for it in several ways."),
    "moderate": mark("Moderate: it is hardly chance; something in the data leaves a doubt."),
    "weak": mark("Weak: a hint to look closer, no more."),
}
_MEANS = {
    "bottleneck": mark("Mean wait"),
    "detour": mark("Added to each application that takes it"),
    "disparity": mark("Gap to comparable others"),
    "fee": mark("Gap to comparable others"),
    "favouritism": mark("Ahead of comparable files"),
    "lateness": mark("Share over term"),
    "unpredictability": mark("The unlucky tenth, compared with what is usual"),
    "data-quality": mark("Share concerned"),
}
_DOCS = {
    "bottleneck": "concepts/where-applications-wait#a-queue-and-a-bottleneck",
    "detour": "concepts/detours#what-it-costs",
    "disparity": "concepts/fair-treatment#what-makes-it-a-finding",
    "fee": "concepts/fair-treatment#what-makes-it-a-finding",
    "favouritism": "concepts/fair-treatment#out-of-turn",
    "lateness": "concepts/lateness-and-promises#late-open-files-count",
    "unpredictability": "concepts/lateness-and-promises#unpredictable",
    "data-quality": "concepts/events-and-their-order",
}
_SISTERS = 6
_HEADLINE = re.compile(r"^.{40,}?[.!?](?=\s+[^\W\d_a-z])", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One finding as a page shows it: every text is in the language that was spoken.

    `effect` and `raw` are the size of what was found, with its limits, and as it came before it
    was adjusted; `places` are the activities it touches, by their names in the log; `docs` is
    where it is told how this was computed; `sisters` are findings that belong with it. `its_cases`
    is where the cases it is about are listed, empty where they are not known one by one.
    """

    id: str
    kind: str
    called: str
    severity: str
    serious: str
    sure: str
    words: str
    cases: int | None
    about: bool
    means: str
    effect: str
    limits: str
    raw: str
    cost: float | None
    places: tuple[str, ...]
    rows: tuple[Row, ...]
    picture: Markup
    sisters: tuple[Finding, ...]
    section: Section | None
    docs: str
    its_cases: str


def address(finding: Finding) -> str:
    """Where the page of a finding is; the server takes the signs of its id back out.

    >>> address({"id": "bottleneck/Check%20plan/desk=1"})
    '/findings/bottleneck/Check%2520plan/desk=1'
    """
    return f"/findings/{quote(str(finding['id']), safe='/=')}"


def find(published: Published, finding_id: str) -> Finding | None:
    """The finding with this id, among those that may be told; None for every other."""
    return next((one for one in published.findings if one.get("id") == finding_id), None)


def tell(finding: Finding, published: Published) -> Told:
    """Everything the page of a finding shows, in the language spoken."""
    kind = str(finding.get("kind", ""))
    effect = finding.get("effect") or {}
    unit = str(effect.get("unit") or "")
    value, low, high = (effect.get(name) for name in ("value", "ci_low", "ci_high"))
    raw, cost = effect.get("raw"), finding.get("cost") or {}
    return Told(
        id=str(finding["id"]),
        kind=kind,
        called=kind_called(kind),
        severity=str(finding.get("severity", "")),
        serious=_said(_SERIOUS, finding.get("severity")),
        sure=_said(_SURE, finding.get("strength")),
        words=words_of(finding),
        cases=finding.get("cases"),
        about=bool(finding.get("about")),
        means=say(_MEANS.get(kind, mark("Size"))),
        effect="" if value is None else _sized(value, unit, kind),
        limits=""
        if low is None or high is None
        else say(
            "95 %% limits: %(low)s to %(high)s",
            low=_bare(low, unit, kind),
            high=_bare(high, unit, kind),
        ),
        raw="" if raw is None else _sized(raw, unit, kind),
        cost=cost.get("value") if cost.get("unit") == "case-days" else None,
        places=places_of(finding, published),
        rows=evidence_of(finding, published),
        picture=_picture(finding, published),
        sisters=_sisters(finding, published.findings),
        section=next((one for one in SECTIONS if kind in one.kinds), None),
        docs=f"/docs/{_DOCS.get(kind, 'why')}",
        its_cases=its_cases(finding),
    )


def kind_called(kind: str) -> str:
    """What a kind of finding is called; one that nobody knows by its own name."""
    return say(KINDS[kind]) if kind in KINDS else kind


def severity_called(severity: str) -> str:
    """What a severity is called; one that nobody knows by its own name."""
    return say(SEVERITIES[severity]) if severity in SEVERITIES else severity


def words_of(finding: Finding) -> str:
    """A finding's sentences in the language spoken, else in English, else its id."""
    told = finding.get("wording")
    if isinstance(told, Mapping):
        return str(told.get(spoken().code) or told.get("en") or finding.get("id", ""))
    return str(finding.get("id", ""))


def headline(finding: Finding) -> str:
    """The first sentence of a finding.

    >>> headline({"wording": {"en": "Files wait 2.0 working days at Review zoning. That is much."}})
    'Files wait 2.0 working days at Review zoning.'
    """
    words = words_of(finding)
    first = _HEADLINE.match(words)
    return first[0] if first else words


def places_of(finding: Finding, published: Published) -> tuple[str, ...]:
    """The activities of the map that a finding is about."""
    subject = finding.get("subject") or {}
    named = [subject.get("activity"), subject.get("standard"), *(subject.get("activities") or ())]
    known = {activity.name for activity in published.graph.activities}
    return tuple(dict.fromkeys(name for name in named if name in known))


def through(place: str) -> str:
    """The address of the map with only the cases that went through an activity.

    >>> through("Check plan")
    '/map?through=Check+plan'
    """
    return f"/map?{urlencode({'through': place})}"


def known_of(place: str) -> str:
    """The address of what is known of an activity.

    >>> known_of("Check plan")
    '/map/details?place=Check+plan'
    """
    return f"/map/details?{urlencode({'place': place})}"


def its_cases(finding: Finding) -> str:
    """Where the cases of a finding are listed: those that took a detour, or stand in a queue.

    >>> its_cases({"id": "x", "kind": "bottleneck", "subject": {"activity": "Check"}})
    '/cases?at=Check&open=yes'
    """
    kind, subject = finding.get("kind"), finding.get("subject") or {}
    if kind == "detour":
        return f"/cases?{urlencode({'detour': str(finding['id'])})}"
    if kind == "bottleneck":
        return f"/cases?{urlencode({'at': subject.get('activity') or '', 'open': 'yes'})}"
    return ""


def chosen(findings: Sequence[Finding], kind: str, severity: str) -> tuple[Finding, ...]:
    """The findings of a kind and severity; an empty word takes all, the order stays."""
    return tuple(
        one
        for one in findings
        if kind in {"", one.get("kind")} and severity in {"", one.get("severity")}
    )


def _sisters(finding: Finding, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What else was found of the same place, group or measure; then of the same kind."""

    def near(other: Finding) -> int:
        return len(_about(finding) & _about(other)) * 2 + (other.get("kind") == finding.get("kind"))

    others = [one for one in findings if one.get("id") != finding.get("id") and near(one)]
    return tuple(sorted(others, key=lambda one: -near(one))[:_SISTERS])


def _about(finding: Finding) -> set[tuple[str, str]]:
    subject = finding.get("subject") or {}
    places = [subject.get("activity"), subject.get("standard"), *(subject.get("activities") or ())]
    told = {("place", str(name)) for name in places if name}
    if subject.get("attribute"):
        told.add(("group", f"{subject['attribute']}={subject.get('group')}"))
    return told


def _picture(finding: Finding, published: Published) -> Markup:
    """Raw, adjusted, and after what the process did, as bars; empty where nothing was compared."""
    gap = gap_of(finding, published.equity)
    if gap is None or finding.get("kind") not in {"disparity", "fee"}:
        return Markup()
    names = {
        "raw": say("As they came"),
        "entry": say("Comparable ones"),
        "process": say("… and handled alike"),
    }
    return Markup(three_bars(gap, names=names, title=headline(finding)))  # noqa: S704 - our own writer, which escapes


def _sized(value: float, unit: str, kind: str) -> str:
    """A size with its unit."""
    if unit == "ratio":
        return say("%(ratio)s times", ratio=days(value))
    if unit == "currency" or (unit == "share" and not _is_gap(kind)):
        return _bare(value, unit, kind)
    return say("%(size)s %(unit)s", size=_bare(value, unit, kind), unit=unit_called(unit))


def _bare(value: float, unit: str, kind: str) -> str:
    if _is_gap(kind):
        return gap_number(value, unit)
    return share(value) if unit == "share" else days(value)


def _is_gap(kind: str) -> bool:
    return kind in {"disparity", "fee", "favouritism"}


def _said(words: Mapping[str, str], name: object) -> str:
    return say(words[str(name)]) if str(name) in words else str(name or "")
