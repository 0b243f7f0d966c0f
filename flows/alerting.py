"""Tells operations what the last mining run found to be beyond a threshold, and what is over."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.alerting.book import deliver_each, judge
from engine.mining import Mined
from eventlog.errors import RetryError, RunutError, StopError
from eventlog.lake import Lake
from flows import wire
from flows.channels import SCHEDULER, channels
from flows.settings import Settings

Tell = Callable[[Mapping[str, Any]], None]
# A watch that kept nothing for so long, counted from the beginning of the hour, is over.
_WATCHED = timedelta(hours=2)


def tell_alerts(
    settings: Settings, mined: Mined, *, here: Path, tell: Tell
) -> list[dict[str, Any]]:
    """Judge the alert rules on what was mined, and send what is news; what `tell` was told.

    The scheduler is told first, by `tell`, one message at a time; then every channel that the
    settings name, also when another did not take its messages. Those stay in the book and go out
    the next time, under the same keys; RetryError when one of the channels may take them later,
    StopError when none may. Where no rule ever was, nothing is done.

    Beside a watch of the same lake nothing is judged: it knows of today what the last event does
    not tell, and how long a measure has been back.
    """
    process = wire.definition(settings, here=here)
    lake = wire.open_lake(settings)
    if mined.as_of is None or not (process.alerts or lake.alerts().rows().num_rows):
        return []
    if not _is_watched(lake):
        judge(lake, process, mined.readings, now=mined.as_of, key=wire.alert_key(settings))
    told: list[dict[str, Any]] = []

    def tell_scheduler() -> None:
        told.extend(deliver_each(lake, process, SCHEDULER, url=settings.report_url, send=tell))

    with ExitStack() as opened:
        tellings: list[Callable[[], None]] = [tell_scheduler]
        for channel in channels(settings, lake, process):
            opened.callback(channel.close)
            tellings.append(channel.tell)
        _try_all(tellings)
    return told


def _is_watched(lake: Lake) -> bool:
    """Whether a watch judges the rules: it keeps what it reads, each hour."""
    kept = lake.measures().kept
    return kept is not None and abs(datetime.now(UTC) - kept) < _WATCHED


def _try_all(tellings: Sequence[Callable[[], None]]) -> None:
    """Call each, whatever becomes of the others; then raise what went wrong, as one error."""
    failures: list[RunutError] = []
    for telling in tellings:
        try:
            telling()
        except RunutError as error:
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        verdict = RetryError if any(isinstance(e, RetryError) for e in failures) else StopError
        raise verdict("\n".join(map(str, failures)))
