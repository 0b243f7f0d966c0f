"""What is asked about treatment: time, outcome, gates, route and waiting at each step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.detour_times import OfficeTime
from engine.happened import happened
from engine.judging import Judged
from engine.looks import Whole
from engine.treatment.coverage import covered
from engine.treatment.frame import Frame, Off
from engine.treatment.gap import (
    OPEN,
    OUTCOME,
    REFUSED,
    ROUTE,
    TIME,
    WAITING,
    WITHDRAWN,
    Question,
)
from engine.treatment.process import Process
from eventlog.definition import Definition
from eventlog.definition_parts import Material
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.cases import FAVOURABLE, UNFAVOURABLE
from miners.cases import WITHDRAWN as GAVE_UP
from miners.detours.deciding import ended_as
from miners.equity.cohort import Cohort
from miners.equity.gates import gates_of
from miners.equity.route_features import REQUESTS, REQUESTS_AGAIN, features, requests_of
from miners.equity.rows import Grouping, Strata
from miners.quality import midnights
from miners.shares import Floats
from miners.standing import DAY
from miners.work_items import Items

# What each measure needs (methods.md, section 1).
LEAST_ARM, _FEW_ITEMS, _FEW_EVENTS = 50, 30, 10
_MIDNIGHT = 0.5
# How many working days of arrivals at a queue are held for comparable: the fewest that leave
# enough of them with somebody to compare with.
_WINDOWS = (2, 5, 10, 20)
_ENOUGH = 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A question, and which of its rows are comparable when an attribute's values are compared."""

    question: Question
    comparable: Callable[[Grouping], Strata]


@dataclass(frozen=True, kw_only=True, eq=False)
class Asking:
    """What all questions are asked of.

    `cohort` are the applications that were followed for the whole horizon of `horizon_ms`, and
    `process` is what happened to each up to then; None where nothing says what closes a case.
    """

    whole: Whole
    definition: Definition
    frame: Frame
    judged: Judged
    time: OfficeTime
    cohort: Cohort | None
    process: Process | None
    horizon_ms: int
    off: list[Off]

    @cached_property
    def followed(self) -> Bools:
        """Which cases came early enough to be followed for the whole horizon; [cases]."""
        return np.asarray(self.whole.starts <= self.whole.now - self.horizon_ms * 1000)

    @cached_property
    def until(self) -> Int64s:
        """Up to when each case is followed (µs UTC): its end, or the horizon; [cases]."""
        whole = self.whole
        end = np.full(len(whole.starts), whole.now)
        if whole.is_open is not None:
            end = np.where(whole.is_open, end, whole.ends)
        until: Int64s = np.minimum(end, whole.starts + self.horizon_ms * 1000)
        return until

    @property
    def material(self) -> Material:
        """The smallest gaps worth telling."""
        equity = self.definition.equity
        return Material() if equity is None else equity.material

    @cached_property
    def features(self) -> dict[str, Floats]:
        """What the office had each case go through, 1 or 0, by name; NaN where not known."""
        judged, whole = self.judged, self.whole
        suspending = frozenset(pair.from_ for pair in self.definition.clock.suspended)
        requests = requests_of(judged.steps, suspending, whole.applicants, judged.decided)
        found = features(
            judged.steps,
            judged.episodes,
            requests=requests,
            applicants=whole.applicants,
            cohort=self.followed,
            until=self.until,
            decided=judged.decided,
        )
        untold = frozenset() if requests else frozenset({REQUESTS, REQUESTS_AGAIN})
        return {name: score for name, score in found.items() if name not in untold}

    def of_cases(self, **parts: Any) -> Asked:
        """A question with one row a case."""
        every = np.arange(len(self.whole.case_ids))
        question = Question(rows=every, entered=self.frame.entered, **parts)
        return Asked(
            question=question,
            comparable=lambda grouping: self.frame.strata(grouping.attribute),
        )

    def treatment(self) -> Iterator[Asked]:
        """All questions but fees (`paid`), one after the other: each holds a number a row."""
        self.off.extend(self._too_young())
        yield from self._time()
        yield from self._outcome()
        yield from self._route()
        yield from self._waiting()

    def _too_young(self) -> Iterator[Off]:
        """That hardly any application came early enough to be followed to the horizon."""
        old, every = int(self.followed.sum()), len(self.whole.case_ids)
        if old < 2 * LEAST_ARM:
            yield (
                "treatment of whole applications (time, outcome, route)",
                (
                    f"{old} of {every} applications came {self.horizon_ms / DAY:g} days or more "
                    "before the end of the log, as long as equity.horizon follows each; a shorter "
                    "one takes in more of them"
                ),
            )

    def _time(self) -> Iterator[Asked]:
        if self.cohort is None or self.process is None:
            self.off.append(("equal time", "the process file does not say what closes a case"))
            return
        score = np.where(np.isnan(self.cohort.days), np.nan, self.process.spent)
        yield self.of_cases(
            measure=TIME,
            unit=self.cohort.unit,
            score=score,
            material=self.material.days,
            least=LEAST_ARM,
            **self._but_refused(score),
        )

    def _but_refused(self, score: Floats, case: Int64s | None = None) -> dict[str, Any]:
        """The same score of those who were not refused: a refusal may end a file early."""
        good, bad = (ended_as(self.whole.outcome, how) for how in (FAVOURABLE, UNFAVOURABLE))
        if not (bool(good.any()) and bool(bad.any())):
            return {}
        refused = bad if case is None else bad[case]
        return {"also": (np.where(refused, np.nan, score),), "doubt": REFUSED}

    def _outcome(self) -> Iterator[Asked]:
        if self.definition.outcome is None:
            self.off.append(("equal outcome", "the process file has no outcome"))
            return
        whole, share = self.whole, self.material.share
        good, bad = (ended_as(whole.outcome, how) for how in (FAVOURABLE, UNFAVOURABLE))
        gone = ended_as(whole.outcome, GAVE_UP)
        over = self.followed & (good | bad)
        undecided = self.followed & ~(good | bad | gone)
        if bool(over.any()) and not (bool(good[over].any()) and bool(bad[over].any())):
            same = "approved" if bool(good[over].any()) else "refused"
            self.off.append(("equal outcome", f"everybody who was decided on was {same}"))
        else:
            score = _where(over, good)
            yield self._share(
                OUTCOME, score, share, adverse=-1, also=_either(score, undecided), doubt=OPEN
            )
        if bool(gone[self.followed].any()):
            yield self._share(WITHDRAWN, _where(self.followed, gone), share)
        equity = self.definition.equity
        for gate in gates_of(
            self.judged.steps,
            named=() if equity is None else equity.gates,
            favourable=good & self.followed,
            unfavourable=bad & self.followed,
            ending=frozenset(self.definition.closing) | self._deciding(),
            applicants=whole.applicants,
            refusing=frozenset(self.definition.outcome.unfavourable_activities),
        ):
            passed = np.where(self.followed, gate.passed, np.nan)
            yield self._share(
                OUTCOME,
                passed,
                share,
                adverse=-1,
                activity=gate.activity,
                also=_either(passed, undecided & gate.reached & np.isnan(passed)),
                doubt=OPEN,
            )

    def _deciding(self) -> frozenset[str]:
        outcome = self.definition.outcome
        assert outcome is not None
        return frozenset(
            (
                *outcome.favourable_activities,
                *outcome.unfavourable_activities,
                *outcome.withdrawn_activities,
            )
        )

    def _share(
        self,
        measure: str,
        score: Floats,
        material: float,
        *,
        adverse: int = 1,
        **parts: Any,
    ) -> Asked:
        return self.of_cases(
            measure=measure,
            unit="share",
            score=score,
            material=material,
            adverse=adverse,
            least=LEAST_ARM,
            least_events=_FEW_EVENTS,
            **parts,
        )

    def _route(self) -> Iterator[Asked]:
        if REQUESTS not in self.features:
            why = "the process file does not say under clock.suspended what asks for documents"
            if self.definition.clock.suspended and self.definition.abstract:
                why = (
                    "abstract joins what asks for documents (clock.suspended) with other codes; "
                    "give it a group of its own under abstract.groups"
                )
            self.off.append(("equal requests for documents", why))
        for name, score in self.features.items():
            share = self.material.share
            yield self._share(ROUTE, score, share, feature=name, **self._but_refused(score))

    def _waiting(self) -> Iterator[Asked]:
        """Waiting at each office step, in working days where there is a calendar."""
        whole = self.whole
        assert whole.items is not None
        items = happened(whole.items, whole.now)
        known = items.enabled != UNKNOWN
        if dates_only(items, known, self.definition.timezone):
            why = "most steps are dated without a time; who waited longer cannot be told"
            self.off.append(("equal waiting at single steps", why))
            return
        picked = items.started if bool(items.served.any()) else items.completed
        if picked is items.completed:
            why = "no step has a start event; waiting and work are told as one"
            self.off.append(("waiting apart from work, in comparisons", why))
        known &= picked != UNKNOWN
        labels = items.activity.vocabulary.labels
        for code in np.argsort(labels).tolist():
            if labels[code] in whole.applicants:
                continue
            rows = np.flatnonzero(known & (items.activity.codes == code))
            if len(rows) < 2 * _FEW_ITEMS:
                continue
            yield self._at_step(labels[code], items, rows, with_work=not bool(items.served.any()))

    def _at_step(self, activity: str, items: Items, rows: Int64s, *, with_work: bool) -> Asked:
        case = items.case[rows].astype(np.int64)
        picked = (items.completed if with_work else items.started)[rows]
        enabled, calendars = items.enabled[rows], self.whole.calendars
        if calendars is None:
            waited = (picked - enabled) // 1000
        else:
            waited = calendars.between(enabled, picked, items.unit.take(rows))
        score = waited / self.time.day
        question = Question(
            measure=WAITING,
            activity=activity,
            with_work=with_work,
            unit=self.time.unit,
            score=score,
            rows=case,
            entered=enabled,
            material=self.material.days,
            least=_FEW_ITEMS,
            **self._but_refused(score, case),
        )
        queue = items.unit.codes[rows].astype(np.int64)

        def comparable(grouping: Grouping) -> Strata:
            return self._queued(grouping, case, queue, enabled)

        return Asked(question=question, comparable=comparable)

    def _queued(self, grouping: Grouping, case: Int64s, queue: Int64s, enabled: Int64s) -> Strata:
        """Those that joined the same queue within a few days, alike in what is legitimate."""
        frame = self.frame
        alike = {**frame.legitimate, **(frame.service_class or {})}
        codes = [code[case] for name, code in alike.items() if name != grouping.attribute]
        cluster = None if frame.cluster is None else frame.cluster[case]
        place = grouping.place[case]
        begun = np.full(len(enabled), self.whole.began)
        day = self.time.between(begun, enabled) // self.time.day
        for days in _WINDOWS:
            strata = Strata.of([queue, *codes, day // days], cluster)
            if covered(strata.stratum, place) >= _ENOUGH:
                break
        return strata


def _where(known: Bools, said: Bools) -> Floats:
    return np.where(known, said.astype(np.float64), np.nan)


def _either(score: Floats, undecided: Bools) -> tuple[Floats, Floats]:
    """The score if all that are undecided were approved, and if all were refused."""
    return np.where(undecided, 1.0, score), np.where(undecided, 0.0, score)


def dates_only(items: Items, known: Bools, timezone: str) -> bool:
    """Whether most of the `known` items [items] came up at midnight: dates without a time."""
    moments = items.enabled[known]
    return bool(len(moments)) and float(midnights(moments, timezone).mean()) > _MIDNIGHT
