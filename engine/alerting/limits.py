"""What a measure must not pass, as its rule says it: a number, or so far from what is usual."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.alerting.standing import Reading
from eventlog.definition_alert import Alert


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a measure must not pass, and where it must come back to."""

    threshold: float
    clear: float
    upwards: bool

    def passed(self, value: float) -> bool:
        """Whether the value lies beyond the threshold."""
        return value > self.threshold if self.upwards else value < self.threshold

    def back(self, value: float) -> bool:
        """Whether the value is where an alert may be over."""
        return value <= self.clear if self.upwards else value >= self.clear


def limits(rule: Alert, reading: Reading) -> Limits | None:
    """The limits that hold for a reading; None while a rule still learns what is usual.

    >>> from engine.alerting.standing import Subject
    >>> rule = Alert(name="busy", measure="queue_length", above_usual=4, clear=2)
    >>> at_ten = Reading(subject=Subject(), value=30, unit="files", usual=12, spread=4)
    >>> limits(rule, at_ten)
    Limits(threshold=28.0, clear=20.0, upwards=True)
    """
    given = [rule.above, rule.below, rule.above_usual, rule.below_usual]
    limit = next(each for each in given if each is not None)
    clear = limit if rule.clear is None else rule.clear
    if not rule.against_usual:
        return Limits(threshold=limit, clear=clear, upwards=rule.upwards)
    if reading.usual is None or reading.spread is None:
        return None
    step = reading.spread if rule.upwards else -reading.spread
    return Limits(
        threshold=reading.usual + limit * step,
        clear=reading.usual + clear * step,
        upwards=rule.upwards,
    )


def threshold(rule: Alert, reading: Reading) -> float | None:
    """What the measure must not pass; None while the rule still learns what is usual."""
    found = limits(rule, reading)
    return None if found is None else found.threshold


def beyond(
    rules: Iterable[Alert], readings: Mapping[str, Sequence[Reading]]
) -> list[tuple[Alert, Reading]]:
    """What is beyond its threshold now, however long it has been: by rule, then by subject."""
    return [
        (rule, reading)
        for rule in rules
        for reading in sorted(readings.get(rule.name, ()), key=lambda each: each.subject.order)
        if (found := limits(rule, reading)) is not None and found.passed(reading.value)
    ]


def learning(
    rules: Iterable[Alert], readings: Mapping[str, Sequence[Reading]]
) -> list[tuple[Alert, Reading]]:
    """What was read of rules that do not know yet what is usual, and so say nothing."""
    return [
        (rule, reading)
        for rule in rules
        for reading in readings.get(rule.name, ())
        if limits(rule, reading) is None
    ]
