"""Whether a danger that was named is one: or denied, over, feared, asked about, somebody else's, or on the news."""

import re
from dataclasses import replace

from speech.understanding.files import mapping, read
from speech.understanding.scan import BLANK, Hit
from speech.understanding.spelling import PAUSE

CLAUSE = 14
"""How far back, in characters, a word still speaks of what follows it."""
STORY = 40
"""How far back a time that was mentioned is still the time of the story."""


class Context:
    """Immutable once made; see context.yaml."""

    def __init__(self) -> None:
        source = mapping(read("context.yaml"))
        light = source.pop("light").replace(" ", "")
        source["denial"] = rf"(?:{source['denial']})(?:{light}){{0,5}}$"
        self._rules = {name: re.compile(rule) for name, rule in source.items()}

    def judge(self, hit: Hit, text: str) -> Hit | None:
        """`hit` with its doubts and its negation; None when it is only the subject of a talk, a film, a form."""
        if self._follows("topic", text, hit.end):
            return None
        before = text[max(0, hit.start - CLAUSE) : hit.start].rpartition(PAUSE)[2]
        before = self._rules["correction"].split(before)[-1]
        bare = self._rules["intact"].sub("\0", before)
        negated = self._denied(hit, text, bare)
        doubt = hit.doubt or negated or self._distant(hit, text, before) or self._past(hit, text)
        return replace(hit, doubt=doubt or self._mixed(hit, text), negated=negated)

    def declined(self, hit: Hit, text: str) -> bool:
        """Whether a wish is turned down: 不要听新闻."""
        before = text[max(0, hit.start - CLAUSE) : hit.start].rpartition(PAUSE)[2]
        return self._found("declined", self._rules["intact"].sub("\0", before))

    def worsened(self, hit: Hit, text: str) -> bool:
        """Whether a fall is more than a fall: the person cannot get up, is hurt, or waves it away."""
        after = text[hit.end : hit.end + STORY]
        around = text[max(0, hit.start - STORY) : hit.start] + PAUSE + after
        said = text[hit.start : hit.end]
        within = self._found("fallen", said) and self._found("worse", said)
        return within or self._found("worse", around) or self._found("dismissed", after)

    def unshielded(self, text: str) -> str:
        """`text` with the words blanked that only look like a denial: 不得了."""
        return self._rules["intact"].sub(lambda match: BLANK * len(match[0]), text)

    def contradicted(self, text: str) -> int | None:
        """Where a "but" ends that takes back some of what was said before it; None without one."""
        match = self._rules["contrast"].search(text)
        return match.end() if match else None

    def corrected(self, text: str) -> int:
        """Where the speaker's last correction of himself ends; 0 without one."""
        return max((match.end() for match in self._rules["correction"].finditer(text)), default=0)

    def _denied(self, hit: Hit, text: str, bare: str) -> bool:
        inside = any(self._found("inner_denial", text[start:end]) for start, end in hit.gaps)
        return inside or self._found("denial", bare) or self._follows("after_denial", text, hit.end)

    def _distant(self, hit: Hit, text: str, before: str) -> bool:
        if self._found("hypothesis", before) or self._found("told", before):
            return True
        if hit.intent == "emergency":
            return self._follows("inquiry", text, hit.end)
        asked = self._found("asked", before) or self._follows("question", text, hit.end)
        others = not hit.place and (self._found("others", before[-10:]) or self._follows("whose", text, hit.end))
        return asked or others or (hit.intent == "fell" and self._found("dropped", before))

    def _past(self, hit: Hit, text: str) -> bool:
        if self._follows("after_past", text, hit.end):
            return True
        if self._found("still", text[hit.end : hit.end + CLAUSE]):
            return False
        if hit.intent != "emergency" and self._follows("over", text, hit.end):
            return True
        before = text[max(0, hit.start - STORY) : hit.start]
        earlier = [match.end() for match in self._rules["past"].finditer(before)]
        return bool(earlier) and not self._found("now", before[earlier[-1] :] + text[hit.start : hit.end])

    def _mixed(self, hit: Hit, text: str) -> bool:
        before = text[max(0, hit.start - 2 * CLAUSE) : hit.start]
        said = [match.end() for match in self._rules["fine_before"].finditer(before)]
        if not said:
            return False
        between = before[said[-1] :]
        return len(between) <= 2 or self._found("contrast", between)

    def _found(self, name: str, text: str) -> bool:
        return self._rules[name].search(text) is not None

    def _follows(self, name: str, text: str, place: int) -> bool:
        return self._rules[name].match(text, place) is not None
