"""`careline understand`, and the phrases it starts from."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import ivr.understanding
from ivr.commands.understand import command
from ivr.understanding import PhrasesError, load_understanding, read_phrases
from speech.understanding import INTENTS


def test_a_sentence_is_printed_as_one_object() -> None:
    result = CliRunner().invoke(command, ["--state", "checkin_health", "难受"])
    assert json.loads(result.stdout) == {
        "intent": "unwell", "risk": "red", "confirm": False, "negated": False, "matched": ["难受"]
    }  # fmt: skip


def test_every_line_of_the_input_gives_a_line_even_an_empty_one() -> None:
    result = CliRunner().invoke(command, ["-"], input="救命\n\n听新闻\r\n没有".encode())
    heard = [json.loads(line)["intent"] for line in result.stdout.splitlines()]
    assert heard == ["emergency", None, "news", "no"]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    result = CliRunner().invoke(command, ["-"], input=b"\xff\xfe\n" + "摔倒了\n".encode())
    assert [json.loads(line)["risk"] for line in result.stdout.splitlines()] == [None, "orange"]


def test_an_unknown_state_is_an_open_question_and_is_said_so() -> None:
    result = CliRunner().invoke(command, ["--state", "nonsense", "难受"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["risk"] == "yellow"
    assert "nonsense" in result.stderr
    assert "checkin_health" in result.stderr


def test_a_state_may_be_written_with_hyphens() -> None:
    result = CliRunner().invoke(command, ["--state", "checkin-health", "难受"])
    assert json.loads(result.stdout)["risk"] == "red"
    assert result.stderr == ""


def test_the_phrases_cover_every_intent() -> None:
    file = Path(ivr.understanding.__file__).parents[1] / "prompts/zh_CN/phrases.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert set(read_phrases(content)) == set(INTENTS)
    assert "native" in content["_note"]


def _content(**changes: Any) -> dict[str, Any]:
    return {"intents": {intent: {"standard": ["好"]} for intent in INTENTS} | changes}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ([], "intents"),
        ({"intents": {"yes": {}}}, "emergency"),
        (_content(yes=["好"]), "yes"),
        (_content(yes={"standard": "好"}), "yes"),
        (_content(yes={"standard": []}), "yes"),
        (_content(yes={"standard": ["  "]}), "yes"),
        (_content(yes={"standard": [1]}), "yes"),
        (_content(yes={"wu": ["好"]}), "yes"),
    ],
)
def test_phrases_that_cannot_be_used_are_named(content: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_phrases(content)


@pytest.mark.parametrize("text", [None, "{", '{"intents": {}}'])
def test_a_missing_or_broken_file_stops_the_command_with_its_name(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xx").mkdir()
    if text is not None:
        (tmp_path / "xx/phrases.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(ivr.understanding, "_folder", lambda: tmp_path)
    monkeypatch.setenv("CARELINE_LANGUAGE", "xx")
    with pytest.raises(PhrasesError, match=r"phrases\.json"):
        load_understanding("xx")
    result = CliRunner().invoke(command, ["救命"])
    assert result.exit_code == 1
    assert "phrases.json" in result.stderr
