"""Forms that only our own pages can send: each carries a word that other sites cannot know."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from web.access.roles import Person
from web.access.sessions import SESSION_COOKIE

FIELD = "form_token"
"""The name of the hidden field that every form carries."""
FORM_COOKIE = "runut_form"
"""What a form is bound to before anybody has signed in."""
_MOST_FIELDS = 200
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True)
class Forms:
    """Words for forms: one for each session or person, never the same for two."""

    secret: bytes = field(repr=False)

    def token(self, bound_to: str) -> str:
        """The word that a form of this session carries."""
        return hmac.new(self.secret, f"form {bound_to}".encode(), hashlib.sha256).hexdigest()

    def holds(self, body: bytes, bound_to: str) -> bool:
        """Whether the form (urlencoded) carries the word of this session, and once."""
        try:
            fields = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
        except ValueError:
            return False
        given = [value for name, value in fields if name == FIELD]
        return len(given) == 1 and hmac.compare_digest(
            given[0].encode(), self.token(bound_to).encode()
        )


def bound_to(request: HTTPConnection, person: Person | None) -> tuple[str, str | None]:
    """What the forms of this request are bound to, and the form cookie to set if it is new."""
    if person is not None:
        session = request.cookies.get(SESSION_COOKIE, "")
        # The cookie is signed anew at each sign-in, so it tells sessions of one person apart.
        return f"{person.how} {person.name} {session if _by_session(person) else ''}", None
    cookie = request.cookies.get(FORM_COOKIE, "")
    if cookie:
        return f"nobody {cookie}", None
    cookie = secrets.token_urlsafe(24)
    return f"nobody {cookie}", cookie


def _by_session(person: Person) -> bool:
    return person.how in {"token", "oidc"}


def same_origin(scope: Scope, public_url: str | None) -> bool:
    """Whether a browser that sends this form shows one of our own pages.

    Browsers tell it in Sec-Fetch-Site; where they do not (plain http), Origin must be ours. It is
    "null" from pages that, as ours, send no referrer: then the form's word decides alone.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin", "null")
    if origin == "null":
        return True
    ours = public_url or f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"
    return _origin(origin) == _origin(ours)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return (parts.scheme, (parts.hostname or "").lower(), port or usual)


def safe_next(target: str) -> str:
    """Where to go after signing in: an address of this server, or its first page.

    >>> safe_next("/map?paths=25"), safe_next("https://elsewhere.example/"), safe_next("//away")
    ('/map?paths=25', '/', '/')
    """
    if (
        not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
        or not target.isprintable()
    ):
        return "/"
    return target
