"""An outbound engine with a provider that the test commands, and a clock that only the test moves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from care_records.models import CheckIn, Escalation, HelpRequest, OutboundCall, Person
from care_records.models.base import Base
from care_records.services import outbound_calls
from ivr.config import Settings
from ivr.outbound.engine import Outbound, Summary
from ivr.telephony.provider import CallStatus, PlacedCall
from tests.care_records.builders import make_person

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
PHONE, PHONE2 = "+8651252880001", "+8651252880002"
BASE_URL = "https://line.example"


def at(clock: str, day: date = MONDAY, zone: ZoneInfo = SHANGHAI) -> datetime:
    """That local time, such as 09:30 or 09:30:15."""
    return datetime.combine(day, time.fromisoformat(clock), zone)


def make_settings(tmp_path: Path, **values: Any) -> Settings:
    """Plenty of room at the provider, so that calls go out when they are due."""
    defaults: dict[str, Any] = {"data_dir": tmp_path, "calls_per_second": 50}
    return Settings(**defaults | values)


def make_elder(**values: Any) -> Person:
    """96 years old, called every day at 09:00."""
    defaults = {
        "birth_date": date(1930, 5, 6),
        "phone": PHONE,
        "consent_calls": True,
        "check_in_slot": time(9),
    }
    return make_person(**defaults | values)


@dataclass
class Placed:
    sid: str
    to: str
    outbound_id: int
    ring_s: int
    machine_detection_url: str | None


@dataclass
class TestProvider:
    """Takes every call unless an error is given for it; knows of those that are `listed`."""

    __test__ = False

    errors: list[Exception | None] = field(default_factory=list)
    """One for each of the next calls, None: it is taken."""
    calls: list[Placed] = field(default_factory=list)
    asked_to_place: int = 0
    listed: list[PlacedCall] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    lookups: int = 0
    _serial: Any = field(default_factory=lambda: count(1))

    def place_call(
        self, to: str, *, url: str, status_url: str, ring_s: int, machine_detection_url: str | None = None
    ) -> str:
        self.asked_to_place += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        assert url.startswith(f"{BASE_URL}/twilio/voice?outbound=")
        assert status_url.startswith(f"{BASE_URL}/twilio/status?outbound=")
        outbound_id = int(url.rpartition("=")[2])
        self.calls.append(Placed(f"CA{next(self._serial):032x}", to, outbound_id, ring_s, machine_detection_url))
        return self.calls[-1].sid

    def list_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        self.lookups += 1
        return self.listed

    def call_status(self, sid: str) -> CallStatus | None:
        self.lookups += 1
        return CallStatus(self.statuses[sid], None) if sid in self.statuses else None

    def fetch_recording(self, url: str) -> bytes:
        raise NotImplementedError

    def send_sms(self, to: str, body: str) -> str:
        raise NotImplementedError

    def end_call(self, sid: str) -> None:
        raise NotImplementedError


class Line:
    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self.sessions = sessions
        self.settings = settings
        self.provider = TestProvider()
        self.outbound = self.restarted()

    def restarted(self) -> Outbound:
        """Another worker, which remembers nothing."""
        self.outbound = Outbound(self.sessions, self.settings, self.provider, lambda: BASE_URL)
        return self.outbound

    def add(self, *rows: Base) -> None:
        with self.sessions.begin() as session:
            session.add_all(rows)

    def change(self, table: type[Base], id_: int, **values: Any) -> None:
        """What staff do meanwhile."""
        with self.sessions.begin() as session:
            row = session.get_one(table, id_)
            for name, value in values.items():
                setattr(row, name, value)

    def run(self, clock: str, day: date = MONDAY) -> Summary:
        """Everything that is due by then."""
        summary = self.outbound.run_due(at(clock, day))
        assert summary.failed == 0
        return summary

    def ends(self, result: str, clock: str, day: date = MONDAY) -> None:
        """The newest call that was placed is over, as the provider tells the line."""
        with self.sessions.begin() as session:
            row = session.get_one(OutboundCall, self.provider.calls[-1].outbound_id)
            assert outbound_calls.ended(session, row, result=result, at=at(clock, day))

    def tries(self, *steps: tuple[str, str]) -> None:
        """Each time runs what is due, and the call that goes out ends with that result a minute later."""
        for clock, result in steps:
            before = len(self.provider.calls)
            self.run(clock)
            assert len(self.provider.calls) == before + 1, f"no call went out at {clock}"
            hour, minute = map(int, clock.split(":"))
            self.ends(result, f"{hour:02}:{minute + 1:02}")

    @property
    def rung(self) -> list[str]:
        """The numbers of all calls that went out, in order."""
        return [call.to for call in self.provider.calls]

    def all(self, table: type[Base]) -> Sequence[Any]:
        with self.sessions() as session:
            return session.scalars(select(table).order_by(table.id)).all()  # type: ignore[attr-defined]

    def check_in(self) -> CheckIn:
        """The only one that there is."""
        (only,) = self.all(CheckIn)
        assert isinstance(only, CheckIn)
        return only

    def request(self) -> HelpRequest:
        (only,) = self.all(HelpRequest)
        assert isinstance(only, HelpRequest)
        return only

    def escalation(self) -> Escalation:
        (only,) = self.all(Escalation)
        assert isinstance(only, Escalation)
        return only
