"""Speech at run time: eSpeak NG in a process of its own, asked for a phrase at a time."""

import sys
from pathlib import Path
from typing import Final

import espeakng_loader

from prompts.audio.wav import Samples
from prompts.voice.worker import Worker

RATE: Final = 132
RATE_SLOW: Final = 109
VERSION: Final = f"espeak-ng-1.52-cmn/1-{RATE}-{RATE_SLOW}"
"""Part of the key of everything cached: raise the number after the stroke when the sound changes."""
DEADLINE_S: Final = 5.0
"""A phrase takes about 10 ms; a worker that needs this long hangs."""

_SCRIPT = Path(__file__).with_name("espeak_worker.py")

# eSpeak NG 1.52 has no Mandarin sound for these syllables and spells them in English, 胸 and 雄 among them, so they
# are given to it in phonemes: the consonant, and the vowel that it has in 用.
_IONG: Final = {
    "S;jong55": "芎凶兄匈哅忷恟汹洶胷胸訩詾讻賯兇",
    "S;jong35": "熊雄焪",
    "S;jong51": "敻詗诇夐",
    "tS;hjong35": "儝宆惸桏橩匔焭煢琼瓊睘瞏穷穹窮竆笻筇茕藑藭蛩赹跫輁邛銎卭蘏",
    "tS;jong55": "冂坰埛扃蘔駉駫",
    "tS;jong214": "侰僒冋冏囧幜泂澃炯烱煚煛皛窘絅綗蘔褧迥逈颎顈熲",
}
_PHONEMES: Final = {ord(character): f"[[{sound}]]" for sound, characters in _IONG.items() for character in characters}


class Espeak:
    """Speaks at run time, for all threads of this process."""

    version = VERSION

    def __init__(self) -> None:
        library = [espeakng_loader.get_library_path(), espeakng_loader.get_data_path()]
        self._worker = Worker([sys.executable, "-I", "-S", str(_SCRIPT), *library], deadline_s=DEADLINE_S)

    def say(self, text: str, slow: bool = False) -> tuple[Samples, int]:
        """A phrase of wording.phrases: samples and their rate in Hz. Raises VoiceError."""
        return self._worker.ask({"text": text.translate(_PHONEMES), "rate": RATE_SLOW if slow else RATE})

    def close(self) -> None:
        self._worker.close()
