"""The ways into the pages of this server, as its settings open them."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from eventlog.errors import StopError, UsageError
from web.access.attempts import Attempts
from web.access.forms import Forms
from web.access.local import Local
from web.access.provider import ProviderSettings
from web.access.proxy import ProxyHeader, RoleMap
from web.access.roles import Person
from web.access.sessions import Sessions
from web.access.tokens import Tokens
from web.access.trust import Network, Trust, is_loopback

if TYPE_CHECKING:
    from web.access.oidc import Provider

_SECRET_BYTES = 32


class Way(Protocol):
    """One way in."""

    def person(self, request: HTTPConnection) -> Person | None:
        """Who asks, if this way tells."""


@dataclass(frozen=True, kw_only=True)
class ProxySettings:
    """How a proxy tells who asks; from which addresses it is believed stands in `trusted`."""

    roles: RoleMap
    user_header: str = "X-Forwarded-User"
    groups_header: str = "X-Forwarded-Groups"


@dataclass(frozen=True, kw_only=True)
class AccessConfig:
    """All that decides who gets in.

    `listens` is the host that the server listens on; `public_url` how people reach it, where that
    differs; `trusted` the addresses of proxies; `session_secret` at least 32 bytes, drawn anew at
    each start unless given, which signs everybody out.
    """

    listens: str
    public_url: str | None = None
    trusted: tuple[Network, ...] = ()
    tokens: Path | None = None
    proxy: ProxySettings | None = None
    oidc: ProviderSettings | None = None
    session_secret: bytes = field(
        default_factory=lambda: secrets.token_bytes(_SECRET_BYTES), repr=False
    )
    session_lasts: timedelta = timedelta(hours=8)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if len(self.session_secret) < _SECRET_BYTES:
            raise UsageError(
                f"the session secret has {len(self.session_secret)} characters; expected at least "
                f"{_SECRET_BYTES} random ones, e.g. from `openssl rand -hex 32`"
            )
        if self.public_url is not None and not _plain_url(self.public_url):
            raise UsageError(
                f'the public address is "{self.public_url}"; expected a host name of its own, e.g. '
                '"https://permits.example"'
            )
        if self.proxy is not None and not self.trusted:
            raise UsageError(
                "a proxy is to say who asks, but none is believed: name the addresses of your "
                "proxies in RUNUT_SERVE_TRUSTED, e.g. 10.1.2.3"
            )


@dataclass(frozen=True, kw_only=True)
class Doors:
    """The ways in that are open, and what they share."""

    ways: tuple[Way, ...]
    trust: Trust
    sessions: Sessions
    forms: Forms
    tokens: Tokens | None = None
    provider: "Provider | None" = None
    public_url: str | None = None
    private_headers: tuple[str, ...] = ()
    attempts: Attempts = field(default_factory=Attempts)

    def person(self, request: HTTPConnection) -> Person | None:
        """Who asks; the first way that knows says so. StopError if a way has stopped working."""
        for way in self.ways:
            person = way.person(request)
            if person is not None:
                return person
        return None

    @property
    def root(self) -> str:
        """The folder of the host that these pages are, as people reach them; mostly none."""
        return urlsplit(self.public_url or "").path.rstrip("/")

    @property
    def can_leave(self) -> bool:
        """Whether people sign in here, and so can sign out."""
        return self.tokens is not None or self.provider is not None


def _provider(settings: ProviderSettings) -> "Provider":
    from web.access.oidc import Provider  # noqa: PLC0415 (its libraries, only where there is one)

    return Provider(settings=settings)


def open_doors(config: AccessConfig) -> Doors:
    """The ways in that the settings open; StopError if they leave none, or are in order with none.

    Without any, whoever sits at this machine gets in, provided nobody else can reach the server.
    """
    trust = Trust(networks=config.trusted)
    tokens = None if config.tokens is None else Tokens(path=config.tokens)
    provider = None if config.oidc is None else _provider(config.oidc)
    if tokens is not None:
        tokens.check()
    confirms = {
        **({"token": tokens.confirms} if tokens is not None else {}),
        **({"oidc": lambda _person: True} if provider is not None else {}),
    }
    sessions = Sessions(secret=config.session_secret, confirms=confirms, lasts=config.session_lasts)
    proxy = None
    if config.proxy is not None:
        proxy = ProxyHeader(
            trust=trust,
            roles=config.proxy.roles,
            user_header=config.proxy.user_header,
            groups_header=config.proxy.groups_header,
        )
    ways: list[Way] = [way for way in (tokens, proxy) if way is not None]
    if confirms:
        ways.append(sessions)
    return Doors(
        ways=tuple(ways) or (_local(config),),
        trust=trust,
        sessions=sessions,
        forms=Forms(secret=config.session_secret),
        tokens=tokens,
        provider=provider,
        public_url=config.public_url,
        private_headers=(proxy.user_header, proxy.groups_header) if proxy is not None else (),
    )


def _local(config: AccessConfig) -> Local:
    if not is_loopback(config.listens):
        raise StopError(
            f"{config.listens} can be reached by others, and no way to sign in is set: serve on "
            "127.0.0.1, or set one of RUNUT_SERVE_OIDC_ISSUER, RUNUT_SERVE_PROXY_ROLES and "
            "RUNUT_SERVE_TOKENS (docs/how-to/serve-the-pages.md)"
        )
    return Local(listens=config.listens)


def _plain_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        # the pages lead to each other from the root
        and parts.path in {"", "/"}
        and not (parts.query or parts.fragment or parts.username or parts.password)
    )
