"""How the telephones behave that the line rings: who answers, after how long, and who does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Answers:
    """Picks up after `after_s` of ringing, talks for `talk_s`, then hangs up. `machine`: it is an answering machine."""

    after_s: float = 4
    talk_s: float = 30
    machine: bool = False


@dataclass(frozen=True)
class DoesNot:
    """The call comes to nothing: engaged, not picked up, or no such line."""

    status: Literal["busy", "no-answer", "failed"]


@dataclass(frozen=True)
class AskThePage:
    """A person at the browser phone decides, while it rings."""


Behaviour: TypeAlias = Answers | DoesNot | AskThePage


@dataclass(frozen=True)
class InTurn:
    """One behaviour for each call that comes, the last for ever."""

    behaviours: tuple[Behaviour, ...]


BUSY = DoesNot("busy")
NO_ANSWER = DoesNot("no-answer")
FAILED = DoesNot("failed")
MACHINE = Answers(after_s=20, talk_s=120, machine=True)


@dataclass(frozen=True)
class Switchboard:
    """A behaviour by number (E.164), and one for every other number."""

    numbers: Mapping[str, Behaviour | InTurn] = field(default_factory=dict)
    anyone: Behaviour = Answers()

    def behaviour(self, number: str, earlier: int = 0) -> Behaviour:
        """How that telephone takes a call; `earlier` is how many have come to it before."""
        found = self.numbers.get(number, self.anyone)
        if isinstance(found, InTurn):
            return found.behaviours[min(earlier, len(found.behaviours) - 1)]
        return found
