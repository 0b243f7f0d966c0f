"""Answers Prometheus, and whoever asks whether the watch is well: /metrics, /health and /ready.

It reads and never changes anything, so it has no passwords; nothing that it says is about a case or
a person. It listens on this machine only, unless a setting says otherwise.
"""

import errno
import json
import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from eventlog.errors import UsageError
from flows.live.operations.health import Heartbeats, Readiness
from flows.settings import OFF, host_and_port

# A page's status, its type and its bytes; it is given the `Accept` of who asks.
Page = Callable[[str], tuple[HTTPStatus, str, bytes]]
# Who asks gets so many seconds in all, and so many may ask at once: nobody can tie up the watch.
_PATIENCE = 10.0
_AT_ONCE = 8
_JSON = "application/json; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


@contextmanager
def answering(
    address: str,
    *,
    metrics: Callable[[str], tuple[str, bytes]],
    heartbeats: Heartbeats,
    readiness: Readiness,
) -> Iterator[str | None]:
    """Answer on `address` (host:port; port 0: any that is free) while the block runs.

    Gives the address as it is; `metrics` turns an `Accept` into a type and the bytes. "off" answers
    nobody, and gives None. UsageError where the address cannot be had.
    """
    if address == OFF:
        yield None
        return
    pages: dict[str, Page] = {
        "/metrics": lambda accept: (HTTPStatus.OK, *metrics(accept)),
        "/health": lambda _: _health(heartbeats),
        "/ready": lambda _: _ready(readiness),
    }
    server = _listening(address, pages)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="operations", daemon=True
    )
    thread.start()
    try:
        host = address.rpartition(":")[0]
        yield f"{host}:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _listening(address: str, pages: Mapping[str, Page]) -> "_Server":
    host, port = host_and_port(address)
    named = f'operations_address is "{address}"'
    instead = 'name another, e.g. RUNUT_OPERATIONS_ADDRESS=127.0.0.1:9465, or "off"'
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, place = found[0]
        return _Server(family, place, pages)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"{named}, where another program (perhaps another watch) listens already; {instead}"
            ) from error
        raise UsageError(f"{named}, which cannot be had: {error.strerror}; {instead}") from error


def _health(heartbeats: Heartbeats) -> tuple[HTTPStatus, str, bytes]:
    stuck = heartbeats.stuck()
    quiet = {loop: round(seconds, 1) for loop, seconds in heartbeats.quiet().items()}
    status = HTTPStatus.SERVICE_UNAVAILABLE if stuck else HTTPStatus.OK
    said = {"status": "stuck" if stuck else "ok", "stuck": stuck, "quiet_seconds": quiet}
    return status, _JSON, _json(said)


def _ready(readiness: Readiness) -> tuple[HTTPStatus, str, bytes]:
    missing = readiness.missing()
    status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
    return status, _JSON, _json({"status": "waiting" if missing else "ready", "missing": missing})


def _json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A thread for each of a few who ask at once; more are turned away."""

    allow_reuse_address = True
    request_queue_size = 64  # who waits to be turned away does not knock again for seconds
    daemon_threads = True
    block_on_close = False

    def __init__(self, family: int, place: Any, pages: Mapping[str, Page]) -> None:
        self.address_family = family
        self.pages = pages
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(place, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, where one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and hang up on who takes too long."""
        patience = threading.Timer(_PATIENCE, _hang_up, (request,))
        patience.daemon = True
        patience.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            patience.cancel()
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say that answering failed, and how, but not to whom; who hung up is no matter."""
        del request, client_address
        error = sys.exception()
        if not isinstance(error, OSError):
            logging.getLogger("runut.operations").error(
                "answering failed", extra={"fields": {"error": type(error).__name__}}
            )


def _hang_up(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was answered a moment ago


class _Handler(BaseHTTPRequestHandler):
    """One question; whatever is no page gets its status in plain words, and no echo."""

    server: _Server
    timeout = 5.0
    server_version = "runut"
    sys_version = ""

    def do_GET(self) -> None:
        """A page with what is on it."""
        self._answer(*self._page())

    def do_HEAD(self) -> None:
        """The same without what is on it; `_answer` sees to that."""
        self._answer(*self._page())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """A refusal by http.server itself, without what was asked in it."""
        del message, explain
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:  # so it takes every method that we do not have
            status = HTTPStatus.METHOD_NOT_ALLOWED
        self._answer(status, _TEXT, f"{status.phrase}\n".encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
        """Say nothing: who asks every few seconds is not worth a line."""

    def _page(self) -> tuple[HTTPStatus, str, bytes]:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            known = ", ".join(self.server.pages)
            return HTTPStatus.NOT_FOUND, _TEXT, f"Not found; there are {known}\n".encode()
        return page(self.headers.get("Accept", ""))

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
