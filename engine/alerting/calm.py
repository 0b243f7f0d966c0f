"""Remembers since when the measure of a firing alert has been back, so that none comes and goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.alerting.life import LOUD, Keeping, Quiet, evaluate, judged
from engine.alerting.limits import limits
from engine.alerting.standing import Past, Reading, Standing, Subject
from eventlog.definition_alert import Alert

# What goes over its threshold and back every few seconds would fill the book: what has just ended
# must last so long, or half of its rule's `for`, before it is written down that it waits again.
_RESTLESS = timedelta(minutes=1)


def calm_after(
    rules: Sequence[Alert],
    readings: Mapping[str, Sequence[Reading]],
    past: Past,
    before: Mapping[str, datetime],
    *,
    now: datetime,
) -> dict[str, datetime]:
    """Since when the measures of firing alerts have been back, by key, after these readings.

    What could not be read now is as it was `before`.
    """
    firing = {alert.key for alert in past.living() if alert.state == "firing"}
    after = {key: since for key, since in before.items() if key in firing}
    for rule, reading, alert in judged(rules, readings, past, now=now):
        found = limits(rule, reading)
        if alert is None or alert.key not in firing or found is None:
            continue
        if found.back(reading.value):
            after.setdefault(alert.key, now)
        else:
            after.pop(alert.key, None)
    return after


class Judge:
    """Judges as `evaluate` does, one evaluation after the other; for a watch.

    An alert is over when its measure has been back for its rule's `keep_firing_for`, or for
    `unless_told`. So between two firings of a subject lie that long and the rule's `for` at the
    least, whatever the readings do. What is remembered is not kept over a restart: then an alert
    lasts longer, never shorter, and one that waits anew fires a minute later at most.
    """

    def __init__(self, *, unless_told: timedelta) -> None:
        self._unless_told = unless_told
        self._calm: Mapping[str, datetime] = {}
        self._held: dict[tuple[str, Subject], datetime] = {}
        self._gone: dict[tuple[str, Subject], datetime] = {}

    def evaluate(
        self,
        rules: Sequence[Alert],
        readings: Mapping[str, Sequence[Reading]],
        history: Iterable[Standing] | Past,
        *,
        now: datetime,
        quiet: Quiet = LOUD,
    ) -> list[Standing]:
        """What changes at `now`, as of `engine.alerting.life.evaluate`; may be asked again."""
        past = history if isinstance(history, Past) else Past(history)
        self._calm = calm_after(rules, readings, past, self._calm, now=now)
        keeping = Keeping(unless_told=self._unless_told, calm=self._calm)
        changed = evaluate(rules, readings, past, now=now, keeping=keeping, quiet=quiet)
        spans = {rule.name: min(_RESTLESS, rule.for_ / 2) for rule in rules}
        unread = {place: at for place, at in self._held.items() if place[0] not in readings}
        before, self._held = self._held, unread
        kept = [found for alert in changed if (found := self._rested(alert, past, before, spans))]
        passed = {(alert.alert_id, alert.subject) for alert in kept}
        self._gone = {place: at for place, at in self._gone.items() if now - at < _RESTLESS}
        self._gone.update(dict.fromkeys(before.keys() - self._held.keys() - passed, now))
        return kept

    def _rested(
        self,
        alert: Standing,
        past: Past,
        before: Mapping[tuple[str, Subject], datetime],
        spans: Mapping[str, timedelta],
    ) -> Standing | None:
        """The change, since when it really is; None while it is too restless to write down."""
        place = alert.alert_id, alert.subject
        if alert.state != "pending":
            return alert
        first = before.get(place, alert.evaluated)
        last = past.latest.get(place)
        ended = self._gone.get(place) or (last.evaluated if last is not None else None)
        restless = ended is not None and first - ended < _RESTLESS
        if restless and alert.evaluated - first < spans[alert.alert_id]:
            self._held[place] = first
            return None
        return replace(alert, since=min(alert.since, first))
