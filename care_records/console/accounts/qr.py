"""A text as a QR code (ISO/IEC 18004): always of version 9 with the lowest error correction, enough for what is shown.

One size means one set of numbers: 53 modules a side, two blocks of 116 data and 30 correction bytes. Any mask may be
used; the first one is.
"""

from collections.abc import Iterator
from typing import Final

SIDE: Final = 53
LONGEST: Final = 230
"""Bytes of UTF-8 that fit."""
QUIET: Final = 4
"""Modules of white that must be around it."""

_DATA: Final = 232
_CORRECTION: Final = 30
_BLOCKS: Final = 2
_ALIGNMENT: Final = (6, 26, 46)
_FORMAT: Final = 0x77C4
"""Lowest error correction, mask 0, with the code that protects it."""
_VERSION: Final = 0x09A99
"""Version 9, with the code that protects it."""
_BYTES: Final = 0b0100

Place = tuple[int, int]
"""x from the left, y from the top."""


class TooLongError(ValueError):
    """The text does not fit."""


def path(text: str) -> str:
    """The dark modules as an SVG path within a square of SIDE + 2 * QUIET. Raises TooLongError."""
    return "".join(f"M{x + QUIET} {y + QUIET}h1v1h-1z" for x, y in sorted(modules(text)))


def modules(text: str) -> set[Place]:
    """The places of the dark modules. Raises TooLongError."""
    fixed = _fixed()
    dark = {place for place, is_dark in fixed.items() if is_dark}
    bits = (byte >> shift & 1 for byte in _codewords(text.encode()) for shift in range(7, -1, -1))
    for (x, y), bit in zip(_free(fixed), bits, strict=True):
        if bit != ((x + y) % 2 == 0):
            dark.add((x, y))
    return dark


# --- What is written


def _codewords(data: bytes) -> bytes:
    """The bytes in the order in which they are drawn: those of the two blocks in turn, then their corrections."""
    padded = _padded(data)
    size = _DATA // _BLOCKS
    blocks = [padded[start : start + size] for start in range(0, _DATA, size)]
    corrections = [_correction(block) for block in blocks]
    return bytes(byte for column in (*zip(*blocks, strict=True), *zip(*corrections, strict=True)) for byte in column)


def _padded(data: bytes) -> bytes:
    """Mode, length and data, each pushed on by half a byte, and what fills up the rest."""
    if len(data) > LONGEST:
        raise TooLongError
    number = int.from_bytes(bytes([_BYTES, len(data)]) + data) << 4
    written = number.to_bytes(len(data) + 3)[1:]
    fill = bytes([0xEC, 0x11]) * _DATA
    return (written + fill)[:_DATA]


def _correction(block: bytes) -> bytes:
    """The remainder of the block, as a polynomial over GF(256), by the generator of the Reed-Solomon code."""
    generator = _generator()
    remainder = [0] * _CORRECTION
    for byte in block:
        factor = byte ^ remainder.pop(0)
        remainder.append(0)
        remainder = [kept ^ _times(part, factor) for kept, part in zip(remainder, generator, strict=True)]
    return bytes(remainder)


def _generator() -> list[int]:
    """The coefficients of (x - 1)(x - 2)(x - 4)…, without the leading one."""
    product, root = [1], 1
    for _ in range(_CORRECTION):
        product = [a ^ _times(b, root) for a, b in zip([*product, 0], [0, *product], strict=True)]
        root = _times(root, 2)
    return product[1:]


def _times(a: int, b: int) -> int:
    """The product in GF(256), modulo x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    for bit in range(7, -1, -1):
        product = (product << 1) ^ (0x11D if product & 0x80 else 0) ^ (a if b >> bit & 1 else 0)
    return product


# --- Where it is written


def _free(fixed: dict[Place, bool]) -> Iterator[Place]:
    """The places for data: up and down in columns of two from the right, past the one of the timing pattern."""
    columns = (right - (right <= 6) for right in range(SIDE - 1, 0, -2))
    for right in columns:
        upwards = (right + 1) & 2 == 0
        for y in range(SIDE - 1, -1, -1) if upwards else range(SIDE):
            for x in (right, right - 1):
                if (x, y) not in fixed:
                    yield x, y


def _fixed() -> dict[Place, bool]:
    """The places that are the same for every text, and which of them are dark."""
    fixed = {place: at % 2 == 0 for at in range(SIDE) for place in ((6, at), (at, 6))}
    for x, y in ((3, 3), (SIDE - 4, 3), (3, SIDE - 4)):
        fixed |= _square(x, y, 4, white=(2, 4))
    corners = {(6, 6), (6, _ALIGNMENT[-1]), (_ALIGNMENT[-1], 6)}
    for x, y in {(x, y) for x in _ALIGNMENT for y in _ALIGNMENT} - corners:
        fixed |= _square(x, y, 2, white=(1,))
    return fixed | _format() | _version()


def _square(x: int, y: int, reach: int, white: tuple[int, ...]) -> dict[Place, bool]:
    """Squares in squares around a centre; `white` are the distances at which they are."""
    around = range(-reach, reach + 1)
    ring = {(x + right, y + down): max(abs(right), abs(down)) for right in around for down in around}
    return {place: far not in white for place, far in ring.items() if 0 <= min(place) <= max(place) < SIDE}


def _format() -> dict[Place, bool]:
    """Twice: around the upper left finder, and along the other two; and the one module that is always dark."""
    upper = [(8, at) for at in (0, 1, 2, 3, 4, 5, 7, 8)] + [(at, 8) for at in (7, 5, 4, 3, 2, 1, 0)]
    lower = [(SIDE - 1 - at, 8) for at in range(8)] + [(8, SIDE - 7 + at) for at in range(7)]
    bits = [bool(_FORMAT >> at & 1) for at in range(15)]
    return dict(zip(upper, bits, strict=True)) | dict(zip(lower, bits, strict=True)) | {(8, SIDE - 8): True}


def _version() -> dict[Place, bool]:
    placed = {(SIDE - 11 + at % 3, at // 3): bool(_VERSION >> at & 1) for at in range(18)}
    return placed | {(y, x): bit for (x, y), bit in placed.items()}
