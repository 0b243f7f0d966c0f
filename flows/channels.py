"""Where alerts are sent, and in which setting each place was named; no place waits for another."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from connectors.contracts import Receiver, Sink
from engine.alerting.book import Book, backlog, deliver, deliver_each, encode, firing
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
SCHEDULER = "prefect"
_TOPIC_NAMED_IN = 'RUNUT_ALERTS_TOPIC ("off" sends to none)'

Message = Mapping[str, Any]
Connect = Callable[[], Receiver]


class Channel:
    """One place that alerts are sent to, under the `name` that its place in the book has.

    It is connected to when that is first needed, stays so, and is connected to anew after an error.
    `delivered` counts the messages that were taken. For one thread at a time.
    """

    def __init__(
        self, name: str, connect: Connect, *, lake: Lake, process: Definition, url: str | None
    ) -> None:
        self.name = name
        self.delivered = 0
        self._connect = connect
        self._receiver: Receiver | None = None
        # Its own: threads share none.
        self._book = Book(lake)
        self._process = process
        self._url = url

    def tell(self) -> None:
        """Tell all that it has not heard yet; what this raises is the channel's own verdict."""
        deliver(self._book, self._process, self.name, url=self._url, send=self._send)

    def waiting(self) -> int:
        """How many messages it has not heard yet."""
        return backlog(self._book, self.name)

    def open(self) -> Receiver:
        """Connect, where it is not connected: what can be found wrong by that is raised."""
        if self._receiver is None:
            self._receiver = self._connect()
        return self._receiver

    def close(self) -> None:
        """Let go of the connection."""
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.close()

    def _send(self, messages: Sequence[Message]) -> None:
        self._deliver(messages)
        self.delivered += len(messages)

    def _deliver(self, messages: Sequence[Message]) -> None:
        try:
            self.open().send(messages)
        except BaseException:
            self.close()
            raise


class OneByOne(Channel):
    """A channel of single messages: what was sent before one failed is not sent again."""

    def tell(self) -> None:
        """Tell all that it has not heard yet; what this raises is the channel's own verdict."""
        deliver_each(
            self._book,
            self._process,
            self.name,
            url=self._url,
            send=lambda message: self._send([message]),
        )


class Reminded(Channel):
    """A channel that forgets: it is told each time what fires, also what is no news."""

    def tell(self) -> None:
        """Tell all that it has not heard yet, and the rest of what fires."""
        news = deliver(self._book, self._process, self.name, url=self._url, send=self._send)
        told = {message["key"] for message in news}
        fires = firing(self._book, self._process, url=self._url)
        still = [message for message in fires if message["key"] not in told]
        if still:
            self._deliver(still)


class Topic:
    """A topic as a receiver of alerts, each under its key."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def send(self, messages: Sequence[Message]) -> None:
        """Deliver messages of interface.md in their order."""
        for message in messages:
            self._sink.publish(message["key"], encode(message))
        self._sink.flush()

    def close(self) -> None:
        """Let go of the connection; all that `send` returned for is safe."""
        self._sink.drop()


def channels(settings: Settings, lake: Lake, process: Definition) -> Iterator[Channel]:
    """The channels that the settings name, none of them connected yet.

    Each may be told whatever became of the others.
    """

    def made(kind: type[Channel], name: str, connect: Connect) -> Channel:
        return kind(name, connect, lake=lake, process=process, url=settings.report_url)

    topic = settings.alerts_topic
    if topic != OFF:
        yield made(Channel, f"{TOPIC}/{topic}", lambda: _topic(settings))
    if settings.alerts_webhook is not None:
        yield made(OneByOne, WEBHOOK, lambda: _webhook(settings))
    if settings.alerts_alertmanager is not None:
        yield made(Reminded, ALERTMANAGER, lambda: _alertmanager(settings, process))
    for name, url in _apprise_addresses(settings.alerts_apprise):
        yield made(Channel, name, _apprise(name, url, process))


def scheduler(settings: Settings, lake: Lake, process: Definition) -> Channel:
    """The Prefect server that the environment names, so that its automations act on alerts."""

    def connect() -> Receiver:
        from flows.scheduler.told import Scheduler  # noqa: PLC0415 (Prefect takes seconds)

        return Scheduler(process=process.process, lake=wire.lake_address(settings))

    return OneByOne(SCHEDULER, connect, lake=lake, process=process, url=settings.report_url)


def _topic(settings: Settings) -> Receiver:
    return Topic(wire.sink(settings, settings.alerts_topic, named_in=_TOPIC_NAMED_IN))


def _webhook(settings: Settings) -> Receiver:
    from connectors.posting import Address  # noqa: PLC0415 (each channel brings its own client)
    from connectors.webhook import Webhook  # noqa: PLC0415 (as above)

    url = _secret(settings.alerts_webhook)
    return Webhook(address=Address(url=url, named_in="RUNUT_ALERTS_WEBHOOK"))


def _alertmanager(settings: Settings, process: Definition) -> Receiver:
    from connectors.alertmanager import Alertmanager  # noqa: PLC0415 (as above)
    from connectors.posting import Address  # noqa: PLC0415 (as above)

    url = _secret(settings.alerts_alertmanager)
    address = Address(url=url, named_in="RUNUT_ALERTS_ALERTMANAGER")
    return Alertmanager(address=address, process=process.process)


def _apprise(name: str, url: str, process: Definition) -> Connect:
    def connect() -> Receiver:
        from connectors.apprise import AppriseChannel  # noqa: PLC0415 (a second, with its services)

        named = f"{name} (RUNUT_ALERTS_APPRISE)"
        return AppriseChannel(url, process=process.process, named=named)

    return connect


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
