"""Webhook turns a second and how long they take, with 1, 10 and 50 callers, on a server of its own.

Two ways of calling: *flat out* sends the next answer the moment a turn arrives, which no person does and which shows
the most the server can do; *paced* answers a turn about every second, several times quicker than people of 86 do.
"""

import http.client
import itertools
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psutil
from rich.progress import track
from rich.table import Table
from twilio.request_validator import RequestValidator

from bench.databases import databases

TOKEN, SID = "bench-token", "AC" + "1" * 32
CALLERS = (1, 10, 50)
SECONDS, WARM_UP_S = 10, 3
KEYS = "3112*2"
ACTION = re.compile(r'action="([^"]+)"')


@dataclass(frozen=True)
class Result:
    latencies_ms: list[float]
    seconds: float
    errors: int


def table() -> Table:
    result = Table(title=f"webhooks, {SECONDS} s each")
    for heading in ("database", "callers", "pace", "turns/s", "p50 ms", "p99 ms", "errors", "server MiB"):
        result.add_column(heading, justify="right")
    with databases() as urls:
        for name, url in urls.items():
            for callers in track(CALLERS, description=f"webhooks on {name}", transient=True):
                for pace, wait_s in (("flat out", 0.0), ("paced", 1.0)):
                    with server(url) as (base, process):
                        run = Load(base, wait_s).run(callers)
                        mib = sum(p.memory_info().rss for p in [process, *process.children(recursive=True)]) / 2**20
                    cuts = quantiles(run.latencies_ms, n=100)
                    rate = len(run.latencies_ms) / run.seconds
                    result.add_row(
                        name, str(callers), pace, f"{rate:.0f}", f"{cuts[49]:.1f}", f"{cuts[98]:.1f}", str(run.errors),
                        f"{mib:.0f}",
                    )  # fmt: skip
    return result


@contextmanager
def server(database_url: str | None) -> Iterator[tuple[str, psutil.Process]]:
    """`careline serve` on a free port with the demonstration's roster."""
    with TemporaryDirectory(prefix="careline-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = os.environ | {
            "CARELINE_DATA_DIR": folder,
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "CARELINE_LOG_LEVEL": "error",
            "CARELINE_SPEECH_MODEL": "off",
            **({"CARELINE_DATABASE_URL": database_url} if database_url else {}),
        }
        careline = str(Path(sys.executable).with_name("careline"))
        for command in (["db", "upgrade"], ["demo"]):
            subprocess.run([careline, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
        process = subprocess.Popen([careline, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_until_up(port)
            yield base, psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait_until_up(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up")


class Load:
    """Callers who ring, listen to bulletins and hang up, again and again, until the time is over."""

    def __init__(self, base: str, wait_s: float) -> None:
        self.base = base
        self.wait_s = wait_s
        self.answers: list[tuple[float, float]] = []
        self.errors = 0

    def run(self, callers: int) -> Result:
        threads = [threading.Thread(target=self._caller, args=(number,)) for number in range(callers)]
        started = time.perf_counter() + WARM_UP_S
        self.until = started + SECONDS
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        warm = [latency for at, latency in self.answers if started <= at < self.until]
        return Result(warm, SECONDS, self.errors)

    def _caller(self, number: int) -> None:
        line = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=15)
        pause = random.Random(number)
        time.sleep(pause.random() * self.wait_s)
        for count in itertools.count():
            if time.perf_counter() >= self.until:
                return
            self._call(line, pause, number, f"CA{number:08d}{count:024d}")

    def _call(self, line: http.client.HTTPConnection, pause: random.Random, number: int, sid: str) -> None:
        form = {"CallSid": sid, "AccountSid": SID, "From": f"+8651255{number:06d}", "To": "+8651200000000",
                "CallStatus": "in-progress", "Direction": "inbound"}  # fmt: skip
        url = f"{self.base}/twilio/voice"
        for key in ["", *KEYS]:
            body = self._turn(line, url, form | ({"Digits": key} if key else {}))
            action = ACTION.search(body)
            if not action:
                break
            url = action[1].replace("&amp;", "&")
            if self.wait_s:
                time.sleep(self.wait_s * (0.5 + pause.random()))
        _post(line, f"{self.base}/twilio/status", form | {"CallStatus": "completed"})

    def _turn(self, line: http.client.HTTPConnection, url: str, form: dict[str, str]) -> str:
        started = time.perf_counter()
        status, body = _post(line, url, form)
        self.answers.append((started, (time.perf_counter() - started) * 1000))
        self.errors += status != 200
        return body


def _post(line: http.client.HTTPConnection, url: str, form: dict[str, str]) -> tuple[int, str]:
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    line.request("POST", "/" + url.split("/", 3)[3], urlencode(form), headers)
    response = line.getresponse()
    return response.status, response.read().decode()
