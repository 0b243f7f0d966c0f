"""Posts each alert to a web address of one's own, as the JSON of the contract."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.posting import Address, Line


class Webhook:
    """A web address that takes one alert at a time."""

    def __init__(self, *, address: Address) -> None:
        self._line = Line(address)

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Deliver messages of interface.md in their order, one a post; verdicts as of `Line`."""
        for message in messages:
            body = json.dumps(message, ensure_ascii=False).encode()
            self._line.post(body, {"Idempotency-Key": idempotency_key(message)})

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def idempotency_key(message: Mapping[str, Any]) -> str:
    """The same for every delivery of one change of one alert, percent-encoded to fit a header.

    With the evaluation, for an alert that goes on is told again under its key: that is no repeat.

    >>> evaluated = "2026-03-02T12:00:00+07:00"
    >>> idempotency_key({"key": "late permits/1", "state": "firing", "evaluated": evaluated})
    'late%20permits/1/firing/2026-03-02T12:00:00+07:00'
    """
    return quote(f"{message['key']}/{message['state']}/{message['evaluated']}", safe="/:+=,")
