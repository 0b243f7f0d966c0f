"""What may be passed on of the scorecard: no few applications, and nothing of one or two officers.

A line is told of at least `smallest_cell` applications; where it is a share, neither few have what
is counted nor few lack it. Where one group of an attribute is left out, a second one is too, so
that it does not follow from the whole. Numbers are rounded, and sentences made of the rounded ones.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from math import floor, isfinite

from engine.labels import NO_LABELS, Labels
from engine.numerals import LANGUAGES
from engine.scorecard.wording import improved_sentence, sentence
from reports.contents.scorecard import Improved, Month, Quicker, Scorecard, ScoreLine, Trend
from reports.withheld.totals import nearest, tellable, withheld
from reports.withheld.waiting import FEWEST_OFFICERS

# Of units of one or two officers only how long files take and lie there is told: the applicant's
# side of it (decision 11).
_OF_APPLICANTS = frozenset(
    {"p50_working_days", "p80_working_days", "p90_working_days", "open_now", "oldest_open_days"}
)
_HUNDRED = {"share": 1.0, "per hundred": 100.0}


def withhold_scorecard(
    scorecard: Scorecard, *, least: int, labels: Labels = NO_LABELS
) -> Scorecard:
    """The scorecard without what tells of fewer than `least` applications, or of one officer.

    `labels` are what attributes are called, by language.
    """
    units = _units(scorecard.lines, least)
    told = [line for line in scorecard.lines if _may_be_told(line, units, least)]
    gone = _beside_hidden(scorecard.lines, told, least)
    kept = tuple(_line(line, least, labels) for line in told if _key(line) not in gone)
    improved = scorecard.improved
    return replace(
        scorecard,
        lines=kept,
        improved=None if improved is None else _improved(improved, least),
        hidden=len(scorecard.lines) - len(kept),
    )


def _units(lines: Sequence[ScoreLine], least: int) -> frozenset[str]:
    """The units of which a line says that they had enough applications, or enough officers."""
    return frozenset(
        line.unit
        for line in lines
        if line.unit is not None
        and ((line.cases or 0) >= least or (line.officers or 0) >= FEWEST_OFFICERS)
    )


def unnamed_units(scorecard: Scorecard, least: int) -> frozenset[str]:
    """The units that are so small, as far as the lines tell, that not even their name is told."""
    every = frozenset(line.unit for line in scorecard.lines if line.unit is not None)
    return every - _units(scorecard.lines, least)


def _may_be_told(line: ScoreLine, units: frozenset[str], least: int) -> bool:
    """Whether a line, as it is, tells neither of few applications nor of few officers."""
    if line.unit is not None and line.unit not in units:
        return False
    if line.value is None:
        # Why a group has no number tells how few it is; of the office that is no secret.
        return line.attribute is None
    few = line.officers is not None and line.officers < FEWEST_OFFICERS
    if line.unit is not None and few and line.indicator not in _OF_APPLICANTS:
        return False
    if line.cases is not None and (line.cases < least and not (line.counted and not line.cases)):
        return False
    if line.indicator == "cross_training":
        return True
    return _tellable(line.value, line.n, line.measured_in, least)


def _tellable(value: float, n: int, measured_in: str, least: int) -> bool:
    """Whether enough are counted, and, of a share, enough have it and enough do not."""
    if 0 < n < least:
        return False
    hundred = _HUNDRED.get(measured_in)
    if hundred is None:
        return True
    having = round(value / hundred * n)
    return tellable(having, n, least) if hundred == 1.0 else having == 0 or having >= least


Key = tuple[str, str | None, str | None, str | None]


def _key(line: ScoreLine) -> Key:
    return (line.indicator, line.unit, line.attribute, line.group)


def _beside_hidden(
    lines: Sequence[ScoreLine], told: Sequence[ScoreLine], least: int
) -> frozenset[Key]:
    """The told lines of groups from which a hidden one beside them would follow."""
    gone: set[Key] = set()
    shown = {_key(line) for line in told}
    for name, attribute in {(one.indicator, one.attribute) for one in lines if one.attribute}:
        own = [one for one in lines if (one.indicator, one.attribute) == (name, attribute)]
        whole = next((one for one in lines if one.indicator == name and one.of_office), None)
        # What is hidden for any reason counts as few; who has no value is a part too.
        sizes = [(one.cases or 0) if _key(one) in shown else _hidden(one) for one in own]
        rest = max(((whole.cases or 0) if whole else 0) - sum(one.cases or 0 for one in own), 0)
        hidden = withheld([*sizes, rest], least)
        gone |= {_key(own[place]) for place in hidden if place < len(own)}
    return frozenset(gone)


def _hidden(line: ScoreLine) -> int:
    """One for a line that is not told, none where nothing happened at all."""
    return min(line.cases or 0, 1) if line.value is not None else int(line.why == "too early")


def _line(line: ScoreLine, least: int, labels: Labels) -> ScoreLine:
    """The line with rounded numbers, and a sentence made of these."""
    if line.value is None:
        return replace(line, n=0, cases=None)
    people = line.indicator != "cross_training"
    counts = line.measured_in == "applications"
    oldest = line.indicator == "oldest_open_days"
    value = float(nearest(round(line.value), least)) if counts else _digits(line.value)
    told = replace(
        line,
        # The oldest is one file: whole days.
        value=float(floor(line.value)) if oldest else value,
        ci_low=None if line.ci_low is None else _digits(line.ci_low),
        ci_high=None if line.ci_high is None else _digits(line.ci_high),
        n=nearest(line.n, least) if people else line.n,
        cases=None if line.cases is None else nearest(line.cases, least),
        # How many officers there are is nobody's secret from three on.
        officers=line.officers if (line.officers or 0) >= FEWEST_OFFICERS else None,
        spread=None if line.spread is None else round(line.spread, 2),
        months=tuple(_month(month, line, least) for month in line.months),
        trend=None if line.trend is None else _trend(line.trend, line.measured_in, least),
        about=least > 1,
    )
    content = asdict(told)
    return replace(told, wording={code: sentence(content, code, labels) for code in LANGUAGES})


def _month(month: Month, line: ScoreLine, least: int) -> Month:
    """A month without its size; nothing where few are counted in it."""
    value, n = month.value, month.n or 0
    of_work = line.indicator == "cross_training"
    if value is None or not (of_work or _tellable(value, n, line.measured_in, least)):
        return replace(month, value=None, n=None)
    if line.measured_in == "applications":
        return replace(month, value=float(nearest(round(value), least)), n=None)
    return replace(month, value=_digits(value), n=None)


def _trend(trend: Trend, measured_in: str, least: int) -> Trend | None:
    """Both sides rounded; None where one of them is of few."""
    sides = ((trend.now, trend.n_now), (trend.before, trend.n_before))
    if any(not _tellable(value, n, measured_in, least) for value, n in sides):
        return None
    return replace(
        trend,
        now=_digits(trend.now),
        before=_digits(trend.before),
        change=_digits(trend.change),
        ci_low=_digits(trend.ci_low),
        ci_high=_digits(trend.ci_high),
        n_now=nearest(trend.n_now, least),
        n_before=nearest(trend.n_before, least),
    )


def _improved(improved: Improved, least: int) -> Improved:
    units = tuple(
        _quicker(one, least) for one in improved.units if min(one.n_now, one.n_before) >= least
    )
    told = replace(improved, units=units)
    content = asdict(told)
    return replace(told, wording={code: improved_sentence(content, code) for code in LANGUAGES})


def _quicker(one: Quicker, least: int) -> Quicker:
    return replace(
        one,
        now=_digits(one.now),
        before=_digits(one.before),
        change=_digits(one.change),
        ci_low=_digits(one.ci_low),
        ci_high=_digits(one.ci_high),
        n_now=nearest(one.n_now, least),
        n_before=nearest(one.n_before, least),
        q_value=_digits(one.q_value),
    )


def _digits(number: float) -> float:
    """To three digits: more would tell how many there are.

    >>> _digits(0.123456), _digits(1_812_040.0)
    (0.123, 1810000.0)
    """
    return float(f"{number:.3g}") if isfinite(number) else number
