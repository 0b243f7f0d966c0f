"""The server of the pages, put together from settings: who gets in, which results, which log."""

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from engine.results import package_version
from eventlog.errors import StopError, UsageError
from eventlog.pseudonym import read_or_make_key
from flows.live.operations.logs import log_to
from flows.settings import Settings, host_and_port
from web.access.doors import AccessConfig, ProxySettings
from web.access.provider import ProviderSettings
from web.access.proxy import parse_role_map
from web.access.trust import parse_networks
from web.app import make_app

_PATIENCE = 5


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What a server says when it begins: where it is, what it shows, and how people get in."""

    address: str
    folder: Path
    ways: tuple[str, ...]
    audit_log: Path


def serve(settings: Settings, *, began: Callable[[Serving], None]) -> None:
    """Answer until a signal asks to stop; `began` hears where, once people can come.

    UsageError for settings that do not fit together and for a folder without results.
    """
    if settings.results is None:
        raise UsageError("which results? Name their folder with --results, e.g. --results results")
    config = access_config(settings)
    audit_log = settings.serve_audit_log.expanduser()
    app = make_app(
        settings.results,
        config,
        audit_log=audit_log,
        key=read_or_make_key(settings.key_file.expanduser()),
        version=package_version(),
        source_url=settings.serve_source_url,
    )
    listening = _listening(settings.serve_address)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    began(
        Serving(
            address=settings.serve_public_url or f"http://{shown}:{port}/",
            folder=settings.results,
            ways=ways(config),
            audit_log=audit_log,
        )
    )
    with log_to(sys.stderr, settings.log):
        _run(app, listening)


def access_config(settings: Settings) -> AccessConfig:
    """Who gets in, as the settings say; UsageError for what does not fit together."""
    proxy, oidc = None, None
    if settings.serve_proxy_roles is not None:
        proxy = ProxySettings(
            roles=parse_role_map(settings.serve_proxy_roles, settings.serve_otherwise),
            user_header=settings.serve_proxy_user_header,
            groups_header=settings.serve_proxy_groups_header,
        )
    if settings.serve_oidc_issuer is not None:
        secret = settings.serve_oidc_client_secret
        oidc = ProviderSettings(
            issuer=settings.serve_oidc_issuer,
            client_id=settings.serve_oidc_client_id or "",
            client_secret=None if secret is None else secret.get_secret_value(),
            roles=parse_role_map(settings.serve_oidc_roles or "", settings.serve_otherwise),
            claim=settings.serve_oidc_claim,
            name_claim=settings.serve_oidc_name_claim,
            scope=settings.serve_oidc_scope,
        )
    config = AccessConfig(
        listens=host_and_port(settings.serve_address)[0],
        public_url=settings.serve_public_url,
        trusted=parse_networks(settings.serve_trusted or ""),
        tokens=None if settings.serve_tokens is None else settings.serve_tokens.expanduser(),
        proxy=proxy,
        oidc=oidc,
    )
    given = settings.serve_session_secret
    if given is None:
        return config
    return replace(config, session_secret=given.get_secret_value().encode())


def ways(config: AccessConfig) -> tuple[str, ...]:
    """How people get in, in words."""
    found = {
        "with a token": config.tokens is not None,
        "through the proxy": config.proxy is not None,
        "through the identity provider": config.oidc is not None,
    }
    return tuple(name for name, there in found.items() if there) or (
        "without signing in, from this machine only",
    )


def _listening(address: str) -> socket.socket:
    host, number = host_and_port(address)
    named = f'serve_address is "{address}"'
    try:
        family, _, _, _, place = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        return socket.create_server(place[:2], family=family, backlog=128)
    except OSError as error:
        raise UsageError(
            f"{named}, which cannot be had: {error.strerror or error}; name another with "
            "--address, e.g. 127.0.0.1:8081"
        ) from error


def _run(app: ASGIApp, listening: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        access_log=False,  # addresses hold filters, and so what somebody was looking for
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the gate decides itself which proxies are believed
        timeout_graceful_shutdown=_PATIENCE,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listening])
    finally:  # uvicorn raises the signal anew when it has ended in order
        listening.close()
    if not server.started:
        raise StopError("the server could not start; the lines above say why")
