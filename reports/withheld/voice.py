"""What may be passed on of citizens' voice: no few who complained, answered, or kept silent.

Counts are rounded to the smallest cell, and every share is computed anew from rounded counts.
Where one group of a split cannot be told, another is taken out with it, so that nobody finds it by
subtraction; what compares such a group with others goes too.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.labels import NO_LABELS, Labels
from engine.numerals import Language, whole
from engine.voice import wording
from reports.contents.voice import (
    Comparison,
    Complaints,
    Group,
    Heeded,
    Satisfaction,
    Score,
    Split,
    Stretch,
    Voice,
)
from reports.withheld.detours import share_with_limits
from reports.withheld.figures import rounded
from reports.withheld.totals import nearest, tellable, withheld

# A stretch of months has complaints for so many smallest cells.
_CELLS_PER_STRETCH = 2
_DIGITS = 1
# What had to happen, by the split and the group in which it shows.
_SHOWN_IN = {"refused": ("outcome", "unfavourable")}
_YES = "yes"


def withhold_voice(found: Voice, *, least: int, labels: Labels = NO_LABELS) -> Voice:
    """Voices of at least `least` people each, with numbers from which no fewer follow.

    `labels` are what attributes are called, by language.
    """
    complaints = found.complaints and _complaints(found.complaints, least)
    few = found.satisfaction is not None and not _enough(
        found.satisfaction.answered, found.satisfaction.cases, least
    )
    answers = (
        None if found.satisfaction is None or few else _answers(found.satisfaction, least, labels)
    )
    told = [*(complaints.splits if complaints else ()), *(answers.splits if answers else ())]
    return replace(
        found,
        complaints=complaints,
        satisfaction=answers,
        few=few,
        hidden=sum(split.hidden for split in told),
    )


def _enough(part: int, of: int, least: int) -> bool:
    return part >= least and tellable(part, of, least)


def _complaints(found: Complaints, least: int) -> Complaints:
    cases, count = nearest(found.cases, least), found.complained or 0
    splits = tuple(_split(one, found.cases, count, least) for one in found.splits)
    if not tellable(count, found.cases, least):
        return replace(
            found, cases=cases, complained=None, early=None, share=None, months=(),
            splits=(), comparisons=(), wording={},
        )  # fmt: skip
    complained = min(nearest(count, least), cases)
    early = found.early if found.early is not None else 0
    return replace(
        found,
        cases=cases,
        complained=complained,
        early=nearest(early, least) if tellable(early, count, least) else None,
        share=share_with_limits(complained, cases),
        months=_stretches(found.months, least),
        splits=splits,
        comparisons=_comparisons(found.comparisons, splits),
        wording=wording.complaints(complained, cases, written=_about),
    )


def _answers(found: Satisfaction, least: int, labels: Labels) -> Satisfaction:
    cases = nearest(found.cases, least)
    answered = min(nearest(found.answered, least), cases)
    mean = rounded(found.mean, _DIGITS)
    worst, best = _bounds(mean.value, answered, cases, found)
    weighted = None if found.weighted is None else round(found.weighted, _DIGITS)
    splits = tuple(
        _with_scores(_split(one, found.cases, found.answered, least), found) for one in found.splits
    )
    figures = (mean.value, mean.low, mean.high)
    known = [mean.value if part is None else part for part in figures]
    return replace(
        found,
        cases=cases,
        answered=answered,
        response=share_with_limits(answered, cases),
        mean=mean,
        weighted=weighted,
        worst=worst,
        best=best,
        scores=_scores(found.scores, least),
        splits=splits,
        comparisons=_comparisons(found.comparisons, splits),
        heeded=tuple(
            fit for one in found.heeded if (fit := _heeded(one, splits, labels)) is not None
        ),
        wording=wording.answers(
            answered,
            cases,
            mean=(known[0], known[1], known[2]),
            scale=(found.lowest, found.highest),
            bounds=(worst, best),
            weighted=weighted,
            written=_about,
        ),
    )


def _split(found: Split, cases: int, said: int, least: int) -> Split:
    """The groups that may be told, of `cases` of whom `said` said something in all."""
    groups = found.groups
    rest = (cases - sum(one.cases for one in groups), said - sum(one.said or 0 for one in groups))
    sizes = [one.cases for one in groups]
    gone = withheld([*sizes, rest[0]], least) - {len(groups)}
    spoke = [one.said or 0 for one in groups]
    silent = [size - part for size, part in zip(sizes, spoke, strict=True)]
    mute = (withheld([*spoke, rest[1]], least) | withheld([*silent, rest[0] - rest[1]], least)) - {
        len(groups)
    }
    told = [
        _muted(one, least) if place in mute else _group(one, least)
        for place, one in enumerate(groups)
        if place not in gone
    ]
    return replace(found, groups=tuple(told), hidden=len(gone | mute))


def _muted(one: Group, least: int) -> Group:
    return Group(name=one.name, cases=nearest(one.cases, least), said=None, share=None)


def _group(one: Group, least: int) -> Group:
    cases = nearest(one.cases, least)
    said = min(nearest(one.said or 0, least), cases)
    return replace(
        one,
        cases=cases,
        said=said,
        share=share_with_limits(said, cases) if cases else None,
        mean=rounded(one.mean, _DIGITS) if one.mean is not None and said else None,
        median=one.median if said else None,
        worst=None,
        best=None,
    )


def _with_scores(split: Split, found: Satisfaction) -> Split:
    """The groups with what the silent could have changed, from what is told of them."""
    groups = []
    for one in split.groups:
        if one.mean is None or one.said is None:
            groups.append(one)
            continue
        worst, best = _bounds(one.mean.value, one.said, one.cases, found)
        groups.append(replace(one, worst=worst, best=best))
    return replace(split, groups=tuple(groups))


def _bounds(mean: float, said: int, cases: int, found: Satisfaction) -> tuple[float, float]:
    """What the mean would be if all who were silent had given the lowest, or the highest."""
    part = said / cases if cases else 0.0
    return (
        round(part * mean + (1 - part) * found.lowest, _DIGITS),
        round(part * mean + (1 - part) * found.highest, _DIGITS),
    )


def _comparisons(found: Sequence[Comparison], splits: Sequence[Split]) -> tuple[Comparison, ...]:
    """Those whose groups may be told on both sides."""
    return tuple(
        replace(one, figures=one.figures and rounded(one.figures, 2))
        for one in found
        if _both_told(one.event, splits)
    )


def _both_told(event: str, splits: Sequence[Split]) -> bool:
    name, wanted = _SHOWN_IN.get(event, (event, ""))
    split = next((one for one in splits if one.name == name), None)
    if split is None or split.hidden:
        return False
    group = split.group(wanted or (_YES if split.kind == "event" else _last(split)))
    return group is not None and group.said is not None


def _last(split: Split) -> str:
    return str(len(split.limits) + 1)


def _heeded(one: Heeded, splits: Sequence[Split], labels: Labels) -> Heeded | None:
    split = next(each for each in splits if each.name == one.split)
    least, most = split.group(one.least), split.group(one.most)
    if not one.differ:
        return None if split.hidden else one
    if least is None or most is None or least.share is None or most.share is None:
        return None
    who = wording.Who(name=one.split if one.kind == "event" else "detour", limit=None, unit="days")
    ends = [
        wording.Group(
            split=one.split,
            kind=one.kind,
            name=each,
            who=who,
            last=each == _last(split),
            called=labels,
        )
        for each in (one.least, one.most)
    ]
    return replace(
        one,
        wording=wording.heeded(ends[0], least.share.value, ends[1], most.share.value),
    )


def _scores(found: Sequence[Score], least: int) -> tuple[Score, ...]:
    gone = withheld([one.answers or 0 for one in found], least)
    return tuple(
        replace(one, answers=None if place in gone else nearest(one.answers or 0, least))
        for place, one in enumerate(found)
    )


def _stretches(found: Sequence[Stretch], least: int) -> tuple[Stretch, ...]:
    """Months put together until each stretch has complaints enough; what is left joins the last."""
    parts: list[list[Stretch]] = []
    open_part: list[Stretch] = []
    for month in found:
        open_part.append(month)
        if sum(one.complaints for one in open_part) >= _CELLS_PER_STRETCH * least:
            parts.append(open_part)
            open_part = []
    if open_part and parts:
        parts[-1] += open_part
    return tuple(
        Stretch(
            first=part[0].first,
            last=part[-1].last,
            months=len(part),
            complaints=nearest(sum(one.complaints for one in part), least),
            cases=nearest(round(sum(one.cases for one in part) / len(part)), least),
        )
        for part in parts
    )


def _about(count: int, language: Language) -> str:
    return f"≈ {whole(count, language)}"
