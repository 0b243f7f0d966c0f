"""Who takes alerts on this machine: a web server and a mail server, which fail and come back."""

import contextlib
import email
import json
import socket
import threading
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


class WebReceiver:
    """Keeps what is posted to it; answers with `answers` in turn, then with `usual`.

    An answer is a status, with a header where it is a pair; None breaks off without an answer.
    `before_answer` is called when a post has been taken, `after_answer` when that has been said.
    Who posts may stay connected; `connections` are all that were made.
    """

    def __init__(self):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.answers, self.usual, self.taken = [], 200, []
        self.before_answer = self.after_answer = lambda: None
        self.connections = []
        self._server = None
        self.open()

    @property
    def posted(self):
        """The JSON of each post that was answered well."""
        return [taken["json"] for taken in self.taken if taken["answer"] == 200]

    def open(self, context=None):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver._take(self)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            def get_request(self):
                accepted = super().get_request()
                receiver.connections.append(accepted[0])
                return accepted

            def handle_error(self, *_):
                """Senders who are killed break off; that is what some tests are about."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self.hang_up()

    def hang_up(self):
        for connection in self.connections:
            with contextlib.suppress(OSError):  # it is closed already
                connection.shutdown(socket.SHUT_RDWR)

    def _take(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        answer = self.answers.pop(0) if self.answers else self.usual
        taken = {"path": request.path, "headers": request.headers, "json": json.loads(body)}
        self.taken.append({**taken, "answer": answer})
        self.before_answer()
        if answer is None:
            request.close_connection = True
        else:
            status, *headers = answer if isinstance(answer, tuple) else (answer,)
            request.send_response(status)
            for name, value in headers:
                request.send_header(name, value)
            request.send_header("Content-Length", "0")
            request.end_headers()
            request.wfile.flush()
        self.after_answer()


class MailReceiver:
    """Keeps the mail that is sent to it; `refuses` is what it says instead of taking it."""

    def __init__(self):
        self.port = free_port()
        self.refuses, self.mails = None, []
        self._controller = None
        self.open()

    def open(self):
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self):
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 (aiosmtpd's name)
        if self.refuses:
            return self.refuses
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 taken"

    @property
    def subjects(self):
        return [mail["Subject"] for mail in self.mails]
