"""How well a process tree explains the cases: fitness and precision, exact and repeatable.

A tree is replayed as a regular expression is: after an activity, what remains of the tree is a
tree again (its partial derivative; Antimirov 1996, with the shuffle of parallel blocks). No silent
steps have to be guessed, so the answer hangs neither on the order of a set nor on a time limit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from heapq import heappop, heappush
from itertools import accumulate, count
from operator import or_

from miners.discovery.process_tree import Block, Kind, activities

Variant = tuple[tuple[str, ...], int]

SEARCH_STATES = 4_000
"""States that one alignment may open before the best one so far is taken instead."""
_NONE = -1  # no activity of the model: a step of the case alone

_Origin = tuple[int, int, int] | None  # position, term and activity of the step before
_Step = tuple[int, int, int, tuple[int, int], _Origin]
_Context = tuple[tuple[int, ...], Sequence[tuple[tuple[int, ...], int]]]


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How a model and a log agree, each in 0..1.

    `fitness`: one minus the cost of the cheapest alignment over the cost of leaving log and model
    apart, averaged over cases (Adriansyah 2014; every skipped or inserted activity costs one).
    `precision`: the share of what the model allows next that some case did next, over all prefixes
    of the aligned cases (ETConformance on one alignment a case, Adriansyah et al. 2015; what only
    the alignment put in does not count as done).
    `replayed`: the share of cases that the model replays without any deviation.
    `bounded`: the share of cases whose alignment was cut short, so that `fitness` is a lower bound.
    """

    fitness: float
    precision: float
    replayed: float
    bounded: float


@dataclass(frozen=True, kw_only=True)
class _Term:
    """What remains to be done: a part of the tree, with what can be said of it at a glance."""

    kind: Kind
    parts: tuple[int, ...]
    letter: int
    may_end: bool
    first: int  # bit set of the activities that may come next
    can: int  # bit set of the activities that may still come
    must: int  # bit set of the activities that have to come


class _Terms:
    """All terms met so far, numbered; equal terms have one number. 0 is "nothing remains"."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Kind, tuple[int, ...], int], int] = {}
        self.all: list[_Term] = []
        self._after: dict[tuple[int, int], tuple[int, ...]] = {}
        self.nothing = self._keep(Kind.SILENT, (), -1)

    def build(self, block: Block, letters: Mapping[str, int]) -> int:
        if block.kind is Kind.ACTIVITY:
            return self._keep(Kind.ACTIVITY, (), letters[block.name])
        parts = tuple(self.build(child, letters) for child in block.children)
        if block.kind is Kind.LOOP:
            return self._sequence((parts[0], self._keep(Kind.LOOP, parts, -1)))
        if block.kind is Kind.SEQUENCE:
            return self._sequence(parts)
        if block.kind is Kind.PARALLEL:
            return self._parallel(parts)
        return self._keep(block.kind, parts, -1)

    def after(self, number: int, letter: int) -> tuple[int, ...]:
        """Read what may remain of a term once the activity has happened; empty: it may not."""
        key = (number, letter)
        if key not in self._after:
            found = self._derive(number, letter) if self.all[number].first >> letter & 1 else set()
            self._after[key] = tuple(sorted(found))
        return self._after[key]

    def _derive(self, number: int, letter: int) -> set[int]:
        term = self.all[number]
        if term.kind is Kind.ACTIVITY:
            return {self.nothing}
        if term.kind is Kind.LOOP:  # (redo do)*: one more round, or the end
            do, redo = term.parts
            found = {self._sequence((rest, do, number)) for rest in self.after(redo, letter)}
            if self.all[redo].may_end:
                found |= {self._sequence((rest, number)) for rest in self.after(do, letter)}
            return found
        found = set()
        for i, part in enumerate(term.parts):
            before, behind = term.parts[:i], term.parts[i + 1 :]
            for rest in self.after(part, letter):
                if term.kind is Kind.CHOICE:
                    found.add(rest)
                elif term.kind is Kind.SEQUENCE:
                    found.add(self._sequence((rest, *behind)))
                else:
                    found.add(self._parallel((*before, rest, *behind)))
            if term.kind is Kind.SEQUENCE and not self.all[part].may_end:
                break
        return found

    def _sequence(self, parts: Sequence[int]) -> int:
        flat: list[int] = []
        for part in parts:
            inner = self.all[part]
            flat.extend(inner.parts if inner.kind is Kind.SEQUENCE else (part,))
        return self._join(Kind.SEQUENCE, [part for part in flat if part != self.nothing])

    def _parallel(self, parts: Sequence[int]) -> int:
        return self._join(Kind.PARALLEL, sorted(part for part in parts if part != self.nothing))

    def _join(self, kind: Kind, parts: list[int]) -> int:
        if not parts:
            return self.nothing
        return parts[0] if len(parts) == 1 else self._keep(kind, tuple(parts), -1)

    def _keep(self, kind: Kind, parts: tuple[int, ...], letter: int) -> int:
        key = (kind, parts, letter)
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(self._describe(kind, parts, letter))
        return self._numbers[key]

    def _describe(self, kind: Kind, parts: tuple[int, ...], letter: int) -> _Term:
        inner = [self.all[part] for part in parts]
        own = 1 << letter if kind is Kind.ACTIVITY else 0
        may_end, first, must = kind in {Kind.SILENT, Kind.LOOP}, own, own
        if kind is Kind.CHOICE:
            may_end = any(term.may_end for term in inner)
            first = reduce(or_, (term.first for term in inner))
            must = reduce(lambda x, y: x & y, (term.must for term in inner))
        elif kind is Kind.LOOP:
            do, redo = inner
            first = redo.first | (do.first if redo.may_end else 0)
        elif kind in {Kind.SEQUENCE, Kind.PARALLEL}:
            may_end = all(term.may_end for term in inner)
            must = reduce(or_, (term.must for term in inner))
            for term in inner:
                first |= term.first
                if kind is Kind.SEQUENCE and not term.may_end:
                    break
        can = own | reduce(or_, (term.can for term in inner), 0)
        return _Term(
            kind=kind, parts=parts, letter=letter, may_end=may_end, first=first, can=can, must=must
        )


def measure(tree: Block, variants: Sequence[Variant]) -> Quality:
    """Replay every variant on the tree.

    `variants`: (activities, cases), at least one of them; activities that the tree does not have
    are deviations. An alignment opens `SEARCH_STATES` states at most.
    """
    names = sorted({*activities(tree), *(name for way, _ in variants for name in way)})
    letters = {name: i for i, name in enumerate(names)}
    terms = _Terms()
    root = terms.build(tree, letters)
    least = _least(terms, root)
    total = sum(cases for _, cases in variants)
    fit, replayed, bounded = 0.0, 0, 0
    runs: Counter[tuple[int, ...]] = Counter()
    for way, cases in variants:
        found = _Search(terms, tuple(letters[name] for name in way)).align(root)
        worst = len(way) + least
        fit += cases * (1.0 - min(found.cost, worst) / worst if worst else 1.0)
        replayed += cases * (found.cost == 0)
        bounded += cases * (not found.exact)
        runs[found.run] += cases
    return Quality(
        fitness=fit / total,
        precision=_precision(terms, root, list(runs.items())),
        replayed=replayed / total,
        bounded=bounded / total,
    )


@dataclass(frozen=True, kw_only=True)
class _Alignment:
    """The cheapest way to bring a case and the model together, and the run of the model in it.

    In `run` an activity that the model needs and the case has not is `~activity`.
    """

    cost: int
    exact: bool
    run: tuple[int, ...]


class _Search:
    """A* over (position in the case, what remains of the tree); the estimate never overshoots."""

    def __init__(self, terms: _Terms, way: tuple[int, ...]) -> None:
        self._terms = terms
        self._way = way
        self._left = [0] * (len(way) + 1)  # bit set of the activities still to come, by position
        for i in range(len(way) - 1, -1, -1):
            self._left[i] = self._left[i + 1] | 1 << way[i]
        self._lost: dict[int, list[int]] = {}  # foreign activities by what can come, from behind

    def align(self, root: int) -> _Alignment:
        """Find the fewest skipped and inserted activities; ties go to the furthest, then latest."""
        ticket = count()
        came: dict[tuple[int, int], _Origin] = {}
        queue: list[_Step] = [(self._estimate(0, root), 0, 0, (0, root), None)]
        best: tuple[int, tuple[int, int]] | None = None
        while queue:
            guess, _, _, state, origin = heappop(queue)
            if state in came:
                continue
            came[state] = origin
            at, number = state
            spent = guess - self._estimate(at, number)
            if self._terms.all[number].may_end:
                cost = spent + len(self._way) - at
                best = min(best or (cost, state), (cost, state))
            exact = best is not None and best[0] <= guess
            if best and (exact or len(came) > SEARCH_STATES):
                return _Alignment(cost=best[0], exact=exact, run=_run(came, best[1]))
            for then, letter, cost in self._steps(at, number, spent):
                if then not in came:
                    total = cost + self._estimate(*then)
                    step = (at, number, letter)
                    heappush(queue, (total, -then[0], -next(ticket), then, step))
        raise AssertionError("every tree can be brought to its end")

    def _steps(
        self, at: int, number: int, spent: int
    ) -> Iterator[tuple[tuple[int, int], int, int]]:
        """Go on together, in the case alone, or in the model alone: (state, activity, cost)."""
        if at < len(self._way):
            letter = self._way[at]
            yield (at + 1, number), _NONE, spent + 1
            for rest in self._terms.after(number, letter):
                yield (at + 1, rest), letter, spent
        letters = self._terms.all[number].first
        while letters:
            letter = (letters & -letters).bit_length() - 1
            letters &= letters - 1
            for rest in self._terms.after(number, letter):
                yield (at, rest), letter, spent + 1

    def _estimate(self, at: int, number: int) -> int:
        """Count what surely has to be inserted and what surely has to be skipped."""
        term = self._terms.all[number]
        if term.can not in self._lost:
            foreign = (not term.can >> letter & 1 for letter in reversed(self._way))
            self._lost[term.can] = [0, *accumulate(foreign)]
        lost = self._lost[term.can][len(self._way) - at]
        return lost + (term.must & ~self._left[at]).bit_count()


def _run(came: Mapping[tuple[int, int], _Origin], state: tuple[int, int]) -> tuple[int, ...]:
    """Follow a search back to its start and give the run of the model, as `_Alignment` has it."""
    letters = []
    while (origin := came[state]) is not None:
        at, number, letter = origin
        if letter != _NONE:
            letters.append(letter if state[0] > at else ~letter)
        state = (at, number)
    return tuple(reversed(letters))


def _least(terms: _Terms, number: int) -> int:
    """Count the activities of the shortest way through a term."""
    term = terms.all[number]
    if term.kind is Kind.ACTIVITY:
        return 1
    lengths = [_least(terms, part) for part in term.parts]
    if term.kind is Kind.CHOICE:
        return min(lengths)
    return 0 if term.kind is Kind.LOOP else sum(lengths)


def _precision(terms: _Terms, root: int, runs: Sequence[tuple[tuple[int, ...], int]]) -> float:
    """Walk the tree of prefixes, as wide as they branch, and compare what comes with what may."""
    allowed = escaping = 0
    level: list[_Context] = [((root,), runs)]
    while level:
        deeper: list[_Context] = []
        for states, ways in level:
            first = reduce(or_, (terms.all[number].first for number in states))
            by_letter: dict[int, list[tuple[tuple[int, ...], int]]] = defaultdict(list)
            for way, cases in ways:
                if way:
                    by_letter[max(way[0], ~way[0])].append((way[1:], cases))
            seen = sum(1 << letter for letter in {way[0] for way, _ in ways if way and way[0] >= 0})
            weight = sum(cases for way, cases in ways if way)
            allowed += weight * first.bit_count()
            escaping += weight * (first & ~seen).bit_count()
            for letter, rests in by_letter.items():
                following = {r for number in states for r in terms.after(number, letter)}
                deeper.append((tuple(sorted(following)), rests))
        level = deeper
    return 1.0 - escaping / allowed if allowed else 1.0
