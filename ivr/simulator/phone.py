"""The browser phone: a page, its sounds, and the socket over which somebody at the page calls the line."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, abort, render_template, request, send_from_directory
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server  # type: ignore[import-untyped]

from ivr.guards import public
from ivr.simulator.browser import BrowserHandset
from ivr.simulator.handset import HangUp
from ivr.simulator.network import Network
from ivr.simulator.officers import AskThePage, Switchboard
from ivr.simulator.protocol import Call, Message, ProtocolError, from_page
from ivr.simulator.words import WORDS, Language

log = structlog.get_logger()

STATIC = Path(__file__).parent / "static"
BAD_MESSAGE = 1003
"""Close code of RFC 6455: a message that cannot be taken."""


@dataclass(frozen=True)
class Caller:
    """Somebody to call as. `number` in E.164; None is withheld."""

    name: str
    number: str | None


Callers = Callable[[], Sequence[Caller]]


def create_phone_blueprint(network: Network, callers: Callers) -> Blueprint:
    """`callers` is asked each time a page is opened or a call begins; the page chooses by position."""
    blueprint = Blueprint("phone", __name__, template_folder="templates")
    phone = _Phone(network, callers)
    blueprint.before_request(phone.refuse_strangers)
    blueprint.after_request(_protect)
    blueprint.add_url_rule("", "page", phone.page)
    blueprint.add_url_rule("/static/<path:name>", "asset", _asset)
    blueprint.add_url_rule("/sounds/<name>.wav", "sound", phone.sound)
    Sock().route("/socket", bp=blueprint, endpoint="socket")(phone.socket)
    return blueprint


def _protect(response: Response) -> Response:
    host = request.host
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        f"connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response.headers["Permissions-Policy"] = "microphone=(self)"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _origin() -> str:
    """The host, and the port if it is an unusual one, of the page that sends this request."""
    return urlsplit(request.headers.get("Origin", "")).netloc


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@public
def _asset(name: str) -> Response:
    return send_from_directory(STATIC, name)


class _Phone:
    def __init__(self, network: Network, callers: Callers) -> None:
        self._network = network
        self._callers = callers

    def refuse_strangers(self) -> None:
        """Only under an address, or a name known to be the line's: another name may be a stranger's, pointed here.

        And the socket only from this very host, since browsers let any page open a socket to anywhere.
        """
        host = urlsplit(f"//{request.host}").hostname or ""
        known = {"localhost", urlsplit(self._network.line.voice_url).hostname}
        if host not in known and not _is_address(host):
            abort(403)
        if request.endpoint == f"{request.blueprint}.socket" and _origin() != request.host:
            abort(403)

    @public
    def page(self) -> str:
        language: Language = "en" if request.args.get("lang") == "en" else "zh"
        return render_template(
            "phone.html",
            words=WORDS[language],
            language=language,
            callers=self._callers(),
            line=self._network.line.number,
        )

    @public
    def sound(self, name: str) -> Response:
        sound = self._network.sound(name)
        if sound is None:
            abort(404)
        return Response(sound, mimetype="audio/wav", headers={"Cache-Control": "private, max-age=3600"})

    @public
    def socket(self, ws: Server) -> None:
        """One page, for as long as it is open."""
        _Conversation(ws, self._network, self._callers).run()


class _Conversation:
    """A page that is connected, and at most one call of it at a time."""

    def __init__(self, ws: Server, network: Network, callers: Callers) -> None:
        self._ws = ws
        self._network = network
        self._callers = callers
        self._sending = threading.Lock()
        self._handset: BrowserHandset | None = None

    def run(self) -> None:
        try:
            while True:
                self._take(self._ws.receive())
        except ConnectionClosed:
            return
        except ProtocolError as error:
            log.warning("browser_phone_refused", reason=str(error))
            self._ws.close(BAD_MESSAGE, str(error))
        finally:
            self._hang_up()

    def _take(self, message: str | bytes) -> None:
        wanted = from_page(message)
        handset = self._handset
        if isinstance(wanted, Call):
            self._dial(wanted)
        elif handset is not None:
            handset.put(wanted)

    def _dial(self, wanted: Call) -> None:
        """The call runs in a thread of its own; one that has just ended may still be reporting that."""
        callers = self._callers()
        if self._handset is not None and not self._handset.call_is_over:
            raise ProtocolError("a call is in progress")
        if wanted.caller >= len(callers):
            raise ProtocolError("no such caller")
        self._handset = BrowserHandset(self._send)
        threading.Thread(target=self._call, args=(self._handset, callers[wanted.caller].number), daemon=True).start()

    def _call(self, handset: BrowserHandset, number: str | None) -> None:
        around = replace(self._network.surroundings, switchboard=Switchboard(anyone=AskThePage()))
        self._network.call_line(lambda _clock: handset, number, speed="real", surroundings=around)

    def _send(self, message: Message) -> None:
        try:
            with self._sending:
                self._ws.send(json.dumps(message, ensure_ascii=False))
        except (ConnectionClosed, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        handset = self._handset
        if handset is not None:
            handset.put(HangUp())
