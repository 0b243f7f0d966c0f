"""The scorecard as a whole: the lines that the process file asks for, and who improved most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.judging import Judged
from engine.labels import Labels, labels
from engine.looks import Whole
from engine.numerals import LANGUAGES
from engine.results import write_json
from engine.scorecard.ground import QUARTER, YEAR, Ground
from engine.scorecard.improved import MEASURE, MostImproved, most_improved
from engine.scorecard.line import Line, Trend
from engine.scorecard.lines import Teller
from engine.scorecard.together import together
from engine.scorecard.wording import improved_sentence, sentence
from eventlog.definition import Definition
from eventlog.definition_parts import Indicator
from eventlog.indicators import INDICATORS

_USUAL = (
    "p50_working_days", "p80_working_days", "on_time_share", "rework_share", "waiting_share",
    "straight_share", "handovers_per_case", "open_now",
)  # fmt: skip
"""Without a scorecard in the process file: the first five of these that can be told."""
HEADLINES = 5


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """All lines in the order of the process file, and the units that improved; `chosen` by whom."""

    chosen: str
    lines: tuple[Line, ...]
    improved: MostImproved | None
    content: Mapping[str, Any]


def find_scorecard(whole: Whole, definition: Definition, judged: Judged) -> Scorecard:
    """Tell every line of the process file, or five usual ones; `whole` must have work items."""
    teller = Teller(Ground.of(whole, definition, judged))
    if definition.scorecard:
        chosen = "process file"
        lines = tuple(line for asked in definition.scorecard for line in teller.lines(asked))
    else:
        chosen, lines = "usual", tuple(_usual(teller))
    lines = together(lines)
    improved = most_improved(teller)
    return Scorecard(
        chosen=chosen,
        lines=lines,
        improved=improved,
        content=_content(teller.ground, chosen, lines, improved),
    )


def write_scorecard(found: Scorecard, path: Path) -> None:
    """`scorecard.json`."""
    write_json(found.content, path)


def untold(found: Scorecard) -> list[tuple[str, str]]:
    """The lines without a number, and why, as `run.json` tells them."""
    return [
        (f"scorecard: {_named(line)}", WHY[line.why])
        for line in found.lines
        if line.why is not None
    ]


WHY: Mapping[str, str] = {
    "no events": "nothing of this kind happened",
    "no closing step": "the process file does not say under clock what closes a case",
    "no term": "the process file promises no term under standard",
    "no applicant steps": "the process file has no applicant_steps",
    "no satisfaction": "voice.satisfaction names no attribute with answers that are numbers",
    "no complaints": "the process file names no complaints under voice",
    "no procedure": "the process file has no procedure to hold applications against",
    "no service times": "no event tells when work was started",
    "no costs": "the process file has no costs",
    "no fees": "the process file has no fees",
    "no officers": "no event names who did the work",
    "few officers": "fewer than three officers: it would tell of persons",
    "few newcomers": "fewer than three officers began anything new within the log",
    "no units": "no event names a unit",
    "unknown unit": "no event names this unit",
    "attribute hidden": "it is sensitive, and equity.basis names no ground for looking at it",
    "too early": "too few are known to be over",
}
"""Why a line has no number, in words."""


def _named(line: Line) -> str:
    scope = line.scope
    of = scope.unit or (scope.group and f"{scope.attribute} {scope.group}") or scope.attribute
    return f"{line.indicator} of {of}" if of else line.indicator


def _usual(teller: Teller) -> Iterator[Line]:
    told = 0
    for name in _USUAL:
        if told == HEADLINES:
            return
        for line in teller.lines(Indicator(indicator=name)):
            if line.why is None:
                told += 1
                yield line


def _content(
    ground: Ground, chosen: str, lines: tuple[Line, ...], improved: MostImproved | None
) -> dict[str, Any]:
    month = ground.name_of_month
    return {
        "schema_version": 1,
        "process": ground.definition.process,
        "as_of": ground.until,
        "chosen": chosen,
        "months": {
            "value": [month(-YEAR), month(0)],
            "now": [month(-QUARTER), month(-1)],
            "before": [month(-2 * QUARTER), month(-QUARTER - 1)],
        },
        "lines": [_line(line, labels(ground.definition)) for line in lines],
        "improved": None if improved is None else _improved(improved),
    }


def _line(line: Line, names: Labels) -> dict[str, Any]:
    known = INDICATORS[line.indicator]
    content = {
        "indicator": line.indicator,
        "perspective": known.perspective,
        "unit": line.scope.unit,
        "attribute": line.scope.attribute,
        "group": line.scope.group,
        "measured_in": line.measured_in,
        "better": known.better,
        "value": _rounded(line.value),
        "ci_low": _rounded(line.low),
        "ci_high": _rounded(line.high),
        "limits_by": line.source,
        "counted": line.counted,
        "n": line.n,
        "cases": line.cases,
        "officers": line.officers,
        "spread": _rounded(line.spread),
        "hours_known": _rounded(line.hours_known),
        "target": line.target,
        "met": line.met,
        "months": [
            {"month": one.month, "value": _rounded(one.value), "n": one.n} for one in line.months
        ],
        "trend": None if line.trend is None else _trend(line.trend),
        "why": line.why,
    }
    said = {language: sentence(content, language, names) for language in LANGUAGES}
    return {**content, "wording": said}


def _trend(trend: Trend) -> dict[str, Any]:
    moved = trend.moved
    return {
        "now": _rounded(moved.now),
        "before": _rounded(moved.before),
        "change": _rounded(moved.change),
        "ci_low": _rounded(moved.low),
        "ci_high": _rounded(moved.high),
        "n_now": moved.n_now,
        "n_before": moved.n_before,
        "q_value": _rounded(trend.q_value),
        "told": trend.told,
    }


def _improved(improved: MostImproved) -> dict[str, Any]:
    content = {
        "indicator": MEASURE,
        "measured_in": improved.measured_in,
        "compared": improved.compared,
        "units": [
            {
                "unit": one.unit,
                "now": _rounded(one.moved.now),
                "before": _rounded(one.moved.before),
                "change": _rounded(one.moved.change),
                "ci_low": _rounded(one.moved.low),
                "ci_high": _rounded(one.moved.high),
                "n_now": one.moved.n_now,
                "n_before": one.moved.n_before,
                "q_value": _rounded(one.q_value),
            }
            for one in improved.units
        ],
    }
    words = {language: improved_sentence(content, language) for language in LANGUAGES}
    return {**content, "wording": words}


def _rounded(number: float | None) -> float | None:
    """To six digits, so that the same sums in another order give the same bytes."""
    return None if number is None else float(f"{number:.6g}")
