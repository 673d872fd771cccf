"""What a record says in words: the prompts as the caller heard them, and what a request is about."""

from collections.abc import Iterable

import structlog

from ivr.calls.live import Conversation
from ivr.calls.record import Answered, Said
from ivr.dialog.model import Effect, Listen, OpenRequest, Prompt, UpdateRequest
from prompts import Catalogue, CatalogueError

log = structlog.get_logger()


class Scribe:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def answered(self, known: Conversation) -> Answered:
        """The current turn, now that its answer is in."""
        turn = known.turn
        said = tuple(Said(key=prompt.key, text=self._text(prompt)) for prompt in turn.say)
        asked = turn.then.question if isinstance(turn.then, Listen) else None
        return Answered(number=turn.number, said=said, asked=asked, sent_at=known.sent_at)

    def matters(self, effects: Iterable[Effect]) -> dict[str, str]:
        """事项 for each category that the effects mention."""
        named = {effect.category for effect in effects if isinstance(effect, OpenRequest | UpdateRequest)}
        return {category: self._text(Prompt(key=f"matter.{category}")) for category in named if category}

    def _text(self, prompt: Prompt) -> str:
        """Empty when the catalogue has no such text: no step is held up for want of words."""
        try:
            return self._catalogue.text(prompt.key, prompt.slots)
        except CatalogueError as error:
            log.error("prompt_without_text", key=prompt.key, error=type(error).__name__)
            return ""
