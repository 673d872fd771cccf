"""The sounds the model tells apart: Mandarin initials and finals without tones, and CTC's blank."""

BLANK = "<blk>"
INITIALS = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
)  # fmt: skip
FINALS = (
    "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er",
    "i", "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong",
    "u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ong", "v", "ve", "van", "vn",
    "iz", "ir",
)  # fmt: skip
"""`iz` is the vowel of zi, ci, si; `ir` that of zhi, chi, shi, ri; `v` is ü."""
PHONES = (BLANK, *INITIALS, *FINALS)
"""Output classes of the network in order; class 0 is the blank."""
NUMBER = {phone: number for number, phone in enumerate(PHONES)}

_WITHOUT_INITIAL = {
    "yi": "i", "ya": "ia", "yo": "uo", "ye": "ie", "yai": "ai", "yao": "iao", "you": "iu", "yan": "ian", "yin": "in",
    "yang": "iang", "ying": "ing", "yong": "iong", "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "ui",
    "wan": "uan", "wen": "un", "wang": "uang", "weng": "ong", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
    "n": "en", "ng": "en",
}  # fmt: skip
_SPELLINGS = {"iou": "iu", "uei": "ui", "uen": "un", "ueng": "ong", "io": "iong", "ue": "ve"}
_APICAL = {"zh": "ir", "ch": "ir", "sh": "ir", "r": "ir", "z": "iz", "c": "iz", "s": "iz"}


def phones_of(syllable: str) -> tuple[str, ...] | None:
    """The phones of a pinyin syllable, with or without a tone digit; None if it is not Mandarin.

    ü may be written ü, v or u:. A suffixed r (huar1) adds the phone `er`.
    """
    plain = syllable.lower().rstrip("012345").replace("u:", "v").replace("ü", "v").replace("ê", "e")
    if plain in _WITHOUT_INITIAL:
        return (_WITHOUT_INITIAL[plain],)
    initial = next((i for i in INITIALS if plain.startswith(i)), "")
    final = _final(initial, plain[len(initial) :])
    if final in FINALS:
        return (initial, final) if initial else (final,)
    if len(plain) > 2 and plain.endswith("r"):
        stem = phones_of(plain[:-1])
        return (*stem, "er") if stem else None
    return None


def _final(initial: str, spelt: str) -> str:
    if initial in {"j", "q", "x"} and spelt.startswith("u"):
        return "v" + spelt[1:]
    if spelt == "i" and initial in _APICAL:
        return _APICAL[initial]
    return _SPELLINGS.get(spelt, spelt)
