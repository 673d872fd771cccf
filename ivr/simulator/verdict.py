"""Whether a scripted call went as its script says. Pure: the log of the call in, what is wrong out."""

from collections.abc import Iterable, Sequence

from ivr.simulator.events import Ended, Event, Played, Problem, RecordingEnded, Ringing
from ivr.simulator.script import Expect
from ivr.simulator.scripted import Memory


def faults(events: Sequence[Event], expect: Expect, requests: Sequence[str], result: str | None = None) -> list[str]:
    """Every expectation that was not met, and every problem of the network with the line, in words.

    `requests` are the categories of the help requests that the call opened; `result` is what a check-in came to.
    """
    found = [*_problems(events), *_sayings(events, expect), *_counts(events, expect), *_requests(expect, requests)]
    if expect.result not in (None, result):
        found.append(f"result: {result}, expected {expect.result}")
    return found


def _problems(events: Iterable[Event]) -> list[str]:
    return [f"the network could not follow the line: {e.code} {e.text}" for e in events if isinstance(e, Problem)]


def _was_said(events: Iterable[Event], what: str) -> bool:
    memory = Memory()
    for event in events:
        if isinstance(event, Played) and event.said:
            memory.add(event.said)
    return memory.recall(what)


def _sayings(events: Sequence[Event], expect: Expect) -> list[str]:
    missing = [f"never said: {what}" for what in expect.said if not _was_said(events, what)]
    return missing + [f"said, and must not be: {what}" for what in expect.not_said if _was_said(events, what)]


def _counts(events: Sequence[Event], expect: Expect) -> list[str]:
    recordings = sum(isinstance(event, RecordingEnded) and event.sid is not None for event in events)
    ended = [event.by for event in events if isinstance(event, Ended)]
    found = (
        ("officers rung", expect.dialled, sum(isinstance(event, Ringing) for event in events)),
        ("recordings", expect.recordings, recordings),
        ("ended by", expect.ended_by, ended[-1] if ended else None),
    )
    return [f"{name}: {was}, expected {wanted}" for name, wanted, was in found if wanted is not None and was != wanted]


def _requests(expect: Expect, requests: Sequence[str]) -> list[str]:
    if expect.requests is None or sorted(expect.requests) == sorted(requests):
        return []
    return [f"help requests: {', '.join(requests) or 'none'}, expected {', '.join(expect.requests) or 'none'}"]
