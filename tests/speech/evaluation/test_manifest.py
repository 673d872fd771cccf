"""Labelled recordings are read as their folder says, or refused with the line that is wrong."""

import json
from pathlib import Path

import pytest

from speech.evaluation.manifest import Labelled, ManifestError, read


def write(folder: Path, *lines: object) -> Path:
    (folder / "a.wav").write_bytes(b"RIFF")
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    (folder / "manifest.jsonl").write_text("\n".join(texts) + "\n", "utf-8")
    return folder


def test_a_line_names_a_recording_and_what_is_known_of_it(tmp_path: Path) -> None:
    full = {"audio": "a.wav", "text": "没事", "intent": "fine", "question": "menu", "speaker": "张", "noise": "street"}
    found = read(write(tmp_path, full, "", {"audio": "a.wav", "text": "没事", "more": 1}))
    assert found == [
        Labelled(tmp_path / "a.wav", "没事", "fine", True, "menu", "张", "street"),
        Labelled(tmp_path / "a.wav", "没事"),
    ]


def test_a_recording_may_be_labelled_as_meaning_nothing(tmp_path: Path) -> None:
    labelled = read(write(tmp_path, {"audio": "a.wav", "text": "天气", "intent": None}))[0]
    assert labelled.judged
    assert labelled.intent is None


@pytest.mark.parametrize(
    "line",
    ["{", "[]", {"text": "没事"}, {"audio": "a.wav"}, {"audio": 1, "text": ""}, {"audio": "b.wav", "text": "没事"},
     {"audio": "a.wav", "text": "没事", "intent": 3}],
)  # fmt: skip
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: object) -> None:
    with pytest.raises(ManifestError, match=r"manifest\.jsonl:2"):
        read(write(tmp_path, {"audio": "a.wav", "text": "好"}, line))


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        read(tmp_path)
    with pytest.raises(ManifestError, match="names no recording"):
        read(write(tmp_path, ""))
