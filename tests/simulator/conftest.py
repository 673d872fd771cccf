"""A line of a few documents, served over HTTP, and a network in a box that calls it."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from ivr.simulator import Caller as DemoCaller
from ivr.simulator import Line, Network, Surroundings, audio, create_blueprint
from ivr.simulator.clock import Clock
from ivr.simulator.events import Said
from ivr.simulator.handset import Handset
from ivr.simulator.resources import Call
from ivr.simulator.script import Hear, PressKeys, PutDown, Speak, Step, Wait
from ivr.simulator.scripted import ScriptedCaller
from tests.simulator.browser import browser, open_page, spoken

__all__ = ["address", "browser", "open_page", "rig", "spoken"]

ACCOUNT = "AC" + "1" * 32
TOKEN = "a-token-of-the-tests"
CALLER = "+8613800000001"
NUMBER = "+8651200000000"

CALLERS = [
    DemoCaller("张老（王庄社区）", CALLER),
    DemoCaller("不认识的号码", "+8613911112222"),
    DemoCaller("不显示号码", None),
]

Answer = str | tuple[int, str, str] | Callable[[dict[str, str]], Any]


@dataclass
class Request:
    path: str
    form: dict[str, str]
    signed: bool


@dataclass
class FakeLine:
    """Answers by path; a text is TwiML. /sound/<name> plays a second."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    sound_s: float = 1

    def to(self, path: str) -> list[dict[str, str]]:
        return [request.form for request in self.requests if request.path == path]

    def answer(self, path: str) -> Response:
        validator = RequestValidator(TOKEN)
        form = request.form.to_dict()
        url = f"{self.url}{request.full_path}".rstrip("?")
        signed = validator.validate(url, form, request.headers.get("X-Twilio-Signature", ""))
        self.requests.append(Request(f"/{path}", form, signed))
        if path.startswith("sound/"):
            return Response(audio.write_wav(audio.silence(self.sound_s)), mimetype="audio/wav")
        if path == "twilio/status":
            return Response(status=204)
        found = self.answers.get(f"/{path}", (404, "nothing here", "text/plain"))
        status, body, kind = self._made(found(form) if callable(found) else found)
        return Response(body, status, mimetype=kind)

    @staticmethod
    def _made(answer: Any) -> tuple[int, str, str]:
        return (200, f"<Response>{answer}</Response>", "text/xml") if isinstance(answer, str) else answer


@dataclass
class Caller:
    """Makes a scripted caller and keeps it."""

    steps: tuple[Step, ...]
    made: ScriptedCaller | None = None

    def __call__(self, clock: Clock) -> Handset:
        self.made = ScriptedCaller(self.steps, clock)
        return self.made


def steps(*wanted: Any) -> tuple[Step, ...]:
    """`("hear", "x")`, `("press", "1")`, `("say", "words")`, `("wait", 3)`, `"hang_up"`."""
    kinds: dict[str, Callable[[Any], Step]] = {
        "hear": lambda value: Hear(1, value),
        "press": lambda value: PressKeys(1, value),
        "say": lambda value: Speak(1, value, None),
        "wait": lambda value: Wait(1, value),
    }
    return tuple(PutDown(1) if step == "hang_up" else kinds[step[0]](step[1]) for step in wanted)


@dataclass
class Rig:
    """The line and the network, joined."""

    line: FakeLine
    network: Network

    @staticmethod
    def until(condition: Callable[[], bool], seconds: float = 5) -> None:
        """Wait for something that another thread does."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.01)

    @staticmethod
    def caller(*wanted: Any) -> Caller:
        return Caller(steps(*wanted))

    def surround(self, **surroundings: Any) -> None:
        self.network.surroundings = replace(self.network.surroundings, **surroundings)

    def call(self, *wanted: Any, from_number: str | None = CALLER, **surroundings: Any) -> Call:
        """A scripted call as fast as it goes, with what is around it replaced as asked."""
        self.surround(**surroundings)
        return self.network.call_line(self.caller(*wanted), from_number)


def described(url: str) -> Said | None:
    """/sound/hello says hello, and is the prompt test.hello."""
    name = url.rpartition("/")[2]
    return Said(name, f"test.{name}") if "/sound/" in url else None


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    line = FakeLine()
    app = Flask(__name__)
    app.add_url_rule("/<path:path>", "line", line.answer, methods=["GET", "POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    line.url = f"http://127.0.0.1:{server.server_port}"
    network = Network(
        line.url,
        ACCOUNT,
        TOKEN,
        tmp_path / "recordings",
        "fast",
        line=Line(NUMBER, f"{line.url}/twilio/voice", None, f"{line.url}/twilio/status"),
        surroundings=Surroundings(describe=described),
    )
    app.register_blueprint(create_blueprint(network, lambda: CALLERS))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Rig(line, network)
    network.settle()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(rig: Rig) -> str:
    """Where the browser finds the page."""
    return rig.line.url
