"""The Prefect server as a receiver of alerts, so that its automations act while a watch runs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events import Event
from prefect.exceptions import PrefectHTTPStatusError

from eventlog.errors import RetryError, StopError
from flows.scheduler import alert_events

# Answers that may pass: it was too slow, or was asked too much; and all from 500 on.
_MAY_PASS = frozenset({408, 429})
_SERVER_FAILS = 500


class Scheduler:
    """The server that Prefect's own settings name, e.g. PREFECT_API_URL.

    It is posted to, and not emitted to, for Prefect emits in the background and drops what the
    server does not take. A repeated event has the same id, and counts once.
    """

    def __init__(self, *, process: str, lake: str) -> None:
        self._process = process
        self._lake = lake
        self._client: SyncPrefectClient = get_client(sync_client=True)

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages of interface.md; RetryError when the server is away or fails."""
        events = [
            Event(
                occurred=datetime.now(UTC),
                **alert_events.as_event(message, process=self._process, lake=self._lake),
            )
            for message in messages
        ]
        try:
            self._client.request(
                "POST", "/events", json=[event.model_dump(mode="json") for event in events]
            )
        except PrefectHTTPStatusError as error:
            status = error.response.status_code
            said = f"the Prefect server (PREFECT_API_URL) answers {status} to an alert"
            if status in _MAY_PASS or status >= _SERVER_FAILS:
                raise RetryError(said) from None
            raise StopError(f"{said}; check PREFECT_API_AUTH_STRING, and its version") from None
        except Exception as error:  # noqa: BLE001 (its client has many kinds of silence)
            what = type(error).__name__
            raise RetryError(
                f"the Prefect server (PREFECT_API_URL) does not answer: {what}"
            ) from None

    def close(self) -> None:
        """Hang up."""
        self._client._client.close()  # noqa: SLF001 - there is no public way but to leave a `with`
