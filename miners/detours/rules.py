"""Holds every application against rules: what must be done, what once, and what before what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from eventlog.definition import Definition
from eventlog.kernels import Bools, Int32s, Int64s
from eventlog.procedure_rules import circles, in_words
from miners.detours import rule_loops
from miners.detours.marks import Marks, Rules
from miners.detours.steps import Steps

REST = "(other)"
"""The coarser activity of all that is too rare to be told apart: nothing can be said of it."""


def mark(
    steps: Steps,
    rules: Sequence[Rules],
    stratum: Int32s,
    decided: Bools,
    applicants: frozenset[str],
) -> Marks:
    """What strays from the rules; each case is held against rules[stratum[case]], -1 against none.

    `stratum` and `decided` have shape [cases]; decided are cases that were closed and not
    withdrawn. A step is

    - FOREIGN, if the rules know all steps and not this one;
    - AGAIN, if it should be done once, had been done before, and is not one of the `applicants`;
    - EARLY, if it is the first of its activity, and was over before one that should come first was
      taken up at all, which was done later. What overlaps was done side by side, what ties may have
      been. Of several that should have come first, the partner is the one that was taken up last.

    Where the two steps of a pair of `order` are in hand together at least as often as against the
    order (or in five cases, and a sixth as often), the stratum does them side by side: which is
    over first is chance then, and no disorder.

    A mandatory activity that was not done in a case is left out if the case is decided, or if
    something was done that it should come before and it neither waits nor is in hand. It is missing
    ahead of the first such step; or behind all that should come before it; or, where nothing of
    that was done either, behind the case's last step. ValueError: a stratum without rules.
    """
    if len(stratum) != steps.cases or len(decided) != steps.cases:
        raise ValueError("stratum and decided need one value for each case")
    if len(stratum) and int(stratum.max()) >= len(rules):
        raise ValueError(f"a case has stratum {stratum.max()}; there are rules for {len(rules)}")
    seen = steps.activity.vocabulary.labels
    unseen = frozenset[str]().union(*(one.mandatory for one in rules)).difference(seen)
    labels = (*seen, *sorted(unseen))
    told = _Tables.of(rules, labels, applicants)
    columns = (steps.offsets, steps.activity.codes, steps.began, steps.done)
    order = told.order
    beside = rule_loops.side_by_side(*columns, stratum, len(labels), *_lists(order, told.keys))
    kept, order = order, order[~beside]
    before = _lists(order, told.keys)
    stray, partner = rule_loops.stray_steps(*columns, stratum, told.once, told.known, *before)
    case, activity, after = rule_loops.left_out(
        *(*columns, steps.open_case, steps.open_activity, stratum, decided, len(labels)),
        *(_lists(told.mandatory, len(rules)), before, _lists(told.turned(order), told.keys)),
    )
    return Marks(
        stray=stray,
        partner=partner,
        skipped_case=case,
        skipped_activity=activity,
        skipped_after=after,
        labels=labels,
        beside=tuple(sorted(_named_pairs(kept[beside], labels))),
    )


def rules_of(definition: Definition, coarse: Mapping[str, str] | None) -> Rules | None:
    """The rules that the process file gives; None if it gives none (or a BPMN file).

    Activities are known if the file names them anywhere, and if it has a map of `activities`: else
    nobody says that it names them all. `coarse` is the coarser activity of each label, where the
    map has any: what is mandatory stays so for the coarser activity, but once and order are only
    said of it where it stands for one label alone, or the file names the coarser activity itself.
    What is too rare for the map (`REST`) has no rules and is not foreign.

    >>> content = {"process": "p", "procedure": {"mandatory": ["a"], "order": [["a", "b"]]}}
    >>> rules_of(Definition.model_validate(content), None).order
    (('a', 'b'),)
    """
    said = definition.procedure
    if said is None or not (said.mandatory or said.once or said.order):
        return None
    to = coarse or {}
    stands_for = Counter(to.values())
    alone = {
        name
        for name in (*said.once, *chain(*said.order))
        if name not in to or (stands_for[to[name]] == 1 and to[name] != REST)
    }
    names = frozenset(to.get(name, name) for name in _named(definition))
    return Rules(
        mandatory=frozenset(to.get(name, name) for name in said.mandatory) - {REST},
        once=frozenset(to.get(name, name) for name in said.once if name in alone),
        order=tuple(
            (to.get(one, one), to.get(other, other))
            for one, other in said.order
            if one in alone and other in alone
        ),
        known=names | {REST} if definition.activities else None,
    )


def _named_pairs(order: Int64s, labels: tuple[str, ...]) -> set[tuple[str, str]]:
    """Pairs of cells and activities (see `_Tables.order`) by name: what comes first, what then."""
    return {(labels[first], labels[cell % len(labels)]) for cell, first in order.tolist()}


def merged_away(definition: Definition, coarse: Mapping[str, str] | None) -> list[str]:
    """The activities of the rules that are one with others on the map, by name.

    Of these, `once` and `order` cannot be judged, and `mandatory` is met by any of the others.

    >>> content = {"process": "p", "procedure": {"once": ["a"]}}
    >>> merged_away(Definition.model_validate(content), {"a": "ab", "b": "ab", "c": "c"})
    ['a']
    """
    said, to = definition.procedure, coarse or {}
    if said is None:
        return []
    stands_for = Counter(to.values())
    named = {*said.mandatory, *said.once, *chain(*said.order)}
    return sorted(name for name in named if name in to and stands_for[to[name]] > 1)


def contradictions(rules: Rules) -> list[str]:
    """What of the rules cannot hold together, a sentence each with the way out.

    >>> contradictions(Rules(order=(("a", "b"), ("b", "a"))))
    ['order asks for "a" before "b" before "a", which nobody can keep; leave one of these out']
    """
    return [in_words(circle) for circle in circles(rules.order)]


def _named(definition: Definition) -> Iterable[str]:
    """Every activity that the process file names, wherever it does."""
    yield from definition.activities
    yield from definition.applicant_steps
    if definition.abstract:
        yield from (*definition.abstract.groups, *chain(*definition.abstract.groups.values()))
    clock = definition.clock
    yield from (*clock.starts, *clock.stops, *clock.closes)
    yield from (name for one in clock.suspended for name in (one.from_, one.until))
    if definition.standard:
        yield from definition.standard.steps
    if definition.procedure:
        yield from (*definition.procedure.mandatory, *definition.procedure.once)
        yield from chain(*definition.procedure.order)
    if definition.outcome:
        outcome = definition.outcome
        yield from (*outcome.favourable_activities, *outcome.unfavourable_activities)
        yield from outcome.withdrawn_activities
    if definition.equity:
        yield from definition.equity.gates
    if definition.voice:
        yield from definition.voice.complaints
    yield from (one.activity for one in definition.alerts if one.activity)


class _Tables(NamedTuple):
    """Rules as codes, cell by cell (stratum * labels + activity).

    `once` and `known` have shape [strata, labels]. `mandatory` [n, 2] are pairs of a stratum and an
    activity, `order` [pairs, 2] a cell and an activity that comes before it there.
    """

    once: Bools
    known: Bools
    mandatory: Int64s
    order: Int64s

    @property
    def keys(self) -> int:
        """How many cells there are."""
        return self.once.size

    def turned(self, order: Int64s) -> Int64s:
        """The pairs of `order` as a cell and an activity that comes after it there."""
        cell, first = order.T
        stratum, then = np.divmod(cell, max(self.once.shape[1], 1))
        return _sorted(np.column_stack([stratum * self.once.shape[1] + first, then]))

    @staticmethod
    def of(
        rules: Sequence[Rules], labels: tuple[str, ...], applicants: frozenset[str]
    ) -> "_Tables":
        """The rules of each stratum; what speaks of an activity that nobody did says nothing."""
        place = {label: code for code, label in enumerate(labels)}
        size = len(labels)
        once = np.zeros((len(rules), size), bool)
        known = np.ones((len(rules), size), bool)
        mandatory, order = list[tuple[int, int]](), list[tuple[int, int]]()
        for of, one in enumerate(rules):
            once[of, [place[name] for name in one.once - applicants if name in place]] = True
            if one.known is not None:
                known[of] = [label in one.known for label in labels]
            mandatory += [(of, place[name]) for name in one.mandatory]
            order += [
                (of * size + place[then], place[first])
                for first, then in set(one.order)
                if first in place and then in place
            ]
        return _Tables(
            once=once,
            known=known,
            mandatory=_sorted(np.array(mandatory, np.int64).reshape(-1, 2)),
            order=_sorted(np.array(order, np.int64).reshape(-1, 2)),
        )


def _sorted(pairs: Int64s) -> Int64s:
    return pairs[np.lexsort(pairs.T[::-1])]


def _lists(pairs: Int64s, keys: int) -> tuple[Int64s, Int32s]:
    """The lists of `rule_loops` from sorted pairs [n, 2] of a key below `keys` and an activity."""
    bounds = np.searchsorted(pairs[:, 0], np.arange(keys + 1))
    return bounds.astype(np.int64), pairs[:, 1].astype(np.int32)
