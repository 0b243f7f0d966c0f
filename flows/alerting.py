"""Tells operations what the last mining run found to be beyond a threshold, and what is over."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from engine.alert_book import deliver, encode, judge
from engine.mining import Mined
from flows import wire
from flows.settings import OFF, Settings

# Where a channel's place in the book is kept: names that stay.
SCHEDULER = "prefect"
TOPIC = "topic/"
_NAMED_IN = 'RUNUT_ALERTS_TOPIC ("off" sends to none)'

Tell = Callable[[Mapping[str, Any]], None]


def tell_alerts(
    settings: Settings, mined: Mined, *, here: Path, tell: Tell
) -> list[dict[str, Any]]:
    """Judge the alert rules on what was mined, and send what is news; what `tell` was told.

    The scheduler is told first, by `tell`, one message at a time; then the topic for alerts, unless
    that is "off". RetryError or StopError when the topic does not take them: they stay in the book
    and go out the next time, under the same keys. Where no rule ever was, nothing is done.
    """
    process = wire.definition(settings, here=here)
    lake = wire.open_lake(settings)
    if mined.as_of is None or not (process.alerts or lake.alerts().rows().num_rows):
        return []
    judge(lake, process, mined.readings, now=mined.as_of, key=wire.alert_key(settings))

    def tell_each(messages: Sequence[Mapping[str, Any]]) -> None:
        for message in messages:
            tell(message)

    def publish(messages: Sequence[Mapping[str, Any]]) -> None:
        with closing(wire.sink(settings, topic, named_in=_NAMED_IN)) as sink:
            for message in messages:
                sink.publish(message["key"], encode(message))
            sink.flush()

    url, topic = settings.report_url, settings.alerts_topic
    told = deliver(lake, process, SCHEDULER, url=url, send=tell_each)
    if topic != OFF:
        deliver(lake, process, f"{TOPIC}{topic}", url=url, send=publish)
    return told
