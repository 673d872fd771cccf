"""A model that is not as it should be is refused with its reason before anything is loaded."""

import hashlib
import struct
from pathlib import Path

import pytest

from speech.engine import (
    ModelDamagedError,
    ModelError,
    ModelIncompleteError,
    ModelMissingError,
    NoEngine,
    NoGrammarsError,
    WrongLanguageError,
    inspect,
    open_engine,
    open_or_keys,
)
from speech.engine.folder import for_telephone

FILES = (
    "am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int",
)  # fmt: skip


def test_the_facts_of_a_model_are_read_without_loading_it(model_folder: Path) -> None:
    facts = inspect(model_folder)
    assert (facts.name, facts.rate, facts.grammars, facts.unknown, facts.words) == ("model", 8000, True, True, 5)
    assert not facts.checked
    assert facts.size == sum(path.stat().st_size for path in model_folder.rglob("*") if path.is_file())


def test_a_model_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError):
        inspect(tmp_path / "nothing")


@pytest.mark.parametrize("path", FILES)
def test_a_model_without_one_of_its_files_is_incomplete(model_folder: Path, path: str) -> None:
    (model_folder / path).unlink()
    with pytest.raises(ModelIncompleteError, match=path):
        inspect(model_folder)


@pytest.mark.parametrize("path", FILES)
def test_an_empty_file_is_no_file(model_folder: Path, path: str) -> None:
    (model_folder / path).write_bytes(b"")
    with pytest.raises(ModelIncompleteError, match=path):
        inspect(model_folder)


@pytest.mark.parametrize("path", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"])
def test_an_error_page_in_the_place_of_a_file_is_noticed(model_folder: Path, path: str) -> None:
    (model_folder / path).write_text("<html>404</html>")
    with pytest.raises(ModelIncompleteError, match=path):
        inspect(model_folder)


def test_a_speaker_extractor_must_be_whole_too(model_folder: Path) -> None:
    (model_folder / "ivector").mkdir()
    with pytest.raises(ModelIncompleteError, match=r"ivector/final\.dubm"):
        inspect(model_folder)


def test_a_model_without_chinese_is_of_the_wrong_language(model_folder: Path) -> None:
    (model_folder / "graph/words.txt").write_text("<eps> 0\n네 1\n아니요 2\n")
    with pytest.raises(WrongLanguageError):
        inspect(model_folder)


def symbols(*words: str) -> bytes:
    """As OpenFst writes a symbol table into a file."""
    table = struct.pack("<i", 2125658996) + struct.pack("<i", 4) + b"name" + struct.pack("<qq", len(words), len(words))
    for number, word in enumerate(words):
        table += struct.pack("<i", len(word.encode())) + word.encode() + struct.pack("<q", number)
    return table


def test_a_model_made_small_has_its_words_in_its_grammar(model_folder: Path) -> None:
    (model_folder / "graph/words.txt").unlink()
    grammar = model_folder / "graph/Gr.fst"
    grammar.write_bytes(grammar.read_bytes() + symbols("<eps>", "没事", "不舒服") + b"states")
    assert (inspect(model_folder).words, inspect(model_folder).word) == (3, "没事")
    grammar.write_bytes(grammar.read_bytes().split("不".encode())[0])
    with pytest.raises(WrongLanguageError):
        inspect(model_folder)


def test_a_model_without_any_vocabulary_is_of_no_language(model_folder: Path) -> None:
    (model_folder / "graph/words.txt").unlink()
    with pytest.raises(WrongLanguageError):
        inspect(model_folder)


def test_a_static_graph_takes_dictation_but_no_phrases(model_folder: Path) -> None:
    for path in ("graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int"):
        (model_folder / path).unlink()
    (model_folder / "graph/HCLG.fst").write_bytes(b"\xd6\xfd\xb2\x7e HCLG")
    with pytest.raises(NoGrammarsError):
        inspect(model_folder)
    assert not inspect(model_folder, dictation=True).grammars


def list_sums(folder: Path) -> None:
    lines = [f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path}\n" for path in FILES]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_a_model_with_checksums_is_compared_with_them(model_folder: Path) -> None:
    list_sums(model_folder)
    assert inspect(model_folder).checked
    (model_folder / "am/final.mdl").write_bytes(b"\0B<TransitionModeL>")
    with pytest.raises(ModelDamagedError, match=r"am/final\.mdl"):
        inspect(model_folder)


def test_a_listed_file_that_is_gone_makes_a_model_incomplete(model_folder: Path) -> None:
    list_sums(model_folder)
    (model_folder / "conf/model.conf").unlink()
    with pytest.raises(ModelIncompleteError, match=r"conf/model\.conf"):
        inspect(model_folder)


def test_a_wide_band_model_is_given_telephone_audio_through_a_copy_of_its_configuration(
    model_folder: Path, tmp_path: Path
) -> None:
    original = "--use-energy=false\n--sample-frequency=16000\n--dither=1.0\n--debug-mel\n"
    (model_folder / "conf/mfcc.conf").write_text(original)
    copy = for_telephone(inspect(model_folder), tmp_path / "own")
    options = (copy / "conf/mfcc.conf").read_text().splitlines()
    assert set(options) == {
        "--use-energy=false", "--sample-frequency=16000", "--allow-upsample=true", "--dither=0", "--debug-mel",
    }  # fmt: skip
    assert (copy / "am/final.mdl").read_bytes() == (model_folder / "am/final.mdl").read_bytes()
    assert (model_folder / "conf/mfcc.conf").read_text() == original


def test_a_telephone_model_without_dither_is_used_where_it_is(model_folder: Path, tmp_path: Path) -> None:
    assert for_telephone(inspect(model_folder), tmp_path / "own") == model_folder
    (model_folder / "conf/mfcc.conf").write_text("--sample-frequency=8000\n")
    assert for_telephone(inspect(model_folder), tmp_path / "own") != model_folder


def copied(model: Path, folder: Path) -> Path:
    """The files of a model without its checksums."""
    for path in model.rglob("*"):
        if path.is_file() and path.name != "SHA256SUMS":
            target = folder / path.relative_to(model)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("path", ["am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"])
def test_a_model_that_was_cut_off_is_found_out_by_the_engine_and_not_by_a_call(
    shipped_model: Path, tmp_path: Path, path: str
) -> None:
    folder = copied(shipped_model, tmp_path / "cut")
    whole = (folder / path).read_bytes()
    (folder / path).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelIncompleteError):
        open_engine(folder, workers=1)


def test_the_line_stays_up_on_keys_with_the_reason(tmp_path: Path) -> None:
    opened = open_or_keys(tmp_path / "nothing")
    assert isinstance(opened, NoEngine)
    assert "there is no model" in opened.trouble
    assert opened.prepare("menu", ["救命"]).uncut == ("救命",)
    assert opened.recognise(b"", "menu").text is None
    assert opened.recognise(b"", "menu").failure == "no worker"
    with opened.listen("menu") as turn:
        turn.accept(b"\0\0")
        assert turn.final().failure == "no worker"
    opened.close()


def test_the_shipped_model_is_sound(shipped_model: Path) -> None:
    facts = inspect(shipped_model)
    assert facts.rate == 8000
    assert facts.unknown
    assert facts.checked
    assert facts.size < 12_000_000


def test_every_refusal_is_one_kind_of_error() -> None:
    kinds = (ModelMissingError, ModelIncompleteError, ModelDamagedError, WrongLanguageError, NoGrammarsError)
    assert all(issubclass(kind, ModelError) for kind in kinds)
