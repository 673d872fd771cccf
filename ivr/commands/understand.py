"""`careline understand`: what the line would make of a sentence, as JSON."""

import json
import sys
from dataclasses import asdict

import click

from ivr.config import SettingsError, load_settings
from ivr.understanding import PhrasesError, load_understanding
from speech.understanding import Meaning, Understanding


@click.command()
@click.argument("text")
@click.option("--state", metavar="STATE", help="The question the line has just asked, such as menu or checkin_health.")
def command(text: str, state: str | None) -> None:
    """Print how TEXT is understood, as a JSON object; with - as TEXT, an object for each line of standard input."""
    understanding = _understanding()
    question = state.strip().replace("-", "_") if state else None
    if question and question not in understanding.questions:
        known = ", ".join(understanding.questions)
        click.echo(f"unknown state {state!r}: understood as an open question; known are {known}", err=True)
    if text == "-":
        _understand_lines(understanding, question)
    else:
        click.echo(_as_json(understanding.understand(text, question)))


def _understanding() -> Understanding:
    try:
        return load_understanding(load_settings().language)
    except (SettingsError, PhrasesError) as error:
        raise click.ClickException(str(error)) from error


def _understand_lines(understanding: Understanding, question: str | None) -> None:
    """echo flushes every line, so that a program at the other end of the pipe can hold a conversation."""
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        click.echo(_as_json(understanding.understand(text, question)))


def _as_json(meaning: Meaning) -> str:
    return json.dumps(asdict(meaning), ensure_ascii=False)
