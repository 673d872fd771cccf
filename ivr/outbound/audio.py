"""As much of the WAV format as it takes to tell a recording from an error page, and how long it lasts."""

from ivr.riff import chunks, is_wav


class NotAudioError(ValueError):
    """These bytes are not a WAV file."""


def wav_seconds(data: bytes) -> float:
    """The length in seconds of a WAV file of any encoding, cut short or not. Raises NotAudioError."""
    if not is_wav(data):
        raise NotAudioError("no RIFF/WAVE header")
    found = chunks(data)
    form, samples = found.get(b"fmt "), found.get(b"data")
    bytes_per_second = int.from_bytes(form[8:12], "little") if form else 0
    if samples is None or not bytes_per_second:
        raise NotAudioError("no samples, or none that say how fast they are played")
    return len(samples) / bytes_per_second
