"""A small office's pages behind the gate, and an identity provider of its own."""

import asyncio
import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.routing import Route

from reports.language import spoken
from reports.pages import Around, render_in_shell
from web.access.doors import AccessConfig, open_doors
from web.access.gate import Gate
from web.access.roles import Role, anyone, needs
from web.access.signing import sign_in_routes

PAGE = {"accept": "text/html"}


def draw(_request, template, values):
    return render_in_shell(template, Around(language="en"), **values)


class Office:
    """An app with one page for each role, and browsers that ask it."""

    def __init__(self, config, more=lambda _doors, _draw: []):
        self.doors = open_doors(config)
        self.routes = [*_pages(), *sign_in_routes(self.doors, draw), *more(self.doors, draw)]
        self.app = Gate(
            Starlette(routes=self.routes), routes=self.routes, doors=self.doors, render=draw
        )

    @contextlib.asynccontextmanager
    async def browser(self, *, client="127.0.0.1", at="http://localhost:8000", root=""):
        carrier = httpx.ASGITransport(app=self.app, client=(client, 5), root_path=root)
        async with httpx.AsyncClient(transport=carrier, base_url=at, headers=PAGE) as browser:
            yield browser

    def get(self, path, *, headers=None, **around):
        """The answer to one GET, by a browser that keeps nothing."""

        async def ask():
            async with self.browser(**around) as browser:
                return await browser.get(path, headers=headers)

        return asyncio.run(ask())


def _pages():
    def page(role):
        @needs(role)
        async def show(request):
            person = request.scope["person"]
            told = f"{person.name} {person.role.name} {person.how} {spoken().code} "
            told += request.scope["form_token"]
            return PlainTextResponse(told)

        return show

    @anyone
    async def open_to_all(_request):
        return PlainTextResponse("open", headers={"Cache-Control": "public, max-age=60"})

    async def forgotten(_request):
        return PlainTextResponse("forgotten")

    @needs(Role.VIEWER)
    async def write(request):
        form = await request.form()
        return PlainTextResponse(f"written {form.get('what')}")

    return [
        Route("/view", page(Role.VIEWER)),
        Route("/analyse", page(Role.ANALYST)),
        Route("/audit", page(Role.AUDITOR)),
        Route("/open", open_to_all),
        Route("/forgotten", forgotten),
        Route("/write", write, methods=["POST"]),
    ]


@pytest.fixture
def office():
    """Makes the office's pages: office(tokens=…) or any other part of AccessConfig."""

    def make(more=lambda _doors, _draw: [], **config):
        return Office(AccessConfig(**{"listens": "127.0.0.1", **config}), more)

    return make


@dataclass
class Provider:
    """A little identity provider: real signatures, and faults on demand."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: list = field(default_factory=list)
    header: dict = field(default_factory=dict)
    claims: dict = field(default_factory=dict)
    groups: list = field(default_factory=lambda: ["reform-team"])
    iss: str | None = None
    asked: dict = field(default_factory=dict)
    key_requests: int = 0
    _codes: dict = field(default_factory=dict)

    def routes(self):
        return [
            Route("/.well-known/openid-configuration", self.about),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/keys", self.keys),
        ]

    async def about(self, _request):
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/bye",
            }
        )

    async def keys(self, _request):
        self.key_requests += 1
        keys = self.published or [self.key.as_dict(private=False)]
        return JSONResponse({"keys": [{"kty": "new"}, *keys]})

    async def authorize(self, request: Request):
        self.asked = dict(request.query_params)
        code = f"code-{len(self._codes)}"
        self._codes[code] = self.asked
        told = {"code": code, "state": self.asked["state"]}
        if self.iss is not None:
            told["iss"] = self.iss
        return RedirectResponse(f"{self.asked['redirect_uri']}?{urlencode(told)}")

    async def token(self, request: Request):
        form = await request.form()
        asked = self._codes.pop(form["code"], None)
        challenged = self._challenge(form.get("code_verifier", ""))
        if (
            asked is None
            or asked["code_challenge"] != challenged
            or asked["redirect_uri"] != form["redirect_uri"]
            or not request.headers.get("authorization", "").startswith("Basic ")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": "4711",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "siti",
            "realm_access": {"roles": self.groups},
            **self.claims,
        }
        header = {"alg": "RS256", "kid": "one", **self.header}
        claims = {name: value for name, value in claims.items() if value is not None}
        return JSONResponse(
            {
                "access_token": "opaque",
                "token_type": "Bearer",
                "id_token": jwt.encode(header, claims, self.key),
            }
        )

    @staticmethod
    def _challenge(verifier):
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        return create_s256_code_challenge(verifier)


@pytest.fixture(scope="module")
def _running_provider():
    provider = Provider()
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        provider.issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            Starlette(routes=provider.routes()), log_level="critical", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield provider
        server.should_exit = True
        thread.join(5)


@pytest.fixture
def provider(_running_provider):
    """The provider, sound; set `claims`, `header`, `key`, `iss` or `groups` to plant a fault."""
    sound = Provider(issuer=_running_provider.issuer, key=_running_provider.key)
    for name in ("published", "header", "claims", "groups", "iss", "key_requests"):
        setattr(_running_provider, name, getattr(sound, name))
    yield _running_provider
    _running_provider.key = sound.key
