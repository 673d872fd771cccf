"""A caller at the line, for tests: what they do, what came of it, and builders for what the line knows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ivr.dialog import State, step
from ivr.dialog.model import (
    Caller,
    CallStarted,
    CaseBrief,
    CheckInBrief,
    CheckInEnded,
    Context,
    Dial,
    Effect,
    EndCall,
    Event,
    HangUp,
    Hangup,
    Heard,
    Item,
    Key,
    Listen,
    Officer,
    OpenRequest,
    Silence,
    TransferResult,
    Turn,
    UpdateRequest,
    Utterance,
)


def make_context(officers: int = 2, bulletins: int = 2, activities: int = 2, **known: Any) -> Context:
    return Context(
        started_at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
        officers=tuple(Officer(staff_id=n, name=f"officer {n}", phone=f"+8651200000{n:03}") for n in range(officers)),
        bulletins=make_items(bulletins, "bulletin"),
        activities=make_items(activities, "activity"),
        **known,
    )


def make_items(count: int, title: str) -> tuple[Item, ...]:
    return tuple(Item(id=100 + n, title=f"{title} {n}", text=f"text of {title} {n}") for n in range(count))


def make_caller(**known: Any) -> Caller:
    return Caller(**{"person_id": 7, "address_as": "张老", **known})


def make_check_in(**known: Any) -> CheckInBrief:
    return CheckInBrief(**{"check_in_id": 5, "address_as": "张老", **known})


def make_case(escalation_id: int = 3, **known: Any) -> CaseBrief:
    known = {"phone": "+8613812345678", "address": "虹桥路1号", "minutes": 0, "urgency": "red", **known}
    return CaseBrief(
        **{"person": "张三", "address_as": "张老", "matter": "@trouble.fell", **known}, escalation_id=escalation_id
    )


class Line:
    """One call from its first turn on. Everything a caller does returns the line, so that calls read as sentences."""

    def __init__(self, context: Context | None = None, **known: Any) -> None:
        self.context = context or make_context(**known)
        self.effects: list[Effect] = []
        self._take(None, CallStarted())

    def _take(self, state: State | None, event: Event) -> "Line":
        taken = step(state, event, self.context)
        self.state: State = taken.state
        self.turn: Turn = taken.turn
        self.latest: tuple[Effect, ...] = taken.effects
        self.effects.extend(taken.effects)
        return self

    def happens(self, *events: Event) -> "Line":
        for event in events:
            self._take(self.state, event)
        return self

    def presses(self, keys: str) -> "Line":
        return self.happens(*(Key(key=key) for key in keys))

    def says(self, text: str | None, intent: str | None = None, **heard: Any) -> "Line":
        """`heard` may hold risk, confirm, negated, and confidence, recording_sid, seconds, key of the utterance."""
        meaning = {name: heard.pop(name) for name in ("risk", "confirm", "negated") if name in heard}
        understood = Heard(intent=intent, **meaning) if text is not None else None
        return self.happens(Utterance(**{"text": text, "confidence": 0.9, "meaning": understood, **heard}))

    def records(self, sid: str = "RE1", **heard: Any) -> "Line":
        """Speaks where nobody understands it: only the recording tells what it was."""
        return self.happens(Utterance(**{"recording_sid": sid, "seconds": 6.0, **heard}))

    def is_silent(self, times: int = 1) -> "Line":
        return self.happens(*[Silence()] * times)

    def officer(self, *outcomes: str) -> "Line":
        return self.happens(*(TransferResult.model_validate({"outcome": outcome}) for outcome in outcomes))

    def hangs_up(self) -> "Line":
        return self.happens(Hangup())

    @property
    def said(self) -> list[str]:
        return [prompt.key for prompt in self.turn.say]

    @property
    def asked(self) -> str | None:
        return self.turn.then.question if isinstance(self.turn.then, Listen) else None

    @property
    def rings(self) -> int | None:
        """Which officer is being rung."""
        return self.context.officers.index(self.turn.then.officer) if isinstance(self.turn.then, Dial) else None

    @property
    def hung_up(self) -> bool:
        return isinstance(self.turn.then, HangUp)

    @property
    def requests(self) -> list[OpenRequest]:
        return [effect for effect in self.effects if isinstance(effect, OpenRequest)]

    @property
    def opened(self) -> list[tuple[str, str, str]]:
        """(category, urgency, reason) of every request of this call."""
        return [(request.category, request.urgency, request.reason) for request in self.requests]

    def known(self, ref: str) -> dict[str, Any]:
        """All that is known about a request by now."""
        values: dict[str, Any] = {}
        for effect in self.effects:
            if isinstance(effect, UpdateRequest) and effect.ref == ref:
                values.update(effect.model_dump(exclude_none=True, exclude={"type", "ref"}))
        return values

    @property
    def report(self) -> CheckInEnded | None:
        """What became of the check-in, as far as it is known by now."""
        reports = [effect for effect in self.effects if isinstance(effect, CheckInEnded)]
        assert len(reports) <= 1
        return reports[0] if reports else None

    @property
    def outcomes(self) -> Sequence[str]:
        return [effect.outcome for effect in self.effects if isinstance(effect, EndCall)]
