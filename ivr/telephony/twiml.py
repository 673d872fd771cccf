"""Turns written as TwiML, for the record mode: everything works over plain HTTP, on every provider that speaks it.

Only the verbs that providers share are used: Play, Say, Gather, Record, Dial, Redirect, Hangup. Every address is
absolute, because a relative one has no base in a call that was placed with its TwiML.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Gather, Play, Record, Redirect, Say, VoiceResponse

from ivr.config import Settings
from ivr.dialog.model import KEYS, Dial, HangUp, Listen, Prompt, Turn
from ivr.telephony.audio import Addresses, pieces
from prompts import Catalogue

CONTENT_TYPE = "text/xml; charset=utf-8"

PROVIDER_LANGUAGE = {"zh_CN": "cmn-CN"}
"""The provider's name for the language of the prompts."""

SLOW_RATE = "80%"
LONGEST_SAY = 1000
"""Characters in one <Say>; Twilio takes 4096, the voices behind it fewer."""
HALF_SECOND = Prompt(key="silence.half")

BARGE_IN_S = 1
"""The shortest wait that Twilio documents. Anything shorter is answered with the default of 5 s."""

END_OF_SPEECH_S = {"yes_no": 2, "menu": 2}
"""Silence that ends an answer, in whole seconds; a message has a setting of its own."""
ANSWER_S = 15
"""The longest answer that is not a message."""

WAITED = "waited"
"""Query of a turn's address: for how many seconds the caller will have been silent if nothing comes with it."""
TRANSFER = "transfer"
"""Query of a turn's address: what comes with it, or does not, is the outcome of a transfer."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Speaker(Protocol):
    """How prompts become verbs: the line's own audio, or the provider's voice."""

    def say(self, prompts: Iterable[Prompt], *, base: str, slow: bool) -> Iterator[Play | Say]: ...


class RecordedSpeaker:
    """The line's own audio, one <Play> for each clip and for each part spoken at run time."""

    def __init__(self, catalogue: Catalogue, addresses: Addresses) -> None:
        self._catalogue = catalogue
        self._addresses = addresses

    def say(self, prompts: Iterable[Prompt], *, base: str, slow: bool) -> Iterator[Play | Say]:
        for prompt in prompts:
            for address in self._addresses.of(self._catalogue.clips(prompt.key, prompt.slots), slow=slow):
                yield Play(f"{base}/twilio/audio/{address}")


class ProviderSpeaker:
    """The provider's voice reads the texts, one <Say> for each."""

    def __init__(self, catalogue: Catalogue, voice: str) -> None:
        self._catalogue = catalogue
        self._voice = voice

    def say(self, prompts: Iterable[Prompt], *, base: str, slow: bool) -> Iterator[Play | Say]:  # noqa: ARG002
        pause = False
        for prompt in prompts:
            if prompt == HALF_SECOND:
                pause = True  # a <Say> without words is refused: the pause opens the next one
                continue
            text = NOT_XML.sub("", self._catalogue.text(prompt.key, prompt.slots))
            for piece in pieces(text, LONGEST_SAY):
                yield self._verb(piece, slow=slow, pause=pause)
                pause = False

    def _verb(self, text: str, *, slow: bool, pause: bool) -> Say:
        verb = Say(voice=self._voice, language=PROVIDER_LANGUAGE[self._catalogue.language])
        if pause:
            verb.break_(time="500ms")
        if slow:
            verb.prosody(text, rate=SLOW_RATE)
        else:
            verb.append(text)
        return verb


def speaker_for(settings: Settings, catalogue: Catalogue, addresses: Addresses) -> Speaker:
    if settings.voice == "provider":
        return ProviderSpeaker(catalogue, settings.provider_voice)
    return RecordedSpeaker(catalogue, addresses)


class Writer:
    """Writes one turn at a time. `base` is the line's public address, without a slash at its end."""

    def __init__(self, settings: Settings, speaker: Speaker) -> None:
        self._settings = settings
        self._speaker = speaker

    def turn(self, turn: Turn, base: str) -> str:
        """The whole turn: what it says, then what it does."""
        response = VoiceResponse()
        spoken = list(self._speaker.say(_prompts(turn), base=base, slow=turn.slow))
        match turn.then:
            case Listen() as listen if _records(listen):
                self._barge_in(response, spoken, _action(base, turn.number))
                self._record(response, turn.number, listen, base, waited=0)
            case Listen():
                self._gather(response, spoken, turn.number, base)
            case Dial() as dial:
                _append_all(response, spoken)
                self._dial(response, dial, turn.number, base)
            case HangUp():
                _append_all(response, spoken)
                response.hangup()
        return str(response)

    def listen_again(self, turn: Turn, base: str, *, waited: int) -> str | None:
        """Goes on listening to a turn that has been silent for `waited` seconds, without a word.

        None when the caller has had all the time there is, or the turn does not listen to speech.
        """
        if not isinstance(turn.then, Listen) or not _records(turn.then) or waited >= self._settings.no_input_s:
            return None
        response = VoiceResponse()
        self._record(response, turn.number, turn.then, base, waited=waited)
        return str(response)

    def take_message(self, prompts: Iterable[Prompt], base: str, action: str) -> str:
        """Says `prompts`, then records a message that is posted to `action`, an address, even when there is none."""
        response = VoiceResponse()
        _append_all(response, self._speaker.say(prompts, base=base, slow=False))
        response.append(self._message(base, action))
        response.append(Redirect(action, method="POST"))
        return str(response)

    def ring(self, prompts: Iterable[Prompt], phone: str, base: str, action: str) -> str:
        """Says `prompts`, then rings `phone`; how that went is posted to `action`."""
        response = VoiceResponse()
        _append_all(response, self._speaker.say(prompts, base=base, slow=False))
        self._ring(response, phone, action)
        return str(response)

    def goodbye(self, prompts: Iterable[Prompt], base: str) -> str:
        """Says `prompts` and ends the call."""
        response = VoiceResponse()
        _append_all(response, self._speaker.say(prompts, base=base, slow=False))
        response.hangup()
        return str(response)

    def _barge_in(self, response: VoiceResponse, spoken: list[Play | Say], action: str) -> None:
        """A <Gather> around the prompts, since a key pressed during a bare <Play> before <Record> is lost.

        It falls through to the recording. Its second of waiting is the price: speech in that second is not recorded.
        """
        if not spoken:
            return
        gather = Gather(input="dtmf", num_digits=1, finish_on_key="", timeout=BARGE_IN_S, action=action, method="POST")
        _append_all(gather, spoken)
        response.append(gather)

    def _gather(self, response: VoiceResponse, spoken: list[Play | Say], number: int, base: str) -> None:
        """finishOnKey is empty so that * and # are delivered like any other key."""
        action = _action(base, number)
        gather = Gather(
            input="dtmf",
            num_digits=1,
            finish_on_key="",
            timeout=self._settings.no_input_s,
            action_on_empty_result=True,
            action=action,
            method="POST",
        )
        _append_all(gather, spoken)
        response.append(gather)
        response.append(Redirect(action, method="POST"))

    def _record(self, response: VoiceResponse, number: int, listen: Listen, base: str, *, waited: int) -> None:
        """The action of an empty recording is skipped: the redirect after it says how long it has been."""
        message = listen.kind == "message"
        silence = self._settings.message_silence_s if message else END_OF_SPEECH_S[listen.kind]
        action = _action(base, number, f"?{WAITED}={waited + silence}")
        if message:
            response.append(self._message(base, action, beep=not waited))
        else:
            response.append(_recording(base, action, silence_s=silence, longest_s=ANSWER_S, beep=False))
        response.append(Redirect(action, method="POST"))

    def _message(self, base: str, action: str, *, beep: bool = True) -> Record:
        """The beep tells somebody who is waiting politely that it is their turn."""
        settings = self._settings
        return _recording(base, action, silence_s=settings.message_silence_s, longest_s=settings.message_s, beep=beep)

    def _dial(self, response: VoiceResponse, dial: Dial, number: int, base: str) -> None:
        self._ring(response, dial.officer.phone, _action(base, number, f"?{TRANSFER}=1"))

    def _ring(self, response: VoiceResponse, phone: str, action: str) -> None:
        dial = DialVerb(
            timeout=self._settings.ring_s, caller_id=self._settings.line_number, action=action, method="POST"
        )
        dial.number(NOT_XML.sub("", phone))
        response.append(dial)
        response.append(Redirect(action, method="POST"))


def _recording(base: str, action: str, *, silence_s: int, longest_s: int, beep: bool) -> Record:
    """Silence is trimmed, because that is what makes a recording of nothing an empty one."""
    return Record(
        action=action,
        method="POST",
        timeout=silence_s,
        max_length=longest_s,
        finish_on_key=KEYS,
        play_beep=beep,
        trim="trim-silence",
        recording_status_callback=f"{base}/twilio/recording-status",
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )


def _records(listen: Listen) -> bool:
    """A message is always recorded: it is for a person's ears, whether or not the line understands speech."""
    return listen.speech or listen.kind == "message"


def _prompts(turn: Turn) -> tuple[Prompt, ...]:
    return (HALF_SECOND, *turn.say) if turn.after_key else turn.say


def _action(base: str, number: int, query: str = "") -> str:
    """Where the answer to a turn goes."""
    return f"{base}/twilio/turn/{number}{query}"


def _append_all(parent: VoiceResponse | Gather, verbs: Iterable[Play | Say]) -> None:
    for verb in verbs:
        parent.append(verb)
