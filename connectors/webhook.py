"""Posts each alert to a web address of one's own, as the JSON of the contract."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.posting import Address, post


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A web address that takes one alert at a time."""

    address: Address

    def send(self, message: Mapping[str, Any]) -> None:
        """Deliver one message of interface.md; verdicts as of `post`."""
        body = json.dumps(message, ensure_ascii=False).encode()
        post(self.address, body, {"Idempotency-Key": idempotency_key(message)})


def idempotency_key(message: Mapping[str, Any]) -> str:
    """The same for every delivery of one state of one alert, percent-encoded to fit a header.

    >>> idempotency_key({"key": "late permits/2026-03-02T10:00:00+07:00", "state": "firing"})
    'late%20permits/2026-03-02T10:00:00+07:00/firing'
    """
    return quote(f"{message['key']}/{message['state']}", safe="/:+=,")
