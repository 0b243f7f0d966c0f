"""The gate before all pages: nobody passes who may not, and every answer is a careful one."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eventlog.errors import RunutError
from reports.language import say, speaking
from web.access.doors import Doors
from web.access.forms import FORM_COOKIE, SAFE_METHODS, bound_to, safe_next, same_origin
from web.access.headers import protect
from web.access.roles import ANYONE, Person, least_role
from web.access.sessions import cookie_path
from web.access.tokens import bearer
from web.asked import language_of

Render = Callable[[Request, str, Mapping[str, object]], str]
"""Draws a page around a template: (request, template, values) -> HTML."""

_FORM_BYTES: Final = 64 * 1024
_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_FORM_LASTS: Final = timedelta(hours=8)
# A page has hundreds of links that carry its filter along.
_LONGEST_ADDRESS: Final = 8 * 1024  # bytes
_log = logging.getLogger(__name__)


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """Why a request goes no further: the status, and the sentence for the person."""

    def __init__(self, status: HTTPStatus, sentence: str, *, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry_after = retry_after


class Gate:
    """The outermost app: `Gate(Starlette(routes=routes), routes=routes, doors=doors, …)`.

    Puts the `Person` (or None) into `scope["person"]`, the word that forms must carry into
    `scope["form_token"]`, takes out what proxies said, and lets all further in speak the language
    that `language` finds for the request. A route without a mark is closed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Sequence[BaseRoute],
        doors: Doors,
        render: Render,
        language: Callable[[Request], str] = language_of,
    ) -> None:
        self._app = app
        self._routes = tuple(routes)
        self._doors = doors
        self._render = render
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what is no plain request of the web is refused."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = self._doors.trust.seen(scope, private=self._doors.private_headers)
        seen["root_path"] = scope.get("root_path") or self._doors.root
        seen["app"] = self._app  # pages that the gate itself shows are drawn like all others
        seen["person"] = None
        seen["form_token"] = ""
        with speaking(self._language(Request(seen))):
            await self._answer_seen(Request(scope), seen, receive, send)

    async def _answer_seen(self, asked: Request, seen: Scope, receive: Receive, send: Send) -> None:
        request = Request(seen, receive)
        fresh = None
        app = self._app
        try:
            _not_too_long(seen)
            seen["person"] = self._person(asked, client_of(seen))
            bound, fresh = bound_to(request, seen["person"])
            seen["form_token"] = self._doors.forms.token(bound)
            route, match = _matching(self._routes, seen)
            _admit(route, seen["person"])
            writes = match is Match.FULL and seen["method"] not in SAFE_METHODS
            # A form of another site cannot carry a token of ours in a header.
            with_token = self._doors.tokens is not None and bearer(request) is not None
            if writes and not with_token:
                receive = await self._checked_form(seen, receive, bound)
        except Refusal as refusal:
            app = self._refused(request, refusal)
        await app(seen, receive, _careful(send, seen, fresh))

    def _person(self, request: Request, client: str) -> Person | None:
        """Who asks; wrong tokens are counted, and after some of them there is a pause."""
        asks_with_token = self._doors.tokens is not None and bearer(request) is not None
        if asks_with_token and (wait := self._doors.attempts.wait(client)):
            raise too_many(wait)
        try:
            person = self._doors.person(request)
        except RunutError as error:
            _log.error("nobody can sign in", extra={"fields": {"why": str(error)}})
            raise Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                say("It cannot be checked just now who may see this. Try again later."),
            ) from error
        if asks_with_token and person is None:
            self._doors.attempts.failed(client)
        return person

    async def _checked_form(self, scope: Scope, receive: Receive, bound: str) -> Receive:
        """The same form to be read again, once it is known to come from one of our pages."""
        foreign = Refusal(
            HTTPStatus.FORBIDDEN,
            say("This form is too old, or not from here. Open its page again."),
        )
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if not same_origin(scope, self._doors.public_url) or kind != _FORM_TYPE:
            raise foreign
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise foreign
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > _FORM_BYTES:
                raise Refusal(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    say("This form is too long."),
                )
        if not self._doors.forms.holds(bytes(body), bound):
            raise foreign
        messages: list[Message] = [{"type": "http.request", "body": bytes(body)}]

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        return again

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        if refusal.status is HTTPStatus.UNAUTHORIZED and _reads_pages(request):
            root = str(request.scope.get("root_path", ""))
            target = request.url.path.removeprefix(root)
            if request.method == "GET" and request.url.query:
                target += f"?{request.url.query}"
            answer: Response = HTMLResponse(
                sign_in_page(self._render, request, self._doors, target=target), refusal.status
            )
        else:
            answer = refuse(self._render, request, refusal)
        if refusal.status is HTTPStatus.UNAUTHORIZED and self._doors.tokens is not None:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="runut"'
        return answer


def _not_too_long(scope: Scope) -> None:
    if len(scope["path"]) + len(scope["query_string"]) > _LONGEST_ADDRESS:
        # What is left of it is not repeated on the page that says so.
        scope["query_string"], scope["path"] = b"", "/"
        raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, say("This address is too long."))


def _admit(route: BaseRoute | None, person: Person | None) -> None:
    """Refusal unless the person may come to the route; there may be no such route."""
    least = None if route is None else least_role(route)
    if route is not None and least is None:
        _log.error("%s asks for no role, so nobody gets in", getattr(route, "path", route))
        raise Refusal(HTTPStatus.FORBIDDEN, say("This page is closed."))
    if least == ANYONE:
        return
    # Which addresses there are is told to nobody who may see none of them.
    if person is None:
        raise Refusal(HTTPStatus.UNAUTHORIZED, say("Please sign in first."))
    if least is not None and person.role < least:
        raise Refusal(
            HTTPStatus.FORBIDDEN,
            say("As %(role)s you may not see this page.", role=person.role.label),
        )


def refuse(render: Render, request: Request, refusal: Refusal) -> Response:
    """The answer that says why there is nothing to see: a page, or JSON for programs."""
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    if not _reads_pages(request):
        return JSONResponse({"error": refusal.sentence}, refusal.status, headers)
    root = str(request.scope.get("root_path", ""))
    values = {"status": int(refusal.status), "sentence": refusal.sentence, "root": root}
    return HTMLResponse(render(request, "refused.html.j2", values), refusal.status, headers)


def _reads_pages(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def too_many(wait: int) -> Refusal:
    """The answer to whoever has tried too often."""
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        say("Too many failed attempts. Try again in a few minutes."),
        retry_after=wait,
    )


def sign_in_page(
    render: Render, request: Request, doors: Doors, *, target: str, wrong: str = ""
) -> str:
    """The page on which to sign in; `target` is where to go afterwards, `wrong` what failed."""
    values = {
        "target": safe_next(target),
        "wrong": wrong,
        "with_token": doors.tokens is not None,
        "with_provider": doors.provider is not None,
        "form_token": request.scope["form_token"],
        "root": str(request.scope.get("root_path", "")),
    }
    return render(request, "signin.html.j2", values)


def _matching(routes: Sequence[BaseRoute], scope: Scope) -> tuple[BaseRoute | None, Match]:
    """The route that the router would choose, looked up in the same order, and how well it fits.

    PARTIAL: the address is there, but not for this method, and the router will say so. Inside a
    Mount without a mark of its own, the route in it.
    """
    partial: tuple[BaseRoute, Scope] | None = None
    for route in routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            return _inside(route, {**scope, **child}, match)
        if match is Match.PARTIAL and partial is None:
            partial = route, {**scope, **child}
    return (None, Match.NONE) if partial is None else _inside(*partial, Match.PARTIAL)


def _inside(route: BaseRoute, scope: Scope, match: Match) -> tuple[BaseRoute | None, Match]:
    if isinstance(route, Mount) and least_role(route) is None and route.routes:
        return _matching(route.routes, scope)
    return route, match


def client_of(scope: Scope) -> str:
    """The address of whoever asks, or an empty text."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _careful(send: Send, scope: Scope, fresh: str | None) -> Send:
    """The same way out, with the security headers, and on pages the cookie that forms need."""

    async def out(message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message.get("headers", [])).get("content-type", "")
            cookies = []
            if fresh is not None and kind.startswith("text/html"):
                cookies.append(_form_cookie(scope, fresh))
            protect(message, cookies)
        await send(message)

    return out


def _form_cookie(scope: Scope, value: str) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return (
        f"{FORM_COOKIE}={value}; Path={cookie_path(scope)}; "
        f"Max-Age={int(_FORM_LASTS.total_seconds())}; HttpOnly; SameSite=Lax{secure}"
    )
