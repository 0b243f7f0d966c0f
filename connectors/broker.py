"""How a Kafka broker is reached, and what to do when it is not."""

import re
import socket
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import kafka.errors
from kafka import KafkaAdminClient
from kafka.net.compat import KafkaNetClient

from eventlog.errors import RetryError, RunutError, StopError, UsageError

_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:]+\]|[^\s:,\[\]]+):(\d{1,5})")
_UNKNOWN_TOPIC = 3
_BETWEEN_KNOCKS = 0.2
# Where the topic that is read gets its name; others are named elsewhere.
IN_PROCESS_FILE = "the process file (source.topic)"


class NobodyAnswers(StopError):  # noqa: N818 - it says what happened
    """No broker could be connected to: it is away, or the address is wrong."""


@dataclass(frozen=True, kw_only=True)
class KafkaSettings:
    """Where the brokers are and how they are spoken to; secrets are not shown by `repr`.

    `bootstrap` is "host:port[,host:port...]"; `patience` is how long a silent broker is waited
    for. Field x comes from the setting RUNUT_KAFKA_X (the bootstrap from RUNUT_KAFKA).
    """

    bootstrap: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_password: str | None = field(default=None, repr=False)
    patience: timedelta = timedelta(seconds=15)

    def __post_init__(self) -> None:
        """Refuse what no broker could be reached with."""
        for address in self.addresses:
            if not _ADDRESS.fullmatch(address):
                raise UsageError(f'RUNUT_KAFKA is "{self.bootstrap}"; expected host:port[,...]')
        _one_of("SECURITY_PROTOCOL", self.security_protocol, _PROTOCOLS)
        if self.security_protocol.startswith("SASL"):
            _one_of("SASL_MECHANISM", self.sasl_mechanism, _MECHANISMS)
            if not (self.sasl_username and self.sasl_password):
                raise UsageError(
                    f"RUNUT_KAFKA_SECURITY_PROTOCOL is {self.security_protocol}: it needs "
                    "RUNUT_KAFKA_SASL_USERNAME and RUNUT_KAFKA_SASL_PASSWORD"
                )

    @property
    def addresses(self) -> list[str]:
        """The brokers to knock at, each "host:port"."""
        return [address.strip() for address in self.bootstrap.split(",")]

    def for_kafka_python(self) -> dict[str, Any]:
        """The settings in kafka-python's words."""
        settings = {
            "bootstrap_servers": self.addresses,
            "bootstrap_timeout_ms": self.patience // timedelta(milliseconds=1),
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
            "ssl_cafile": self.ssl_cafile,
            "ssl_certfile": self.ssl_certfile,
            "ssl_keyfile": self.ssl_keyfile,
            "ssl_password": self.ssl_password,
        }
        return {name: value for name, value in settings.items() if value is not None}

    def for_librdkafka(self) -> dict[str, Any]:
        """The settings in the words of librdkafka, which confluent-kafka stands on."""
        settings = {
            "bootstrap.servers": ",".join(self.addresses),
            "security.protocol": self.security_protocol,
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": self.sasl_password,
            "ssl.ca.location": self.ssl_cafile,
            "ssl.certificate.location": self.ssl_certfile,
            "ssl.key.location": self.ssl_keyfile,
            "ssl.key.password": self.ssl_password,
        }
        return {name: value for name, value in settings.items() if value is not None}


def _one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"RUNUT_KAFKA_{name} is {value}; expected one of {', '.join(allowed)}")


def reach(settings: KafkaSettings, topic: str, *, named_in: str = IN_PROCESS_FILE) -> str:
    """The cluster's id, once a broker has answered and has `topic`.

    `named_in` is where a person gave the topic its name. `NobodyAnswers` when no broker does within
    `patience`; `StopError` when it refuses us, or has no such topic.
    """
    _knock(settings)
    made: list[KafkaNetClient] = []

    def remembered(**config: Any) -> KafkaNetClient:
        made.append(KafkaNetClient(**config))
        return made[-1]

    try:
        admin = KafkaAdminClient(**settings.for_kafka_python(), kafka_client=remembered)
    except kafka.errors.KafkaError as error:
        for client in made:  # or its thread and its socket would stay
            client.close()
        if isinstance(error, kafka.errors.KafkaTimeoutError):
            raise _no_answer(settings) from error
        raise translated(error, settings, topic) from error
    try:
        # `describe_cluster` fails with brokers before 3.7 (kafka-python 3.0.12).
        cluster = made[-1].cluster.cluster_id
        described = admin.describe_topics([topic])
    except kafka.errors.KafkaError as error:
        raise translated(error, settings, topic) from error
    finally:
        admin.close()
    for found in described:
        if found["error_code"] == _UNKNOWN_TOPIC:
            raise StopError(
                f'topic "{topic}" does not exist on {settings.bootstrap}; name another in '
                f"{named_in}, or create it: kafka-topics.sh --bootstrap-server "
                f"{settings.addresses[0]} --create --topic {topic} --partitions 6"
            )
        if found["error_code"]:
            raise translated(kafka.errors.for_code(found["error_code"])(), settings, topic)
    return str(cluster)


def translated(error: Exception, settings: KafkaSettings, topic: str) -> RunutError:
    """What kafka-python says, in our words: a `RetryError` when it may pass by itself."""
    where = f'topic "{topic}" on {settings.bootstrap}'
    if isinstance(error, kafka.errors.SaslAuthenticationFailedError):
        return StopError(
            f"{settings.bootstrap} refuses the user {settings.sasl_username}: {error}; check "
            "RUNUT_KAFKA_SASL_USERNAME, _PASSWORD and _MECHANISM"
        )
    if getattr(error, "retriable", False):
        return RetryError(f"{where}: {error}")
    return StopError(f"{where}: {error}")


def no_position(stream: str, position: int, beginning: int, end: int) -> StopError:
    """The position that the lake holds is not in the broker any more, or not yet."""
    if position < beginning:
        why = (
            f"events {position} to {beginning - 1} were deleted by the topic's retention before "
            "they were read; lengthen retention.ms"
        )
    else:
        why = "the topic was made anew or its log was cut"
    return StopError(
        f"{stream}: the lake has read up to {position}, but the broker has {beginning} to {end}: "
        f"{why}; to go on, read the topic into a new lake (--lake) or a topic of another name"
    )


def _no_answer(settings: KafkaSettings) -> StopError:
    """A broker that refuses a password just hangs up: kafka-python does not tell why."""
    what = "check the port, RUNUT_KAFKA_SECURITY_PROTOCOL and what goes with it"
    if settings.sasl_username and settings.security_protocol.startswith("SASL"):
        what = (
            f"or it refuses the user {settings.sasl_username}; check the port, "
            "RUNUT_KAFKA_SECURITY_PROTOCOL and RUNUT_KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD"
        )
    return StopError(
        f"{settings.bootstrap} can be connected to, but does not answer as a Kafka broker with "
        f"{settings.security_protocol} within {settings.patience.total_seconds():g} s; {what}"
    )


def _knock(settings: KafkaSettings) -> None:
    """Wait until one of the addresses can be connected to; `NobodyAnswers` after `patience`."""
    give_up = time.monotonic() + settings.patience.total_seconds()
    while True:
        refusals = []
        for address in settings.addresses:
            host, _, port = address.rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
            except OSError as error:
                refusals.append(f"{address} ({error.strerror or error})")
            else:
                return
        if time.monotonic() > give_up:
            raise NobodyAnswers(
                f"no Kafka broker answers at {', '.join(refusals)} within "
                f"{settings.patience.total_seconds():g} s; start it, or set RUNUT_KAFKA (--kafka) "
                "to host:port"
            )
        time.sleep(_BETWEEN_KNOCKS)
