"""The scorecard as a page shows it: five numbers on top, then a table for each perspective."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from markupsafe import Markup

from engine.numerals import Language
from engine.scorecard.wording import saying
from reports.charts.curve import score_curve
from reports.contents.scorecard import Improved, Month, Quicker, Scorecard, ScoreLine
from reports.language import mark, say, spoken
from reports.words import dates, wording
from reports.words.names import NO_NAMES, Names, attribute_words
from reports.words.scorecard import MET, PERSPECTIVES, TITLES, TRENDS, UNIT_TITLES, UNTOLD

_HEADLINES = 5
_ARROWS = {"up": "\N{UPWARDS ARROW}", "down": "\N{DOWNWARDS ARROW}", "flat": "\N{RIGHTWARDS ARROW}"}
_AMOUNTS = {
    "working days": mark("%(amount)s working days"),
    "days": mark("%(amount)s days"),
    "hours": mark("%(amount)s hours"),
    "times": mark("%(amount)s times"),
    "applications": mark("%(amount)s applications"),
    "pieces a week": mark("%(amount)s a week"),
}
_SMALL, _TENTHS = 1.5, 100.0


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One line as it is shown; texts are in the language that is spoken, empty for nothing.

    `mark` is a sign for `met` (a tick, a cross, a question mark), so that no colour is needed.
    `curve` is a picture of the months that have a number, `sentence` what the line says.
    """

    line: ScoreLine
    title: str
    whose: str
    value: str
    limits: str
    target: str
    met: str
    mark: str
    arrow: str
    trend: str
    moved: str
    n: str
    curve: Markup
    sentence: str
    untold: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Perspective:
    """One of the four: the lines of the office, and a table for what is told by unit or group."""

    title: str
    name: str
    office: tuple[Shown, ...]
    tables: tuple[tuple[str, tuple[Shown, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Card:
    """The page: five numbers, the perspectives, who improved, and the months by name.

    `targets` are how many are met, of how many, and how many are too close to tell.
    """

    top: tuple[Shown, ...]
    perspectives: tuple[Perspective, ...]
    improved: str
    quicker: tuple[tuple[str, str, str, str], ...]
    year: tuple[str, str]
    now: tuple[str, str]
    before: tuple[str, str]
    targets: tuple[int, int, int]
    usual: bool
    hidden: int
    months: tuple[tuple[str, tuple[str, ...]], ...]


def card_of(scorecard: Scorecard, names: Names = NO_NAMES) -> Card:
    """The scorecard in the language that is spoken."""
    every = [_shown(line, names) for line in scorecard.lines]
    top = tuple(one for one in every if one.line.of_office and one.line.value is not None)
    top = top[:_HEADLINES]
    judged = [line.met for line in scorecard.lines if line.met is not None]
    improved = scorecard.improved
    return Card(
        top=top,
        perspectives=tuple(_perspectives(every)),
        improved="" if improved is None else improved.wording[_code()],
        quicker=() if improved is None else tuple(_quicker(improved)),
        year=_ends(scorecard, "value"),
        now=_ends(scorecard, "now"),
        before=_ends(scorecard, "before"),
        targets=(judged.count("yes"), len(judged), judged.count("too close to tell")),
        usual=scorecard.chosen == "usual",
        hidden=scorecard.hidden,
        months=_months(top),
    )


def _perspectives(every: Sequence[Shown]) -> Iterator[Perspective]:
    for name, title in PERSPECTIVES.items():
        own = [one for one in every if one.line.perspective == name]
        if not own:
            continue
        apart = [one for one in own if not one.line.of_office]
        keys = dict.fromkeys((one.line.indicator, one.line.attribute or "") for one in apart)
        tables = [
            [one for one in apart if (one.line.indicator, one.line.attribute or "") == key]
            for key in keys
        ]
        yield Perspective(
            title=say(title),
            name=name.replace(" ", "-"),
            office=tuple(one for one in own if one.line.of_office),
            tables=tuple((table[0].title, tuple(table)) for table in tables),
        )


def _shown(line: ScoreLine, names: Names) -> Shown:
    titles = UNIT_TITLES if line.unit is not None else TITLES
    title = say(titles.get(line.indicator) or TITLES[line.indicator])
    trend = line.trend
    return Shown(
        line=line,
        title=title,
        whose=line.unit or line.group or attribute_words(line.attribute or "", names),
        value="" if line.value is None else amount(line.value, line.measured_in),
        limits=_limits(line),
        target="" if line.target is None else _target(line),
        met="" if line.met is None else say(MET[line.met]),
        mark="" if line.met is None else _MARKS[line.met],
        arrow="" if trend is None else _ARROWS[_direction(line)],
        trend="" if trend is None else say(TRENDS[trend.told]),
        moved="" if trend is None else _moved(line),
        n="" if line.value is None else _n(line),
        curve=_curve(line),
        sentence=saying(
            asdict(line), _code(), {name: {_code(): said} for name, said in names.items()}
        ),
        untold="" if line.why is None else say(UNTOLD.get(line.why, line.why)),
        note=_note(line),
    )


def _limits(line: ScoreLine) -> str:
    low, high, kind = line.ci_low, line.ci_high, line.measured_in
    if low is None or high is None:
        return ""
    told = [bare(low, kind), bare(high, kind)]
    if told[0] == told[1] and kind not in {"share", "change"} and not kind.isupper():
        told = [wording.decimal(limit, 2) for limit in (low, high)]
    return "\N{EN DASH}".join(told)


_MARKS = {
    "yes": "\N{CHECK MARK}",
    "no": "\N{MULTIPLICATION SIGN}",
    "too close to tell": "?",
}


def _target(line: ScoreLine) -> str:
    assert line.target is not None
    told = amount(line.target, line.measured_in)
    if line.target == round(line.target) and line.measured_in not in {"share", "change"}:
        told = told.replace(bare(line.target, line.measured_in), _whole(line.target))
    if line.better == "higher":
        return say("at least %(amount)s", amount=told)
    return say("at most %(amount)s", amount=told)


def _whole(value: float) -> str:
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return sign + wording.number(abs(round(value)))


def _direction(line: ScoreLine) -> str:
    if line.trend is None or line.trend.told == "no clear change":
        return "flat"
    return "up" if line.trend.change > 0 else "down"


def _moved(line: ScoreLine) -> str:
    assert line.trend is not None
    now, before = (bare(part, line.measured_in) for part in (line.trend.now, line.trend.before))
    low, high = (
        _change(part, line.measured_in) for part in (line.trend.ci_low, line.trend.ci_high)
    )
    return say(
        "%(now)s after %(before)s (change: %(low)s to %(high)s)",
        now=now,
        before=before,
        low=low,
        high=high,
    )


def _change(value: float, measured_in: str) -> str:
    """A limit of a change with its sign; of shares in percentage points."""
    if measured_in == "share":
        return wording.signed(round(100 * value, 1))
    return wording.signed(round(value, 0 if abs(value) >= _TENTHS else 2))


def _n(line: ScoreLine) -> str:
    rounded = line.about and line.indicator != "cross_training"
    return wording.about(line.n) if rounded else wording.number(line.n)


def _note(line: ScoreLine) -> str:
    """How differently officers are loaded, where that is told."""
    if line.spread is None:
        return ""
    return say("officers differ by about %(share)s", share=wording.percent(line.spread))


def _curve(line: ScoreLine) -> Markup:
    told = [(one.month, one.value) for one in line.months if one.value is not None]
    if len(told) < 2:  # noqa: PLR2004 (a point is no curve)
        return Markup("")
    first, last = told[0], told[-1]
    title = say(
        "By month: from %(first)s in %(first_month)s to %(last)s in %(last_month)s",
        first=bare(first[1], line.measured_in),
        first_month=dates.month(first[0]),
        last=bare(last[1], line.measured_in),
        last_month=dates.month(last[0]),
    )
    values = [one.value for one in line.months]
    return Markup(score_curve(values, target=line.target, title=title))  # noqa: S704 - our own writer, which escapes


def _quicker(improved: Improved) -> Iterator[tuple[str, str, str, str]]:
    for one in improved.units:
        yield (
            one.unit,
            bare(one.now, improved.measured_in),
            bare(one.before, improved.measured_in),
            _limits_of(one),
        )


def _limits_of(one: Quicker) -> str:
    low, high = wording.signed(round(one.ci_low, 1)), wording.signed(round(one.ci_high, 1))
    return say("%(low)s to %(high)s", low=low, high=high)


def _months(top: Sequence[Shown]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same as the curves on top, in a table: each month with the numbers of all of them."""
    named = sorted({month.month for one in top for month in one.line.months}, reverse=True)
    return tuple(
        (dates.month(name), tuple(_in_month(one.line, name) for one in top)) for name in named
    )


def _in_month(line: ScoreLine, name: str) -> str:
    found: Month | None = next((one for one in line.months if one.month == name), None)
    if found is None or found.value is None:
        return "\N{EN DASH}"
    return bare(found.value, line.measured_in)


def _ends(scorecard: Scorecard, name: str) -> tuple[str, str]:
    first, last = scorecard.months[name]
    return dates.month(first), dates.month(last)


def amount(value: float, measured_in: str) -> str:
    """A number in what it is measured in.

    >>> amount(0.123, "share"), amount(9.42, "working days"), amount(1_812_040.0, "IDR")
    ('12.3 %', '9.4 working days', 'IDR 1,812,040')
    """
    told = bare(value, measured_in)
    if measured_in == "change":
        less, more = mark("%(amount)s less time"), mark("%(amount)s more time")
        return say(less if value <= 0 else more, amount=wording.share(abs(value)))
    if measured_in in _AMOUNTS:
        return say(_AMOUNTS[measured_in], amount=told)
    return f"{measured_in} {told}" if measured_in.isupper() else told


def bare(value: float, measured_in: str) -> str:
    """The number alone, with as many digits as it is good for.

    >>> bare(9.42, "working days"), bare(1.234, "times"), bare(5.0, "applications")
    ('9.4', '1.23', '5')
    """
    if measured_in == "share":
        return wording.share(value)
    if measured_in == "change":
        return wording.signed(round(100 * value, 1)) + "\N{NO-BREAK SPACE}%"
    if measured_in == "applications" or measured_in.isupper() or abs(value) >= _TENTHS:
        return _whole(value)
    digits = 2 if abs(value) < _SMALL else 1
    sign = "\N{MINUS SIGN}" if round(value, digits) < 0 else ""
    return sign + wording.decimal(abs(value), digits)


def _code() -> Language:
    return "id" if spoken().code == "id" else "en"
