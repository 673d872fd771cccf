"""Every text of the pages is there in English too."""

import re

import pytest
from babel.messages.catalog import Message

from tests.console import texts

CHINESE = re.compile(r"[\u3400-\u9fff]")
VALUES = re.compile(r"%\((\w+)\)")
ENTRIES = [
    pytest.param(message, id=f"{subject}-{message.id}")
    for subject, catalogue in texts.english().items()
    for message in catalogue
    if message.id
]


def test_every_text_of_the_pages_has_its_english() -> None:
    translated = {message.id for catalogue in texts.english().values() for message in catalogue if message.string}

    missing = {text: name for text, name in texts.written().items() if text not in translated}

    assert missing == {}


def test_no_english_is_kept_of_a_text_that_is_gone() -> None:
    written = texts.written()
    kept = {message.id: subject for subject, found in texts.english().items() for message in found if message.id}

    assert {text: subject for text, subject in kept.items() if text not in written} == {}


def test_a_text_has_the_same_english_on_all_pages() -> None:
    english: dict[str, set[str]] = {}
    for message in (message for catalogue in texts.english().values() for message in catalogue):
        english.setdefault(str(message.id), set()).add(str(message.string))

    assert {text: found for text, found in english.items() if text and len(found) > 1} == {}


@pytest.mark.parametrize("message", ENTRIES)
def test_the_english_of_a_text_has_its_values_and_no_chinese(message: Message) -> None:
    assert isinstance(message.id, str)
    assert isinstance(message.string, str)
    assert not CHINESE.search(message.string)
    assert not message.fuzzy
    assert set(VALUES.findall(message.string)) == set(VALUES.findall(message.id))
