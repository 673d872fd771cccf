"""The graph spells what the lexicon says."""

import pytest

pytest.importorskip("pypinyin")

from speech.training import graph, lexicon
from speech.training.openfst import read_lookahead
from speech.training.phones import NUMBER


@pytest.fixture(scope="module")
def built():
    return lexicon.Lexicon(
        {"救命": ("j", "iu", "m", "ing"), "你好": ("n", "i", "h", "ao")},
        {"你": (("n", "i"),), "尼": (("n", "i"),), "好": (("h", "ao"),)},
    )


def accepted(fst, phones):
    """The cheapest word sequence (and its cost) for which `fst` reads these phones, each held for two frames."""
    labels = [label for phone in phones for label in (2 * NUMBER[phone] + 2, 2 * NUMBER[phone] + 1)]
    paths = {(0, ()): 0.0}
    for label in [*labels, None]:
        paths = closure(fst, paths)
        if label is None:
            break
        moved = {}
        for (state, words), cost in paths.items():
            for read, write, more, target in fst.arcs[state]:
                if read == label:
                    key = (target, (*words, write) if write else words)
                    moved[key] = min(moved.get(key, 1e9), cost + more)
        paths = moved
    ends = {words: cost for (state, words), cost in paths.items() if state in fst.final}
    return min(ends.items(), key=lambda item: item[1], default=(None, None))


def closure(fst, paths):
    waiting = list(paths)
    while waiting:
        state, words = key = waiting.pop()
        for read, write, more, target in fst.arcs[state]:
            new = (target, (*words, write) if write else words)
            if read == 0 and paths[key] + more < paths.get(new, 1e9) - 1e-6:
                paths[new] = paths[key] + more
                waiting.append(new)
    return paths


def heard(built, phones):
    costs = graph.Costs(word=-6, unknown_phone=2, blank=0)
    words, cost = accepted(graph.lexicon_transducer(built, costs), phones)
    return ([built.words[number - 1] for number in words] if words is not None else None), cost


def test_a_phrase_is_heard_whole(built):
    assert heard(built, ["j", "iu", "m", "ing"]) == (["救命"], -6)


def test_blanks_may_stand_anywhere_between_phones(built):
    phones = ["<blk>", "j", "<blk>", "iu", "m", "<blk>", "ing", "<blk>"]
    assert heard(built, phones) == (["救命"], -6)


def test_an_accent_is_heard_at_its_cost(built):
    words, cost = heard(built, ["j", "iu", "m", "in"])
    assert words == ["救命"]
    assert cost == pytest.approx(-6 + 1.2)


def test_an_accent_at_the_start_of_a_word_is_heard_too(built):
    words, cost = heard(built, ["l", "i", "h", "ao"])
    assert words == ["你好"] or words[-1] == "好"
    assert cost < 0


def test_characters_of_one_sound_share_its_path_but_not_their_name(built):
    fst = graph.lexicon_transducer(built, graph.Costs())
    labels = {built.words.index(c) + 1 for c in "你尼"}
    targets = {arc[3] for arc in fst.arcs[1] if arc[1] in labels}
    assert len(targets) == 1


def test_other_speech_is_unknown_and_pays_for_every_phone(built):
    words, cost = heard(built, ["b", "a", "b", "a"])
    assert set(words) == {"[unk]"}
    assert cost == 8


def test_silence_is_no_word(built):
    assert heard(built, ["<blk>"]) == ([], 0)


def test_saying_nothing_can_be_made_to_cost(built):
    fst = graph.lexicon_transducer(built, graph.Costs(word=-6, blank=0.5))
    _, cost = accepted(fst, ["<blk>", "j", "iu", "<blk>", "m", "ing"])
    assert cost == pytest.approx(-6 + 4 * 0.5)


def test_a_graph_folder_has_what_vosk_reads(built, tmp_path):
    graph.write(built, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Gr.fst", "HCLr.fst", "disambig_tid.int", "words.txt"]
    words = (tmp_path / "words.txt").read_text("utf-8").splitlines()
    assert words[0] == "<eps> 0"
    assert words[-1] == f"[unk] {len(built.words)}"
    stored = read_lookahead(tmp_path / "HCLr.fst")
    assert stored.arcs["output"].max() == len(built.words)


def test_nothing_leads_back_to_the_start(built):
    fst = graph.lexicon_transducer(built, graph.Costs())
    assert all(arc[3] != 0 for arcs in fst.arcs for arc in arcs)
