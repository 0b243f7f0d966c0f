"""Which alert rules can be read, why others cannot, and how far they look back."""

from collections.abc import Iterator
from datetime import timedelta

from engine.hidden import hidden_attributes
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.definition_parts import Standard

# What is told of whole applications, and of these what goes by a term.
OF_TERMS = frozenset({"overdue_cases", "soon_overdue_cases", "share_over_term"})
OF_THE_STREAM = frozenset({"rejects", "lag"})
WATCH_ONLY = OF_THE_STREAM | {"silence"}
SLOW = frozenset({"share_over_term", "disparity_drift"})
"""The measures that a watch reads every few minutes only."""
NOT_CLOSED = "the process file does not say under clock what closes a case"
NO_TIME = timedelta(0)
# The gap of a window is compared with that of so long before it.
BEFORE_DRIFT = timedelta(days=180)
DEFAULT_WINDOWS = {
    "waiting_p90": timedelta(days=30),
    "arrivals_less_completions": timedelta(days=7),
    "rework_share": timedelta(days=30),
    "share_over_term": timedelta(days=365),
    "disparity_drift": timedelta(days=30),
    "rejects": timedelta(days=1),
    "soon_overdue_cases": timedelta(days=3),
    "silence": timedelta(days=30),
}
"""How far each measure looks back (soon_overdue_cases: ahead) where its rule does not say."""
_CLOSES = frozenset({"queue_length", "oldest_item", "arrivals_less_completions"})
# How many hours by the clock an hour of work may take: an office that opens one day a week.
_SPARSE = 24
# No log goes back as far, and moments of this size can still be counted with.
_FARTHEST = timedelta(days=36_525)


def window_of(rule: Alert) -> timedelta:
    """How far a rule looks back, or ahead; no time for measures of what is there now.

    Silence of an activity or a group that is longer than this is told as this long, so without a
    window of its own the rule looks back far enough for its threshold.

    >>> window_of(Alert(name="slow", measure="waiting_p90", above=3)).days
    30
    """
    if rule.window is not None:
        return min(rule.window, _FARTHEST)
    window = DEFAULT_WINDOWS.get(rule.measure, NO_TIME)
    if rule.measure == "silence":
        limits = (limit for limit in (rule.above, rule.below) if limit is not None)
        farthest = _FARTHEST / timedelta(hours=1)
        hours = min(_SPARSE * max(limits, default=0.0), farthest)
        return max(window, timedelta(hours=hours))
    return window


def case_window(definition: Definition) -> timedelta:
    """For how long after its last event a case that is closed matters to a rule.

    Those of work that still matters (`item_window`) matter as well.
    """
    windows = (_cases_back(rule) for rule in _readable(definition))
    return max([NO_TIME, item_window(definition), *windows])


def item_window(definition: Definition) -> timedelta:
    """For how long work matters to a rule after it was started or completed; open work does too."""
    return max([NO_TIME, *(_work_back(rule) for rule in _readable(definition))])


def _readable(definition: Definition) -> Iterator[Alert]:
    return (rule for rule in definition.alerts if unreadable(rule, definition) is None)


def _work_back(rule: Alert) -> timedelta:
    if rule.measure == "disparity_drift":
        return window_of(rule) + BEFORE_DRIFT
    if rule.measure in {"waiting_p90", "rework_share"}:
        return window_of(rule)
    if rule.measure == "arrivals_less_completions" and rule.activity is not None:
        return window_of(rule)
    if rule.measure == "silence" and (rule.activity is not None or rule.by == "unit"):
        return window_of(rule)
    return NO_TIME


def _cases_back(rule: Alert) -> timedelta:
    if rule.measure in {"share_over_term", "arrivals_less_completions"}:
        return window_of(rule)
    if rule.measure == "silence" and rule.by is not None:
        return window_of(rule)
    return NO_TIME


def unreadable(rule: Alert, definition: Definition) -> str | None:
    """Why the rule can never be read under this process file; None when it can.

    >>> office = Definition.bare(alerts=[{"name": "late", "measure": "overdue_cases", "above": 3}])
    >>> unreadable(office.alerts[0], office)
    'the process file has no clock.starts, no clock.stops, no standard.term'
    """
    if rule.by == "resource":
        return "by names persons; alerts are told of groups and units"
    if rule.by in hidden_attributes(definition):
        return f'by "{rule.by}" names persons, or is sensitive and equity.basis has no reason'
    return _ill_asked(rule) or _undefined(rule, definition)


def _ill_asked(rule: Alert) -> str | None:
    """What the rule says and its measure has no meaning for."""
    flow = rule.measure == "arrivals_less_completions" and rule.activity is None
    if rule.measure in OF_THE_STREAM and (rule.activity or rule.by):
        return f"{rule.measure} is told of all events; it takes no activity and no by"
    if rule.measure in OF_TERMS and rule.activity is not None:
        return f"{rule.measure} is told of whole cases; it takes no activity"
    if rule.measure == "disparity_drift" and rule.by in {None, "unit"}:
        return "disparity_drift compares the values of a case attribute; by must name one"
    if rule.by == "unit" and (flow or rule.measure in OF_TERMS):
        asked = " without an activity" if flow else ""
        return f"{rule.measure}{asked} is told of whole cases; by takes a case attribute, not unit"
    if rule.window is not None and rule.measure not in DEFAULT_WINDOWS:
        return f"{rule.measure} is told of what is there now; it takes no window"
    return None


def _undefined(rule: Alert, definition: Definition) -> str | None:
    """What the measure needs and the process file does not say."""
    if rule.measure in OF_TERMS:
        missing = list(_missing(definition))
        return (
            f"the process file has {', '.join(f'no {name}' for name in missing)}"
            if missing
            else None
        )
    if rule.measure in _CLOSES and not definition.closing:
        return NOT_CLOSED
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
