"""How the telephones behave that the line rings: who answers, after how long, and who does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Answers:
    """Picks up after `after_s` of ringing, talks for `talk_s`, then hangs up."""

    after_s: float = 4
    talk_s: float = 30


@dataclass(frozen=True)
class DoesNot:
    """The call comes to nothing: engaged, not picked up, or no such line."""

    status: Literal["busy", "no-answer", "failed"]


@dataclass(frozen=True)
class AskThePage:
    """A person at the browser phone decides, while it rings."""


Behaviour: TypeAlias = Answers | DoesNot | AskThePage

BUSY = DoesNot("busy")
NO_ANSWER = DoesNot("no-answer")
FAILED = DoesNot("failed")


@dataclass(frozen=True)
class Switchboard:
    """A behaviour by number (E.164), and one for every other number."""

    numbers: Mapping[str, Behaviour] = field(default_factory=dict)
    anyone: Behaviour = Answers()

    def behaviour(self, number: str) -> Behaviour:
        return self.numbers.get(number, self.anyone)
