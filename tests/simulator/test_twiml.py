"""Documents are read as the provider reads them, and refused where it would stumble."""

import pytest
from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Gather as GatherVerb
from twilio.twiml.voice_response import VoiceResponse

from ivr.simulator.twiml import (
    KEYS,
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    TwimlError,
    parse,
)


def parse_one(element: str) -> object:
    (verb,) = parse(f"<Response>{element}</Response>")
    return verb


@pytest.mark.parametrize(
    ("element", "verb"),
    [
        ("<Play>https://line/a.wav?v=1&amp;slow=1</Play>", Play("https://line/a.wav?v=1&slow=1")),
        ('<Play loop="3">a.wav</Play>', Play("a.wav", loop=3)),
        ('<Say language="cmn-CN" voice="Polly.Zhiyu">您好</Say>', Say("您好")),
        ('<Say><break time="500ms"/><prosody rate="80%">您好</prosody></Say>', Say("您好")),
        ("<Pause/>", Pause(1)),
        ('<Pause length="4"/>', Pause(4)),
        ("<Gather/>", Gather()),
        ("<Record/>", Record(timeout=5, max_length=3600, finish_on=KEYS, beep=True, trim=True)),
        ("<Dial>+8651252880000</Dial>", Dial("+8651252880000", timeout=30)),
        ("<Redirect>/next</Redirect>", Redirect("/next")),
        ("<Hangup/>", Hangup()),
        ('<Reject reason="busy"/>', Reject("busy")),
    ],
)
def test_a_verb_is_read_with_the_providers_defaults(element: str, verb: object) -> None:
    assert parse_one(element) == verb


def test_every_attribute_of_a_gather_is_read() -> None:
    verb = parse_one(
        '<Gather input="dtmf" action="/a" method="GET" timeout="10" numDigits="1" finishOnKey="" '
        'actionOnEmptyResult="true"><Play>a.wav</Play><Pause/><Say>b</Say></Gather>'
    )
    assert verb == Gather((Play("a.wav"), Pause(1), Say("b")), "/a", "GET", 10, 1, "", action_on_empty=True)


def test_every_attribute_of_a_recording_is_read() -> None:
    verb = parse_one(
        '<Record action="/a" method="POST" timeout="3" maxLength="60" finishOnKey="*#" playBeep="false" '
        'trim="do-not-trim" recordingStatusCallback="/r" recordingStatusCallbackMethod="POST" '
        'recordingStatusCallbackEvent="completed absent"/>'
    )
    assert verb == Record("/a", "POST", 3, 60, "*#", beep=False, trim=False, status_callback="/r")


def test_what_the_providers_own_library_writes_can_be_executed() -> None:
    response = VoiceResponse()
    gather = GatherVerb(input="dtmf", num_digits=1, finish_on_key="", timeout=10, action="/a", method="POST")
    gather.play("a.wav")
    response.append(gather)
    dial = DialVerb(timeout=15, caller_id="+8651200000000", action="/d", method="POST")
    dial.number("+8651252880000")
    response.append(dial)
    response.hangup()
    assert parse(str(response)) == (
        Gather((Play("a.wav"),), "/a", "POST", 10, 1, ""),
        Dial("+8651252880000", "/d", "POST", 15, caller_id="+8651200000000"),
        Hangup(),
    )


@pytest.mark.parametrize(
    ("document", "code", "named"),
    [
        ("", 12100, "well-formed"),
        ("<Response><Play>a.wav</Response>", 12100, "well-formed"),
        ("<Answer/>", 12102, "<Answer>"),
        ("<Response>您好</Response>", 12200, "text outside"),
        ("<Response><Gather>您好</Gather></Response>", 12200, "text outside"),
        ("<Response><say>a</say></Response>", 12200, "<say>"),
        ("<Response><Connect/></Response>", 12200, "<Connect>"),
        ("<Response><Play/></Response>", 12200, "<Play> is empty"),
        ("<Response><Say> </Say></Response>", 12200, "<Say> is empty"),
        ("<Response><Dial/></Response>", 12200, "<Dial> is empty"),
        ("<Response><Dial><Number>1</Number><Number>2</Number></Dial></Response>", 12200, "one number"),
        ('<Response><Gather timeout="0"/></Response>', 12200, 'timeout="0"'),
        ('<Response><Gather timeout="1.5"/></Response>', 12200, 'timeout="1.5"'),
        ('<Response><Gather numDigits="one"/></Response>', 12200, 'numDigits="one"'),
        ('<Response><Gather input="speech"/></Response>', 12200, 'input="speech"'),
        ('<Response><Gather finishOnKey="A"/></Response>', 12200, 'finishOnKey="A"'),
        ("<Response><Gather><Record/></Gather></Response>", 12200, "<Record>"),
        ('<Response><Record maxlength="5"/></Response>', 12200, 'maxlength="5"'),
        ('<Response><Record playBeep="yes"/></Response>', 12200, 'playBeep="yes"'),
        ("<Response><Hangup><Play>a</Play></Hangup></Response>", 12200, "<Play>"),
        ('<Response><Redirect method="PUT">/a</Redirect></Response>', 12200, 'method="PUT"'),
    ],
)
def test_a_faulty_document_is_refused_with_the_providers_code_and_the_fault(
    document: str, code: int, named: str
) -> None:
    with pytest.raises(TwimlError) as error:
        parse(document)
    assert error.value.code == code
    assert named in str(error.value)
