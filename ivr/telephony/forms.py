"""The provider's webhook forms, read into the line's own values.

Nothing in a form can raise: providers add, omit and mangle fields. A field that is longer than any that a provider
sends, or that has control characters in it, is read as missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ivr.calls.record import Leg
from ivr.dialog.model import KEYS, Key, TransferResult, Utterance

FINAL_STATUSES = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})

SHORT = 64
"""Characters. SIDs, numbers and words; Twilio's own SIDs have 34."""
ADDRESS = 500
"""Characters. A recording's URL."""

MACHINES = ("machine", "fax")
"""How AnsweredBy begins when it is not a person: machine_start, machine_end_beep, …"""

HUNG_UP = "hangup"
"""What a provider sends in Digits when the caller ended a recording by hanging up."""

DIAL_OUTCOMES: Mapping[str, Literal["answered", "busy", "no_answer"]] = {
    "completed": "answered",
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no_answer",
}
"""DialCallStatus to TransferResult.outcome; everything else is `failed`."""


@dataclass(frozen=True)
class RecordingForm:
    """A recording that the provider has made. `seconds` is None when the provider did not say."""

    sid: str
    url: str
    seconds: float | None


@dataclass(frozen=True)
class CallForm:
    """What every webhook says about its call."""

    sid: str
    leg: Leg
    status: str | None
    duration_s: int | None

    @property
    def over(self) -> bool:
        """The provider says that the call has ended."""
        return self.status in FINAL_STATUSES


def call_of(form: Mapping[str, str]) -> CallForm | None:
    """The call that a form is about; None when it names none."""
    sid = _field(form, "CallSid")
    if sid is None:
        return None
    return CallForm(
        sid=sid,
        leg=Leg(
            direction="outbound" if (_field(form, "Direction") or "").startswith("outbound") else "inbound",
            from_number=_field(form, "From"),
            to_number=_field(form, "To"),
        ),
        status=_status(form, "CallStatus"),
        duration_s=_whole(form, "CallDuration"),
    )


def recording_of(form: Mapping[str, str]) -> RecordingForm | None:
    """The recording that a form brings. Somleng names it only by its URL, whose last part is its SID."""
    url = _field(form, "RecordingUrl", ADDRESS)
    if url is None:
        return None
    name = _last_part(url)
    sid = _field(form, "RecordingSid") or name[-SHORT:]
    seconds = _whole(form, "RecordingDuration")
    return RecordingForm(sid, url, None if seconds is None else float(seconds)) if sid else None


def recording_status_of(form: Mapping[str, str]) -> str | None:
    """in-progress, completed, absent or failed; None when the form does not say."""
    return _status(form, "RecordingStatus")


def answer_of(form: Mapping[str, str]) -> Key | Utterance | None:
    """What came from the caller; None when nothing did.

    A recording of no length that no key ended is nothing: the provider listened and nobody spoke.
    """
    key = _key(form)
    recording = recording_of(form)
    if recording and recording.seconds != 0:
        return Utterance(recording_sid=recording.sid, seconds=recording.seconds, key=key)
    return Key(key=key) if key else None


def transfer_result_of(form: Mapping[str, str]) -> TransferResult:
    """How a <Dial> went. A provider that says nothing about it has failed."""
    outcome = DIAL_OUTCOMES.get(_status(form, "DialCallStatus") or "", "failed")
    return TransferResult(outcome=outcome, seconds=_whole(form, "DialCallDuration") or 0)


def machine_answered(form: Mapping[str, str]) -> bool:
    """What picked up is a machine. Whatever is not known to be one is taken for a person."""
    return (_status(form, "AnsweredBy") or "").startswith(MACHINES)


def hung_up(form: Mapping[str, str]) -> bool:
    """The caller ended the recording by hanging up."""
    return form.get("Digits") == HUNG_UP


def account_of(form: Mapping[str, str]) -> str | None:
    return _field(form, "AccountSid")


def error_code_of(form: Mapping[str, str]) -> int | None:
    """Why the provider fetches the fallback, as a number of its own, such as 11200."""
    return _whole(form, "ErrorCode")


def _key(form: Mapping[str, str]) -> str | None:
    """The first key pressed: the line asks for one, and what a shaking hand adds to it is not an answer."""
    digits = (_field(form, "Digits") or "")[:1]
    return digits if digits in KEYS and digits else None


def _status(form: Mapping[str, str], name: str) -> str | None:
    value = _field(form, name)
    return value.lower() if value else None


def _whole(form: Mapping[str, str], name: str) -> int | None:
    """None when it is missing, negative, not a number or longer than 7 digits."""
    value = _field(form, name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None


def _field(form: Mapping[str, str], name: str, longest: int = SHORT) -> str | None:
    value = form.get(name, "").strip()
    return value if value and len(value) <= longest and value.isprintable() else None


def _last_part(url: str) -> str:
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return path.rstrip("/").rpartition("/")[2].removesuffix(".wav").removesuffix(".mp3")
