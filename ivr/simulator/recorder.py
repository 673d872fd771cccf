"""One <Record>: when it ends, and what is kept of it. Pure: time comes in as a value."""

from collections.abc import Iterable

from ivr.simulator import audio

LEAD_S = 0.25
"""How much is kept around the speech when silence is trimmed."""


class Take:
    """A recording being made. All times are seconds on the call's clock."""

    def __init__(self, began: float, timeout: float, max_length: float) -> None:
        self._began = began
        self._timeout = timeout
        self._end = began + max_length
        self._quiet_since = began
        self._first_loud: float | None = None
        self._pcm = bytearray()
        self.words: list[str] = []

    def left(self, now: float) -> float:
        """Seconds until it ends by itself, if nobody makes a sound."""
        return max(0.0, min(self._quiet_since + self._timeout, self._end) - now)

    def add(self, pcm: bytes, now: float) -> None:
        """Sound that ended at `now`. Time without any sound since the last piece becomes silence."""
        seconds = len(pcm) / audio.BYTES_A_SECOND
        self._fill(now - seconds)
        if audio.is_loud(pcm):
            self._quiet_since = now
            if self._first_loud is None:
                self._first_loud = self._length
        self._pcm += pcm

    def note(self, words: str) -> None:
        if words not in self.words:
            self.words.append(words)

    @property
    def is_empty(self) -> bool:
        return self._first_loud is None

    @property
    def _length(self) -> float:
        return len(self._pcm) / audio.BYTES_A_SECOND

    def _fill(self, until: float) -> None:
        self._pcm += audio.silence(until - self._began - self._length)

    def finish(self, now: float, trim: bool) -> bytes:
        """The recording's PCM; trimmed, it begins and ends with speech."""
        if not trim:
            self._fill(now)
            return bytes(self._pcm)
        if self._first_loud is None:
            return b""
        start = _sample_at(self._first_loud - LEAD_S)
        stop = _sample_at(self._quiet_since - self._began + LEAD_S)
        return bytes(self._pcm[start:stop])


def _sample_at(seconds: float) -> int:
    """Byte offset of a moment, on a whole sample."""
    return max(0, round(seconds * audio.RATE)) * 2


def pieces(pcm: bytes, seconds: float = 0.1) -> Iterable[bytes]:
    """A sound in the pieces in which a handset hands it over."""
    size = round(seconds * audio.RATE) * 2
    for start in range(0, len(pcm), size):
        yield pcm[start : start + size]
