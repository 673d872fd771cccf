"""The container of WAV files: a header, then named chunks."""

RIFF_HEADER = 12
CHUNK_HEADER = 8


def is_wav(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:RIFF_HEADER] == b"WAVE"


def chunks(data: bytes) -> dict[bytes, bytes]:
    """Content by name, the first of each name. A chunk that claims more than there is gets what there is."""
    found: dict[bytes, bytes] = {}
    at = RIFF_HEADER
    while at + CHUNK_HEADER <= len(data):
        size = int.from_bytes(data[at + 4 : at + CHUNK_HEADER], "little")
        begin = at + CHUNK_HEADER
        found.setdefault(data[at : at + 4], data[begin : begin + size])
        at = begin + size + size % 2
    return found
