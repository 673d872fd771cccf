"""What the provider fetches to play."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.telephony.audio import LONGEST_SPOKEN, Addresses, Audio, pieces
from prompts import Clip, Words
from tests.telephony.scripted import ScriptedStudio
from tests.telephony.signing import SignedClient

SECRET = "a secret of the tests"


@pytest.fixture
def addresses() -> Addresses:
    return Addresses("zh_CN", SECRET)


def path_of(addresses: Addresses, part: Clip | Words, slow: bool = False) -> str:
    (address,) = addresses.of([part], slow=slow)
    return f"/twilio/audio/{address}"


@pytest.mark.parametrize("slow", [False, True])
def test_a_clip_is_served_as_a_wav_file_that_may_be_kept_for_ever(
    phone: SignedClient, addresses: Addresses, slow: bool
) -> None:
    answer = phone.get(path_of(addresses, Clip("menu.urgent", "0a1b"), slow))
    assert (answer.status_code, answer.content_type) == (200, "audio/wav")
    assert answer.data == f"RIFF menu.urgent {slow}".encode()
    assert answer.cache_control.immutable
    assert answer.cache_control.max_age == 365 * 24 * 3600


def test_a_clip_without_a_version_is_asked_for_again(phone: SignedClient) -> None:
    answer = phone.get("/twilio/audio/zh_CN/menu.urgent.wav")
    assert answer.status_code == 200
    assert answer.cache_control.no_cache
    assert not answer.cache_control.immutable


def test_a_clip_that_the_provider_already_has_is_not_sent_again(phone: SignedClient) -> None:
    first = phone.get("/twilio/audio/zh_CN/menu.urgent.wav")
    again = phone.get("/twilio/audio/zh_CN/menu.urgent.wav", if_none_match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_a_clip_is_read_once_for_each_speed() -> None:
    studio = ScriptedStudio()
    audio = Audio(studio)  # type: ignore[arg-type]
    for slow in (False, True, False, True):
        audio.recorded("menu.urgent", slow)
    assert studio.rendered == [("menu.urgent", False), ("menu.urgent", True)]


@pytest.mark.parametrize(
    "path",
    [
        "/twilio/audio/zh_CN/no.such.wav",
        "/twilio/audio/en_GB/menu.urgent.wav",
        "/twilio/audio/zh_CN/..%2F..%2Fsecret.wav",
        "/twilio/audio/spoken/made-up.wav",
        "/twilio/audio/spoken/.wav",
        "/twilio/audio/spoken/WyJcdTYyMTEiLGZhbHNlXQ.AAAA.wav",
    ],
)
def test_what_the_line_never_offered_is_not_there(phone: SignedClient, path: str) -> None:
    assert phone.get(path).status_code == 404


@pytest.mark.parametrize("slow", [False, True])
def test_words_are_spoken_from_their_address_by_any_process(
    phone: SignedClient, addresses: Addresses, slow: bool
) -> None:
    answer = phone.get(path_of(addresses, Words("张老"), slow))
    assert answer.data.decode() == f"RIFF 张老 {slow}"
    assert answer.cache_control.immutable


def test_words_signed_with_another_secret_are_not_spoken(phone: SignedClient) -> None:
    assert phone.get(path_of(Addresses("zh_CN", "another secret"), Words("张老"))).status_code == 404


def test_one_changed_character_makes_an_address_worthless(phone: SignedClient, addresses: Addresses) -> None:
    path = path_of(addresses, Words("张老"))
    changed = path.replace("/spoken/W", "/spoken/X")
    assert changed != path
    assert phone.get(changed).status_code == 404


def test_the_same_words_have_the_same_address_so_that_they_are_spoken_once(addresses: Addresses) -> None:
    assert path_of(addresses, Words("张老")) == path_of(addresses, Words("张老"))
    assert path_of(addresses, Words("张老")) != path_of(addresses, Words("张老"), slow=True)


@given(st.text(alphabet=st.sampled_from("彩虹桥a，。！?\n ")), st.integers(1, 40))
def test_a_text_in_pieces_is_the_text(text: str, longest: int) -> None:
    cut = list(pieces(text, longest))
    assert text.startswith("".join(cut))
    assert not text.removeprefix("".join(cut)).strip()
    assert all(len(piece) <= longest for piece in cut)


def test_a_text_is_cut_after_a_sentence() -> None:
    sentence = "老干部活动中心今天开门。"
    cut = list(pieces(sentence * 20, LONGEST_SPOKEN))
    assert len(cut) == 2
    assert all(piece.endswith("。") for piece in cut)


@given(st.text(min_size=1, max_size=LONGEST_SPOKEN).filter(str.strip), st.booleans())
def test_every_text_comes_back_from_its_address(text: str, slow: bool) -> None:
    addresses = Addresses("zh_CN", SECRET)
    tokens = [
        urlsplit(address).path.removeprefix("spoken/").removesuffix(".wav")
        for address in addresses.of([Words(text)], slow=slow)
    ]
    found = [addresses.words(token) for token in tokens]
    assert all(words and words[1] is slow for words in found)
    assert "".join(words[0] for words in found if words).strip() == text.strip()
