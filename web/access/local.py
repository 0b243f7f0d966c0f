"""The one who sits at this machine: no sign-in, as long as nobody else can reach the server."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from web.access.roles import Person, Role
from web.access.trust import FORWARDED, host_of, is_loopback

_FORWARDED = (*FORWARDED, "x-forwarded-proto")


@dataclass(frozen=True, kw_only=True)
class Local:
    """Whoever asks from this machine, by a name of this machine, without a proxy in between.

    A page of the web can let its own name point to 127.0.0.1 and so ask from the visitor's browser
    (DNS rebinding): its requests carry its name as Host, and are refused. A proxy on this machine
    brings the whole world to 127.0.0.1: what it adds, and the HTTP/1.0 that nginx speaks unless
    told otherwise, give it away.
    """

    listens: str

    def person(self, request: HTTPConnection) -> Person | None:
        """The analyst of this machine, or None."""
        client = request.client.host if request.client else ""
        if (
            is_loopback(self.listens)
            and is_loopback(client)
            and is_loopback(host_of(request.headers))
            and not any(name in request.headers for name in _FORWARDED)
            and request.scope.get("http_version", "1.1") != "1.0"
        ):
            return Person(name="local", role=Role.ANALYST, how="local")
        return None
