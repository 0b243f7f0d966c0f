"""What happens when a page fails through a defect of ours: a page that says so, and a log of where.

The log says where it failed and of what kind, not what was read there: messages of errors hold
values, and values name cases and persons. Server and framework would write them out.
"""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FRAMES = 8
_LOG = logging.getLogger("runut.pages")


class Failing:
    """The app inside, whose failures are answered by `answer` and go no further out."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. RuntimeError, without a reason, where half of it was sent already."""
        begun = False

        async def out(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, out)
        except Exception as problem:  # noqa: BLE001 (whatever it is: nobody further out may tell it)
            told = {"error": type(problem).__name__, "place": where(problem)}
            _LOG.error("a page failed", extra={"fields": told})
        else:
            return
        if begun:
            raise RuntimeError("the answer broke off; what failed stands above in the log")
        await self._answer(Request(scope, receive))(scope, receive, send)


def where(problem: BaseException) -> str:
    """The lines of code that led to it, the last one first, and no values."""
    frames = traceback.extract_tb(problem.__traceback__)[: -_FRAMES - 1 : -1]
    return " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames)
