"""What is in a model's folder, found out without loading it, and a copy that reads telephone audio."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speech.decoder import LINE_RATE
from speech.engine.errors import (
    ModelDamagedError,
    ModelIncompleteError,
    ModelMissingError,
    NoGrammarsError,
    WrongLanguageError,
)
from speech.engine.vocabulary import GRAMMAR, WORDS, words_of

CHECKSUMS = "SHA256SUMS"
UNKNOWN = "[unk]"

_NETWORK, _FEATURES, _DECODING = "am/final.mdl", "conf/mfcc.conf", "conf/model.conf"
_STATIC = "graph/HCLG.fst"
_RUN_TIME = ("graph/HCLr.fst", GRAMMAR, "graph/disambig_tid.int")
_SPEAKER = (
    "final.dubm",
    "final.ie",
    "final.mat",
    "global_cmvn.stats",
    "online_cmvn.conf",
    "splice.conf",
)
_BINARY = b"\0B"
"""How Kaldi's binary files start."""
_FST = b"\xd6\xfd\xb2\x7e"
"""How OpenFst's files start."""
_CHINESE_WORD = re.compile(r"[\u4e00-\u9fff]+")
_OPTION = re.compile(r"^--([\w.-]+)\s*=\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Facts:
    """A model folder that is complete and Chinese."""

    folder: Path
    rate: int
    """Samples a second that it was trained on."""
    grammars: bool
    """Takes the phrases to listen for at run time; otherwise it is for dictation only."""
    words: int
    word: str
    """One of them, a Chinese one."""
    unknown: bool
    """Has a way to say that something was none of the phrases."""
    size: int
    """Bytes on disk."""
    checked: bool
    """Every file was compared with the folder's SHA256SUMS; False when there is no such list."""

    @property
    def name(self) -> str:
        return self.folder.name


def inspect(folder: Path, *, dictation: bool = False) -> Facts:
    """The facts of a model folder in Vosk's layout.

    Reads every file once when there are checksums. Damage that neither shape nor checksums show is found when the
    engine loads it.

    Raises:
        ModelError: the subclass says what is wrong; NoGrammarsError only without `dictation`.
    """
    if not folder.is_dir():
        raise ModelMissingError(f"{folder}: there is no model")
    checked = _check_sums(folder)
    for path in (*_required(folder), *_speaker(folder)):
        _check_file(folder, path)
    grammars = not (folder / _STATIC).exists()
    if not grammars and not dictation:
        raise NoGrammarsError(f"{folder}: has a static graph and cannot listen for phrases; use it for messages")
    words = words_of(folder)
    chinese = next(filter(_CHINESE_WORD.fullmatch, words), None)
    if chinese is None:
        raise WrongLanguageError(f"{folder}: there is no Chinese in its vocabulary")
    return Facts(
        folder=folder,
        rate=int(float(_options(folder).get("sample-frequency", "16000"))),
        grammars=grammars,
        words=len(words),
        word=chinese,
        unknown=UNKNOWN in words,
        size=sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()),
        checked=checked,
    )


def _required(folder: Path) -> Iterator[str]:
    yield from (_NETWORK, _FEATURES, _DECODING)
    if (folder / _STATIC).exists():
        yield from (_STATIC, WORDS)
    else:
        yield from _RUN_TIME


def _speaker(folder: Path) -> Iterator[str]:
    if (folder / "ivector").is_dir():
        yield from (f"ivector/{name}" for name in _SPEAKER)


def _check_file(folder: Path, path: str) -> None:
    file = folder / path
    if not file.is_file() or not file.stat().st_size:
        raise ModelIncompleteError(f"{folder}: {path} is missing or empty")
    magic = {".mdl": _BINARY, ".fst": _FST}.get(file.suffix)
    if magic is not None:
        with file.open("rb") as stream:
            if stream.read(len(magic)) != magic:
                raise ModelIncompleteError(f"{folder}: {path} is not what its name says")


def _check_sums(folder: Path) -> bool:
    listed = folder / CHECKSUMS
    if not listed.exists():
        return False
    for line in listed.read_text("utf-8", errors="replace").splitlines():
        expected, _, path = line.strip().partition(" ")
        file = folder / path.lstrip(" *")
        if not file.is_file():
            raise ModelIncompleteError(f"{folder}: {path.lstrip(' *')} is missing")
        if _digest(file) != expected.lower():
            raise ModelDamagedError(f"{folder}: {path.lstrip(' *')} is not the file that {CHECKSUMS} lists")
    return True


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _options(folder: Path) -> dict[str, str]:
    return dict(_OPTION.findall((folder / _FEATURES).read_text("utf-8", errors="replace")))


def for_telephone(facts: Facts, into: Path) -> Path:
    """A folder from which the engine reads 8 kHz audio, the same way every time.

    That is the model's own folder, or, for one of another rate or with dither, a copy below `into` that links to
    everything but the features' configuration.
    """
    wanted = {"dither": "0"} | ({"allow-upsample": "true"} if facts.rate != LINE_RATE else {})
    options = _options(facts.folder)
    if all(options.get(name) == value for name, value in wanted.items()):
        return facts.folder
    copy = into / facts.name
    (copy / "conf").mkdir(parents=True)
    for path in facts.folder.iterdir():
        if path.name != "conf":
            (copy / path.name).symlink_to(path.resolve())
    for path in (facts.folder / "conf").iterdir():
        shutil.copyfile(path, copy / "conf" / path.name)
    original = (facts.folder / _FEATURES).read_text("utf-8", errors="replace").splitlines()
    kept = [line for line in original if not line.strip().startswith(tuple(f"--{name}" for name in wanted))]
    lines = [*kept, *(f"--{name}={value}" for name, value in wanted.items())]
    (copy / _FEATURES).write_text("\n".join(lines) + "\n", "utf-8")
    return copy
