from pathlib import Path

import pytest

from prompts import (
    Catalogue,
    CatalogueError,
    Clip,
    MissingSlotError,
    UnknownPromptError,
    Words,
    load_catalogue,
)
from prompts.catalogue import read_texts

TEXTS = {
    "text": "{text}",
    "silence.half": "",
    "greeting.hello": "您好，彩虹桥热线。",
    "greeting.name": "您好，{address_as}。",
    "checkin.identity": "请问是{address_as}吗？是的，请按1；不是，请按2。",
    "bulletin.title": "{title}。",
    "readback.noted": "我记下了：{matter}。对的，请按1。",
    "matter.medicine": "您要配药。",
    "report.both": "{first}和{second}",
}


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue("zh_CN", TEXTS, Path("nowhere"))


def names(parts: tuple[Clip | Words, ...]) -> list[str]:
    return [part.name if isinstance(part, Clip) else f"“{part.text}”" for part in parts]


def test_a_text_without_slots_is_one_clip_that_has_its_name(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("greeting.hello")) == ["greeting.hello"]
    assert catalogue.script("greeting.hello").text == "您好，彩虹桥热线。"


def test_a_text_with_a_slot_at_its_end_is_one_clip_and_the_value_with_its_mark(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("greeting.name", {"address_as": "张老"})) == ["greeting.name", "“张老。”"]


def test_clips_around_a_slot_are_numbered(catalogue: Catalogue) -> None:
    parts = catalogue.clips("checkin.identity", {"address_as": "张老"})
    assert names(parts) == ["checkin.identity.1", "“张老”", "checkin.identity.2"]
    assert catalogue.script("checkin.identity.2").text == "吗？是的，请按1；不是，请按2。"


def test_a_value_that_names_an_entry_is_its_recording(catalogue: Catalogue) -> None:
    parts = catalogue.clips("readback.noted", {"matter": "@matter.medicine"})
    assert names(parts) == ["readback.noted.1", "matter.medicine", "readback.noted.2"]


def test_punctuation_is_said_once_when_a_named_entry_ends_with_its_own(catalogue: Catalogue) -> None:
    said = catalogue.text("readback.noted", {"matter": "@matter.medicine"})
    assert said == "我记下了：您要配药。对的，请按1。"


def test_a_value_that_only_looks_like_an_address_is_spoken(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("text", {"text": "@所有人，明天体检"})) == ["“@所有人，明天体检。”"]
    assert catalogue.text("text", {"text": "@所有人"}) == "@所有人"


def test_a_value_with_its_own_full_stop_keeps_it(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("bulletin.title", {"title": "体检通知！"})) == ["“体检通知！”"]


def test_an_empty_value_is_not_spoken(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("greeting.name", {"address_as": " "})) == ["greeting.name"]


def test_two_slots_with_words_between_them(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("report.both", {"first": "甲", "second": "乙"})) == ["“甲”", "report.both", "“乙。”"]


def test_an_entry_without_words_is_a_silent_clip(catalogue: Catalogue) -> None:
    assert names(catalogue.clips("silence.half")) == ["silence.half"]
    assert catalogue.script("silence.half").silent
    assert not catalogue.script("greeting.hello").silent


def test_only_the_last_clip_of_a_prompt_has_the_long_pause(catalogue: Catalogue) -> None:
    assert catalogue.script("checkin.identity.1").pause_s < 0.4
    assert 0.4 <= catalogue.script("checkin.identity.2").pause_s <= 0.7


def test_the_digest_changes_with_the_words(catalogue: Catalogue) -> None:
    changed = Catalogue("zh_CN", {**TEXTS, "greeting.hello": "您好。"}, Path("nowhere"))
    assert changed.clips("greeting.hello") != catalogue.clips("greeting.hello")
    assert changed.clips("matter.medicine") == catalogue.clips("matter.medicine")


def test_slots_are_listed(catalogue: Catalogue) -> None:
    assert catalogue.slots("report.both") == ("first", "second")
    assert catalogue.keys() == tuple(TEXTS)


def test_an_unknown_key_is_an_error_that_names_it(catalogue: Catalogue) -> None:
    for ask in (catalogue.text, catalogue.clips, catalogue.slots, catalogue.script):
        with pytest.raises(UnknownPromptError, match=r"zh_CN: .*'menu\.nothing'"):
            ask("menu.nothing")
    with pytest.raises(KeyError):
        catalogue.clips("readback.noted", {"matter": "@matter.nothing"})


def test_a_missing_slot_is_an_error_that_names_it(catalogue: Catalogue) -> None:
    for ask in (catalogue.text, catalogue.clips):
        with pytest.raises(MissingSlotError, match=r"greeting\.name needs a value for \{address_as\}"):
            ask("greeting.name")


def test_two_entries_cannot_need_the_same_clip() -> None:
    with pytest.raises(CatalogueError, match=r"two entries need a clip called 'a\.1'"):
        Catalogue("zh_CN", {"a": "一{x}二", "a.1": "三"}, Path("nowhere"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.b: [", "is not YAML"),
        ("", "must be a mapping"),
        ("- a", "must be a mapping"),
        ("a.b: 一\na.b: 二", "key given twice: a.b"),
        ("a.b: 1", "the text must be words"),
        ("a.b:", "the text must be words"),
        ("1: 一", "is not a key"),
        ("A.b: 一", "is not a key"),
        ("../../etc: 一", "is not a key"),
        ("a b: 一", "is not a key"),
        ("a..b: 一", "is not a key"),
        ("a.b: 一{X}", "a slot must look like"),
        ("a.b: 一{x", "a slot must look like"),
    ],
)
def test_a_bad_texts_file_is_refused_with_what_is_wrong(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "texts.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=message) as error:
        read_texts(path)
    assert str(path) in str(error.value)


def test_a_texts_file_that_is_not_there_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        read_texts(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("a.b: 您好".encode("gbk"))
    with pytest.raises(CatalogueError, match="is not YAML"):
        read_texts(tmp_path / "gbk.yaml")


@pytest.mark.parametrize("language", ["../zh_CN", "", "zh/CN", "xx_XX"])
def test_a_language_that_is_not_there_is_refused(language: str) -> None:
    with pytest.raises(CatalogueError):
        load_catalogue(language)


def test_the_catalogue_of_the_line_loads_once() -> None:
    assert load_catalogue("zh_CN") is load_catalogue("zh_CN")
