"""A day of the line that rings people: the engine, the whole line over HTTP, and who answers the telephones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from care_records import database
from care_records.models import CheckIn, Escalation, HelpRequest, OutboundCall
from care_records.models.base import Base
from ivr.app import services_of
from ivr.commands.call import running
from ivr.config import Settings
from ivr.outbound.engine import Outbound
from ivr.simulator import Mishaps, Network, network_of
from ivr.simulator.clock import Clock
from ivr.simulator.handset import Handset
from ivr.simulator.officers import NO_ANSWER, Behaviour, InTurn, Switchboard
from ivr.simulator.resources import Call
from ivr.simulator.script import Step
from ivr.simulator.scripted import ScriptedCaller
from tests.care_records.builders import make_contact, make_officer, make_person
from tests.simulator.conftest import steps

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
SLOT = time(9, 0)
PERSON, SECOND, DAUGHTER = "+8651200001234", "+8651200001235", "+8651200005678"
OFFICERS = ("+8651200009001", "+8651200009002")


def at(clock: str) -> datetime:
    """A time of that Monday, in Shanghai."""
    return datetime.combine(MONDAY, time.fromisoformat(clock), ZONE)


class Somebody:
    """Whoever picks up: the steps of one call after another, those of the last call for ever."""

    def __init__(self, *calls: tuple[Step, ...]) -> None:
        self._calls = list(calls)
        self.met: list[ScriptedCaller] = []

    def __call__(self, clock: Clock) -> Handset:
        steps = self._calls.pop(0) if len(self._calls) > 1 else self._calls[0]
        self.met.append(ScriptedCaller(steps, clock))
        return self.met[-1]

    @property
    def failures(self) -> list[str]:
        """What did not go as the steps say."""
        return [failed for caller in self.met if (failed := caller.failure or caller.unfinished())]


class Day:
    """That Monday, from 08:00, when it is planned. Nothing happens but what the engine finds to be due when run."""

    def __init__(self, app: Flask, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller
        self.app = app
        self.services = services_of(app)
        self.network: Network = network_of(app)
        self.network.speed = "fast"
        base = str(self.services.settings.public_url)
        self.outbound = Outbound(self.services.sessions, self.services.settings, self.services.provider, lambda: base)
        self.telephones(**{})

    # --- Around the line

    def telephones(self, **behaviours: Behaviour | tuple[Behaviour, ...]) -> None:
        """How the telephones of `person`, `second`, `daughter`, `officer` behave; nobody else answers."""
        numbers = {"person": PERSON, "second": SECOND, "daughter": DAUGHTER, "officer": OFFICERS[0]}
        found = {numbers[who]: InTurn(how) if isinstance(how, tuple) else how for who, how in behaviours.items()}
        self._surround(switchboard=Switchboard(found, anyone=NO_ANSWER))

    def somebody(self, number: str, *calls: tuple[Step, ...]) -> Somebody:
        """Whoever picks up at that number."""
        somebody = Somebody(*calls)
        self._surround(phones={**self.network.surroundings.phones, number: somebody})
        return somebody

    def rings_the_line(self, *wanted: Any) -> Somebody:
        """The person rings the line and does what is wanted; returns when their call is over."""
        caller = Somebody(steps(*wanted))
        self.network.call_line(caller, PERSON)
        return caller

    def trouble(self, **mishaps: Any) -> None:
        """What the network does to the line from now on."""
        self._surround(mishaps=Mishaps(**mishaps))

    def _surround(self, **changes: Any) -> None:
        self.network.surroundings = replace(self.network.surroundings, **changes)

    # --- Time

    @property
    def now(self) -> datetime:
        return datetime.now(ZONE)

    def run(self, moment: datetime) -> None:
        """What is due at that moment is done, and every call that follows has ended."""
        self._traveller.move_to(moment)
        self.outbound.run_due(moment)
        self.network.settle()

    def until(self, moment: datetime, *, over: Callable[[], bool] = lambda: False) -> None:
        """From one thing that is due to the next, up to that moment or until it is over."""
        while not over():
            following = self._next(moment)
            self.run(following)
            if following >= moment:
                return

    def _next(self, latest: datetime) -> datetime:
        with self.services.sessions() as session:
            due = [session.scalar(select(func.min(column))) for column in (CheckIn.next_at, Escalation.next_at)]
            placed = session.scalar(select(func.min(OutboundCall.due_at)).where(OutboundCall.state == "ready"))
        later = [one for one in (*due, placed) if one is not None]
        return min(max(min(later, default=latest), self.now + timedelta(seconds=1)), latest)

    # --- What came of it

    def check_in(self) -> CheckIn:
        with self.services.sessions() as session:
            everything = selectinload(CheckIn.answers), selectinload(CheckIn.tried), selectinload(CheckIn.request)
            return session.scalars(select(CheckIn).options(*everything)).one()

    def requests(self) -> list[HelpRequest]:
        with self.services.sessions() as session:
            return list(session.scalars(select(HelpRequest).order_by(HelpRequest.id)))

    def escalations(self) -> list[Escalation]:
        with self.services.sessions() as session:
            return list(session.scalars(select(Escalation).order_by(Escalation.id)))

    def calls(self, number: str) -> list[Call]:
        """The calls that the network has put through, or tried to, to that number for the line, the first first."""
        placed = [call for call in self.network.calls.values() if call.direction == "outbound-api"]
        return sorted((call for call in placed if call.to_number == number), key=lambda call: call.created_at)


@contextmanager
def a_day(folder: Path, **person: Any) -> Iterator[Day]:
    """A line with one person of 92 years who is due at 09:00, a daughter, and two officers."""
    settings = Settings(
        _env_file=None, CARELINE_DATA_DIR=folder, CARELINE_LOG_LEVEL="error", CARELINE_SPEECH_MODEL="off"
    )
    folder.mkdir(parents=True, exist_ok=True)
    database.upgrade(settings.database)
    _add(settings, person)
    with time_machine.travel(at("08:00"), tick=False) as traveller, running(settings) as app:
        day = Day(app, traveller)
        day.run(at("08:00"))
        yield day
        day.network.settle()


def _add(settings: Settings, values: dict[str, Any]) -> None:
    due = {"birth_date": date(1934, 5, 6), "consent_calls": True, "check_in_slot": SLOT, "phone": PERSON}
    contacts = [make_contact(phone=DAUGHTER)]
    officers = [
        make_officer(name=f"值班员{rank}", phone=phone, duty_rank=rank) for rank, phone in enumerate(OFFICERS, 1)
    ]
    rows: list[Base] = [make_person(**due | values, contacts=contacts), *officers]
    engine = database.make_engine(settings.database)
    with database.make_sessions(engine).begin() as session:
        session.add_all(rows)
    engine.dispose()
