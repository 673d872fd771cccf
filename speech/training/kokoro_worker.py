"""Speaks jobs with Kokoro 82M; run by the Python of its own environment, which has none of this project's packages.

Reads one JSON object a line from standard input, ``{"text", "path", "speed", "voice"}``, and writes ``path`` as a
16 kHz mono WAV file. After each file it prints ``path`` alone on a line; a text that the voice cannot speak is answered
with an empty line. Only Chinese characters can be spoken. docs/training.md says what the environment needs; the model's
files are in its `share/kokoro`.
"""

import json
import os
import re
import sys
import wave
from pathlib import Path

import jieba
import numpy as np
import onnxruntime
from misaki.zh import ZHG2P
from pypinyin import Style, lazy_pinyin
from scipy.signal import resample_poly

RATE = 16_000
FILES = Path(sys.prefix) / "share" / "kokoro"
CHINESE = re.compile("[\u4e00-\u9fff]+")
TIE = chr(815)


class Voice:
    """Kokoro's acoustic model and vocoder, with any of its voices."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model = str(FILES / "kokoro-v1.0.int8.onnx")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._numbers = json.loads((FILES / "vocab.json").read_text("utf-8"))["vocab"]
        self._phones, self._speed = (self._session.get_inputs()[number].name for number in (0, 2))

    def say(self, text: str, voice: str, speed: float) -> np.ndarray:
        """24 kHz floats."""
        numbers = [self._numbers[sound] for sound in phonemes(text) if sound in self._numbers]
        styles = np.fromfile(FILES / "voices" / f"{voice}.bin", np.float32).reshape(-1, 256)
        inputs = {
            self._phones: np.array([[0, *numbers, 0]], np.int64),
            "style": styles[len(numbers)][None],
            self._speed: np.array([speed], np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], np.float32).ravel()


def phonemes(text: str) -> str:
    """Kokoro's phonemes for the readings that the labels are made of; words are parted as the voice was taught."""
    if not CHINESE.fullmatch(text):
        raise ValueError("only Chinese characters can be spoken")
    read = iter(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    words = ("".join(ZHG2P.py2ipa(next(read)) for _ in word) for word in jieba.lcut(text))
    return " ".join(words).replace(TIE, "")


def write(path: str, samples: np.ndarray) -> None:
    """Write 24 kHz floats as a 16 kHz WAV file that is either absent or whole."""
    pcm = (np.clip(resample_poly(samples, 2, 3), -1, 1) * 32767).astype("<i2")
    with wave.open(path + ".part", "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    os.replace(path + ".part", path)  # noqa: PTH105 - as in zhtts_worker


def main() -> None:
    """Answer jobs until standard input ends."""
    jieba.setLogLevel(60)
    voice = Voice()
    for line in sys.stdin:
        job = json.loads(line)
        try:
            write(job["path"], voice.say(job["text"], job["voice"], job["speed"]))
        except (KeyError, ValueError, IndexError, StopIteration):
            print(flush=True)  # noqa: T201 - the protocol with the parent
            continue
        print(job["path"], flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
