"""One person who is called, two officers and a daughter: what tests of single steps need, in virtual time."""

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import select

from care_records.database import make_engine, make_sessions, upgrade
from care_records.models import CheckIn, Escalation, HelpRequest, OutboundCall, Person
from tests.care_records.builders import make_contact, make_officer, make_person
from tests.outbound_year.fuse import Fuse
from tests.outbound_year.line import settings_for
from tests.outbound_year.manners import ANSWERS, HELPERS, MACHINE
from tests.outbound_year.network import Chances, NetworkCall, Pickup
from tests.outbound_year.rig import Rig

DAY: Final = date(2026, 11, 23)
"""A Monday."""
MIDNIGHT: Final = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SLOT: Final = time(9, 0)
PHONE: Final = "+8651200001234"
PHONE2: Final = "+8651200001235"
OFFICERS: Final = ("+8651200009001", "+8651200009002")
DAUGHTER: Final = "+8651200005678"

PICKUPS: Final[Mapping[str, Pickup]] = {
    "no answer": Pickup("no answer", 60),
    "busy": Pickup("busy", 4, ends="busy"),
    "machine": Pickup("machine", 10, MACHINE, machine=True),
    **{name: Pickup(name, 10, manner) for name, (_, manner) in ANSWERS.items()},
    **{name: Pickup(name, 10, manner) for name, (_, manner) in HELPERS.items()},
}
"""By what whoever is rung does."""


def make_template(folder: Path) -> Path:
    """An empty database with that person and those helpers in it, to copy."""
    path = folder / "hamlet.db"
    upgrade(f"sqlite:///{path}")
    engine = make_engine(f"sqlite:///{path}")
    person = make_person(
        phone=PHONE, phone2=PHONE2, consent_calls=True, check_in_slot=SLOT, contacts=[make_contact(phone=DAUGHTER)]
    )
    officers = [make_officer(name=f"值班员{phone[-1]}", phone=phone, duty_rank=int(phone[-1])) for phone in OFFICERS]
    with make_sessions(engine).begin() as session:
        session.add_all([person, *officers])
    engine.dispose()
    return path


class Hamlet:
    """`answers` says what whoever has a number does the next times it rings; the last of them goes on for ever."""

    def __init__(self, template: Path, folder: Path, *, fuse: Fuse | None = None, **values: Any) -> None:
        """`fuse` is that of all processes together. `values` are settings. What was in the folder is gone."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        database = shutil.copyfile(template, folder / "careline.db")
        settings = settings_for(folder, database_url=f"sqlite:///{database}", **values)
        self.answers: dict[str, list[str]] = {}
        self.rig = Rig(settings, MIDNIGHT, self._picks_up, web=fuse, worker=fuse, down_s=lambda: self.down_s)
        self.down_s = 1.0
        self.settings = settings
        self.sessions = self.rig.line.sessions
        self.network = self.rig.network

    def close(self) -> None:
        self.rig.line.close()

    def plan(self) -> None:
        """Plans the day of `now`, as often as the worker dies over it."""
        while not self.rig.line.plan():
            pass

    def trouble(self, chances: Chances) -> None:
        self.network.chances = chances

    def _picks_up(self, call: NetworkCall, _random: Random) -> Pickup:
        left = self.answers.setdefault(call.to, ["no answer"])
        return PICKUPS[left.pop(0) if len(left) > 1 else left[0]]

    # --- What is in the records

    def check_in(self) -> CheckIn:
        with self.sessions() as session:
            return session.scalars(select(CheckIn)).one()

    def person(self) -> Person:
        with self.sessions() as session:
            return session.scalars(select(Person)).one()

    def requests(self) -> list[HelpRequest]:
        with self.sessions() as session:
            return list(session.scalars(select(HelpRequest).order_by(HelpRequest.id)))

    def escalations(self) -> list[Escalation]:
        with self.sessions() as session:
            return list(session.scalars(select(Escalation).order_by(Escalation.id)))

    def calls(self) -> list[OutboundCall]:
        with self.sessions() as session:
            return list(session.scalars(select(OutboundCall).order_by(OutboundCall.id)))
