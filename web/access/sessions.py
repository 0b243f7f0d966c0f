"""Who has signed in already: a signed cookie that ends by itself, and that a new secret ends."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from web.access.roles import Person, Role

SESSION_COOKIE = "runut_session"
_SALT = "runut session"


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Session cookies, signed with `secret`, good for `lasts`.

    `confirms` says of each way in whether the person may still come that way: a token that has
    been taken back ends its sessions at once.
    """

    secret: bytes = field(repr=False)
    confirms: Mapping[str, Callable[[Person], bool]]
    lasts: timedelta = timedelta(hours=8)
    # Signed out here; a cookie that was copied before is refused until it would have ended anyway.
    _ended: dict[str, float] = field(default_factory=dict, repr=False)

    def cookie(self, person: Person) -> str:
        """The value of a new session's cookie."""
        number = secrets.token_urlsafe(12)
        return self._signer().dumps([person.name, person.role.name, person.how, number])

    def person(self, request: HTTPConnection) -> Person | None:
        """Whoever the cookie names, unless it is forged, over, signed out or taken back."""
        told = self._told(request.cookies.get(SESSION_COOKIE, ""))
        if told is None or told[3] in self._ended:
            return None
        name, role, how, _ = told
        person = Person(name=name, role=Role[role], how=how)
        confirms = self.confirms.get(how)
        return person if confirms is not None and confirms(person) else None

    def end(self, request: HTTPConnection) -> None:
        """Sign out: the cookie of this request is no longer good, in this process."""
        told = self._told(request.cookies.get(SESSION_COOKIE, ""))
        if told is None:
            return
        now = time.time()
        for number in [number for number, until in self._ended.items() if until < now]:
            del self._ended[number]
        self._ended[told[3]] = now + self.lasts.total_seconds()

    def _told(self, cookie: str) -> list[Any] | None:
        try:
            told = self._signer().loads(cookie, max_age=int(self.lasts.total_seconds()))
        except BadSignature:
            return None
        return list(told)

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            self.secret, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )


def set_cookie(
    response: Response, scope: Scope, name: str, value: str, *, lasts: timedelta, secure: bool
) -> None:
    """Add a cookie that scripts cannot read and other sites cannot send with their forms."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path=cookie_path(scope),
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, scope: Scope, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path=cookie_path(scope), httponly=True, samesite="lax")


def cookie_path(scope: Scope) -> str:
    """The part of the host that is this server's: behind a proxy, perhaps a folder of it."""
    return str(scope.get("root_path", "")) or "/"
