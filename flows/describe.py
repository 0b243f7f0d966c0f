"""Says in words what a process file says, so that its author sees how Runut understood it."""

from collections.abc import Iterable, Mapping, Sequence

from engine.alerting.rules import WATCH_ONLY, unreadable
from eventlog.definition import Definition
from eventlog.definition_parts import Procedure
from flows.describe_treatment import describe_treatment, listed
from miners.procedure.bpmn import Procedure as Drawn


def describe(process: Definition) -> list[str]:
    """The definition in sentences, one a line; parts that are off are named last."""
    lines = [f"Process {process.process} (definition {process.hash})."]
    lines.append(f"Times without an offset are taken as {process.timezone}.")
    if process.case_attributes:
        lines.append(f"Each case carries {listed(process.case_attributes)}.")
    lines += _abstract(process)
    lines += _clock(process)
    lines += _standard(process)
    lines += _procedure(process)
    lines += _outcome(process)
    lines += describe_treatment(process)
    lines += _scorecard(process)
    lines += _alerts(process)
    if process.privacy.pseudonymise:
        lines.append(
            "Replaced by pseudonyms before anything is stored: "
            f"{listed(process.privacy.pseudonymise)}."
        )
    lines.append(
        f"Groups under {process.privacy.smallest_cell} cases are left out of what may be shown; "
        f"older versions of the lake are kept {process.privacy.retention.days} days."
    )
    off = _off(process)
    if off:
        lines.append(f"Not described, and so not analysed: {listed(off)}.")
    return lines


def _abstract(process: Definition) -> Iterable[str]:
    abstract = process.abstract
    if abstract is None:
        return
    for name, codes in abstract.groups.items():
        yield f"{name} stands for {listed(codes)}."
    how = f" by {abstract.pattern}" if abstract.pattern else ""
    yield f"Activity codes are made coarser{how}; the {abstract.keep} commonest are kept."


def _clock(process: Definition) -> Iterable[str]:
    clock = process.clock
    if clock.starts or clock.stops:
        yield (
            f"The clock runs from {listed(clock.starts) or 'the first event'} to "
            f"{listed(clock.stops) or 'the last'}."
        )
    for pause in clock.suspended:
        yield f"It stands still from {pause.from_} until {pause.until}."
    if process.closing:
        yield f"A case is closed by {listed(process.closing, last='or')}."


def _standard(process: Definition) -> Iterable[str]:
    standard = process.standard
    if standard is None:
        return
    if standard.term:
        yield f"The promise is {standard.term}."
    for attribute, terms in standard.by.items():
        for value, term in terms.items():
            yield f"Where {attribute} is {value} it is {term}."
    for activity, term in standard.steps.items():
        yield f"{activity} should take {term}."


def _procedure(process: Definition) -> Iterable[str]:
    procedure = process.procedure
    if procedure is None or procedure == Procedure():
        yield "No procedure is given: detours are judged by what comparable cases usually do."
        return
    if procedure.bpmn:
        yield f"What should happen is drawn in {procedure.bpmn}."
    if procedure.mandatory:
        yield f"Every case must have {listed(procedure.mandatory)}."
    if procedure.once:
        yield f"Once only: {listed(procedure.once)}."
    for first, then in procedure.order:
        yield f"{first} comes before {then}."


def _outcome(process: Definition) -> Iterable[str]:
    outcome = process.outcome
    if outcome is None:
        return
    if outcome.attribute:
        yield (
            f"A case went well when {outcome.attribute} is {listed(outcome.favourable, last='or')}."
        )
    else:
        yield f"A case went well when it has {listed(outcome.favourable_activities, last='or')}."


def _scorecard(process: Definition) -> Iterable[str]:
    if process.costs:
        hour = process.costs.officer_hour
        parts = [f"{hour:,.0f} {process.costs.currency} an hour"] if hour is not None else []
        parts += [f"{name} {price:,.0f}" for name, price in process.costs.activities.items()]
        yield f"Work costs {listed(parts)}."
    asked = process.scorecard
    if not asked:
        yield "No scorecard is given: five usual numbers are told, without targets."
        return
    targets = sum(line.target is not None for line in asked)
    names = listed(list(dict.fromkeys(line.indicator for line in asked)))
    yield f"The scorecard tells {names}; {targets} of its {len(asked)} entries have a target."


def _alerts(process: Definition) -> Iterable[str]:
    why = {alert.name: unreadable(alert, process) for alert in process.alerts}
    watched = [alert for alert in process.alerts if why[alert.name] is None]
    live = [alert.name for alert in watched if alert.measure in WATCH_ONLY]
    both = [alert.name for alert in watched if alert.measure not in WATCH_ONLY]
    if both:
        yield f"runut watch and the scheduled run raise these alerts: {listed(both)}."
    if live:
        yield f"Only runut watch raises these alerts: {listed(live)}."
    for name, reason in why.items():
        if reason is not None:
            yield f"The alert {name} is never raised: {reason}."


def _off(process: Definition) -> list[str]:
    parts: Mapping[str, object] = {
        "what closes a case (clock)": process.closing,
        "the promised term (standard)": process.standard,
        "the outcome": process.outcome,
        "whom to compare (equity.groups)": process.equity and process.equity.groups,
        "who might be picked early (favouritism.favoured)": process.favouritism
        and process.favouritism.favoured,
        "fees": process.fees,
    }
    return [name for name, part in parts.items() if not part]


def never_seen(process: Definition, activities: Iterable[str]) -> list[str]:
    """What the definition names but the events never have, one line a place.

    A misspelt activity is valid and silently switches an analysis off; here it is seen.
    """
    there = set(activities)
    lines = []
    for where, names in _activity_uses(process):
        missing = [name for name in dict.fromkeys(names) if name not in there]
        if missing:
            lines.append(f"{where} names {listed(missing)}, which no event has.")
    return lines


def never_drawn(procedure: Drawn, activities: Iterable[str]) -> list[str]:
    """What the BPMN file draws but the events, as they are mined, never have; in one line."""
    there = set(activities)
    missing = [name for name in procedure.activities if name not in there]
    return [f"procedure.bpmn draws {listed(missing)}, which no event has."] if missing else []


def describe_drawn(procedure: Drawn) -> list[str]:
    """What the BPMN file says, in sentences."""
    always = sorted(procedure.mandatory)
    return [
        f"The drawing has {len(procedure.activities)} different steps"
        + (
            f"; every way through it has {listed(always)}." if always else "; none is on every way."
        ),
        *(f"In the drawing {note}." for note in procedure.notes),
    ]


def _activity_uses(process: Definition) -> Iterable[tuple[str, Sequence[str]]]:
    clock, procedure, outcome = process.clock, process.procedure, process.outcome
    if process.abstract:
        yield "abstract.groups", [n for names in process.abstract.groups.values() for n in names]
    yield "clock.starts", clock.starts
    yield "clock.stops", clock.stops
    yield "clock.closes", clock.closes
    yield (
        "clock.suspended",
        [name for pause in clock.suspended for name in (pause.from_, pause.until)],
    )
    yield "applicant_steps", process.applicant_steps
    if procedure:
        yield "procedure.mandatory", procedure.mandatory
        yield "procedure.once", procedure.once
        yield "procedure.order", [name for pair in procedure.order for name in pair]
    if outcome:
        yield "outcome.favourable_activities", outcome.favourable_activities
        yield "outcome.unfavourable_activities", outcome.unfavourable_activities
        yield "outcome.withdrawn_activities", outcome.withdrawn_activities
    if process.standard:
        yield "standard.steps", list(process.standard.steps)
    if process.equity:
        yield "equity.gates", process.equity.gates
    if process.costs:
        yield "costs.activities", list(process.costs.activities)
    yield "alerts.activity", [alert.activity for alert in process.alerts if alert.activity]
