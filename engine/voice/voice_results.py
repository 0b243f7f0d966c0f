"""What citizens say, against detours and waiting: `voice.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from engine.judging import Judged
from engine.labels import labels
from engine.looks import Whole
from engine.results import write_json
from engine.voice import answering, complaining, lived, wording
from engine.voice.answering import Answers, Content, Heeded
from engine.voice.complaining import Compared
from engine.voice.going_through import Lived, lived_by
from engine.voice.lived import TOTAL, Event
from engine.voice.splits import OUTCOME, Split
from eventlog.definition import Definition
from eventlog.kernels import Int64s

# At most so often what is told as more than chance is chance; so far apart must shares be told.
_SURE = 0.05
_SOME_SHARE = 0.03


@dataclass(frozen=True, kw_only=True)
class VoiceResults:
    """What voice.json says, and what could not be told and why."""

    content: Mapping[str, Any]
    off: list[tuple[str, str]]


def find_voice(whole: Whole, definition: Definition, judged: Judged) -> VoiceResults:
    """What citizens said, as the process file names it; `whole` must have work items."""
    said = definition.voice
    if said is None or not (said.complaints or said.satisfaction):
        return VoiceResults(content={}, off=[("voice", "the process file has no voice")])
    off = list[tuple[str, str]]()
    told = lived_by(whole, definition, judged)
    complaints = answers = None
    if not said.complaints:
        off.append(("complaints", "the process file names none under voice.complaints"))
    else:
        complaints = complaining.compare_complaints(told.heard, told.events, told.stratum)
    if said.satisfaction is None:
        off.append(("satisfaction", "the process file names none under voice.satisfaction"))
    else:
        answers = answering.answers_of(told.heard.answer, told.heard.over)
        if answers is None:
            why = f'no application that is over has a number as "{said.satisfaction}"'
            off.append(("satisfaction", why))
    splits = told.splits(told.heard.ended)
    contents = [] if answers is None else _contents(told, answers)
    heeded = (
        []
        if answers is None
        else [one for each in splits if (one := answering.who_answers(each, answers)) is not None]
    )
    surely = _surely(complaints or [], contents, heeded)
    return VoiceResults(
        content={
            "unit": told.waits.time.unit,
            "compared_on": list(told.compared_on),
            "closing_known": told.heard.closing_known,
            "complaints": None
            if complaints is None
            else _complaints(told, complaints, surely, sorted(said.complaints)),
            "satisfaction": None
            if answers is None
            else _satisfaction(told, answers, splits, contents, heeded, surely),
        },
        off=off,
    )


def write_voice(found: VoiceResults, path: Path) -> None:
    """`voice.json`: complaints, answers, who answers; nothing where nobody is asked."""
    if found.content:
        write_json(found.content, path)


def _contents(told: Lived, answers: Answers) -> list[Content]:
    name = told.definition.applicant_id
    applicant = told.whole.attributes[name].codes if name in told.whole.attributes else None
    return answering.compare_answers(
        answers,
        told.events,
        ended=told.heard.ended,
        stratum=told.stratum,
        applicant=None if applicant is None else applicant.astype(np.int64),
    )


def _surely(
    complaints: Sequence[Compared], contents: Sequence[Content], heeded: Sequence[Heeded]
) -> dict[int, float]:
    """The q-value of every test by its identity: all are judged together (Benjamini-Hochberg)."""
    tests = [
        *((id(one), one.ratio.p_value) for one in complaints),
        *((id(one), one.p_value) for one in contents),
        *((id(one), one.p_value) for one in heeded),
    ]
    known = [(key, p) for key, p in tests if p is not None]
    if not known:
        return {}
    q_values = stats.false_discovery_control([p for _, p in known]).tolist()
    return {key: q for (key, _), q in zip(known, q_values, strict=True)}


def _complaints(
    told: Lived, compared: Sequence[Compared], surely: Mapping[int, float], names: Sequence[str]
) -> dict[str, Any]:
    said = told.heard
    complained = complaining.complained_at_all(said)
    count, cases = int(complained.sum()), len(complained)
    return {
        "activities": list(names),
        "cases": cases,
        "complained": count,
        "complaints": len(said.complaint_at),
        "before_the_end": int((complained & (~said.over | (said.complained < said.closed))).sum()),
        "share": complaining.told_share(count, cases),
        "months": complaining.months_of(said, told.definition.timezone),
        "splits": [
            {**_of_split(split), "groups": complaining.groups_of(split, complained)}
            for split in told.splits(said.until)
        ],
        "comparisons": [
            _comparison(
                one.event,
                told,
                figures=(one.ratio.value, one.ratio.low, one.ratio.high),
                q_value=surely.get(id(one)),
                why=one.ratio.why,
                of=("complaints", one.ratio.complaints),
            )
            for one in compared
        ],
        "wording": wording.complaints(count, cases),
    }


def _satisfaction(
    told: Lived,
    answers: Answers,
    splits: Sequence[Split],
    contents: Sequence[Content],
    heeded: Sequence[Heeded],
    surely: Mapping[int, float],
) -> dict[str, Any]:
    voice = told.definition.voice
    assert voice is not None
    said = answers.score[answers.said]
    mean, bounds = answering.mean_of(said), answering.bounds_of(answers.score, answers)
    weighted, covered = answering.weighted_mean(answers, _cells(splits, answers))
    worst, best = bounds["worst"], bounds["best"]
    sure = [mean["value"], mean["ci_low"], mean["ci_high"]]
    known = [one for one in sure if one is not None]
    return {
        "attribute": voice.satisfaction,
        "cases": len(answers.score),
        "answered": len(said),
        "unread": told.whole.answers_unread,
        "lowest": answers.lowest,
        "highest": answers.highest,
        "response": complaining.told_share(len(said), len(answers.score)),
        "mean": mean,
        "median": answering.median_of(said),
        "weighted": {"mean": round(weighted, 4), "cases": round(covered, 4)},
        "bounds": bounds,
        "distribution": answering.distribution(said),
        "splits": [
            {**_of_split(split), "groups": answering.groups_of(split, answers)} for split in splits
        ],
        "comparisons": [
            _comparison(
                one.event,
                told,
                figures=(one.value, one.low, one.high),
                q_value=surely.get(id(one)),
                why=one.why,
                of=("answers", one.answers),
            )
            for one in contents
        ],
        "who_answers": [_who_answers(one, told, surely.get(id(one))) for one in heeded],
        "wording": wording.answers(
            len(said),
            len(answers.score),
            mean=(known[0], known[1], known[2]) if len(known) == len(sure) else (known[0],) * 3,
            scale=(answers.lowest, answers.highest),
            bounds=None if worst is None or best is None else (worst, best),
            weighted=weighted,
        ),
    }


def _cells(splits: Sequence[Split], answers: Answers) -> Int64s:
    """Cases that are over by outcome, quarter of waiting and detour: a number each; [closed]."""
    cell = np.zeros(len(answers.over), np.int64)
    for split in splits:
        if split.name in (lived.DETOUR, TOTAL, OUTCOME):
            mine = split.place[answers.over] + 1
            _, cell = np.unique(cell * (len(split.groups) + 1) + mine, return_inverse=True)
    return cell.astype(np.int64)


def _of_split(split: Split) -> dict[str, Any]:
    return {"split": split.name, "kind": split.kind, "limits": list(split.limits)}


def _comparison(
    event: Event,
    told: Lived,
    *,
    figures: tuple[float | None, float | None, float | None],
    q_value: float | None,
    why: str | None,
    of: tuple[str, int],
) -> dict[str, Any]:
    unit = told.waits.time.unit
    who = wording.Who(name=event.name, limit=event.limit, unit=unit)
    value, low, high = figures
    found = None if value is None or low is None or high is None else (value, low, high)
    sure = found is not None and q_value is not None and q_value <= _SURE
    say = wording.ratio if of[0] == "complaints" else wording.points
    return {
        "event": event.name,
        "limit": None if event.limit is None else round(event.limit, 4),
        of[0]: of[1],
        "value": None if found is None else round(found[0], 4),
        "ci_low": None if found is None else round(found[1], 4),
        "ci_high": None if found is None else round(found[2], 4),
        "q_value": None if q_value is None else round(q_value, 6),
        "told": sure,
        "why": why,
        "wording": say(who, found, sure=sure),
    }


def _who_answers(one: Heeded, told: Lived, q_value: float | None) -> dict[str, Any]:
    split = one.split
    differ = (
        q_value is not None and q_value <= _SURE and one.most_share - one.least_share >= _SOME_SHARE
    )
    who = wording.Who(name=split.name if split.kind == "event" else lived.DETOUR, limit=None,
                      unit=told.waits.time.unit)  # fmt: skip
    least, most = (
        wording.Group(
            split=split.name,
            kind=split.kind,
            name=name,
            who=who,
            last=name == split.groups[-1],
            called=labels(told.definition),
        )
        for name in (one.least, one.most)
    )
    return {
        "split": split.name,
        "kind": split.kind,
        "least": one.least,
        "most": one.most,
        "least_share": round(one.least_share, 6),
        "most_share": round(one.most_share, 6),
        "q_value": None if q_value is None else round(q_value, 6),
        "differ": differ,
        "wording": wording.heeded(least, one.least_share, most, one.most_share)
        if differ
        else wording.heeded_alike(split.name, labels(told.definition)),
    }
