"""How content those are who answer, who answers at all, and what the silent might have said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from engine.voice.complaining import told_share
from engine.voice.lived import Event
from engine.voice.splits import NO, YES, Split
from eventlog.kernels import Bools, Int64s
from miners.durations import Floats
from miners.equity.kernel import compare
from miners.equity.rows import Grouping, Strata

_MOST_SCORES = 11
# Each group must hold so many cases, and each cell be expected to, for a test of who answers.
_FEWEST, _EXPECTED = 30, 5.0
_LIMITS = (0.025, 0.975)
_SEED = 8_500


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """The answers about cases that are over: scores (NaN: silent) of those, and the scale.

    `over` are the places of cases that are closed, `score` [closed] their answers; `lowest` and
    `highest` are the worst and the best that anybody gave, taken as the ends of the scale.
    """

    over: Int64s
    score: Floats
    lowest: float
    highest: float

    @property
    def said(self) -> Bools:
        """Who answered; [closed]."""
        return ~np.isnan(self.score)


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """How far the answers of those to whom something happened are from comparable others'.

    `value` with its 95 % limits is in points of the scale; None where `why` says why.
    """

    event: Event
    answers: int
    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    why: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Heeded:
    """Whether the groups of a split answer equally often: p-value, and the ends of the range.

    `p_value` is None where groups are too small to say.
    """

    split: Split
    p_value: float | None
    least: str
    most: str
    least_share: float
    most_share: float


def answers_of(answer: Floats, over: Bools) -> Answers | None:
    """The answers about what is over; None where there is none."""
    places = np.flatnonzero(over)
    score = answer[places]
    known = score[~np.isnan(score)]
    if not len(known):
        return None
    return Answers(over=places, score=score, lowest=float(known.min()), highest=float(known.max()))


def mean_of(score: Floats) -> dict[str, float | None]:
    """The mean with its 95 % limits after Student; no limits for fewer than two."""
    if not len(score):
        return {"value": None, "ci_low": None, "ci_high": None}
    mean, low, high = float(score.mean()), None, None
    if len(score) > 1:
        reach = float(stats.t.ppf(_LIMITS[1], len(score) - 1) * stats.sem(score))
        low, high = mean - reach, mean + reach
    return _limits(mean, low, high)


def median_of(score: Floats) -> dict[str, float | None]:
    """The median with the order statistics between which it lies 95 times of 100."""
    if not len(score):
        return {"value": None, "ci_low": None, "ci_high": None}
    ranked = np.sort(score)
    low = int(stats.binom.ppf(_LIMITS[0], len(ranked), 0.5)) - 1
    high = int(stats.binom.ppf(_LIMITS[1], len(ranked), 0.5))
    told = low >= 0 and high < len(ranked)
    ends = (float(ranked[low]), float(ranked[high])) if told else (None, None)
    return _limits(float(np.median(ranked)), *ends)


def bounds_of(score: Floats, answers: Answers) -> dict[str, float | None]:
    """What the mean of all would be if the silent were the least, or the most, content.

    Manski (1989): without saying anything of who is silent, no more can be known.
    """
    if not len(score):
        return {"worst": None, "best": None}
    silent = np.isnan(score)
    return {
        "worst": round(float(np.where(silent, answers.lowest, score).mean()), 4),
        "best": round(float(np.where(silent, answers.highest, score).mean()), 4),
    }


def distribution(score: Floats) -> list[dict[str, Any]]:
    """How many gave each score, or lie in each tenth of the scale where there are many scores."""
    values, count = np.unique(score, return_counts=True)
    if len(values) <= _MOST_SCORES:
        pairs = zip(values.tolist(), count.tolist(), strict=True)
        return [{"from": value, "to": value, "answers": n} for value, n in pairs]
    tally, edges = np.histogram(score, bins=_MOST_SCORES - 1)
    ends = edges.round(4).tolist()
    return [
        {"from": low, "to": high, "answers": n}
        for low, high, n in zip(ends[:-1], ends[1:], tally.tolist(), strict=True)
    ]


def groups_of(split: Split, answers: Answers) -> list[dict[str, Any]]:
    """Each group of a split: cases that are over, who answered, what they said."""
    place, found = split.place[answers.over], []
    for number, name in enumerate(split.groups):
        score = answers.score[place == number]
        said = score[~np.isnan(score)]
        found.append(
            {
                "group": name,
                "cases": len(score),
                "answered": len(said),
                "response": told_share(len(said), len(score)),
                "mean": mean_of(said),
                "median": median_of(said),
                "bounds": bounds_of(score, answers),
            }
        )
    return found


def weighted_mean(answers: Answers, cells: Int64s) -> tuple[float, float]:
    """The mean if each cell [closed] weighed as it does among all, and the share of such cases.

    A cell in which nobody answered has no say; the share tells how many cases are in one that has.
    """
    size = int(cells.max(initial=-1)) + 1
    said = answers.said
    of = np.bincount(cells, minlength=size)
    spoke = np.bincount(cells[said], minlength=size)
    total = np.bincount(cells[said], weights=answers.score[said], minlength=size)
    told = spoke > 0
    weight = of[told] / of[told].sum()
    return float((weight * total[told] / spoke[told]).sum()), float(of[told].sum() / of.sum())


def compare_answers(
    answers: Answers,
    events: Sequence[Event],
    *,
    ended: Int64s,
    stratum: Int64s,
    applicant: Int64s | None,
) -> list[Content]:
    """Those to whom something happened before the end, against comparable others who answered.

    `ended`, `stratum` and `applicant` are [cases]; see `miners.equity.kernel` for the method.
    """
    rows = answers.over[answers.said]
    score = answers.score[answers.said]
    cluster = None if applicant is None else applicant[rows]
    strata = Strata.of([stratum[rows]], cluster)
    found = []
    for event in events:
        happened = event.before(ended)[rows]
        place = np.where(event.known[rows], happened.astype(np.int64), -1)
        group = Grouping(attribute=event.name, names=(NO, YES), place=place)
        gap = compare(score, group, strata, seed=_SEED)
        if not gap.told[1]:
            found.append(
                Content(
                    event=event, answers=int(gap.rows[1]), value=None, low=None, high=None,
                    p_value=None, why=gap.why[1],
                )
            )  # fmt: skip
            continue
        found.append(
            Content(
                event=event,
                answers=int(gap.rows[1]),
                value=float(gap.value[1]),
                low=float(gap.low[1]),
                high=float(gap.high[1]),
                p_value=float(gap.p_value[1]),
            )
        )
    return found


def who_answers(split: Split, answers: Answers) -> Heeded | None:
    """Whether the groups answer equally often (Pearson's chi-square); None for fewer than two."""
    place = split.place[answers.over]
    size = len(split.groups)
    of = np.bincount(place[place >= 0], minlength=size)
    spoke = np.bincount(place[(place >= 0) & answers.said], minlength=size)
    kept = np.flatnonzero(of >= _FEWEST)
    if len(kept) < 2:  # noqa: PLR2004 - nothing to compare
        return None
    share = spoke[kept] / of[kept]
    table = np.column_stack([spoke[kept], of[kept] - spoke[kept]])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    sure = bool((expected >= _EXPECTED).all())
    low, high = int(share.argmin()), int(share.argmax())
    return Heeded(
        split=split,
        p_value=float(stats.chi2_contingency(table, correction=False).pvalue) if sure else None,
        least=split.groups[int(kept[low])],
        most=split.groups[int(kept[high])],
        least_share=float(share[low]),
        most_share=float(share[high]),
    )


def _limits(value: float, low: float | None, high: float | None) -> dict[str, float | None]:
    return {
        "value": round(value, 4),
        "ci_low": None if low is None else round(low, 4),
        "ci_high": None if high is None else round(high, 4),
    }
