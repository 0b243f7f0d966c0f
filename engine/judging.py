"""What applications are held against: the procedure of the process file, or what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.happened import happened
from engine.hidden import hidden_attributes
from engine.looks import Whole
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.kernels import Bools, Int32s, Int64s
from miners.detours.aligned import mark_aligned
from miners.detours.deciding import decided
from miners.detours.episodes import Episodes, by_cause
from miners.detours.finding import episodes
from miners.detours.marks import Marks
from miners.detours.rules import contradictions, mark, merged_away, rules_of
from miners.detours.steps import Steps, steps_of
from miners.detours.usual import Reference, usual_routes
from miners.procedure.bpmn import Procedure

RULES, BPMN, USUAL = "rules", "bpmn", "usual routes"
"""By what applications are judged, the first that there is."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """Every application held against what should happen, `by` one of RULES, BPMN and USUAL.

    `decided` [cases] are those that are closed and were not withdrawn. `reference` is what is
    usual, where nobody said what should be; `dropped` says why rules of the procedure could not be
    kept apart once codes became coarser, `never` names its steps that nobody ever did: those were
    misspelt, or are not recorded, and no case is said to have left them out. `strata` are the
    values at entry by which cases are made comparable.
    """

    by: str
    steps: Steps
    dropped: tuple[str, ...]
    never: tuple[str, ...]
    marks: Marks
    episodes: Episodes
    decided: Bools
    reference: Reference | None
    strata: Mapping[str, Coded]

    @property
    def detoured(self) -> Bools:
        """Which cases took any detour; [cases]."""
        out = np.zeros(self.steps.cases, bool)
        out[self.episodes.case] = True
        return out


def judge(whole: Whole, definition: Definition, procedure: Procedure | None) -> Judged:
    """Hold all applications against the BPMN `procedure`, else rules, else what is usual.

    `whole` must have work items. What the map coarsens is merged where it follows itself.
    """
    assert whole.items is not None
    cases = len(whole.case_ids)
    steps = steps_of(happened(whole.items, whole.now), cases)
    if definition.abstract is not None:
        steps = steps.merged()
    # Who has nothing but steps in the future, which were mistyped, has left out none of them.
    done = decided(whole.outcome, is_open=whole.is_open, standing=whole.standing)
    done &= np.diff(steps.offsets) > 0
    rules = rules_of(definition, whole.coarse)
    strata = comparable(whole, definition)
    reference, dropped = None, tuple[str, ...]()
    if procedure is not None:
        by, marks = BPMN, mark_aligned(steps, procedure, done)
    elif rules is not None:
        dropped = tuple(contradictions(rules))
        rules = replace(rules, order=()) if dropped else rules
        one = np.zeros(cases, np.int32)
        by, marks = RULES, mark(steps, [rules], one, done, whole.applicants)
    else:
        known = None if whole.is_open is None else done
        reference = usual_routes(steps, cells(strata, cases), known, whole.applicants)
        kinds = [one.rules for one in reference.told]
        by = USUAL
        marks = mark(steps, kinds, reference.which, done, whole.applicants)
    marks, never = _recorded(steps, marks)
    return Judged(
        by=by,
        steps=steps,
        dropped=dropped,
        never=never,
        marks=marks,
        episodes=by_cause(episodes(steps, marks, whole.applicants)),
        decided=done,
        reference=reference,
        strata=strata,
    )


def _recorded(steps: Steps, marks: Marks) -> tuple[Marks, tuple[str, ...]]:
    """Without what every case is said to have left out since no event ever has it; its names."""
    done = np.bincount(steps.activity.codes, minlength=len(marks.labels)) > 0
    kept = done[marks.skipped_activity]
    if bool(kept.all()):
        return marks, ()
    names = {marks.labels[code] for code in np.unique(marks.skipped_activity[~kept]).tolist()}
    marks = replace(
        marks,
        skipped_case=marks.skipped_case[kept],
        skipped_activity=marks.skipped_activity[kept],
        skipped_after=marks.skipped_after[kept],
    )
    return marks, tuple(sorted(names))


def comparable(whole: Whole, definition: Definition) -> dict[str, Coded]:
    """The values at entry that may legitimately make a difference, the most telling first.

    What the process file calls legitimate; without that, what its terms depend on. What is said of
    each combination is told with its values, so no persons, and nothing sensitive without a basis.
    """
    if definition.equity is not None and definition.equity.legitimate:
        named = definition.equity.legitimate
    else:
        named = tuple(definition.standard.by) if definition.standard else ()
    hidden = hidden_attributes(definition)
    return {
        name: whole.attributes[name]
        for name in named
        if name in whole.attributes and name not in hidden
    }


def cells(strata: Mapping[str, Coded], cases: int) -> Int32s:
    """A number for each combination of values that occurs; -1 where one is unknown, or none."""
    if not strata:
        return np.full(cases, -1, np.int32)
    cell: Int64s = np.zeros(cases, np.int64)
    unknown = np.zeros(cases, bool)
    for values in strata.values():
        unknown |= values.codes < 0
        cell = cell * (len(values.vocabulary) + 1) + values.codes + 1
        _, cell = np.unique(cell, return_inverse=True)
    return np.where(unknown, -1, cell).astype(np.int32)


def unjudged(definition: Definition, judged: Judged, whole: Whole) -> list[tuple[str, str]]:
    """The kinds of detours that could not be looked for, and why."""
    off = []
    if judged.by == USUAL:
        off.append(
            (
                "a prescribed procedure",
                "the process file has none; detours are judged by what is usual",
            )
        )
    said = definition.procedure
    if judged.by == RULES and said is not None:
        gaps = {
            "repeated steps": not said.once and "procedure.once lists no step",
            "skipped steps": not said.mandatory and "procedure.mandatory lists no step",
            "wrong order": not said.order and "procedure.order lists no pair",
            "inserted steps": not definition.activities
            and "the process file does not list its activities, so none can be called foreign",
        }
        off += [(what, why) for what, why in gaps.items() if why]
        why = "on the map it is one activity with others, so that once and order cannot be judged"
        off += [(f"the rules for {n}", why) for n in merged_away(definition, whole.coarse)]
        off += [("wrong order", f"{why}, once codes are made coarser") for why in judged.dropped]
    if (
        definition.closing
        and definition.outcome is None
        and set(definition.closing) <= set(definition.clock.stops)
    ):
        why = "the process file has no outcome and no closing step beside clock.stops"
        off.append(("which applications were withdrawn (they count as decided)", why))
    if judged.by != USUAL:
        why = "the office often has the two in hand at the same time; which is over first is chance"
        off += [(f"the order of {one} and {other}", why) for one, other in judged.marks.beside]
    off += [
        (f"whether {name} was left out", "the procedure asks for it, and no event has it")
        for name in judged.never
    ]
    if whole.is_open is None:
        why = "the process file does not say under clock what closes a case"
        off.append(("steps skipped by cases that are over", why))
    if not whole.applicants:
        why = "the process file has no applicant_steps"
        off.append(("whether the office or the applicant causes a detour", why))
    return off
