"""When the line itself fails: a message is taken, and an officer rung, with as little as that needs.

No database, and no conversation, stands between the caller and the recorder; the officers come from the copy of the
duty list in the data folder. What works of the rest is used: the message becomes a recording of the call, and the
conversation is told that the caller wants a person.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from flask import Response, request

from ivr.calls import CallService
from ivr.calls.duty import DutyCopy
from ivr.config import Settings
from ivr.dialog.model import HangUp, Key, Prompt
from ivr.guards import provider_signed
from ivr.telephony.forms import CallForm, RecordingForm, error_code_of, recording_of, transfer_result_of
from ivr.telephony.incoming import public_base, report, the_call, twiml
from ivr.telephony.twiml import Writer

log = structlog.get_logger()
T = TypeVar("T")

SPEAK = (Prompt(key="person.nobody"),)
KEPT = (Prompt(key="message.kept"), Prompt(key="person.calling"))
CALLING = (Prompt(key="person.calling"),)
STILL = (Prompt(key="person.still"),)
NOBODY = (Prompt(key="urgent.nobody"), *SPEAK)
GOODBYE = (Prompt(key="bye.plain"),)

PERSON = Key(key="0")
"""Whoever ends up here wants a person."""


class Fallback:
    """The provider comes here by itself when an address of the line did not answer, and every failed view does."""

    def __init__(self, settings: Settings, calls: CallService, writer: Writer) -> None:
        self._settings = settings
        self._calls = calls
        self._writer = writer

    @provider_signed
    def called(self) -> Response:
        """The provider got no answer, or none of use, from another address of the line."""
        log.error("fallback_called", error_code=error_code_of(request.form))
        return self.take_message()

    @provider_signed
    def taken(self) -> Response:
        """Somebody left a message, or did not. The conversation goes on if it can; if not, an officer is rung here."""
        call, recording = the_call(), recording_of(request.form)
        resumed = self._attempt(lambda: self._resume(call))
        if recording and not self._attempt(lambda: self._keep(call, recording)):
            log.critical("fallback_message_not_kept", call_sid=call.sid, recording_sid=recording.sid)
        if call.over:
            self._attempt(lambda: self._settle(call))
        return twiml(resumed) if resumed else self._ring(0, KEPT if recording else CALLING)

    @provider_signed
    def rang(self, tried: int) -> Response:
        """An officer was rung: the next one, until somebody answers. Then, if nobody did, another message."""
        if transfer_result_of(request.form).outcome == "answered":
            return twiml(self._writer.goodbye(GOODBYE, public_base(self._settings)))
        return self._ring(tried, STILL)

    def take_message(self, prompts: tuple[Prompt, ...] = SPEAK) -> Response:
        base = public_base(self._settings)
        return twiml(self._writer.take_message(prompts, base, f"{base}/twilio/fallback/message"))

    def _ring(self, tried: int, prompts: tuple[Prompt, ...]) -> Response:
        base = public_base(self._settings)
        officers = DutyCopy(self._settings.data_dir / "duty.json").officers
        if tried >= len(officers):
            return self.take_message(NOBODY)
        action = f"{base}/twilio/fallback/ring/{tried + 1}"
        return twiml(self._writer.ring(prompts, officers[tried].phone, base, action))

    def _keep(self, call: CallForm, recording: RecordingForm) -> bool:
        self._calls.recording(call.sid, recording.sid, recording.url, datetime.now(UTC))
        return True

    def _settle(self, call: CallForm) -> None:
        self._calls.status(call.sid, call.status or "completed", call.duration_s, datetime.now(UTC))

    def _resume(self, call: CallForm) -> str | None:
        """The conversation's next turn, once it knows that the caller wants a person; None when it is over."""
        leg, now = call.leg, datetime.now(UTC)
        turn = self._calls.start(call.sid, leg.direction, leg.from_number, leg.to_number, now)
        turn = self._calls.answer(call.sid, turn.number, PERSON, now)
        return None if isinstance(turn.then, HangUp) else self._writer.turn(turn, public_base(self._settings))

    def _attempt(self, step: Callable[[], T]) -> T | None:
        """What `step` returns; None when it fails, which is reported."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is not to hear of it
            report(error)
            return None
