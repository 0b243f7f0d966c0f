"""The pages on which people sign in and out."""

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from eventlog.errors import RetryError, RunutError
from reports.language import say
from web.access.doors import Doors
from web.access.forms import safe_next
from web.access.gate import Refusal, Render, client_of, refuse, sign_in_page, too_many
from web.access.provider import Journey, SignInError
from web.access.roles import Person, anyone
from web.access.sessions import SESSION_COOKIE, drop_cookie, set_cookie
from web.access.tokens import Tokens

if TYPE_CHECKING:
    from web.access.oidc import Provider

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
_PROVIDER: Final = "/sign-in/provider"
_CALLBACK: Final = "/sign-in/callback"
_JOURNEY_COOKIE: Final = "runut_journey"
_JOURNEY_LASTS: Final = timedelta(minutes=10)
_log = logging.getLogger(__name__)


def sign_in_routes(doors: Doors, render: Render) -> list[Route]:
    """Sign in with a token or through the provider, and sign out: only what is in use."""

    @anyone
    async def show(request: Request) -> Response:
        target = safe_next(request.query_params.get("next", "/"))
        if request.scope["person"] is not None:
            return _onward(request, target)
        return HTMLResponse(sign_in_page(render, request, doors, target=target))

    @anyone
    async def leave(request: Request) -> Response:
        doors.sessions.end(request)
        provider = None if doors.provider is None else await doors.provider.leaving()
        values = {"provider": provider or "", "root": _root(request)}
        request.scope["person"] = None
        response = HTMLResponse(render(request, "left.html.j2", values))
        drop_cookie(response, request.scope, SESSION_COOKIE)
        return response

    routes = [Route(SIGN_IN, show, methods=["GET"])]
    if doors.can_leave:
        routes.append(Route(SIGN_OUT, leave, methods=["POST"]))
    if doors.tokens is not None:
        routes.append(_token_route(doors, doors.tokens, render))
    if doors.provider is not None:
        routes += _provider_routes(doors, doors.provider, render)
    return routes


def _token_route(doors: Doors, tokens: Tokens, render: Render) -> Route:
    @anyone
    async def enter(request: Request) -> Response:
        client = client_of(request.scope)
        form = await request.form()
        target = safe_next(str(form.get("next", "/")))
        if wait := doors.attempts.wait(client):
            return refuse(render, request, too_many(wait))
        try:
            person = await run_in_threadpool(tokens.owner, str(form.get("token", "")).strip())
        except RunutError as error:
            return refuse(render, request, _unsure(error))
        if person is None:
            doors.attempts.failed(client)
            page = sign_in_page(
                render,
                request,
                doors,
                target=target,
                wrong=say("This token is not known. Look whether it was copied whole."),
            )
            return HTMLResponse(page, HTTPStatus.FORBIDDEN)
        return _welcome(doors, request, person, target)

    return Route(SIGN_IN, enter, methods=["POST"])


def _provider_routes(doors: Doors, provider: "Provider", render: Render) -> list[Route]:
    signer = URLSafeTimedSerializer(doors.sessions.secret, salt="runut journey")

    @anyone
    async def depart(request: Request) -> Response:
        target = safe_next(request.query_params.get("next", "/"))
        try:
            address, journey = await provider.departure(target, back_to=_back_to(doors, request))
        except RunutError as error:
            return refuse(render, request, _unsure(error))
        kept = signer.dumps([journey.state, journey.nonce, journey.verifier, journey.target])
        response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        secure = request.url.scheme == "https"
        set_cookie(
            response, request.scope, _JOURNEY_COOKIE, kept, lasts=_JOURNEY_LASTS, secure=secure
        )
        return response

    @anyone
    async def arrive(request: Request) -> Response:
        client = client_of(request.scope)
        if wait := doors.attempts.wait(client):
            return refuse(render, request, too_many(wait))
        try:
            journey = _journey(signer, request)
            person = await provider.arrival(
                journey, request.query_params, back_to=_back_to(doors, request)
            )
        except RetryError as error:
            return refuse(render, request, _unsure(error))
        except SignInError as error:
            doors.attempts.failed(client)
            _log.warning("somebody was not let in: %s", error)
            sentence = say(
                "The sign-in did not work, or your office account has no role here. "
                "Try once more, then ask whoever runs this server."
            )
            return refuse(render, request, Refusal(HTTPStatus.FORBIDDEN, sentence))
        response = _welcome(doors, request, person, journey.target)
        drop_cookie(response, request.scope, _JOURNEY_COOKIE)
        return response

    return [
        Route(_PROVIDER, depart, methods=["GET"]),
        Route(_CALLBACK, arrive, methods=["GET"]),
    ]


def _journey(signer: URLSafeTimedSerializer, request: Request) -> Journey:
    try:
        state, nonce, verifier, target = signer.loads(
            request.cookies.get(_JOURNEY_COOKIE, ""),
            max_age=int(_JOURNEY_LASTS.total_seconds()),
        )
    except BadSignature as error:
        raise SignInError("nobody set out from this browser in the last ten minutes") from error
    return Journey(state=state, nonce=nonce, verifier=verifier, target=target)


def _welcome(doors: Doors, request: Request, person: Person, target: str) -> Response:
    _log.info("%s signed in as %s", person.name, person.role.name.lower())
    response = _onward(request, target)
    set_cookie(
        response,
        request.scope,
        SESSION_COOKIE,
        doors.sessions.cookie(person),
        lasts=doors.sessions.lasts,
        secure=request.url.scheme == "https",
    )
    return response


def _unsure(error: RunutError) -> Refusal:
    _log.error("nobody can sign in", extra={"fields": {"why": str(error)}})
    return Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        say("It cannot be checked just now who may see this. Try again later."),
    )


def _back_to(doors: Doors, request: Request) -> str:
    """The whole address of the callback, as the provider knows it."""
    if doors.public_url is not None:
        return doors.public_url.rstrip("/") + _CALLBACK
    return f"{request.url.scheme}://{request.url.netloc}{_root(request)}{_CALLBACK}"


def _onward(request: Request, target: str) -> RedirectResponse:
    return RedirectResponse(_root(request) + safe_next(target), HTTPStatus.SEE_OTHER)


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
