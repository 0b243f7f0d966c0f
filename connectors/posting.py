"""Posts JSON to a web address, and says what its answer means for who has to deliver it."""

import base64
import http.client
import ssl
import string
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import SplitResult, quote, unquote, urlsplit

from eventlog.errors import RetryError, RunutError, StopError, UsageError

EXAMPLE = "https://hooks.example/permits"
_MAY_PASS = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_REDIRECTS = range(300, 400)
_SERVER_FAILS = range(500, 600)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where to post to, `http://` or `https://`, perhaps with `user:password@`.

    Path, query and password may be secrets: `str`, `repr` and errors show scheme and host alone.
    `named_in` is the setting that a person gave the address in; `patience` is how long each step of
    an exchange is waited for. UsageError for what is no such address.
    """

    url: str = field(repr=False)
    named_in: str
    patience: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        """Refuse what nothing can be posted to, without showing it."""
        try:
            usable = self._parts.scheme in {"http", "https"} and bool(self._host)
        except ValueError:  # the port is no number, or a bracket is missing
            usable = False
        if not usable:
            raise UsageError(f'{self.named_in} is no web address; expected e.g. "{EXAMPLE}"')

    def __str__(self) -> str:
        """The address as errors show it."""
        return f"{self._parts.scheme}://{self._host}"

    @property
    def target(self) -> str:
        """The address as it is posted to: without user and password, and in ASCII."""
        path = quote(self._parts.path or "/", safe=string.punctuation)
        query = quote(self._parts.query, safe=string.punctuation)
        return f"{self}{path}{'?' if query else ''}{query}"

    @property
    def authorization(self) -> Mapping[str, str]:
        """The header that user and password make; none without them."""
        if self._parts.username is None:
            return {}
        pair = f"{unquote(self._parts.username)}:{unquote(self._parts.password or '')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url.strip())

    @property
    def _host(self) -> str:
        name, port = self._parts.hostname or "", self._parts.port
        shown = f"[{name}]" if ":" in name else name
        return shown if port is None else f"{shown}:{port}"


class _Stay(urllib.request.HTTPRedirectHandler):
    """What is addressed to one place is sent to no other: a redirect is an answer like any."""

    def redirect_request(self, *_asked: object) -> None:
        """Follow nothing; the answer is then raised as an error with its code."""


def post(address: Address, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """Post JSON; it is delivered when this returns, that is when the answer was 2xx.

    RetryError when nobody answers or the server fails (5xx, 408, 429); StopError for every other
    answer, for a person must change the address, or what stands behind it.
    """
    request = urllib.request.Request(  # noqa: S310 (Address lets in http and https alone)
        address.target,
        data=body,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "runut",
            **address.authorization,
            **(headers or {}),
        },
        method="POST",
    )
    opener = urllib.request.build_opener(_Stay)
    try:
        opener.open(request, timeout=address.patience.total_seconds()).close()
    except urllib.error.HTTPError as answer:
        with answer:
            raise _refused(address, answer.code) from None
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise _unreached(address, reason) from None


def _refused(address: Address, code: int) -> RunutError:
    # The library's own phrase: the server's text might repeat the secret that it was sent.
    phrase = next((status.phrase for status in HTTPStatus if status == code), "")
    answer = f"{address} ({address.named_in}) answers {code} {phrase}".rstrip()
    if code in _MAY_PASS or code in _SERVER_FAILS:
        return RetryError(answer)
    if code in _REDIRECTS:
        return StopError(f"{answer}, and redirects are not followed; name the address it points to")
    return StopError(f"{answer}; correct the address, or let it take what is posted there")


def _unreached(address: Address, reason: object) -> RunutError:
    where = f"{address} ({address.named_in})"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return StopError(
            f"the certificate of {where} is not trusted: {reason.verify_message}; SSL_CERT_FILE "
            "names a file with those to trust"
        )
    text = reason.strerror if isinstance(reason, OSError) else None
    return RetryError(f"{where} does not answer: {text or type(reason).__name__}")
