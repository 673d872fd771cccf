"""What a stage made is kept whole, found again, and made anew only when its settings change."""

import hashlib
import json
import wave

import numpy as np
import pytest

pytest.importorskip("pypinyin")

from speech.training import checksums, corpus, recordings
from speech.training.audio import AudioError, trim
from speech.training.corpus import Corpus, Utterance
from speech.training.work import Work


def utterance(text="好", samples=100, voice="somebody"):
    return Utterance(text, ("h", "ao"), np.arange(samples, dtype=np.int16), voice)


def test_a_corpus_reads_back_as_written(tmp_path):
    corpus.write(tmp_path, [utterance("好"), utterance("是", 7)])
    read = Corpus(tmp_path)
    assert read.texts() == ["好", "是"]
    assert read[1].sound.tolist() == list(range(7))
    assert read[1].phones == ("h", "ao")
    assert [one.voice for one in read] == ["somebody"] * 2


def test_a_corpus_may_be_empty(tmp_path):
    assert len(corpus.write(tmp_path, [])) == 0


def test_a_corpus_that_broke_off_is_not_taken_for_one(tmp_path):
    def broken():
        yield utterance()
        raise RuntimeError("out of voice")

    with pytest.raises(RuntimeError):
        corpus.write(tmp_path, broken())
    with pytest.raises(FileNotFoundError):
        Corpus(tmp_path)


class TestStages:
    def test_a_stage_is_done_once(self, tmp_path):
        made = []
        for _ in range(2):
            Work(tmp_path).stage("voices", {"seed": 1}, made.append)
        assert len(made) == 1

    def test_other_settings_make_it_anew_beside_the_old(self, tmp_path):
        work = Work(tmp_path)
        first = work.stage("voices", {"seed": 1}, lambda _: None)
        second = work.stage("voices", {"seed": 2}, lambda _: None)
        assert first.folder != second.folder
        assert first.folder.exists()

    def test_a_stage_follows_its_sources(self, tmp_path):
        work = Work(tmp_path)
        sources = [work.stage("voices", {"seed": seed}, lambda _: None) for seed in (1, 2)]
        made = [work.stage("features", {}, lambda _: None, (source,)) for source in sources]
        assert made[0].key != made[1].key

    def test_a_stage_that_broke_off_finds_its_folder_again(self, tmp_path):
        def interrupted(folder):
            (folder / "half").write_text("kept")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Work(tmp_path).stage("voices", {}, interrupted)
        seen = []
        Work(tmp_path).stage("voices", {}, lambda folder: seen.append((folder / "half").read_text()))
        assert seen == ["kept"]


class TestRecordings:
    @staticmethod
    def record(path, samples=8000):
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes((np.sin(np.arange(samples) / 5) * 9000).astype("<i2").tobytes())

    def test_files_are_labelled_by_their_names(self, tmp_path):
        for name in ("anna/不舒服.wav", "anna/bang4.wav", "bert/救命.wav", "bert/notes_1.wav", "bert/readme.txt"):
            self.record(tmp_path / name)
        found = recordings.find(tmp_path)
        assert {(one.text, one.speaker) for one in found} == {("不舒服", "anna"), ("bang4", "anna"), ("救命", "bert")}
        assert {one.text: one.phones() for one in found}["bang4"] == ("b", "ang")

    def test_a_manifest_names_them_too(self, tmp_path):
        self.record(tmp_path / "a.wav")
        row = {"audio": "a.wav", "text": "我要打120。", "speaker": "7"}
        (tmp_path / "manifest.jsonl").write_text(json.dumps(row) + "\n\n", "utf-8")
        (found,) = recordings.find(tmp_path)
        assert (found.text, found.speaker) == ("我要打幺二零", "7")

    @pytest.mark.parametrize("line", ["nothing", "{}", '{"audio": "a.wav"}', "[1]"])
    def test_a_wrong_line_in_a_manifest_is_named(self, tmp_path, line):
        (tmp_path / "manifest.jsonl").write_text(line, "utf-8")
        with pytest.raises(AudioError, match=r"manifest\.jsonl:1"):
            recordings.find(tmp_path)

    def test_a_folder_without_recordings_is_refused(self, tmp_path):
        with pytest.raises(AudioError, match="no labelled recording"):
            recordings.find(tmp_path)
        with pytest.raises(AudioError, match="no such folder"):
            recordings.find(tmp_path / "none")


def test_damage_to_a_model_folder_shows_in_its_checksums(tmp_path):
    (tmp_path / "am").mkdir()
    (tmp_path / "am" / "final.mdl").write_bytes(b"abc")
    checksums.write(tmp_path)
    checksums.write(tmp_path)
    assert (tmp_path / "SHA256SUMS").read_text() == f"{hashlib.sha256(b'abc').hexdigest()}  am/final.mdl\n"


def test_silence_around_a_voice_is_trimmed_and_the_voice_is_not():
    rng = np.random.default_rng(0)
    voice = rng.normal(0, 3000, 8000)
    sound = np.concatenate([rng.normal(0, 5, 8000), voice, rng.normal(0, 5, 8000)]).astype(np.float32)
    kept = trim(sound, 16000, 0.1, 0.1)
    assert 8000 + 2800 <= len(kept) <= 8000 + 3600
    assert np.abs(kept).max() == np.abs(sound).max()


def test_noise_alone_is_left_as_it_is():
    hiss = np.full(8000, 3.0, np.float32)
    assert len(trim(hiss, 16000)) == len(hiss)
