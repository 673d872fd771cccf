"""Transducers are written as OpenFst writes them."""

import struct

import pytest

from speech.training.openfst import Fst, FstError, read_lookahead, write_lookahead, write_vector


def loop_lexicon(words=3):
    """start -> hub -> (word) -> end -> hub, as a lexicon is."""
    fst = Fst()
    start, hub, end = fst.state(), fst.state(), fst.state()
    fst.final = {start, end}
    fst.arc(start, hub)
    fst.arc(end, hub)
    for word in range(words, 0, -1):
        fst.arc(hub, end, (10 + word, word), 0.5)
    return fst


def test_a_transducer_reads_back_as_written(tmp_path):
    write_lookahead(loop_lexicon(), 3, tmp_path / "HCLr.fst")
    stored = read_lookahead(tmp_path / "HCLr.fst")
    assert stored.arcs.tolist() == [(0, 0, 0.0, 1), (11, 1, 0.5, 2), (12, 2, 0.5, 2), (13, 3, 0.5, 2), (0, 0, 0.0, 1)]
    assert stored.states["arcs"].tolist() == [1, 3, 1]
    assert stored.states["in_epsilons"].tolist() == [1, 0, 1]
    assert stored.states["final"].tolist() == [0.0, float("inf"), 0.0]


def test_the_end_is_among_what_comes_next_only_where_no_word_is_needed(tmp_path):
    write_lookahead(loop_lexicon(), 3, tmp_path / "HCLr.fst")
    assert read_lookahead(tmp_path / "HCLr.fst").intervals.tolist() == [[1, 5, 4], [1, 4, 3], [1, 5, 4]]


def test_the_head_of_the_file_is_that_of_openfst(tmp_path):
    write_lookahead(loop_lexicon(), 3, tmp_path / "HCLr.fst")
    data = (tmp_path / "HCLr.fst").read_bytes()
    assert (
        data[:36] == bytes.fromhex("d6fdb27e 10000000") + b"olabel_lookahead" + bytes.fromhex("08000000") + b"standard"
    )
    assert struct.unpack_from("<ii", data, 36) == (1, 0)
    assert bytes.fromhex("5ad19f1a d6fdb27e 05000000") + b"const" in data


def test_a_grammar_is_sorted_by_its_words(tmp_path):
    fst = Fst()
    state = fst.state()
    fst.final = {state}
    for word in (5, 2, 9):
        fst.arc(state, state, (word, word), 1.0)
    write_vector(fst, tmp_path / "Gr.fst")
    data = (tmp_path / "Gr.fst").read_bytes()
    assert [row[0] for row in struct.iter_unpack("<iifi", data[-48:])] == [2, 5, 9]
    assert struct.unpack_from("<fq", data, len(data) - 60) == (0.0, 3)


def test_a_lexicon_with_a_dead_end_is_refused(tmp_path):
    fst = loop_lexicon()
    fst.state()
    with pytest.raises(FstError, match="every state"):
        write_lookahead(fst, 3, tmp_path / "HCLr.fst")


@pytest.mark.parametrize("size", [0, 10, 60, 200])
def test_a_file_cut_short_is_noticed(tmp_path, size):
    write_lookahead(loop_lexicon(), 3, tmp_path / "whole.fst")
    (tmp_path / "cut.fst").write_bytes((tmp_path / "whole.fst").read_bytes()[:size])
    with pytest.raises(FstError, match=r"cut\.fst"):
        read_lookahead(tmp_path / "cut.fst")
