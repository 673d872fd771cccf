"""Telephone numbers as people write them, and as the line stores them (E.164)."""

import re
import unicodedata
from typing import Final

import phonenumbers

_WRITTEN: Final = re.compile(r"\+?[\d\s().-]{3,40}", re.ASCII)
_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
"""A number dialled without its area code: seven or eight digits in China, never with a leading 0 or 1."""


def normalise(text: str, region: str = "CN", area_code: str = "512") -> str | None:
    """`text` in E.164, or None when it is not one telephone number of a length and shape that exists.

    Understands 138 1234 5678, 0512-5288 0000, (0512)52880000, +86 …, 0086 … and full-width digits; a local number
    gets the area code. Letters, extensions, short codes such as 110, and two numbers in one text are None.
    """
    if len(text) > 64:
        return None
    written = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    if not _WRITTEN.fullmatch(written):
        return None
    digits = re.sub(r"[^+\d]", "", written)
    if _LOCAL.fullmatch(digits):
        digits = area_code + digits
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def written(e164: str, region: str = "CN", area_code: str = "512") -> str:
    """A number as people of `region` write it: 0512 5288 1234; as it is stored where that would be read differently."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return text if normalise(text, region, area_code) == e164 else e164
