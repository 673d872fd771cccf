"""Turns to render, and the TwiML that comes of them, read back."""

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from werkzeug.test import TestResponse

from ivr.dialog.model import Dial, HangUp, Listen, Officer, Prompt, Turn

TEXTS = {
    "silence.half": "",
    "text": "{text}",
    "menu.urgent": "急事，请按1。",
    "greeting.name": "您好，{address_as}。",
    "person.nobody": "您讲，我录下来。",
    "person.calling": "我请工作人员来接。",
    "person.still": "还在找人。",
    "message.kept": "录下来了。",
    "urgent.nobody": "请您挂机，马上拨120。",
    "bye.plain": "再见。",
}

OFFICER = Officer(staff_id=3, name="王红", phone="+8651252880009")
MENU = (Prompt(key="menu.urgent"),)


def a_turn(then: Listen | Dial | HangUp | None = None, **changes: Any) -> Turn:
    return Turn(**{"number": 7, "say": MENU, "then": then or keys_only()} | changes)


def keys_only() -> Listen:
    return Listen(question="menu_keys", kind="menu", keys="1230")


def spoken_menu() -> Listen:
    return Listen(question="menu", kind="menu", keys="1230", speech=True)


def spoken_yes_no() -> Listen:
    return Listen(question="more", kind="yes_no", keys="12", speech=True)


def message() -> Listen:
    return Listen(question="message", kind="message", keys="1", speech=False)


def dial() -> Dial:
    return Dial(officer=OFFICER)


@dataclass(frozen=True)
class Verb:
    name: str
    text: str
    attributes: dict[str, str]
    inside: tuple["Verb", ...]

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]


def verbs(document: str | TestResponse) -> list[Verb]:
    """The verbs of a document, which must be the TwiML of an answer with status 200."""
    if not isinstance(document, str):
        assert document.status_code == 200
        assert document.content_type == "text/xml; charset=utf-8"
        document = document.get_data(as_text=True)
    root = ElementTree.fromstring(document.encode())
    assert root.tag == "Response"
    return [_verb(element) for element in root]


def shape(found: list[Verb]) -> list[str]:
    """Gather(Play Play) Record Redirect, in short."""
    return [f"{verb.name}({' '.join(shape(list(verb.inside)))})" if verb.inside else verb.name for verb in found]


def _verb(element: ElementTree.Element) -> Verb:
    inside = tuple(_verb(child) for child in element)
    return Verb(element.tag, element.text or "", dict(element.attrib), inside)
