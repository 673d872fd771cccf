"""Audio to text: a Vosk model in processes of its own, listening for the phrases of each kind of turn."""

from speech.decoder import Word
from speech.engine.engine import Engine, Listening, NoEngine, open_engine, open_or_keys
from speech.engine.errors import (
    ModelDamagedError,
    ModelError,
    ModelIncompleteError,
    ModelMissingError,
    NoGrammarsError,
    WrongLanguageError,
)
from speech.engine.folder import Facts, inspect
from speech.engine.grammar import Prepared
from speech.engine.process import WorkerError
from speech.engine.recognition import Recognition

__all__ = [
    "Engine",
    "Facts",
    "Listening",
    "ModelDamagedError",
    "ModelError",
    "ModelIncompleteError",
    "ModelMissingError",
    "NoEngine",
    "NoGrammarsError",
    "Prepared",
    "Recognition",
    "Word",
    "WorkerError",
    "WrongLanguageError",
    "inspect",
    "open_engine",
    "open_or_keys",
]
