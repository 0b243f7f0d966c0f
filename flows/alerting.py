"""Tells operations what the last mining run found to be beyond a threshold, and what is over."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.alert_book import encode, raise_alerts
from engine.mining import Mined
from flows import wire
from flows.settings import OFF, Settings

Tell = Callable[[dict[str, Any]], None]


def tell_alerts(
    settings: Settings, mined: Mined, *, here: Path, tell: Tell
) -> list[dict[str, Any]]:
    """Judge the alert rules on what was mined, and send what changed; the messages sent.

    Each goes to the topic for alerts (unless that is "off") and to `tell`. RetryError or StopError
    when the topic does not take them; then nothing is kept, and the next run sends them again.
    """
    process = wire.definition(settings, here=here)
    lake = wire.open_lake(settings)
    if mined.as_of is None or not (process.alerts or lake.alerts().rows().num_rows):
        return []

    def send(messages: Sequence[dict[str, Any]]) -> None:
        if settings.alerts_topic != OFF:
            sink = wire.sink(settings, settings.alerts_topic)
            try:
                for message in messages:
                    sink.publish(message["key"], encode(message))
            finally:
                sink.close()
        for message in messages:
            tell(message)

    return raise_alerts(
        lake,
        process,
        mined.readings,
        now=mined.as_of,
        key=wire.alert_key(settings),
        url=settings.report_url,
        send=send,
    )
