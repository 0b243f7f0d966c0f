"""Where alerts are sent, and in which setting each place was named; no place waits for another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from pydantic import SecretStr

from engine.alerting.book import deliver, deliver_each, encode, firing
from eventlog.definition import Definition
from eventlog.lake import Lake
from flows import wire
from flows.settings import OFF, Settings

# Where a channel's place in the book is kept: names that stay, and hold nothing secret. A web
# address that was wrong, or has a new password, is still the same channel: nothing is lost.
TOPIC = "topic"
WEBHOOK = "webhook"
ALERTMANAGER = "alertmanager"
APPRISE = "apprise"
_TOPIC_NAMED_IN = 'RUNUT_ALERTS_TOPIC ("off" sends to none)'

Messages = Sequence[Mapping[str, Any]]
Telling = Callable[[], object]


def channels(settings: Settings, lake: Lake, process: Definition) -> Iterator[Telling]:
    """For each channel that the settings name, what tells it all that it has not heard yet.

    Each may be called whatever became of the others; what it raises is its own verdict.
    """
    if settings.alerts_topic != OFF:
        yield partial(_tell_topic, settings, lake, process)
    if settings.alerts_webhook is not None:
        yield partial(_tell_webhook, settings, lake, process)
    if settings.alerts_alertmanager is not None:
        yield partial(_tell_alertmanager, settings, lake, process)
    for name, url in _apprise_addresses(settings.alerts_apprise):
        yield partial(_tell_apprise, settings, lake, process, name, url)


def _tell_topic(settings: Settings, lake: Lake, process: Definition) -> None:
    topic = settings.alerts_topic

    def publish(messages: Messages) -> None:
        with closing(wire.sink(settings, topic, named_in=_TOPIC_NAMED_IN)) as sink:
            for message in messages:
                sink.publish(message["key"], encode(message))
            sink.flush()

    deliver(lake, process, f"{TOPIC}/{topic}", url=settings.report_url, send=publish)


def _tell_webhook(settings: Settings, lake: Lake, process: Definition) -> None:
    from connectors.posting import Address  # noqa: PLC0415 (each channel brings its own client)
    from connectors.webhook import Webhook  # noqa: PLC0415 (as above)

    url = _secret(settings.alerts_webhook)
    webhook = Webhook(address=Address(url=url, named_in="RUNUT_ALERTS_WEBHOOK"))
    deliver_each(lake, process, WEBHOOK, url=settings.report_url, send=webhook.send)


def _tell_alertmanager(settings: Settings, lake: Lake, process: Definition) -> None:
    from connectors.alertmanager import Alertmanager  # noqa: PLC0415 (as above)
    from connectors.posting import Address  # noqa: PLC0415 (as above)

    url = _secret(settings.alerts_alertmanager)
    address = Address(url=url, named_in="RUNUT_ALERTS_ALERTMANAGER")
    manager = Alertmanager(address=address, process=process.process)
    news = deliver(lake, process, ALERTMANAGER, url=settings.report_url, send=manager.send)
    told = {message["key"] for message in news}
    still = [
        message
        for message in firing(lake, process, url=settings.report_url)
        if message["key"] not in told
    ]
    if still:
        manager.send(still)


def _tell_apprise(settings: Settings, lake: Lake, process: Definition, name: str, url: str) -> None:
    from connectors.apprise import AppriseChannel  # noqa: PLC0415 (a second, with all its services)

    named = f"{name} (RUNUT_ALERTS_APPRISE)"
    channel = AppriseChannel(url, process=process.process, named=named)
    deliver_each(lake, process, name, url=settings.report_url, send=channel.send)


def _apprise_addresses(secret: SecretStr | None) -> Iterator[tuple[str, str]]:
    """Each address with the name of its channel: apprise/mailto, apprise/mailto/2, apprise/slack.

    By the service and the order among its kind, for what else an address says may be secret.
    """
    met: dict[str, int] = {}
    for url in _secret(secret).split():
        service = url.partition("://")[0].lower()
        met[service] = met.get(service, 0) + 1
        again = f"/{met[service]}" if met[service] > 1 else ""
        yield f"{APPRISE}/{service}{again}", url


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()
