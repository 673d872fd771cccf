"""How an event is read as an answer: which key, which intent, how sure, and whether there is a message in it."""

from dataclasses import dataclass
from typing import Literal

from ivr.dialog.model import Heard, Key, Silence, UpdateRequest, Utterance

# Values decided for this line (CARE marks them [D]).
SURE = 0.6
"""Least confidence at which a spoken answer may close something. Without a confidence nothing is sure."""
COMMAND_CHARACTERS = 8
"""Where a message is expected, anything longer is the message, even if it sounds like 再说一遍 or 谢谢."""
SHORTEST_MESSAGE_S = 1.0
"""A recording below this, without words, is the sound of the key that ended it."""

Command = Literal["repeat", "slower", "human", "wait"]
CLOSING = ("bye", "no", "fine", "refuse")
"""Intents that say that nothing more is wanted."""

_SLOWER = ("慢", "太快")
_COMMANDS: dict[str | None, Command] = {"repeat": "repeat", "human": "human", "wait": "wait"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to a question; all of it empty is silence."""

    key: str | None = None
    utterance: Utterance | None = None
    intent: str | None = None
    """None as well when a key decides, or when the words are a message and not a command."""
    command: Command | None = None

    @property
    def silent(self) -> bool:
        return self.key is None and self.utterance is None

    @property
    def text(self) -> str:
        return (self.utterance and self.utterance.text) or ""

    @property
    def meaning(self) -> Heard:
        return (self.utterance and self.utterance.meaning) or Heard()

    @property
    def sure(self) -> bool:
        return self.utterance is not None and (self.utterance.confidence or 0) >= SURE

    @property
    def closing(self) -> bool:
        """Says, surely, that nothing more is wanted."""
        return self.sure and self.intent in CLOSING

    @property
    def has_message(self) -> bool:
        """Something was said that is worth keeping, understood or not."""
        said = self.utterance
        if said is None or said.text:
            return said is not None
        if said.seconds is not None:
            return said.seconds >= SHORTEST_MESSAGE_S
        return said.key is None or said.recording_sid is not None

    def kept_for(self, ref: str) -> UpdateRequest:
        """What was said, put with the request."""
        said = self.utterance or Utterance()
        return UpdateRequest(ref=ref, recording_sid=said.recording_sid, transcript=said.text)


def hear(event: Key | Utterance | Silence, *, message: bool) -> Answer:
    """Read an event as an answer; `message` says that the question expects somebody to speak freely."""
    if isinstance(event, Key):
        return Answer(key=event.key)
    if isinstance(event, Silence):
        return Answer()
    meaning = event.meaning or Heard()
    text = event.text or ""
    if (event.key and not message) or (message and len(text) > COMMAND_CHARACTERS):
        return Answer(key=event.key, utterance=event)
    command = _COMMANDS.get(meaning.intent)
    if command == "repeat" and any(word in text for word in _SLOWER):
        command = "slower"
    return Answer(key=event.key, utterance=event, intent=meaning.intent, command=command)
