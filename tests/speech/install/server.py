"""A web server as a model's page may be: with and without ranges, breaking off, sending something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Page:
    """What the server does with each request for `content`."""

    content: bytes
    ranges: bool = True
    breaks_after: list[int] = field(default_factory=list)
    """Bytes after which the first connections break off, one after the other."""
    status: int = 200
    shift: int = 0
    """How far a range starts from where it was asked for."""
    says_length: bool = True
    requests: list[str | None] = field(default_factory=list)
    """The Range header of each request."""
    url: str = ""


@contextmanager
def serving(page: Page) -> Iterator[Page]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, page)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        page.url = f"http://127.0.0.1:{server.server_port}/model.zip"
        try:
            yield page
        finally:
            server.shutdown()
            thread.join()


def _answer(handler: BaseHTTPRequestHandler, page: Page) -> None:
    wanted = handler.headers["Range"]
    page.requests.append(wanted)
    if page.status != 200:
        handler.send_error(page.status)
        return
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and page.ranges else 0
    size = len(page.content)
    if start >= size and start:
        handler.send_response(416)
        handler.send_header("Content-Range", f"bytes */{size}")
        handler.end_headers()
        return
    body = page.content[start:]
    handler.send_response(206 if wanted and page.ranges else 200)
    if wanted and page.ranges:
        handler.send_header("Content-Range", f"bytes {start + page.shift}-{size - 1}/{size}")
    if page.says_length:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: page.breaks_after.pop(0)] if page.breaks_after else body)
