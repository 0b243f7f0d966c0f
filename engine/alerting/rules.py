"""Which alert rules of a process file a mining run can read, and why it cannot read the others."""

from collections.abc import Iterator

from engine.hidden import hidden_attributes
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.definition_parts import Standard

# What is told of work that waits, and what of whole applications.
OF_WORK = frozenset({"queue_length", "oldest_item", "waiting_p90"})
OF_CASES = frozenset({"overdue_cases", "share_over_term"})
NOT_CLOSED = "the process file does not say under clock what closes a case"


def unreadable(rule: Alert, definition: Definition) -> str | None:
    """Why the rule can never be read under this process file; None when it can.

    >>> office = Definition.bare(alerts=[{"name": "late", "measure": "overdue_cases", "above": 3}])
    >>> unreadable(office.alerts[0], office)
    'the process file has no clock.starts, no clock.stops, no standard.term'
    """
    if rule.measure not in OF_WORK | OF_CASES:
        return f"{rule.measure} is not read from a mining run"
    if rule.by == "resource":
        return "by names persons; alerts are told of groups and units"
    if rule.by in hidden_attributes(definition):
        return f'by "{rule.by}" names persons, or is sensitive and equity.basis has no reason'
    if rule.measure in OF_CASES:
        return _of_cases(rule, definition)
    if rule.measure != "waiting_p90" and not definition.closing:
        return NOT_CLOSED
    return None


def _of_cases(rule: Alert, definition: Definition) -> str | None:
    if rule.activity is not None:
        return f"{rule.measure} is told of whole cases; it takes no activity"
    if rule.by == "unit":
        return f"{rule.measure} is told of whole cases; by takes a case attribute, not unit"
    missing = list(_missing(definition))
    if missing:
        return f"the process file has {', '.join(f'no {name}' for name in missing)}"
    return None


def _missing(definition: Definition) -> Iterator[str]:
    """What the process file lacks to say which cases are over their term."""
    if not definition.clock.starts:
        yield "clock.starts"
    if not definition.closing:
        yield "clock.stops"
    standard = definition.standard
    if standard is None or not (standard.term or standard.by):
        yield "standard.term"
    elif _counts_working_days_only(standard) and "calendar" not in definition.model_fields_set:
        yield "calendar to count working days by"


def _counts_working_days_only(standard: Standard) -> bool:
    terms = [term for by_value in standard.by.values() for term in by_value.values()]
    return all(term.working for term in [*terms, *([standard.term] if standard.term else [])])
