"""A provider's REST API on a port of this machine, answering what a test tells it to."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    """A Content-Length that is not the body's: what comes is cut off."""

    @classmethod
    def json(cls, status: int, /, **values: Any) -> "Answer":
        return cls(status, json.dumps(values).encode(), {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    authorization: str | None
    body: str


class Peer:
    """`answers` are given one after another, the last for ever; None closes the connection without a word."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answers: list[Answer | None] = [Answer(404)]
        self.asked: list[Asked] = []
        self.hold = threading.Event()
        self.hold.set()

    def next(self) -> Answer | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def a_peer() -> Iterator[Peer]:
    server = Server(("127.0.0.1", 0), lambda *arguments: Handler(lambda: peer, *arguments))
    peer = Peer(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield peer
    finally:
        peer.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has given up is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, peer: Callable[[], Peer], *arguments: Any) -> None:
        self.peer = peer()
        super().__init__(*arguments)

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.peer.asked.append(Asked(self.command, self.path, self.headers.get("Authorization"), body.decode()))
        answer = self.peer.next()
        self.peer.hold.wait(10)
        self.close_connection = True
        if answer is None:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if answer.declared is None else answer.declared))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, *arguments: Any) -> None:
        pass
