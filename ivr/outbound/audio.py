"""As much of the WAV format as it takes to tell a recording from an error page, and how long it lasts."""

from collections.abc import Iterator

RIFF_HEADER = 12
CHUNK_HEADER = 8


class NotAudioError(ValueError):
    """These bytes are not a WAV file."""


def wav_seconds(data: bytes) -> float:
    """The length in seconds of a WAV file of any encoding, cut short or not. Raises NotAudioError."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotAudioError("no RIFF/WAVE header")
    chunks = dict(_chunks(data))
    form, samples = chunks.get(b"fmt "), chunks.get(b"data")
    bytes_per_second = int.from_bytes(form[8:12], "little") if form else 0
    if samples is None or not bytes_per_second:
        raise NotAudioError("no samples, or none that say how fast they are played")
    return len(samples) / bytes_per_second


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk. One that claims more than there is gets what there is."""
    at = RIFF_HEADER
    while at + CHUNK_HEADER <= len(data):
        size = int.from_bytes(data[at + 4 : at + CHUNK_HEADER], "little")
        begin = at + CHUNK_HEADER
        yield data[at : at + 4], data[begin : begin + size]
        at = begin + size + size % 2
