"""Addresses of what the provider plays, and the audio behind them.

A recorded clip is addressed by its name and the digest of what it says, so that it can be cached for ever. Words that
are spoken at run time are in their address themselves, signed: any process can speak them without looking anything up,
and nobody can make the line speak words of their own.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, urlencode

from itsdangerous import BadData, URLSafeSerializer

from prompts import Clip, Studio, Words

CONTENT_TYPE = "audio/wav"
CLIPS_IN_MEMORY = 512
"""Clips are at most 8 s, which is 64 kB: 32 MiB when full, and a language has about 6 MB."""

LONGEST_SPOKEN = 120
"""Characters in one address: about 600 bytes of URL, where servers stop at 4 KiB. Also what is spoken in one go."""

CLAUSE = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]+|[^。！？；!?;\n]+")


class Addresses:
    """Writes and reads the addresses of audio. `secret` signs spoken words."""

    def __init__(self, language: str, secret: str) -> None:
        self._language = language
        self._serializer = URLSafeSerializer(secret, salt="careline.spoken-words")

    def of(self, parts: Iterable[Clip | Words], *, slow: bool) -> Iterator[str]:
        """The path of each part below /twilio/audio, in order; long words take several."""
        for part in parts:
            if isinstance(part, Clip):
                yield self._clip(part, slow)
            else:
                yield from (self._spoken(piece, slow) for piece in pieces(part.text, LONGEST_SPOKEN))

    def words(self, token: str) -> tuple[str, bool] | None:
        """The text behind the address of spoken words, and whether it is slow; None if the line never wrote it."""
        try:
            text, slow = self._serializer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return text, slow

    def _clip(self, clip: Clip, slow: bool) -> str:
        query = {"v": clip.digest} | ({"slow": "1"} if slow else {})
        return f"{self._language}/{quote(clip.name, safe='')}.wav?{urlencode(query)}"

    def _spoken(self, text: str, slow: bool) -> str:
        token = self._serializer.dumps([text, slow])
        return f"spoken/{token if isinstance(token, str) else token.decode()}.wav"


class Audio:
    """WAV files for the addresses above, recorded clips from memory."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.recorded = lru_cache(maxsize=CLIPS_IN_MEMORY)(studio.recorded)
        """`(name, slow)`; KeyError for a clip that does not exist."""

    def spoken(self, text: str, slow: bool) -> bytes:
        return self._studio.spoken(text, slow)


def pieces(text: str, longest: int) -> Iterator[str]:
    """The text in parts of at most `longest` characters, cut after a sentence or clause where there is one."""
    piece = ""
    for clause in CLAUSE.findall(text):
        if piece and len(piece) + len(clause) > longest:
            yield piece
            piece = ""
        piece += clause
        while len(piece) > longest:
            yield piece[:longest]
            piece = piece[longest:]
    if piece.strip():
        yield piece
