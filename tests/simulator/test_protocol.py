"""What the browser phone and the network say to each other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.simulator.browser import WAITING_ACTS, BrowserHandset
from ivr.simulator.events import (
    Answered,
    Beeped,
    DialEnded,
    Ended,
    Event,
    Gathered,
    Gathering,
    KeyPressed,
    PickedUp,
    Played,
    Playing,
    Problem,
    RecordingEnded,
    RecordingStarted,
    Requested,
    Ringing,
    Said,
)
from ivr.simulator.handset import HangUp, Heard, Nothing, OfficerAnswers, OfficerDeclines, Press, Voice
from ivr.simulator.protocol import Call, HeardSound, Message, ProtocolError, from_page, to_page
from ivr.simulator.words import WORDS


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ({"type": "call", "caller": 2}, Call(2)),
        ({"type": "key", "key": "*"}, Press("*")),
        ({"type": "heard", "id": 3}, HeardSound(3)),
        ({"type": "hang_up"}, HangUp()),
        ({"type": "officer_answers"}, OfficerAnswers()),
        ({"type": "officer_declines"}, OfficerDeclines()),
    ],
)
def test_what_the_page_sends_is_understood(message: Message, meant: object) -> None:
    assert from_page(json.dumps(message)) == meant


def test_the_microphone_is_sound() -> None:
    assert from_page(b"\x01\x00\x02\x00") == Voice(b"\x01\x00\x02\x00")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "hello",
        "[]",
        "1",
        "{}",
        '{"type": ["key"]}',
        '{"type": "key"}',
        '{"type": "key", "key": "12"}',
        '{"type": "key", "key": "A"}',
        '{"type": "call", "caller": -1}',
        '{"type": "call", "caller": true}',
        '{"type": "call", "caller": "0"}',
        '{"type": "heard"}',
        b"odd",
        b"\0" * 70_000,
    ],
)
def test_anything_else_is_refused(message: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        from_page(message)


@given(st.text() | st.binary())
def test_no_message_does_any_other_harm(message: str | bytes) -> None:
    try:
        from_page(message)
    except ProtocolError:
        return


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Answered(0), {"type": "connected"}),
        (
            Playing(0, "u", 1.5, Said("您好", "greeting"), "abc"),
            {"type": "play", "id": 7, "sound": "abc", "text": "您好", "seconds": 1.5},
        ),
        (Playing(0, "u", 1.5, None, None), {"type": "play", "id": 7, "sound": None, "text": "", "seconds": 1.5}),
        (Played(1, "u", None, complete=False), {"type": "stop"}),
        (Played(1, "u", None, complete=True), None),
        (Gathering(1, 10), {"type": "listening", "seconds": 10}),
        (Gathered(1, "2"), None),
        (KeyPressed(1, "2", lost=True), {"type": "key", "key": "2", "lost": True}),
        (Beeped(1), {"type": "beep"}),
        (RecordingStarted(1, 60), {"type": "record", "seconds": 60}),
        (RecordingEnded(1, "RE1", 3, "1"), {"type": "record_end", "seconds": 3, "key": "1", "kept": True}),
        (RecordingEnded(1, None, 0, None), {"type": "record_end", "seconds": 0, "key": None, "kept": False}),
        (Ringing(1, "+86", 15), {"type": "ring", "number": "+86", "seconds": 15}),
        (PickedUp(1, "+86"), {"type": "picked_up"}),
        (DialEnded(1, "+86", "busy", 0), {"type": "ring_end", "status": "busy", "seconds": 0}),
        (Problem(1, 11200, "HTTP 500"), {"type": "problem", "code": 11200, "text": "HTTP 500"}),
        (Ended(65.4, "line", "completed"), {"type": "ended", "by": "line", "seconds": 65}),
        (Requested(1, "u", 200, 3), None),
    ],
)
def test_the_page_is_told_what_happens(event: Event, message: Message | None) -> None:
    assert to_page(event, 7) == message


def test_the_page_says_everything_in_both_languages() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    assert all(text.strip() for words in WORDS.values() for text in words.values())


def test_the_end_of_a_sound_that_was_cut_off_does_not_end_the_next_one() -> None:
    handset = BrowserHandset(lambda _message: None)
    for _ in range(2):
        handset.notice(Playing(0, None, 1, None, None))
    handset.put(HeardSound(1))
    assert handset.attend(0) == Nothing()
    handset.put(HeardSound(2))
    assert handset.attend(0) == Heard()


def test_hanging_up_is_never_lost_in_a_flood_of_sound() -> None:
    handset = BrowserHandset(lambda _message: None)
    for _ in range(WAITING_ACTS + 100):
        handset.put(Voice(b"\0\0"))
    handset.put(HangUp())
    acts = [handset.attend(0) for _ in range(WAITING_ACTS + 1)]
    assert acts[-1] == HangUp()
    assert handset.attend(0) == Nothing()
