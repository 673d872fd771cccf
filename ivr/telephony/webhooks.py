"""What the provider calls. Views parse, call the conversation, and render its turn; recordings are heard in between."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from ivr.calls import CallService
from ivr.config import Settings, SettingsError
from ivr.dialog.model import Hangup, Key, Silence, TransferResult, Turn, Utterance
from ivr.guards import provider_signed
from ivr.telephony.audio import Addresses
from ivr.telephony.fallback import Fallback
from ivr.telephony.forms import (
    CallForm,
    answer_of,
    hung_up,
    machine_answered,
    recording_of,
    recording_status_of,
    transfer_result_of,
)
from ivr.telephony.hearing import Hearing
from ivr.telephony.incoming import guarding, public_base, report, the_call, twiml
from ivr.telephony.playback import Playback
from ivr.telephony.provider import ProviderError
from ivr.telephony.twiml import TRANSFER, WAITED, Writer, speaker_for
from prompts import Catalogue, Studio

log = structlog.get_logger()

FOR_CALLERS = frozenset({"voice", "turn", "fallback", "fallback_message", "fallback_ring"})
"""The endpoints whose answer a caller hears: they answer with TwiML whatever happens."""

OUTBOUND = "outbound"
"""Query of the addresses that belong to a call which the line has placed: the id of its row."""

EndCall = Callable[[str], None]
"""Ends the call with this SID at the provider; raises ProviderError."""


def create_blueprint(  # noqa: PLR0913 - what the webhooks rest on
    settings: Settings,
    calls: CallService,
    studio: Studio,
    catalogue: Catalogue,
    hearing: Hearing,
    *,
    end_call: EndCall,
) -> Blueprint:
    """Everything under /twilio. Raises SettingsError when CARELINE_SECRET_KEY is not set."""
    if not settings.secret_key:
        raise SettingsError("CARELINE_SECRET_KEY is needed to sign the addresses of spoken words")
    addresses = Addresses(settings.language, settings.secret_key.get_secret_value())
    writer = Writer(settings, speaker_for(settings, catalogue, addresses))
    webhooks, fallback = Webhooks(settings, calls, writer, hearing, end_call), Fallback(settings, calls, writer)
    playback = Playback(settings.language, addresses, studio)

    blueprint = Blueprint("twilio", __name__, url_prefix="/twilio")
    blueprint.before_request(guarding(settings))
    blueprint.add_url_rule("/voice", "voice", webhooks.voice, methods=["POST"])
    blueprint.add_url_rule("/turn/<int:number>", "turn", webhooks.turn, methods=["POST"])
    blueprint.add_url_rule("/status", "status", webhooks.status, methods=["POST"])
    blueprint.add_url_rule("/answered-by", "answered_by", webhooks.answered_by, methods=["POST"])
    blueprint.add_url_rule("/recording-status", "recording_status", webhooks.recording_status, methods=["POST"])
    blueprint.add_url_rule("/fallback", "fallback", fallback.called, methods=["POST"])
    blueprint.add_url_rule("/fallback/message", "fallback_message", fallback.taken, methods=["POST"])
    blueprint.add_url_rule("/fallback/ring/<int:tried>", "fallback_ring", fallback.rang, methods=["POST"])
    blueprint.add_url_rule("/audio/spoken/<token>.wav", "spoken", playback.spoken)
    blueprint.add_url_rule("/audio/<language>/<name>.wav", "clip", playback.clip)

    @blueprint.errorhandler(Exception)
    def failed(error: Exception) -> Response | HTTPException:
        """A caller never hears the provider's own error message: whatever breaks, a message is taken."""
        if isinstance(error, HTTPException):
            return error
        report(error)
        if (request.endpoint or "").removeprefix("twilio.") in FOR_CALLERS:
            return fallback.take_message()
        return Response(status=503)

    return blueprint


class Webhooks:
    """The conversation as the provider sees it."""

    def __init__(
        self, settings: Settings, calls: CallService, writer: Writer, hearing: Hearing, end_call: EndCall
    ) -> None:
        self._settings = settings
        self._calls = calls
        self._writer = writer
        self._hearing = hearing
        self._end_call = end_call

    @provider_signed
    def voice(self) -> Response:
        """Somebody is calling, or has answered a call of the line's. A duplicate gets the turn that it has come to."""
        call = the_call()
        turn = self._start(call)
        self._settle(call)
        return self._render(turn)

    @provider_signed
    def turn(self, number: int) -> Response:
        """The answer to a turn. A duplicate, or one that comes late, gets the turn that the call has come to."""
        call = the_call()
        event = self._event(call)
        if event is None:
            again = self._listen_again(call, number)
            if again is not None:
                return twiml(again)
        if isinstance(event, Utterance):
            event = self._heard(call, number, event)
        turn = self._step(call, number, event)
        self._settle(call)
        return self._render(turn)

    @provider_signed
    def status(self) -> Response:
        """The call has come to a new status; in any order, any number of times."""
        call = the_call()
        if call.status:
            self._calls.status(call.sid, call.status, call.duration_s, datetime.now(UTC), outbound_id=_outbound())
        return Response(status=204)

    @provider_signed
    def answered_by(self) -> Response:
        """What picked up a call of the line's. A machine is not talked to, unless somebody has answered meanwhile."""
        call = the_call()
        if machine_answered(request.form) and self._calls.machine_answered(call.sid, datetime.now(UTC)):
            self._end(call.sid)
        return Response(status=204)

    @provider_signed
    def recording_status(self) -> Response:
        """A recording can be fetched, or never will be there."""
        call, recording, status = the_call(), recording_of(request.form), recording_status_of(request.form)
        if recording and status == "completed":
            self._calls.recording(call.sid, recording.sid, recording.url, datetime.now(UTC))
        elif status != "in-progress":
            log.warning("recording_without_audio", call_sid=call.sid, status=status)
        return Response(status=204)

    def _start(self, call: CallForm) -> Turn:
        leg = call.leg
        now = datetime.now(UTC)
        return self._calls.start(call.sid, leg.direction, leg.from_number, leg.to_number, now, outbound_id=_outbound())

    def _end(self, sid: str) -> None:
        """Ends the call at the provider. If that fails, its next request gets the turn that hangs up."""
        try:
            self._end_call(sid)
        except ProviderError as error:
            log.warning("call_not_ended", call_sid=sid, error=type(error).__name__, code=error.code)

    def _settle(self, call: CallForm) -> None:
        """A webhook of any kind may be the one that says that the call is over."""
        if call.over and call.status:
            self._calls.status(call.sid, call.status, call.duration_s, datetime.now(UTC))

    def _event(self, call: CallForm) -> Key | Utterance | TransferResult | Hangup | None:
        """What the request answers; None when it brings nothing.

        A caller who has left said nothing by it, so that only what they did before counts; and a transfer that ends
        with the call, without having been answered, ended because the caller left.
        """
        if TRANSFER in request.args:
            result = transfer_result_of(request.form)
            return Hangup() if call.over and result.outcome != "answered" else result
        return answer_of(request.form) or (Hangup() if call.over or hung_up(request.form) else None)

    def _heard(self, call: CallForm, number: int, utterance: Utterance) -> Utterance:
        """With the words, where somebody waits for them to be understood.

        A key answers by itself, unless it ends a message; and what was said by a caller who has left is written down
        by the sweep, which tells the officers of a danger in it.
        """
        recording = recording_of(request.form)
        if recording is None or call.over or hung_up(request.form):
            return utterance
        listen = self._calls.listening(call.sid, number)
        if listen is None or (utterance.key is not None and listen.kind != "message"):
            return utterance
        return self._hearing.understood(utterance, recording.url, listen)

    def _listen_again(self, call: CallForm, number: int) -> str | None:
        waited = request.args.get(WAITED, type=int)
        turn = self._calls.turn(call.sid)
        if waited is None or turn is None or turn.number != number:
            return None
        return self._writer.listen_again(turn, public_base(self._settings), waited=waited)

    def _step(self, call: CallForm, number: int, event: Key | Utterance | TransferResult | Hangup | None) -> Turn:
        """Hanging up at the end of an utterance is an event of its own, after it: the utterance counts first."""
        turn = self._answer(call, number, event or Silence())
        if isinstance(event, Utterance) and hung_up(request.form):
            turn = self._answer(call, turn.number, Hangup())
        return turn

    def _answer(self, call: CallForm, number: int, event: Key | Utterance | TransferResult | Hangup | Silence) -> Turn:
        recording = recording_of(request.form) if isinstance(event, Utterance) else None
        url = recording.url if recording else None
        return self._calls.answer(call.sid, number, event, datetime.now(UTC), recording_url=url, leg=call.leg)

    def _render(self, turn: Turn) -> Response:
        return twiml(self._writer.turn(turn, public_base(self._settings)))


def _outbound() -> int | None:
    """The row of the call that the line has placed; None in a request of any other call. Signed with the address."""
    return request.args.get(OUTBOUND, type=int)
