"""Posts JSON to a web address, and says what its answer means for who has to deliver it."""

import base64
import http.client
import ssl
import string
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from eventlog.errors import RetryError, RunutError, StopError, UsageError

EXAMPLE = "https://hooks.example/permits"
_MAY_PASS = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_REDIRECTS = range(300, 400)
_SERVER_FAILS = range(500, 600)
_SUCCESS = range(200, 300)
_MOST_READ = 2**16
_KINDS: Mapping[str, type[http.client.HTTPConnection]] = {
    "http": http.client.HTTPConnection,
    "https": http.client.HTTPSConnection,
}


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
            usable = self.scheme in {"http", "https"} and bool(self.host)
        except ValueError:  # the port is no number, or a bracket is missing
            usable = False
        if not usable:
            raise UsageError(f'{self.named_in} is no web address; expected e.g. "{EXAMPLE}"')

    def __str__(self) -> str:
        """The address as errors show it."""
        return f"{self.scheme}://{self.host}"

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self.parts.scheme

    @property
    def host(self) -> str:
        """`name`, `name:port` or `[name]:port`."""
        name, port = self.parts.hostname or "", self.parts.port
        shown = f"[{name}]" if ":" in name else name
        return shown if port is None else f"{shown}:{port}"

    @property
    def path(self) -> str:
        """What comes after the host, in ASCII."""
        path = quote(self.parts.path or "/", safe=string.punctuation)
        query = quote(self.parts.query, safe=string.punctuation)
        return f"{path}{'?' if query else ''}{query}"

    @property
    def parts(self) -> SplitResult:
        """The address taken apart, with user and password."""
        return urlsplit(self.url.strip())


class Line:
    """Posts to one address, over a connection that stays open until it fails, or until `close`.

    For one thread at a time. Proxies are those that the environment names (HTTPS_PROXY, NO_PROXY).
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: http.client.HTTPConnection | None = None
        self._target = ""
        self._headers: Mapping[str, str] = {}

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Post JSON; it is delivered when this returns, that is when the answer was 2xx.

        RetryError when nobody answers or the server fails (5xx, 408, 429); StopError for every
        other answer, for a person must change the address, or what stands behind it.
        """
        kept = self._connection is not None and self._connection.sock is not None
        try:
            try:
                code = self._exchange(body, headers or {})
            except ConnectionError:
                # A server hangs up on who was silent for long. Should it have taken the post before
                # that, it comes twice, as it would if it were tried again later.
                if not kept:
                    raise
                self.close()
                code = self._exchange(body, headers or {})
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _unreached(self._address, error) from None
        if code not in _SUCCESS:
            raise _refused(self._address, code)

    def close(self) -> None:
        """Hang up; the next post connects anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Send, and wait for the answer's status."""
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request("POST", self._target, body, {**self._headers, **headers})
        with self._connection.getresponse() as answer:
            code = answer.status
            try:
                over = len(answer.read(_MOST_READ)) < _MOST_READ
            except (OSError, http.client.HTTPException):
                over = False
        if not over:  # the rest would be taken for the next answer
            self.close()
        return code

    def _connect(self) -> http.client.HTTPConnection:
        """A connection to the address or to the proxy before it, and what is said on it."""
        address = self._address
        self._headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "runut",
            **_authorization("Authorization", address.parts),
        }
        self._target = address.path
        patience = address.patience.total_seconds()
        kind = _KINDS[address.scheme]
        proxy = None if proxy_bypass(address.host) else getproxies().get(address.scheme)
        if proxy is None:
            return kind(address.host, timeout=patience)
        via = urlsplit(proxy if "://" in proxy else f"//{proxy}")
        pass_on = _authorization("Proxy-Authorization", via)
        connection = kind(via.netloc.rpartition("@")[2], timeout=patience)
        if address.scheme == "https":
            connection.set_tunnel(address.host, headers=dict(pass_on))
        else:
            self._target = f"{address}{address.path}"
            self._headers = {**self._headers, **pass_on}
        return connection


def post(address: Address, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """Post JSON once, as `Line.post` does, and hang up."""
    with closing(Line(address)) as line:
        line.post(body, headers)


def _authorization(header: str, parts: SplitResult) -> Mapping[str, str]:
    """The header that user and password make; none without them."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {header: f"Basic {base64.b64encode(pair.encode()).decode()}"}


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
