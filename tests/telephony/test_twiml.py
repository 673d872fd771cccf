"""How each kind of turn sounds to the provider."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.config import Settings
from ivr.dialog.model import HangUp, Listen, Prompt, Turn
from ivr.simulator import twiml as network
from ivr.telephony.audio import Addresses
from ivr.telephony.twiml import Writer, speaker_for
from prompts import Catalogue
from tests.telephony.signing import BASE
from tests.telephony.turns import a_turn, dial, message, shape, spoken_menu, spoken_yes_no, verbs

ACTION = f"{BASE}/twilio/turn/7"


@pytest.fixture
def write(settings: Settings, catalogue: Catalogue) -> Callable[..., str]:
    """Renders a turn, with the settings changed."""

    def render(turn: Turn, **changes: Any) -> str:
        changed = settings.model_copy(update=changes)
        speaker = speaker_for(changed, catalogue, Addresses("zh_CN", "secret"))
        return Writer(changed, speaker).turn(turn, BASE)

    return render


@pytest.fixture
def writer(settings: Settings, catalogue: Catalogue) -> Writer:
    return Writer(settings, speaker_for(settings, catalogue, Addresses("zh_CN", "secret")))


def test_a_turn_for_keys_gathers_one_key_and_any_key_interrupts_the_prompt(write: Callable[..., str]) -> None:
    gather, redirect = verbs(write(a_turn(), no_input_s=11))
    assert shape([gather, redirect]) == ["Gather(Play)", "Redirect"]
    assert gather.attributes == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "11",
        "actionOnEmptyResult": "true",
        "action": ACTION,
        "method": "POST",
    }
    assert (redirect.text, redirect["method"]) == (ACTION, "POST")


def test_a_turn_for_speech_plays_inside_a_gather_and_then_records(write: Callable[..., str]) -> None:
    gather, record, redirect = verbs(write(a_turn(spoken_menu())))
    assert shape([gather, record, redirect]) == ["Gather(Play)", "Record", "Redirect"]
    assert (gather["numDigits"], gather["finishOnKey"], gather["timeout"], gather["action"]) == ("1", "", "1", ACTION)
    assert "actionOnEmptyResult" not in gather.attributes
    assert record["finishOnKey"] == "0123456789*#"
    assert (record["playBeep"], record["timeout"], record["maxLength"]) == ("false", "2", "15")
    assert record["action"] == redirect.text == f"{ACTION}?waited=2"
    assert record["recordingStatusCallback"] == f"{BASE}/twilio/recording-status"


def test_a_message_is_recorded_after_a_beep_for_as_long_as_the_settings_say(write: Callable[..., str]) -> None:
    turn = a_turn(message())
    gather, record, redirect = verbs(write(turn, message_s=90, message_silence_s=4))
    assert gather.name == "Gather"
    assert (record["playBeep"], record["timeout"], record["maxLength"]) == ("true", "4", "90")
    assert record["action"] == redirect.text == f"{ACTION}?waited=4"


def test_a_silent_caller_is_listened_to_again_without_a_word_until_the_time_is_up(writer: Writer) -> None:
    turn = a_turn(spoken_yes_no())
    again = writer.listen_again(turn, BASE, waited=8)
    assert again
    record, redirect = verbs(again)
    assert record["action"] == redirect.text == f"{ACTION}?waited=10"
    assert record["playBeep"] == "false"
    assert writer.listen_again(turn, BASE, waited=10) is None


def test_the_beep_is_heard_once(writer: Writer) -> None:
    again = writer.listen_again(a_turn(message()), BASE, waited=3)
    assert again
    assert verbs(again)[0]["playBeep"] == "false"


@pytest.mark.parametrize("then", [None, dial(), HangUp()])
def test_only_turns_that_record_are_listened_to_again(writer: Writer, then: Any) -> None:
    assert writer.listen_again(a_turn(then), BASE, waited=1) is None


def test_a_transfer_rings_the_officer_as_the_line_and_asks_how_it_went(write: Callable[..., str]) -> None:
    play, ring, redirect = verbs(write(a_turn(dial()), ring_s=15, line_number="+8651252880000"))
    assert play.name == "Play"
    assert ring.attributes == {
        "timeout": "15",
        "callerId": "+8651252880000",
        "action": f"{ACTION}?transfer=1",
        "method": "POST",
    }
    assert [(noun.name, noun.text) for noun in ring.inside] == [("Number", "+8651252880009")]
    assert redirect.text == f"{ACTION}?transfer=1"


def test_the_last_turn_says_goodbye_and_hangs_up(write: Callable[..., str]) -> None:
    assert shape(verbs(write(a_turn(HangUp())))) == ["Play", "Hangup"]


def test_a_turn_without_words_only_listens(write: Callable[..., str]) -> None:
    assert shape(verbs(write(a_turn(spoken_menu(), say=())))) == ["Record", "Redirect"]
    assert shape(verbs(write(a_turn(say=())))) == ["Gather", "Redirect"]


def test_after_a_key_the_line_is_silent_for_half_a_second(write: Callable[..., str]) -> None:
    gather = verbs(write(a_turn(after_key=True)))[0]
    assert [play.text.partition("?")[0] for play in gather.inside] == [
        f"{BASE}/twilio/audio/zh_CN/silence.half.wav",
        f"{BASE}/twilio/audio/zh_CN/menu.urgent.wav",
    ]


def test_a_clip_is_addressed_by_what_it_says_and_how_slowly(write: Callable[..., str], catalogue: Catalogue) -> None:
    (clip,) = catalogue.clips("menu.urgent")
    address = f"{BASE}/twilio/audio/zh_CN/menu.urgent.wav?v={clip.digest}"  # type: ignore[union-attr]
    assert verbs(write(a_turn()))[0].inside[0].text == address
    assert verbs(write(a_turn(slow=True)))[0].inside[0].text == address + "&slow=1"


def test_a_name_is_played_between_the_clips_around_it(write: Callable[..., str]) -> None:
    prompt = Prompt(key="greeting.name", slots={"address_as": "张老"})
    plays = verbs(write(a_turn(say=(prompt,))))[0].inside
    assert len(plays) == 2
    assert plays[1].text.startswith(f"{BASE}/twilio/audio/spoken/")
    assert "张老" not in plays[1].text


def test_a_long_text_takes_several_addresses_that_every_server_accepts(write: Callable[..., str]) -> None:
    text = "".join(f"第{number}条，彩虹桥的活动在老干部活动中心举行。" for number in range(200))
    plays = verbs(write(a_turn(say=(Prompt(key="text", slots={"text": text}),))))[0].inside
    assert len(plays) > 10
    assert max(len(play.text) for play in plays) < 2000


def test_the_provider_can_speak_instead(write: Callable[..., str]) -> None:
    prompt = Prompt(key="greeting.name", slots={"address_as": "张老"})
    (say,) = verbs(write(a_turn(say=(prompt,)), voice="provider", provider_voice="Polly.Zhiyu"))[0].inside
    assert (say.name, say.text, say.attributes) == (
        "Say",
        "您好，张老。",
        {"voice": "Polly.Zhiyu", "language": "cmn-CN"},
    )


def test_the_providers_voice_slows_down_and_pauses_too(write: Callable[..., str]) -> None:
    (say,) = verbs(write(a_turn(slow=True, after_key=True), voice="provider"))[0].inside
    assert [(part.name, part.text, part.attributes) for part in say.inside] == [
        ("break", "", {"time": "500ms"}),
        ("prosody", "急事，请按1。", {"rate": "80%"}),
    ]


def test_text_that_xml_cannot_hold_is_spoken_without_it(write: Callable[..., str]) -> None:
    prompt = Prompt(key="text", slots={"text": "一<二>&\x00\x0b\ufffe三]]>"})
    (say,) = verbs(write(a_turn(say=(prompt,)), voice="provider"))[0].inside
    assert say.text == "一<二>&三]]>"


@pytest.mark.parametrize("voice", ["recorded", "provider"])
@pytest.mark.parametrize("then", [None, spoken_menu(), spoken_yes_no(), message(), dial(), HangUp()])
def test_no_turn_uses_a_verb_or_a_relative_address_that_some_provider_refuses(
    write: Callable[..., str], then: Any, voice: str
) -> None:
    def check(found: list[Any]) -> None:
        for verb in found:
            assert verb.name in {"Play", "Say", "Gather", "Record", "Dial", "Number", "Redirect", "Hangup", "break"}
            for name in ("action", "recordingStatusCallback"):
                assert verb.attributes.get(name, BASE).startswith(BASE)
            if verb.name in {"Play", "Redirect"}:
                assert verb.text.startswith(BASE)
            check(list(verb.inside))

    document = write(a_turn(then, after_key=True), voice=voice)
    check(verbs(document))
    network.parse(document)  # stricter than any provider: attributes and values that are none are errors


@pytest.mark.parametrize("then", [None, spoken_menu(), message(), dial()])
def test_every_turn_that_waits_goes_on_when_the_provider_falls_through(write: Callable[..., str], then: Any) -> None:
    assert verbs(write(a_turn(then)))[-1].name == "Redirect"


def test_every_kind_of_listening_has_its_end_of_speech(writer: Writer) -> None:
    for kind in Listen.model_fields["kind"].annotation.__args__:  # type: ignore[union-attr]
        verbs(writer.turn(a_turn(Listen(question="menu", kind=kind, keys="12", speech=True)), BASE))


def test_the_languages_of_the_prompts_are_known_to_the_provider() -> None:
    from ivr.telephony.twiml import PROVIDER_LANGUAGE  # noqa: PLC0415

    root = Path(__file__).parents[2] / "prompts"
    assert {folder.parent.name for folder in root.glob("*/texts.yaml")} <= PROVIDER_LANGUAGE.keys()
