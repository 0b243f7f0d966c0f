"""Pages that are kept are answered at once, ahead of those that have to be made first."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.site import filled, page_key, site_of


class AtOnce:
    """The app inside of the gate: what is kept for the role of who asks needs no worker.

    Fifty readers of pages that are kept so do not wait behind one who asks for a new comparison.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page that is kept, else let the request go on."""
        answer = _kept(scope)
        await (self._app if answer is None else answer)(scope, receive, send)


def _kept(scope: Scope) -> Response | None:
    if scope["type"] != "http" or scope["method"] != "GET" or scope.get("person") is None:
        return None
    request = Request(scope)
    page = site_of(request).kept.found(page_key(request))
    return None if page is None else filled(request, page)
