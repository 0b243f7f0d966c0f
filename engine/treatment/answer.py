"""Equal treatment: disparities between groups, fees over the tariff, and whose files go first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from engine.detour_times import OfficeTime
from engine.judging import Judged
from engine.looks import Whole
from engine.results import write_json
from engine.treatment import comparing
from engine.treatment.asking import Asking
from engine.treatment.comparing import SURE, Ended, Tested, Work, ask, cross
from engine.treatment.content import Told, equity_content, smallest_seen, told_findings
from engine.treatment.deciding import decide, sure_beside
from engine.treatment.frame import Off, frame_of
from engine.treatment.gap import OUTCOME, TIME
from engine.treatment.lines import Lines, lines_of, picked
from engine.treatment.order import order_content, order_findings
from engine.treatment.paid import paid
from engine.treatment.process import Process
from engine.treatment.questions import treatment
from engine.treatment.routes import routes
from engine.treatment.separable import inseparable
from engine.treatment.side_by_side import side_by_side
from engine.treatment.speed import fee_speed
from engine.treatment.telling import Teller
from eventlog.definition import Definition
from eventlog.definition_parts import Equity
from eventlog.kernels import Bools, Int64s
from miners.cases import WITHDRAWN
from miners.detours.deciding import ended_as
from miners.equity.cohort import cohort_of, without_clock
from miners.equity.logrank import LogRank, logrank
from miners.equity.rows import Grouping, Strata
from miners.standing import DAY, Standing

TREATMENT = ("equity", "favouritism", "fees")
"""The questions about equal treatment; one family of tests."""


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """The content of `equity.json` and of `favouritism.json`, the findings, and what was left out.

    A file that nobody asked for is None. `smallest_seen` is what each silent test would have seen.
    """

    equity: Mapping[str, Any] | None
    favouritism: Mapping[str, Any] | None
    findings: list[dict[str, Any]]
    off: list[Off]
    smallest_seen: list[dict[str, Any]]


def find_treatment(
    whole: Whole, definition: Definition, judged: Judged, asked: frozenset[str]
) -> Treatment:
    """Compare the treatment of groups as far as it is `asked`; `whole` must have work items.

    All tests are one family, in which the false discovery rate is held (Benjamini & Hochberg
    1995); officers are a family of their own, of which nothing leaves the restricted results.
    """
    standing = _standing(whole)
    asking = _asking(whole, definition, judged, standing)
    frame, off = asking.frame, asking.off
    tests: list[Tested] = []
    ways: list[dict[str, Any]] = []
    speed, lines = None, None
    if "equity" in asked:
        tests += _treated(asking, standing)
        ways = routes(asking)
    if "fees" in asked:
        payers = {one.attribute: one for one in (*frame.groups, *frame.paid_by)}
        payments = ask(paid(asking), [*payers.values()], ended=None, persons=frame.restricted)
        tests += _all(payments)
        speed = fee_speed(asking)
    if "favouritism" in asked:
        lines, missing = _lines(asking)
        off += missing
        if lines is not None:
            picks = picked(lines, asking)
            tests += _all(ask(picks, frame.picked, ended=None, persons=frame.restricted))
    told = _told(tests, ways, speed, asking)
    content = equity_content(told, asking)
    found = told_findings(told, content, definition)
    order = None
    if lines is not None:
        order = order_content(told, asking, lines)
        found += order_findings(told, order, definition)
    return Treatment(
        equity=content if asked & {"equity", "fees"} else None,
        favouritism=order,
        findings=found,
        off=off,
        smallest_seen=smallest_seen(told),
    )


def write_treatment(found: Treatment, folder: Path) -> None:
    """`equity.json` and `favouritism.json`, as far as they were asked for."""
    if found.equity is not None:
        write_json(found.equity, folder / "equity.json")
    if found.favouritism is not None:
        write_json(found.favouritism, folder / "favouritism.json")


def _asking(
    whole: Whole, definition: Definition, judged: Judged, standing: Standing | None
) -> Asking:
    frame, horizon = frame_of(whole, definition), _horizon(definition)
    cohort, process = None, None
    if standing is not None:
        cohort = cohort_of(standing, now=whole.now, horizon_ms=horizon)
        process = Process(whole=whole, judged=judged, standing=standing, horizon_ms=horizon)
    return Asking(
        whole=whole,
        definition=definition,
        frame=frame,
        judged=judged,
        time=OfficeTime.of(whole),
        cohort=cohort,
        process=process,
        horizon_ms=horizon,
        off=list(frame.off),
    )


def _treated(asking: Asking, standing: Standing | None) -> list[Tested]:
    frame, equity = asking.frame, asking.definition.equity
    if equity is None or not equity.groups:
        asking.off.append(("equity", "the process file names no equity.groups"))
    if not frame.groups:
        return []
    ended = None if standing is None else _log_rank(standing)

    def work() -> Iterator[Work]:
        for one in treatment(asking):
            yield from ask([one], frame.groups, ended=ended, persons=frame.restricted)
            if one.question.measure in {TIME, OUTCOME} and one.question.activity is None:
                yield partial(cross, one, frame.groups, persons=frame.restricted)

    tests = _all(work())
    asking.off.extend(inseparable(frame, tests))
    return tests


def _all(work: Iterable[Work]) -> list[Tested]:
    return [one for found in side_by_side(work) for one in found]


def _lines(asking: Asking) -> tuple[Lines | None, list[Off]]:
    said = asking.definition.favouritism
    if said is None or not said.favoured:
        return None, [("favouritism", "the process file names nobody under favouritism.favoured")]
    if not asking.frame.picked:
        return None, []
    return lines_of(asking)


def _told(
    tests: list[Tested],
    ways: list[dict[str, Any]],
    speed: dict[str, Any] | None,
    asking: Asking,
) -> Told:
    """The family of all tests: which are told, and all that is known of these."""
    own = comparing.p_values(tests)
    known = [one for one in (*ways, speed) if one is not None and one["p_value"] is not None]
    others = [float(one["p_value"]) for one in known]
    every = [*own, *others]
    q_values = stats.false_discovery_control(every).tolist() if every else []
    tests = comparing.with_q_values(tests, q_values[: len(own)])
    teller = Teller(asking)
    frame = asking.frame
    tests, beside = sure_beside(decide(tests, frame.every), others)
    for one, q_value in zip(known, beside, strict=True):
        one["q_value"] = round(q_value, 9)
    found = sum(one.gap.told for one in tests) + sum(q_value <= SURE for q_value in beside)
    tests = [teller.more(one) for one in tests]
    alpha = SURE * min(found + 1, len(every)) / max(len(every), 1)
    return Told(tests=tests, routes=ways, fee_speed=speed, alpha=alpha)


def _horizon(definition: Definition) -> int:
    """How long applications are followed, in milliseconds."""
    return round((definition.equity or Equity()).horizon.total_seconds() * 1000)


def _standing(whole: Whole) -> Standing | None:
    """The statutory clock, else the time from the first event to the end; None without an end."""
    if whole.standing is not None and bool(whole.standing.started.any()):
        return whole.standing
    if whole.is_open is None:
        return None
    over = ~whole.is_open
    seen = np.maximum(np.where(over, whole.ends, whole.now), whole.starts)
    calendars = whole.calendars
    working = None if calendars is None else calendars.office.between(whole.starts, seen)
    return without_clock(
        entered=whole.starts,
        seen=seen,
        last=whole.ends,
        ended=over,
        withdrawn=over & _withdrawn(whole),
        working=working,
        working_day=DAY if calendars is None else calendars.working_day_ms,
    )


def _withdrawn(whole: Whole) -> Bools:
    return ended_as(whole.outcome, WITHDRAWN)


def _log_rank(standing: Standing) -> Ended:
    """The log-rank test of all cases whose clock began, silent ones up to their last event."""
    begun: Int64s = np.flatnonzero(standing.started)
    followed = standing.followed()
    decided = followed.ended & ~followed.withdrawn

    def test(grouping: Grouping, strata: Strata) -> LogRank:
        return logrank(followed.ran, decided, grouping.take(begun), strata.take(begun))

    return test
