"""Text that was pasted from a web page or a word processor, as words only: it is read out to people."""

import re
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

_LINE_ENDS: Final = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSAID: Final = frozenset({"script", "style", "title", "template"})
_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_BLANK_LINES: Final = re.compile(r"\s*\n\s*")


def plain(text: str) -> str:
    """`text` without tags, and what they enclose that nobody reads; text that has none is left as it is, but for the
    two characters that browsers send for the end of a line."""
    text = text.replace("\r\n", "\n")
    if not _MARKUP.search(text):
        return text
    words = _Words()
    words.feed(text)
    words.close()
    return _BLANK_LINES.sub("\n", "".join(words.found)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unsaid = 0

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unsaid += tag in _UNSAID
        if tag in _LINE_ENDS:
            self.found.append("\n")

    @override
    def handle_endtag(self, tag: str) -> None:
        self._unsaid = max(0, self._unsaid - (tag in _UNSAID))
        if tag in _LINE_ENDS:
            self.found.append("\n")

    @override
    def handle_data(self, data: str) -> None:
        if not self._unsaid:
            self.found.append(data)
