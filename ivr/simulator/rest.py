"""The provider's REST API, as far as a line uses it: calls, messages and recordings of one account."""

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from ivr.guards import basic_auth
from ivr.simulator.line import E164, PlacingFault
from ivr.simulator.network import Network
from ivr.simulator.resources import API_VERSION, STATUS_EVENTS, Call, Message, page
from ivr.simulator.session import Order

ACCOUNT = f"/{API_VERSION}/Accounts/<account>"
LONGEST_MESSAGE = 1600
MAX_PAGE = 1000
T = TypeVar("T")


class RestError(Exception):
    """A refusal in the provider's own form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def response(self) -> Response:
        body = {
            "code": self.code,
            "message": str(self),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        answer = jsonify(body)
        answer.status_code = self.status
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return answer


def create_rest_blueprint(network: Network) -> Blueprint:
    """Everything below /2010-04-01, for the account of `network` only."""
    blueprint = Blueprint("simulator_rest", __name__)
    api = _Api(network)
    blueprint.before_request(api.authenticate)
    blueprint.register_error_handler(RestError, lambda error: error.response())
    routes: tuple[tuple[str, str, str, Callable[..., Any]], ...] = (
        ("POST", "/Calls.json", "create_call", api.create_call),
        ("GET", "/Calls.json", "list_calls", api.list_calls),
        ("GET", "/Calls/<sid>.json", "fetch_call", api.fetch_call),
        ("POST", "/Calls/<sid>.json", "update_call", api.update_call),
        ("POST", "/Messages.json", "create_message", api.create_message),
        ("GET", "/Messages/<sid>.json", "fetch_message", api.fetch_message),
        ("GET", "/Recordings/<sid>.json", "fetch_recording", api.fetch_recording),
        ("GET", "/Recordings/<sid>.wav", "fetch_recording_audio", api.fetch_recording_audio),
        ("GET", "/Recordings/<sid>", "fetch_recording_media", api.fetch_recording_audio),
    )
    for method, path, endpoint, view in routes:
        blueprint.add_url_rule(ACCOUNT + path, endpoint, _view(view), methods=[method])
    return blueprint


def _view(view: Callable[..., Any]) -> Callable[..., Any]:
    @basic_auth
    def guarded(**arguments: str) -> Any:
        arguments.pop("account")  # `authenticate` has compared it
        return view(**arguments)

    return guarded


class _Api:
    def __init__(self, network: Network) -> None:
        self._network = network

    def authenticate(self) -> Response | None:
        given = request.authorization
        network = self._network
        user, password = (given.username or "", given.password or "") if given else ("", "")
        account = (request.view_args or {}).get("account", "")
        right = [
            hmac.compare_digest(one.encode(), other.encode())
            for one, other in ((user, network.account_sid), (password, network.auth_token), (account, user))
        ]
        return None if all(right) else RestError(401, 20003, "Authenticate").response()

    # --- Calls ---

    def create_call(self) -> tuple[Response, int]:
        form = request.form
        call = Call(
            account_sid=self._network.account_sid,
            from_number=self._from(form, invalid=21212, foreign=21210),
            to_number=_number(form, "To", missing=21201, invalid=21211),
            direction="outbound-api",
            status_url=form.get("StatusCallback"),
            status_events=_events(form),
        )
        url = form.get("Url")
        if not url:
            raise RestError(400, 21205, "Url parameter is required.")
        timeout = _whole(form.get("Timeout", "60"), 5, 600, "Timeout")
        fault = self._network.surroundings.mishaps.placing
        _refuse(fault)
        self._network.place(call, Order(url, form.get("Method", "POST"), timeout, _detection(form)))
        return _answered(jsonify(call.as_json()), fault), 201

    def list_calls(self) -> Response:
        wanted = request.args
        calls = sorted(self._network.calls.values(), key=lambda call: call.created_at, reverse=True)
        found = [call.as_json() for call in calls if _matches(call, wanted)]
        return self._page("calls", found, "Calls")

    def fetch_call(self, sid: str) -> Response:
        return jsonify(self._call(sid).as_json())

    def update_call(self, sid: str) -> Response:
        call = self._call(sid)
        if request.form.get("Status") not in ("completed", "canceled"):
            raise RestError(400, 21218, "A call can only be completed or canceled here.")
        if call.is_over:
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        call.end_requested = True
        return jsonify(call.as_json())

    def _call(self, sid: str) -> Call:
        return _found(self._network.calls.get(sid))

    # --- Messages and recordings ---

    def create_message(self) -> tuple[Response, int]:
        form = request.form
        body = form.get("Body", "")
        to_number = _number(form, "To", missing=21604, invalid=21211)
        from_number = self._from(form, invalid=21212, foreign=21606)
        if not body:
            raise RestError(400, 21602, "Message body is required.")
        if len(body) > LONGEST_MESSAGE:
            raise RestError(400, 21617, f"The concatenated message body exceeds the {LONGEST_MESSAGE} character limit.")
        message = Message(self._network.account_sid, from_number, to_number, body)
        self._network.keep_message(message)
        return jsonify(message.as_json()), 201

    def fetch_message(self, sid: str) -> Response:
        return jsonify(_found(self._network.messages.get(sid)).as_json())

    def fetch_recording(self, sid: str) -> Response:
        return jsonify(_found(self._network.recording(sid)).as_json())

    def fetch_recording_audio(self, sid: str) -> Response:
        recording = _found(self._network.recording(sid))
        return Response(_found(self._network.recording_audio(recording)), mimetype="audio/x-wav")

    # --- Common ---

    def _from(self, form: MultiDict[str, str], *, invalid: int, foreign: int) -> str:
        """The line's own number: an account may only call from its own."""
        number = _number(form, "From", missing=21603 if foreign == 21606 else 21213, invalid=invalid)
        if number != self._network.line.number:
            raise RestError(400, foreign, f"From {number} is not a number of this account.")
        return number

    def _page(self, name: str, found: Sequence[dict[str, Any]], resource: str) -> Response:
        size = _whole(request.args.get("PageSize", "50"), 1, MAX_PAGE, "PageSize")
        number = _whole(request.args.get("Page", "0"), 0, 10**6, "Page")

        def address(index: int) -> str:
            query = {**request.args.to_dict(), "PageSize": size, "Page": index}
            return f"/{API_VERSION}/Accounts/{self._network.account_sid}/{resource}.json?{urlencode(query)}"

        return jsonify(page(name, found, address, number=number, size=size))


def _found(thing: T | None) -> T:
    if thing is None:
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")
    return thing


def _number(form: MultiDict[str, str], name: str, *, missing: int, invalid: int) -> str:
    number = form.get(name, "")
    if not number:
        raise RestError(400, missing, f"A '{name}' phone number is required.")
    if not E164.fullmatch(number):
        raise RestError(400, invalid, f"Invalid '{name}' Phone Number: {number}")
    return number


def _whole(text: str, low: int, high: int, name: str) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise RestError(400, 20001, f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def _refuse(fault: PlacingFault | None) -> None:
    """What goes wrong before anybody is rung."""
    if fault == "too_many":
        raise RestError(429, 20429, "Too Many Requests")
    if fault == "broken":
        raise RestError(500, 20500, "Internal Server Error")


def _answered(answer: Response, fault: PlacingFault | None) -> Response:
    """The answer, as far as it arrives."""
    if fault == "broken_after":
        raise RestError(500, 20500, "Internal Server Error")
    if fault == "answer_lost":
        answer.set_data(answer.get_data()[:1])
    return answer


def _detection(form: MultiDict[str, str]) -> str | None:
    """Where to tell what has answered; only the asynchronous way, in which the call does not wait, is known here."""
    wanted = form.get("MachineDetection")
    if wanted is None:
        return None
    if wanted not in ("Enable", "DetectMessageEnd") or form.get("AsyncAmd") != "true":
        raise RestError(400, 20001, "MachineDetection must be Enable or DetectMessageEnd, with AsyncAmd true.")
    return form.get("AsyncAmdStatusCallback")


def _events(form: MultiDict[str, str]) -> tuple[str, ...]:
    events = tuple(form.getlist("StatusCallbackEvent")) or ("completed",)
    unknown = set(events) - set(STATUS_EVENTS)
    if unknown:
        raise RestError(400, 21626, f"Unknown status callback events: {', '.join(sorted(unknown))}")
    return events


def _matches(call: Call, wanted: MultiDict[str, str]) -> bool:
    exact = {"To": call.to_number, "From": call.from_number, "Status": call.status, "ParentCallSid": call.parent_sid}
    if any(name in wanted and wanted[name] != value for name, value in exact.items()):
        return False
    return _in_time(call, wanted)


def _in_time(call: Call, wanted: MultiDict[str, str]) -> bool:
    """StartTime>, StartTime< and StartTime, each a date or a time, compared as the provider does: a date is a day."""
    at = call.started_at or call.created_at
    after, before, on = (_moment(wanted.get(name)) for name in ("StartTime>", "StartTime<", "StartTime"))
    return not ((after and at < after) or (before and at >= before) or (on and not on <= at < on + timedelta(days=1)))


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise RestError(400, 20001, f"Not a date: {text}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
