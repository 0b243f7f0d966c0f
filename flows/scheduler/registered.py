"""What `runut deploy` leaves on the Prefect server, and what became of each piece of it."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from prefect.deployments.runner import DeploymentApplyError
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL

from eventlog.errors import RetryError, StopError

T = TypeVar("T")
_UNAUTHORISED = 401
_SERVER_FAILS = 500


class Change(StrEnum):
    """What registering did to one thing."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One thing of ours on the server, by its name there, and what became of it now."""

    name: str
    id: UUID
    change: Change


def ask(talk: Coroutine[Any, Any, T]) -> T:
    """Run what talks with the server to its end.

    StopError for what the server refuses, RetryError where it fails or has too much to do.
    """
    try:
        return asyncio.run(talk)
    except (PrefectHTTPStatusError, DeploymentApplyError) as error:
        status = _status(error)
        if status == _UNAUTHORISED:
            raise StopError(
                f"the Prefect server at {PREFECT_API_URL.value()} does not let us in; set "
                "PREFECT_API_AUTH_STRING to what the server expects"
            ) from error
        if status is not None and status >= _SERVER_FAILS:
            raise RetryError(
                f"the Prefect server at {PREFECT_API_URL.value()} answers {status}; it may have "
                "too much to do: try again"
            ) from error
        raise StopError(f"the Prefect server refused what we deploy: {error}") from error


def _status(error: BaseException) -> int | None:
    """What the server answered; Prefect wraps it where it was about a deployment."""
    if isinstance(error, PrefectHTTPStatusError):
        return error.response.status_code
    return None if error.__cause__ is None else _status(error.__cause__)
