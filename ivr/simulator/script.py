"""Scripts of calls: a YAML file says who calls, what they do, who answers for the line, and what must come of it.

docs/callers/README.md describes the form; every fault is reported with the file, the line and the step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ivr.simulator import audio
from ivr.simulator.events import EndedBy
from ivr.simulator.officers import BUSY, FAILED, MACHINE, NO_ANSWER, Answers, Behaviour, Switchboard
from ivr.simulator.twiml import KEYS

WITHHELD = "withheld"
LONGEST_WAIT_S = 3600


class ScriptError(Exception):
    """A script that cannot be acted; the text names the file, the line and the step."""


@dataclass(frozen=True)
class Hear:
    """Wait until this has been said: the key of a prompt, or any words of it."""

    line: int
    what: str


@dataclass(frozen=True)
class PressKeys:
    line: int
    keys: str


@dataclass(frozen=True)
class Speak:
    """Say something as soon as the line records. `path` None: the words are spoken by the voice of the network."""

    line: int
    words: str
    path: Path | None


@dataclass(frozen=True)
class Wait:
    line: int
    seconds: float


@dataclass(frozen=True)
class PutDown:
    line: int


Step: TypeAlias = Hear | PressKeys | Speak | Wait | PutDown


class Expect(BaseModel):
    """What must be true of the call when it is over. Whatever is left out may be anything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()
    dialled: int | None = Field(None, ge=0)
    """How many times an officer's telephone rang."""
    recordings: int | None = Field(None, ge=0)
    ended_by: EndedBy | None = None
    requests: tuple[str, ...] | None = None
    """The categories of the help requests that the call opened, in any order."""
    result: str | None = None
    """What a check-in for which the line rings came to: fine, concern, machine, no_answer, …"""


class _Officer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answers_after: float = Field(4, ge=0)
    talks: float = Field(30, ge=0)


class _Form(BaseModel):
    """The top of a script; steps are read one by one, because their faults name a line."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    title: str = ""
    from_number: str = Field(alias="from", default=WITHHELD)
    to: str | None = None
    rings: str | None = None
    answers: str | dict[str, Any] = "answers"
    steps: list[Any]
    officers: str | dict[str, Any] = Field(default_factory=dict)
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _one_way(self) -> "_Form":
        if self.rings is not None and (self.from_number != WITHHELD or self.to is not None):
            raise ValueError("a script has either `rings`, or `from` and `to`")
        return self

    @field_validator("from_number", "to", "rings")
    @classmethod
    def _text(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("must not be empty")
        return value


@dataclass(frozen=True)
class Script:
    title: str
    from_number: str | None
    """None is withheld."""
    to: str | None
    steps: tuple[Step, ...]
    switchboard: Switchboard
    expect: Expect = field(default_factory=Expect)
    rings: str | None = None
    """Whom the line rings, for their check-in; the switchboard knows how their telephone behaves. None: it is rung."""


def load_script(path: Path) -> Script:
    """Raises ScriptError."""
    try:
        return _read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ScriptError(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ScriptError(f"{path}: {faults}") from error


def _read(path: Path) -> Script:
    loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if isinstance(node, yaml.MappingNode) else None
    finally:
        loader.dispose()
    if content is None:
        raise ScriptError(f"{path}: must be a mapping with `steps`")
    form = _Form.model_validate(content)
    return Script(
        title=form.title or path.stem,
        from_number=None if form.from_number == WITHHELD else form.from_number,
        to=form.to,
        steps=_steps(path, form.steps, _lines(node)),
        switchboard=_switchboard(path, form.officers, {form.rings: form.answers} if form.rings else {}),
        expect=form.expect,
        rings=form.rings,
    )


def _lines(node: yaml.Node | None) -> list[int]:
    """The line in the file of every step."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "steps" and isinstance(value, yaml.SequenceNode):
            return [item.start_mark.line + 1 for item in value.value]
    return []


def _steps(path: Path, steps: list[Any], lines: list[int]) -> tuple[Step, ...]:
    read = []
    for number, (step, line) in enumerate(zip(steps, lines, strict=True), start=1):
        try:
            read.append(_step(step, line, path.parent))
        except ValueError as error:
            raise ScriptError(f"{path}:{line}: step {number}: {error}") from error
    return tuple(read)


def _step(step: Any, line: int, folder: Path) -> Step:
    """Raises ValueError saying what is wrong with it."""
    if step == "hang_up":
        return PutDown(line)
    if not isinstance(step, Mapping) or len(step) != 1:
        raise ValueError(f"must be `hang_up` or one of {', '.join(_READERS)}, with a value")
    ((name, value),) = step.items()
    reader = _READERS.get(name)
    if reader is None:
        raise ValueError(f"no step is called {name!r}: it must be hang_up, {' or '.join(_READERS)}")
    return reader(value, line, folder)


def _hear(value: Any, line: int, _folder: Path) -> Step:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("hear: must be the key of a prompt, or words of it")
    return Hear(line, value.strip())


def _press(value: Any, line: int, _folder: Path) -> Step:
    keys = str(value)
    if isinstance(value, bool) or not keys or not set(keys) <= set(KEYS):
        raise ValueError('press: must be keys of a telephone, in quotes, such as "1" or "#"')
    return PressKeys(line, keys)


def _say(value: Any, line: int, folder: Path) -> Step:
    if isinstance(value, Mapping) and set(value) == {"text"} and str(value["text"]).strip():
        return Speak(line, str(value["text"]).strip(), None)
    if not isinstance(value, str):
        raise ValueError("say: must be a WAV file, or `{text: words}`")
    path = folder / value
    try:
        audio.read_any_wav(path.read_bytes())
    except OSError as error:
        raise ValueError(f"say: {path} cannot be read: {error.strerror}") from error
    except audio.AudioError as error:
        raise ValueError(f"say: {path} cannot be played: {error}") from error
    return Speak(line, value, path)


def _wait(value: Any, line: int, _folder: Path) -> Step:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_WAIT_S:
        raise ValueError(f"wait: must be seconds from 0 to {LONGEST_WAIT_S}")
    return Wait(line, float(value))


_READERS: Mapping[str, Callable[[Any, int, Path], Step]] = {
    "hear": _hear,
    "press": _press,
    "say": _say,
    "wait": _wait,
}


def _switchboard(path: Path, officers: str | dict[str, Any], rung: dict[str, str | dict[str, Any]]) -> Switchboard:
    table = ({"default": officers} if isinstance(officers, str) else officers) | rung
    try:
        behaviours = {str(number): _behaviour(value) for number, value in table.items()}
    except ValueError as error:
        raise ScriptError(f"{path}: officers: {error}") from error
    anyone = behaviours.pop("default", Answers())
    return Switchboard(behaviours, anyone)


def _behaviour(value: Any) -> Behaviour:
    if isinstance(value, str):
        known: dict[str, Behaviour] = {
            "busy": BUSY,
            "no_answer": NO_ANSWER,
            "failed": FAILED,
            "machine": MACHINE,
            "answers": Answers(),
        }
        if value not in known:
            raise ValueError(f"{value!r} must be {', '.join(known)}, or `{{answers_after: seconds, talks: seconds}}`")
        return known[value]
    officer = _Officer.model_validate(value)
    return Answers(officer.answers_after, officer.talks)
