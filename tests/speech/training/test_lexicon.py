"""Every phrase of the line is a word of the model, in the accents its callers have."""

from pathlib import Path

import pytest

pytest.importorskip("pypinyin")

from speech.training import lexicon
from speech.training.lexicon import LexiconError, slots
from speech.training.phones import FINALS, INITIALS, PHONES, phones_of
from speech.training.readings import phones_of_text, spoken, syllables

PHRASES = Path(__file__).parents[3] / "prompts" / "zh_CN" / "phrases.json"


@pytest.fixture(scope="module")
def built():
    return lexicon.build(lexicon.read_phrases(PHRASES))


def test_every_phrase_of_the_line_is_a_word(built):
    assert not [phrase for phrase in lexicon.read_phrases(PHRASES) if phrase not in set(built.words)]


def test_every_phrase_can_also_be_spelt_in_characters(built):
    assert {c for phrase in built.phrases for c in phrase} <= set(built.characters)


def test_everyday_characters_are_words_though_no_phrase_has_them(built):
    assert {"鲸", "霞", "瑞", "嘉"} <= set(built.characters)
    assert len(built.characters) >= 3700


def test_words_are_numbered_once_and_end_with_the_unknown(built):
    assert len(built.words) == len(set(built.words))
    assert built.words[-1] == "[unk]"


@pytest.mark.parametrize(
    ("syllable", "phones"),
    [
        ("zhi1", ("zh", "ir")), ("si4", ("s", "iz")), ("ri", ("r", "ir")), ("xue2", ("x", "ve")), ("jun1", ("j", "vn")),
        ("lüe4", ("l", "ve")), ("nv3", ("n", "v")), ("liu2", ("l", "iu")), ("yi1", ("i",)), ("weng1", ("ong",)),
        ("er2", ("er",)), ("huar1", ("h", "ua", "er")), ("hm1", None), ("xyz", None), ("", None),
    ],
)  # fmt: skip
def test_a_syllable_has_its_phones(syllable, phones):
    assert phones_of(syllable) == phones


def test_all_phones_are_different_and_the_blank_is_first():
    assert len(set(PHONES)) == len(PHONES) == 1 + len(INITIALS) + len(FINALS) == 59
    assert PHONES[0] == "<blk>"


def test_numbers_are_read_as_callers_say_them():
    assert spoken("打120!") == "打幺二零"
    assert spoken("3 楼") == "三楼"


def test_a_character_of_several_readings_is_read_by_its_neighbours():
    assert syllables("银行")[1] == "hang2"
    assert syllables("行不行")[0] == "xing2"


def test_unreadable_text_has_no_phones():
    assert phones_of_text("hello") is None


@pytest.mark.parametrize(
    ("standard", "accent"),
    [("zh", "z"), ("sh", "s"), ("n", "l"), ("l", "n"), ("ing", "in"), ("eng", "en"), ("en", "eng"), ("ir", "iz")],
)
def test_the_accents_of_the_region_are_pronunciations(standard, accent):
    ((first, free), *others) = slots([standard])[0]
    assert (first, free) == (standard, 0.0)
    assert accent in [phone for phone, cost in others if cost > 0]


def test_sounds_that_nobody_merges_have_one_pronunciation():
    assert slots(["b", "a"]) == [(("b", 0.0),), (("a", 0.0),)]


def test_phrases_that_sound_alike_are_found():
    assert lexicon.homophones(["要", "药", "不要", "要", "救命"]) == [("要", "药")]


def test_a_phrase_that_cannot_be_read_is_named():
    with pytest.raises(LexiconError, match="〇〇"):
        lexicon.build(["救命", "〇〇"])


def test_a_plain_list_of_phrases_is_read_too(tmp_path):
    (tmp_path / "phrases.txt").write_text("要修水管\n\n要修水管\n打120\n", "utf-8")
    assert lexicon.read_phrases(tmp_path / "phrases.txt") == ["要修水管", "打幺二零"]


def test_a_file_without_phrases_is_refused(tmp_path):
    (tmp_path / "phrases.json").write_text('{"_note": "空", "intents": {}}', "utf-8")
    with pytest.raises(LexiconError, match="no Chinese phrase"):
        lexicon.read_phrases(tmp_path / "phrases.json")
