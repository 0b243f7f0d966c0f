"""What the office had an application go through: requests, work done again, detours."""

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.detours.circling_loops import previous
from miners.detours.episodes import APPLICANT, KINDS, SKIPPED, Episodes
from miners.detours.steps import Steps, applicant_steps
from miners.shares import Floats

REQUESTS, REQUESTS_AGAIN, REWORK = "requests", "requests-again", "rework"
FEATURES = (REQUESTS, REQUESTS_AGAIN, REWORK, *KINDS)
"""Every feature by name, as `features` tells them."""
_USUAL = 0.9


def features(
    steps: Steps,
    episodes: Episodes,
    *,
    requests: frozenset[str],
    applicants: frozenset[str],
    cohort: Bools,
    until: Int64s,
    decided: Bools,
) -> dict[str, Floats]:
    """By name 1 for each case that has the feature, 0 for one that has not; each [cases].

    Told for the cases of `cohort` [cases] by `until` [cases] (µs UTC): the end of the case, or of
    the time for which all are followed. So a case that is open still has the feature or does not
    have it by then, as one that is over; to leave out only those that do not have it yet would
    favour whoever is decided faster. `skipped` is told only of cases that are `decided` [cases]:
    of no other can it be said that a step was left out. All else is NaN.

    *requests*: one of these activities was completed; *requests-again*: a second time. *rework*: a
    step of the office's that is no request was done a second time, with nothing of the applicant's
    in between that may have asked for it. The kinds of detours: an episode of that kind began.
    Detours that the applicant caused are not what the office does, and do not count.
    """
    for name, marks in (("cohort", cohort), ("until", until), ("decided", decided)):
        if len(marks) != steps.cases:
            raise ValueError(f"{name} has {len(marks)} rows; expected {steps.cases}, one a case")
    done = steps.done <= until[steps.case]
    labels = steps.activity.vocabulary.labels
    asks = np.array([*(label in requests for label in labels), False], bool)[steps.activity.codes]
    asked = np.bincount(steps.case[asks & done], minlength=steps.cases)
    again = _again(steps, applicants) & ~asks
    reworked = np.bincount(steps.case[again & done], minlength=steps.cases)
    found = {REQUESTS: asked > 0, REQUESTS_AGAIN: asked > 1, REWORK: reworked > 0}
    out = {name: np.where(cohort, has.astype(np.float64), np.nan) for name, has in found.items()}
    office = episodes.cause != APPLICANT
    # What begins ahead of all steps (a first step left out) began when the case did.
    began = (episodes.first < 0) | np.append(done, True)[episodes.first]
    for code, name in enumerate(KINDS):
        known = cohort & decided if code == SKIPPED else cohort
        counts = office & (episodes.kind == code) & (began | (code == SKIPPED))
        has = np.zeros(steps.cases, bool)
        has[episodes.case[counts]] = True
        out[name] = np.where(known, has.astype(np.float64), np.nan)
    return out


def requests_of(
    steps: Steps, suspending: frozenset[str], applicants: frozenset[str], decided: Bools
) -> frozenset[str]:
    """Those of the activities that suspend the clock by which something more is asked for.

    An activity of `suspending` that nine in ten of the cases that are `decided` [cases] go through
    is on everybody's way (a fee is set, and paid); one that the applicant does is no request.
    """
    labels = steps.activity.vocabulary.labels
    cases = int(decided.sum())
    found = set()
    for code, label in enumerate(labels):
        if label not in suspending or label in applicants:
            continue
        does = np.zeros(steps.cases, bool)
        does[steps.case[steps.activity.codes == code]] = True
        if not cases or int((does & decided).sum()) < _USUAL * cases:
            found.add(label)
    return frozenset(found)


def _again(steps: Steps, applicants: frozenset[str]) -> Bools:
    """Which steps of the office were done before with no step of the applicant's since; [steps]."""
    theirs = applicant_steps(steps, applicants)
    codes = steps.activity.codes
    earlier = previous(steps.offsets, codes, len(steps.activity.vocabulary.labels))
    came: Int64s = np.cumsum(theirs)
    known = earlier >= 0
    return np.asarray(~theirs & known & (came == came[np.maximum(earlier, 0)]))
