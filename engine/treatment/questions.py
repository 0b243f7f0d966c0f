"""What is asked about whole applications: time, outcome, gates and route."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.treatment.asking import LEAST_ARM, Asked, Asking
from engine.treatment.frame import Off
from engine.treatment.gap import OPEN, OUTCOME, ROUTE, TIME, WITHDRAWN
from engine.treatment.waits import waiting
from eventlog.kernels import Bools
from miners.cases import FAVOURABLE, UNFAVOURABLE
from miners.cases import WITHDRAWN as GAVE_UP
from miners.detours.deciding import ended_as
from miners.detours.steps import applicant_steps
from miners.equity.gates import gates_of
from miners.equity.route_features import REQUESTS
from miners.shares import Floats
from miners.standing import DAY

_FEW_EVENTS = 10


def treatment(asking: Asking) -> Iterator[Asked]:
    """All questions but fees (`paid`), one after the other: each holds a number a row."""
    asking.off.extend(_too_young(asking))
    yield from _time(asking)
    yield from _outcome(asking)
    yield from _route(asking)
    yield from waiting(asking)


def _too_young(asking: Asking) -> Iterator[Off]:
    """That hardly any application came early enough to be followed to the horizon."""
    old, every = int(asking.followed.sum()), len(asking.whole.case_ids)
    if old < 2 * LEAST_ARM:
        yield (
            "treatment of whole applications (time, outcome, route)",
            (
                f"{old} of {every} applications came {asking.horizon_ms / DAY:g} days or more "
                "before the end of the log, as long as equity.horizon follows each; a shorter "
                "one takes in more of them"
            ),
        )


def _time(asking: Asking) -> Iterator[Asked]:
    if asking.cohort is None or asking.process is None:
        asking.off.append(("equal time", "the process file does not say what closes a case"))
        return
    asking.off.extend(_their_time(asking))
    score = np.where(np.isnan(asking.cohort.days), np.nan, asking.process.spent)
    yield asking.of_cases(
        measure=TIME,
        unit=asking.cohort.unit,
        score=score,
        material=asking.material.days,
        least=LEAST_ARM,
        **asking.but_refused(score),
    )


def _their_time(asking: Asking) -> Iterator[Off]:
    """That what applicants take for their own steps counts as time to a decision."""
    steps = asking.judged.steps
    later = np.ones(len(steps), bool)
    later[steps.offsets[:-1][np.diff(steps.offsets) > 0]] = False
    theirs = applicant_steps(steps, asking.whole.applicants) & later
    if bool(theirs.any()) and not asking.definition.clock.suspended:
        yield (
            "time to a decision without what applicants take",
            "clock.suspended does not say when a file is with its applicant; that time counts too",
        )


def _outcome(asking: Asking) -> Iterator[Asked]:
    if asking.definition.outcome is None:
        asking.off.append(("equal outcome", "the process file has no outcome"))
        return
    whole, share = asking.whole, asking.material.share
    good, bad = (ended_as(whole.outcome, how) for how in (FAVOURABLE, UNFAVOURABLE))
    gone = ended_as(whole.outcome, GAVE_UP)
    over = asking.followed & (good | bad)
    undecided = asking.followed & ~(good | bad | gone)
    if bool(over.any()) and not (bool(good[over].any()) and bool(bad[over].any())):
        same = "approved" if bool(good[over].any()) else "refused"
        asking.off.append(("equal outcome", f"everybody who was decided on was {same}"))
    else:
        score = _where(over, good)
        yield _share(
            asking, OUTCOME, score, share, adverse=-1, also=_either(score, undecided), doubt=OPEN
        )
    if bool(gone[asking.followed].any()):
        yield _share(asking, WITHDRAWN, _where(asking.followed, gone), share)
    equity = asking.definition.equity
    for gate in gates_of(
        asking.judged.steps,
        named=() if equity is None else equity.gates,
        favourable=good & asking.followed,
        unfavourable=bad & asking.followed,
        ending=frozenset(asking.definition.closing) | _deciding(asking),
        applicants=whole.applicants,
        refusing=frozenset(asking.definition.outcome.unfavourable_activities),
    ):
        passed = np.where(asking.followed, gate.passed, np.nan)
        yield _share(
            asking,
            OUTCOME,
            passed,
            share,
            adverse=-1,
            activity=gate.activity,
            also=_either(passed, undecided & gate.reached & np.isnan(passed)),
            doubt=OPEN,
        )


def _deciding(asking: Asking) -> frozenset[str]:
    outcome = asking.definition.outcome
    assert outcome is not None
    return frozenset(
        (
            *outcome.favourable_activities,
            *outcome.unfavourable_activities,
            *outcome.withdrawn_activities,
        )
    )


def _share(
    asking: Asking,
    measure: str,
    score: Floats,
    material: float,
    *,
    adverse: int = 1,
    **parts: Any,
) -> Asked:
    return asking.of_cases(
        measure=measure,
        unit="share",
        score=score,
        material=material,
        adverse=adverse,
        least=LEAST_ARM,
        least_events=_FEW_EVENTS,
        **parts,
    )


def _route(asking: Asking) -> Iterator[Asked]:
    if REQUESTS not in asking.features:
        why = "the process file does not say under clock.suspended what asks for documents"
        if asking.definition.clock.suspended and asking.definition.abstract:
            why = (
                "abstract joins what asks for documents (clock.suspended) with other codes; "
                "give it a group of its own under abstract.groups"
            )
        asking.off.append(("equal requests for documents", why))
    for name, score in asking.features.items():
        share = asking.material.share
        yield _share(asking, ROUTE, score, share, feature=name, **asking.but_refused(score))


def _where(known: Bools, said: Bools) -> Floats:
    return np.where(known, said.astype(np.float64), np.nan)


def _either(score: Floats, undecided: Bools) -> tuple[Floats, Floats]:
    """The score if all that are undecided were approved, and if all were refused."""
    return np.where(undecided, 1.0, score), np.where(undecided, 0.0, score)
