"""What every answer tells the browser: run nothing foreign, be framed by nobody, keep no copy."""

from collections.abc import Iterable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PRIVATE: Final = "private, no-store"


def protect(message: Message, cookies: Iterable[str] = ()) -> None:
    """Add the headers to the start of an answer; what it says itself about caching stands."""
    headers = MutableHeaders(scope=message)
    for name, value in SECURITY.items():
        headers[name] = value
    if "cache-control" not in headers:
        headers["cache-control"] = PRIVATE
    for cookie in cookies:
        headers.append("set-cookie", cookie)
